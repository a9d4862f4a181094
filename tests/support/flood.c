/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A flood with forged sources: flood INTERFACE FRAME PREFIXES COUNT
 * Sends COUNT copies of an IPv4 frame, given in hexadecimal, with sources drawn from as many
 * prefixes of 24 bits, from 20.0.0.0 on. The UDP checksum should be 0. Prints how many were sent,
 * as fast as the interface takes them. For tests in namespaces of their own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, FRAME_MAX = 1514, AT_IP = 14, AT_SUM = 24, AT_SOURCE = 26, HEADER = 34 };

static uint8_t frames[BATCH][FRAME_MAX];
static uint64_t random_word = 88172645463325252;

static void fail(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static size_t parse(const char *hex, uint8_t *frame)
{
	size_t bytes = 0;

	while (bytes < FRAME_MAX && sscanf(hex + 2 * bytes, "%2hhx", &frame[bytes]) == 1)
		bytes++;
	if (bytes <= HEADER)
		errno = EINVAL, fail("the frame");
	return bytes;
}

static void forge(uint8_t *frame, uint32_t prefixes)
{
	uint32_t source, sum = 0;

	random_word = random_word * 6364136223846793005u + 1442695040888963407u;
	source = htonl((20u << 24) + ((uint32_t)(random_word >> 33) % prefixes << 8) + 7);
	memcpy(frame + AT_SOURCE, &source, sizeof(source));
	memset(frame + AT_SUM, 0, 2);
	for (unsigned at = AT_IP; at < HEADER; at += 2)
		sum += (uint32_t)frame[at] << 8 | frame[at + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	frame[AT_SUM] = (uint8_t)(sum >> 8);
	frame[AT_SUM + 1] = (uint8_t)sum;
}

static int packet_socket(const char *interface)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex(interface)};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where)) != 0)
		fail(interface);
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	return fd;
}

int main(int argc, char **argv)
{
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	long sent = 0, count;
	uint32_t prefixes;
	size_t bytes;
	int fd;

	if (argc != 5) {
		fprintf(stderr, "usage: flood INTERFACE FRAME PREFIXES COUNT\n");
		return EXIT_FAILURE;
	}
	fd = packet_socket(argv[1]);
	bytes = parse(argv[2], frames[0]);
	prefixes = (uint32_t)strtoul(argv[3], NULL, 10);
	count = strtol(argv[4], NULL, 10);
	for (unsigned i = 0; i < BATCH; i++) {
		memcpy(frames[i], frames[0], bytes);
		parts[i] = (struct iovec){frames[i], bytes};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (sent < count) {
		int done;

		for (unsigned i = 0; i < BATCH; i++)
			forge(frames[i], prefixes);
		done = sendmmsg(fd, messages, BATCH, 0);
		if (done < 0 && errno != ENOBUFS && errno != EAGAIN)
			fail("sendmmsg");
		sent += done > 0 ? done : 0;
	}
	printf("%ld\n", sent);
	return EXIT_SUCCESS;
}
