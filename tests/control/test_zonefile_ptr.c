/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/zonefile/zonefile_ptr.c against the general reader: a file fed whole goes by it where it
 * can, one fed octet by octet never does. Both must make the same records or refuse with the same
 * sentence.
 */
#include "tests/control/support.h"

#include "control/zonefile/zonefile.h"
#include "control/zonefile/zonefile_ptr.h"
#include "tests/control/random_rrset.h"

#include <stdio.h>
#include <string.h>

enum { FILES = 20000, FILE_BYTES = 4096 };

struct file {
	uint64_t seed;
	size_t used;
	char text[FILE_BYTES];
};

static void add(struct file *file, const char *text)
{
	size_t bytes = strlen(text);

	assert_true(bytes < sizeof(file->text) - file->used);
	memcpy(file->text + file->used, text, bytes + 1);
	file->used += bytes;
}

static const char *pick(struct file *file, const char *const *choices, size_t count)
{
	return choices[random_below(&file->seed, (uint32_t)count)];
}

#define PICK(file, ...) \
	pick(file, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void add_number(struct file *file, uint32_t limit)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", random_below(&file->seed, limit));
	add(file, text);
}

static void add_label(struct file *file)
{
	static const char octets[] = "abcdefXYZ0123456789-_/";
	uint32_t left = random_below(&file->seed, 30) ? 1 + random_below(&file->seed, 12)
						      : 62 + random_below(&file->seed, 3);

	for (; left > 0; left--) {
		const char octet[2] = {octets[random_below(&file->seed, sizeof(octets) - 1)]};

		add(file, octet);
	}
}

static void add_target(struct file *file)
{
	uint32_t labels = random_below(&file->seed, 30) ? 1 + random_below(&file->seed, 5)
							: 4 + random_below(&file->seed, 120);

	for (; labels > 0 && file->used < FILE_BYTES / 2; labels--) {
		add_label(file);
		add(file,
			labels > 1				? "."
				: random_below(&file->seed, 20) ? PICK(file, "", ".")
								: "..");
	}
}

static void add_owner_4(struct file *file)
{
	uint32_t labels = 1 + random_below(&file->seed, 3);

	if (random_below(&file->seed, 4) == 0) {
		add_number(file, 256);
		add(file,
			PICK(file, ".2.0.192.in-addr.arpa.", ".2.0.192.IN-ADDR.arpa.",
				".2.0.192.in-addr.arpa.", ".3.0.192.in-addr.arpa.",
				".02.0.192.in-addr.arpa.", ".1.2.0.192.in-addr.arpa."));
		return;
	}
	for (; labels > 0; labels--) {
		add_number(file, random_below(&file->seed, 8) ? 256 : 260);
		add(file, labels > 1 ? "." : "");
	}
}

static void add_owner_6(struct file *file)
{
	uint32_t nibbles = random_below(&file->seed, 3) ? 2 : random_below(&file->seed, 34);

	for (; nibbles > 0; nibbles--) {
		const char octet[2] = {"0123456789abcdefABCDEF"[random_below(&file->seed, 22)]};

		add(file, octet);
		add(file, nibbles > 1 ? "." : "");
	}
	add(file,
		PICK(file, "", "", "",
			".0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
			".0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6.arpa."));
}

static void add_line(struct file *file, bool ipv6)
{
	if (random_below(&file->seed, 8) == 0) {
		add(file,
			PICK(file, " TXT same", "$ORIGIN 192.in-addr.arpa.", "$ORIGIN x", "; c",
				"$ORIGIN 2.0.192.in-addr.arpa.", "$TTL 77", "\t5 PTR again", "",
				"$ORIGIN .", "* PTR a", "@ 7 NS ns"));
		add(file, PICK(file, "\n", "\r\n"));
		return;
	}
	ipv6 ? add_owner_6(file) : add_owner_4(file);
	add(file, PICK(file, " ", "\t", " \t "));
	add(file, PICK(file, "", "", "300 ", "0 ", "2147483647\t", "1h ", "007 "));
	add(file, PICK(file, "", "IN ", "IN ", "in\t"));
	add(file, random_below(&file->seed, 40) ? "" : PICK(file, "60 ", "CH ", "2147483648 "));
	add(file, PICK(file, "PTR ", "PTR\t\t", "ptr ", "TYPE12 ", "NS "));
	add_target(file);
	add(file,
		random_below(&file->seed, 20) ? PICK(file, "", "", " ", " \t", " ; c")
					      : PICK(file, " x", "\\010", " ("));
	add(file, PICK(file, "\n", "\n", "\n", "\r\n"));
}

static void mutate(struct file *file)
{
	static const char octets[] = " \t\n\r.;\"\\()@$*x0\0\xff";

	for (uint32_t left = random_below(&file->seed, 3); left > 0 && file->used > 0; left--)
		file->text[random_below(&file->seed, (uint32_t)file->used)] =
			octets[random_below(&file->seed, sizeof(octets) - 1)];
}

static void make_file(struct file *file, uint64_t seed, bool ipv6)
{
	*file = (struct file){.seed = seed};
	add(file, PICK(file, "\n", "$TTL 3600\n", "$TTL 3600\n"));
	for (uint32_t left = 1 + random_below(&file->seed, 4); left > 0; left--)
		add_line(file, ipv6);
	if (random_below(&file->seed, 2) == 0)
		mutate(file);
}

/* ---- Reading ---- */

struct reading {
	unsigned records;
	uint64_t digest;
	uint64_t line;
	struct failure failure;
};

static uint64_t mix(uint64_t value, const void *octets, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		value = (value ^ ((const uint8_t *)octets)[i]) * UINT64_C(0x100000001b3);
	return value;
}

static int take(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct reading *reading = context;
	uint8_t name[WIRE_NAME_MAX_BYTES];

	reading->records++;
	reading->digest = mix(reading->digest, name, owner_write(owner, name));
	reading->digest = mix(reading->digest, &type, sizeof(type));
	reading->digest = mix(reading->digest, &ttl, sizeof(ttl));
	reading->digest = mix(reading->digest, rdata, rdata_bytes);
	if (reading->records == 4)
		return failure_set(failure, FAILURE_TOO_LARGE, "four are too many");
	return 0;
}

static void read_in_pieces(
	const struct file *file, const struct owner *zone, size_t piece, struct reading *reading)
{
	struct zonefile *zonefile;
	int result = 0;

	*reading = (struct reading){.records = 0};
	zonefile = zonefile_new(zone, take, reading);
	for (size_t at = 0; at < file->used && result == 0; at += piece)
		result = zonefile_feed(zonefile, file->text + at,
			file->used - at < piece ? file->used - at : piece, &reading->failure);
	if (result == 0)
		zonefile_finish(zonefile, &reading->failure);
	reading->line = zonefile_line(zonefile);
	zonefile_free(zonefile);
}

static void files_are_read_alike(const char *prefix_text, bool ipv6, size_t piece)
{
	const struct prefix prefix = at(prefix_text);
	const struct owner zone = owner_from_prefix(&prefix);
	struct reading whole, octets;
	struct file file;
	unsigned records = 0, refused = 0;

	for (uint64_t seed = 0; seed < FILES; seed++) {
		make_file(&file, seed, ipv6);
		read_in_pieces(&file, &zone, piece, &whole);
		read_in_pieces(&file, &zone, 1, &octets);
		records += whole.records;
		refused += whole.failure.code != FAILURE_NONE;
		if (whole.records != octets.records || whole.digest != octets.digest ||
			whole.line != octets.line ||
			strcmp(whole.failure.text, octets.failure.text) != 0)
			fail_msg("seed %llu, %u and %u records, \"%s\" and \"%s\":\n%s",
				(unsigned long long)seed, whole.records, octets.records,
				whole.failure.text, octets.failure.text, file.text);
	}
	/* Neither all well nor all refused: both sides are looked at. */
	assert_true(records > FILES / 4 && refused > FILES / 4 && refused < FILES * 19 / 20);
}

static void ipv4_files_are_read_alike(void **state)
{
	(void)state;
	files_are_read_alike("192.0.2.0/24", false, FILE_BYTES);
	files_are_read_alike("192.0.0.0/16", false, FILE_BYTES);
}

static void ipv6_files_are_read_alike(void **state)
{
	(void)state;
	files_are_read_alike("2001:db8::/120", true, FILE_BYTES);
}

static void lines_cut_in_two_are_read_alike(void **state)
{
	(void)state;
	files_are_read_alike("192.0.2.0/24", false, 37);
}

/* ---- Which lines go by it ---- */

static bool goes_by(const char *line, const char *origin, struct zonefile_ptr *ptr)
{
	struct zonefile_origin settled = {.name.bytes = 0};
	const struct wire_name name = named(origin);

	memcpy(settled.name.wire, name.wire, name.bytes);
	settled.name.bytes = name.bytes;
	zonefile_origin_settle(&settled);
	return zonefile_ptr_read(line, line + strlen(line) - 1,
		strstr(origin, "ip6") ? ARPA_FAMILY_IPV6 : ARPA_FAMILY_IPV4, &settled, ptr);
}

static void the_usual_lines_go_by_it(void **state)
{
	static const char *const lines[][2] = {
		{"7 PTR host.example.net.\n", "2.0.192.in-addr.arpa."},
		{"7.2.0\t3600\tIN\tPTR\thost.example.net.\n", "192.in-addr.arpa."},
		{"7.2.0.192.in-addr.arpa. IN 300 PTR h_1-2/3.example.net. \n", "example.net."},
		{"7.0.0.0 PTR host\n",
			"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."},
	};
	struct zonefile_ptr ptr;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!goes_by(lines[i][0], lines[i][1], &ptr))
			fail_msg("not taken: %s", lines[i][0]);
	assert_true(goes_by(lines[1][0], lines[1][1], &ptr));
	assert_true(ptr.has_ttl && ptr.ttl == 3600 && ptr.host.bits == 32 &&
		ptr.host.high == UINT64_C(0xc000020700000000));
	assert_int_equal(ptr.target_bytes, 18);
	assert_memory_equal(ptr.target, "\4host\7example\3net", 18);
}

static void lines_that_need_care_do_not(void **state)
{
	static const char *const lines[] = {"07 PTR a.\n", "256 PTR a.\n", "7.7 PTR a.\n",
		"@ PTR a.\n", " PTR a.\n", "7 PTR a..\n", "7 PTR .\n", "7 PTR \n", "7 PTR a. ; c\n",
		"7 PTR \\097.\n", "7 PTR \"a\"\n", "7 1h PTR a.\n", "7 5 5 PTR a.\n",
		"7 IN IN PTR a.\n", "7 CH PTR a.\n", "7 2147483648 PTR a.\n", "7 PTR a.\r\n",
		"7 PTR (a.)\n", "7 PTR a. b.\n", "7 A 192.0.2.1\n",
		"7.2.0.192.IN-ADDR.ARPA. PTR a.\n", "\n", "7\n", "7 PTR\n"};
	struct zonefile_ptr ptr;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (goes_by(lines[i], "2.0.192.in-addr.arpa.", &ptr))
			fail_msg("taken: %s", lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_files_are_read_alike),
		cmocka_unit_test(ipv6_files_are_read_alike),
		cmocka_unit_test(lines_cut_in_two_are_read_alike),
		cmocka_unit_test(the_usual_lines_go_by_it),
		cmocka_unit_test(lines_that_need_care_do_not),
	};

	return cmocka_run_group_tests_name("zonefile_ptr", tests, NULL, NULL);
}
