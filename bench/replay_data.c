/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What bench/replay measures the real binary with: a zone's text, queries as a pcap file, and
 * whether the replies in another pcap file are right.
 */
#include "bench/population.h"
#include "bench/query_frame.h"
#include "bench/reply_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Classic pcap, host byte order: a header, then a header a frame. */
struct pcap_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, precision, longest, link_type;
};

struct pcap_frame {
	uint32_t seconds, microseconds, stored, length;
};

static const struct pcap_head pcap_ethernet = {0xa1b2c3d4, 2, 4, 0, 0, 65535, 1};

/* ---- The zone ---- */

static void print_name(const uint8_t *name)
{
	while (*name) {
		fwrite(name + 1, 1, *name, stdout);
		putchar('.');
		name += 1 + *name;
	}
}

static int zone(const struct population *population, unsigned first_octet)
{
	printf("$TTL 3600\n"
	       "@ SOA ns1.example.net. hostmaster.example.net. 1 3600 900 604800 300\n"
	       "@ NS ns1.example.net.\n");
	for (uint64_t i = 0; i < population->records; i++) {
		struct prefix host = population_host(population, i);
		uint8_t name[ARPA_NAME_MAX_BYTES], target[POPULATION_TARGET_BYTES];

		if (host.high >> 56 != first_octet)
			continue;
		arpa_write(&host, name);
		population_target(&host, 0, target);
		print_name(name);
		printf(" PTR ");
		print_name(target);
		putchar('\n');
	}
	return ferror(stdout) || fflush(stdout) != 0;
}

/* ---- Queries ---- */

/* For the net_pcap device of that number. */
static int queries(const struct population *population, unsigned long count, uint64_t seed,
	uint8_t device, const char *path)
{
	FILE *file = fopen(path, "wb");
	int failed;

	if (!file)
		return 1;
	fwrite(&pcap_ethernet, sizeof(pcap_ethernet), 1, file);
	for (unsigned long i = 0; i < count; i++) {
		struct prefix owner = population_draw(population, DRAW_HIT, &seed);
		uint8_t frame[QUERY_FRAME_MAX];
		uint32_t bytes = (uint32_t)query_frame(&owner, false, (uint16_t)i, frame);
		frame[sizeof(query_server_mac) - 1] = device;
		struct pcap_frame head = {.stored = bytes, .length = bytes};

		fwrite(&head, sizeof(head), 1, file);
		fwrite(frame, 1, bytes, file);
	}
	failed = ferror(file);
	return fclose(file) != 0 || failed;
}

/* ---- Replies ---- */

/* The next frame's length; 0: the file ends, or is none. */
static uint32_t next_frame(FILE *file, uint8_t *frame, uint32_t capacity)
{
	struct pcap_frame head;

	if (fread(&head, sizeof(head), 1, file) != 1 || head.stored > capacity)
		return 0;
	return fread(frame, 1, head.stored, file) == head.stored ? head.stored : 0;
}

static bool open_pcap(const char *path, FILE **file)
{
	struct pcap_head head;

	*file = fopen(path, "rb");
	return *file && fread(&head, sizeof(head), 1, *file) == 1;
}

/* One worker answers in the order of the queries. */
static int check(const char *queries_path, const char *replies_path)
{
	uint8_t query[QUERY_FRAME_MAX], reply[2048];
	size_t payload = query_payload(ARPA_FAMILY_IPV4);
	unsigned long right = 0;
	FILE *asked = NULL, *answered = NULL;
	bool whole = open_pcap(queries_path, &asked) && open_pcap(replies_path, &answered);

	while (whole && next_frame(asked, query, sizeof(query))) {
		uint32_t bytes = next_frame(answered, reply, sizeof(reply));
		unsigned version;

		whole = bytes && reply_check_frame(query, reply, bytes) &&
			reply_check_message(query + payload, reply + payload, OUTCOME_ANSWERED,
				false, &version);
		right += whole;
	}
	if (!whole)
		fprintf(stderr, "replay_data: reply %lu is missing or wrong\n", right);
	whole = whole && next_frame(answered, reply, sizeof(reply)) == 0;
	printf("%lu replies right\n", right);
	if (asked)
		fclose(asked);
	if (answered)
		fclose(answered);
	return !whole || right == 0;
}

int main(int argc, char **argv)
{
	struct population population = {"", LAYOUT_IPV4, 0};

	if (argc > 2)
		population.records = strtoull(argv[2], NULL, 10);
	if (argc == 4 && strcmp(argv[1], "zone") == 0)
		return zone(&population, (unsigned)strtoul(argv[3], NULL, 10));
	if (argc == 7 && strcmp(argv[1], "queries") == 0)
		return queries(&population, strtoul(argv[3], NULL, 10), strtoull(argv[4], NULL, 10),
			(uint8_t)strtoul(argv[5], NULL, 10), argv[6]);
	if (argc == 4 && strcmp(argv[1], "check") == 0)
		return check(argv[2], argv[3]);
	fprintf(stderr,
		"usage: replay_data zone RECORDS FIRST-OCTET\n"
		"       replay_data queries RECORDS COUNT SEED DEVICE FILE\n"
		"       replay_data check QUERIES-FILE REPLIES-FILE\n");
	return 2;
}
