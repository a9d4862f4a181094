/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/zonefile/zonefile*.c and control/zonefile/zonetext.c against BIND and Knot: $GENERATE is
 * expanded alike, and what is written here they load. Ends with 77 (skipped) where their programs
 * are absent.
 */
#include "tests/control/support.h"

#include "control/zonefile/zonetext.h"
#include "tests/control/random_rrset.h"
#include "tests/control/zone_digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77 };

static const char head[] =
	"$TTL 300\n@ SOA ns.example. admin.example. 1 2 3 400 5\n@ NS ns.example.\n";

static struct owner zone(void)
{
	static struct prefix prefix;

	prefix = at("192.0.2.0/24");
	return owner_from_prefix(&prefix);
}

/* The zone as BIND reads it and writes it out again. */
static char *compiled(const char *text, size_t bytes, size_t *out_bytes)
{
	const char *directory = directory_make();
	char in[300], out[300], command[1000];
	char *result;

	snprintf(in, sizeof(in), "%s/in", directory);
	snprintf(out, sizeof(out), "%s/out", directory);
	file_write(in, text, bytes);
	snprintf(command, sizeof(command),
		"named-compilezone -i none -k ignore -n ignore -m ignore -s full -o %s "
		"2.0.192.in-addr.arpa %s >%s/log 2>&1 || { cat %s/log; exit 1; }",
		out, in, directory, directory);
	if (system(command) != 0)
		fail_msg("named-compilezone refuses: %.*s", (int)(bytes < 4000 ? bytes : 4000),
			text);
	result = file_read(out, out_bytes);
	directory_remove(directory);
	return result;
}

/* `text` must mean the same here and, by way of BIND's own writing, to BIND. */
static struct zone_digest assert_alike(const char *text, size_t bytes)
{
	const struct owner apex = zone();
	struct zone_digest here = zone_digest_of(&apex, text, bytes), there;
	size_t compiled_bytes;
	char *written = compiled(text, bytes, &compiled_bytes);

	there = zone_digest_of(&apex, written, compiled_bytes);
	if (here.records != there.records || here.sum != there.sum)
		fail_msg("%d records here, %d there, of: %.2000s", (int)here.records,
			(int)there.records, text);
	free(written);
	return here;
}

static void generate_is_expanded_alike(void **state)
{
	static const char *const lines[] = {
		"0-255 $ PTR h$.example.",
		"1-9/2 $ 60 PTR h-${0,3}.example.",
		"1-9/3 $ IN 60 PTR h-${-1,3,d}.example.",
		"1-9 $ 60 IN PTR h-${16,4,x}.example.",
		"1-20 $ PTR h-${250,0,X}.${0,3,o}.example.",
		"1-20 $ PTR ${0,3,n}.example.",
		"240-255 ${0,0,N} PTR ${65000,5,N}.example.",
		"1-3 h$$x PTR a\\$b$.example.",
		"1-3 \\$$ TXT a$",
		"1-3 a$ A 10.0.0.$",
		"1-3 a${100} AAAA 2001:db8::${0,4,x}",
		"1-3 a$ MX \"$ m$\"",
		"1-3 a$ TXT \"\\\"a $\\\" \\\"b\\\\$c\\\"\"",
		"0-127 $ CNAME $.0-127",
		"5-5 @ PTR x$",
		"1-2 $.$ PTR $.$.$",
		"1-2 x$ NS $",
		"1-4 ${0,2,d}.${1,2,X} PTR ${+5}.",
		"1-3 $.2.0.192.in-addr.arpa. PTR $.example.",
		"10-20/20 $ PTR ${-10}.x.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[600];
		int bytes = snprintf(text, sizeof(text), "%s$GENERATE %s\n", head, lines[i]);

		assert_true(assert_alike(text, (size_t)bytes).records > 2);
	}
}

/* Types whose data the others check no further than its form. */
static const uint16_t plain_types[] = {1, 2, 5, 12, 13, 15, 16, 17, 18, 20, 21, 26, 28, 33, 36, 39,
	44, 49, 55, 58, 99, 104, 105, 106, 107, 108, 109, 256, 257, 10, 65280, 300};

static void add_random(struct zonetext *text, uint64_t *seed, uint16_t type, unsigned number)
{
	const struct owner apex = zone();
	uint8_t name[WIRE_NAME_MAX_BYTES], tail[WIRE_NAME_MAX_BYTES];
	char label[16];
	size_t zone_bytes, bytes;
	struct rrset_buffer buffer = {0};
	struct rrset rrset;
	struct owner owner;

	/* Each below a name of its own, so that no CNAME or cut has other data beside or below it.
	 */
	snprintf(label, sizeof(label), "%c%07u", 7, number);
	memcpy(tail, label, 8);
	zone_bytes = owner_write(&apex, tail + 8);
	bytes = random_name(seed, random_below(seed, 4), tail, 8 + zone_bytes, name);
	owner_from_name(name, bytes, &owner);
	random_rrset(seed, type, &buffer);
	rrset = rrset_buffer_view(&buffer);
	assert_int_equal(zonetext_write(text, &owner, &rrset), 0);
	rrset_buffer_free(&buffer);
}

static void add_zone(struct zonetext *text)
{
	uint64_t seed = 77;
	unsigned number = 0;
	static const char absolute[] =
		"2.0.192.in-addr.arpa. 300 IN SOA ns.example. a.example. 1 2 3 400 5\n"
		"2.0.192.in-addr.arpa. 300 IN NS ns.example.\n";

	text->text = malloc(1 << 20);
	assert_non_null(text->text);
	text->capacity = 1 << 20;
	text->bytes = sizeof(absolute) - 1;
	memcpy(text->text, absolute, text->bytes);
	for (size_t i = 0; i < sizeof(plain_types) / sizeof(plain_types[0]); i++)
		for (unsigned round = 0; round < 20; round++)
			add_random(text, &seed, plain_types[i], number++);
}

static void bind_loads_what_is_written(void **state)
{
	struct zonetext text = {0};

	(void)state;
	add_zone(&text);
	assert_true(assert_alike(text.text, text.bytes).records > 500);
	zonetext_free(&text);
}

static void knot_loads_what_is_written(void **state)
{
	const char *directory;
	struct zonetext text = {0};
	char path[300], command[700];

	(void)state;
	if (!program_is_there("kzonecheck"))
		skip();
	directory = directory_make();
	add_zone(&text);
	snprintf(path, sizeof(path), "%s/in", directory);
	file_write(path, text.text, text.bytes);
	snprintf(command, sizeof(command),
		"kzonecheck -o 2.0.192.in-addr.arpa %s >%s/log 2>&1 || { cat %s/log; exit 1; }",
		path, directory, directory);
	assert_int_equal(system(command), 0);
	zonetext_free(&text);
	directory_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generate_is_expanded_alike),
		cmocka_unit_test(bind_loads_what_is_written),
		cmocka_unit_test(knot_loads_what_is_written),
	};

	if (!program_is_there("named-compilezone")) {
		fputs("named-compilezone is not installed (package bind9-utils)\n", stderr);
		return SKIPPED;
	}
	return cmocka_run_group_tests_name("zonefile_peers", tests, NULL, NULL);
}
