/* SPDX-License-Identifier: BSD-3-Clause */
/* control/presentation.c, control/failure.c */
#include "tests/control/support.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

static void addresses_and_prefixes_survive_the_round_trip(void **state)
{
	static const char *const texts[] = {"192.0.2.7", "0.0.0.0", "255.255.255.255",
		"192.0.2.0/24", "10.0.0.0/8", "0.0.0.0/0", "192.0.2.4/30", "2001:db8::7",
		"::", "::/0", "2001:db8::/32", "2001:db8::/33", "2001:db8:1:2:3:4:5:0/112"};
	char text[PRESENTATION_PREFIX_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct prefix prefix = at(texts[i]);

		assert_string_equal(presentation_write_prefix(&prefix, text), texts[i]);
	}
	assert_true(at("2001:DB8::ffff:0:1").low == 0xffff00000001);
	assert_true(at("192.0.2.7").high == UINT64_C(0xc000020700000000));
}

static void refuse_prefix(const char *text, const char *part)
{
	struct prefix prefix;
	struct failure failure;

	assert_int_equal(presentation_parse_prefix(text, &prefix, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, part);
}

static void refuse_address(const char *text, const char *part)
{
	struct prefix prefix;
	struct failure failure;

	assert_int_equal(presentation_parse_address(text, &prefix, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, part);
}

static void bad_prefixes_are_refused_by_rule(void **state)
{
	(void)state;
	refuse_prefix("192.0.2.7/24", "host bits set past its length; the prefix is 192.0.2.0/24");
	refuse_prefix("2001:db8::1/64", "the prefix is 2001:db8::/64");
	refuse_prefix("192.0.2.0/33", "0 to 32");
	refuse_prefix("2001:db8::/129", "0 to 128");
	refuse_prefix("192.0.2.0/", "0 to 32");
	refuse_prefix("192.0.2.0/024", "0 to 32");
	refuse_prefix("192.0.2.0/-1", "0 to 32");
	refuse_prefix("192.0.2.0/ 24", "0 to 32");
	refuse_prefix("192.0.2.0/24/24", "0 to 32");
	refuse_prefix("192.0.2/24", "no prefix");
	refuse_prefix("/24", "no prefix");
	refuse_prefix("", "no prefix");
	refuse_prefix("2.0.192.in-addr.arpa", "write the prefix itself: 192.0.2.0/24");
	refuse_prefix("8.b.d.0.1.0.0.2.IP6.ARPA.", "write the prefix itself: 2001:db8::/32");
}

static void bad_addresses_are_refused_by_rule(void **state)
{
	(void)state;
	refuse_address("7.2.0.192.in-addr.arpa", "write the address itself: 192.0.2.7");
	refuse_address("192.0.2.0/24", "is a prefix");
	refuse_address("192.0.2.256", "no address");
	refuse_address("192.0.02.1", "no address");
	refuse_address("fe80::1%eth0", "no address");
	refuse_address(" 192.0.2.1", "no address");
	refuse_address("", "no address");
	refuse_address("\n\x1b[31m", "\"??[31m\"");
}

static void refuse_name(const char *text, const char *part)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	struct failure failure;

	if (presentation_parse_name(text, wire, &failure) != -1)
		fail_msg("taken: %s", text);
	assert_failure(&failure, FAILURE_INVALID, part);
}

/* Labels of `label` octets that make a text of `length` characters. */
static const char *long_name(size_t length, size_t label)
{
	static char text[2048];

	memset(text, 'x', length);
	for (size_t dot = label; dot < length - 1; dot += label + 1)
		text[dot] = '.';
	text[length] = '\0';
	return text;
}

static void bad_names_are_refused_by_rule(void **state)
{
	(void)state;
	refuse_name("", "at least one label");
	refuse_name(".", "at least one label");
	refuse_name("a..b", "empty label");
	refuse_name(".a", "empty label");
	refuse_name("a..", "empty label");
	refuse_name(long_name(64, 64), "longer than 63");
	refuse_name(long_name(254, 50), "longer than 255");
	refuse_name(long_name(1500, 50), "longer than 255");
	refuse_name("a\\256b", "bad escape");
	refuse_name("a\\25", "bad escape");
	refuse_name("a\\", "bad escape");
	refuse_name("a b", "a space or a control");
	refuse_name("a\tb", "a space or a control");
	refuse_name("a\nb", "a space or a control");
	refuse_name("a\\\nb", "holds");
	refuse_name("b\xc3\xbc"
		    "cher.example",
		"xn--");
	refuse_name("mail@example.net", "mean something else");
	refuse_name("a;b", "mean something else");
	refuse_name("(a)", "mean something else");
}

static void names_keep_their_case_and_escapes(void **state)
{
	struct wire_name name = named("Host\\.a\\255.Example.");
	char text[PRESENTATION_NAME_BYTES];

	(void)state;
	assert_int_equal(name.bytes, 17);
	assert_memory_equal(name.wire, "\7Host.a\xff\7Example", 17);
	assert_string_equal(presentation_write_name(name.wire, text), "Host\\.a\\255.Example.");
	assert_int_equal(named("a").bytes, 3);
	assert_int_equal(named("a.").bytes, 3);
	assert_int_equal(named("a\\.").bytes, 4);
	assert_int_equal(named(long_name(253, 50)).bytes, 255);
	assert_int_equal(named(long_name(63, 63)).bytes, 65);
	assert_string_equal(presentation_write_name((const uint8_t *)"", text), ".");
}

static void what_is_written_ldns_reads_back(void **state)
{
	char text[PRESENTATION_NAME_BYTES];

	(void)state;
	srandom(1);
	for (int round = 0; round < 2000; round++) {
		uint8_t wire[WIRE_NAME_MAX_BYTES], again[WIRE_NAME_MAX_BYTES];
		struct failure failure;
		size_t used = 0;
		ldns_rdf *name = NULL;

		for (int labels = 0; labels < 4; labels++) {
			uint8_t length = 1 + random() % 62;

			wire[used++] = length;
			while (length-- > 0)
				wire[used++] = (uint8_t)random();
		}
		wire[used++] = 0;
		presentation_write_name(wire, text);
		assert_int_equal(ldns_str2rdf_dname(&name, text), LDNS_STATUS_OK);
		assert_int_equal(ldns_rdf_size(name), used);
		assert_memory_equal(ldns_rdf_data(name), wire, used);
		ldns_rdf_deep_free(name);
		assert_int_equal(presentation_parse_name(text, again, &failure), used);
		assert_memory_equal(again, wire, used);
	}
}

static void ttls_have_bounds(void **state)
{
	struct failure failure;

	(void)state;
	assert_int_equal(presentation_check_ttl(1, &failure), 0);
	assert_int_equal(presentation_check_ttl(2147483647, &failure), 0);
	assert_int_equal(presentation_check_ttl(0, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "TTL 0 is outside 1 to 2147483647");
	assert_int_equal(presentation_check_ttl(2147483648, &failure), -1);
	assert_int_equal(presentation_check_ttl(-1, &failure), -1);
}

static void failures_are_plain_text(void **state)
{
	struct failure failure;
	char text[2000];

	(void)state;
	memset(text, 0xc3, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(failure_set(&failure, FAILURE_BUSY, "%s", text), -1);
	assert_int_equal(strlen(failure.text), FAILURE_TEXT_BYTES - 1);
	assert_int_equal(strspn(failure.text, "?"), FAILURE_TEXT_BYTES - 1);
	assert_string_equal(failure_name(FAILURE_STORE_FULL), "store-full");
	assert_string_equal(failure_name((enum failure_code)99), "unknown");
}

/* Names of every shape near the limits, read as ldns alone reads them. */
static void names_are_read_as_ldns_reads_them(void **state)
{
	static const char octets[] = "abYZ0129-_...\\\\";
	unsigned good = 0;

	(void)state;
	srand(5);
	for (unsigned i = 0; i < 200000; i++) {
		char text[300];
		size_t bytes = i % 2 ? (size_t)rand() % 12 : 245 + (size_t)rand() % 15;
		uint8_t wire[WIRE_NAME_MAX_BYTES];
		struct failure failure;
		ldns_rdf *name = NULL;
		int got, wanted = -1;

		for (size_t at = 0; at < bytes; at++)
			text[at] = i % 2 ? octets[(size_t)rand() % (sizeof(octets) - 1)]
				: at % (40 + i / 2 % 30) == 39 + i / 2 % 30 ? '.'
									    : 'a';
		text[bytes] = '\0';
		got = presentation_parse_name(text, wire, &failure);
		if (bytes > 0 && strcmp(text, ".") != 0 &&
			ldns_str2rdf_dname(&name, text) == LDNS_STATUS_OK)
			wanted = (int)ldns_rdf_size(name);
		if (got != wanted ||
			(got > 0 && memcmp(wire, ldns_rdf_data(name), (size_t)got) != 0))
			fail_msg("%s: %d, not %d", text, got, wanted);
		good += got > 0;
		ldns_rdf_deep_free(name);
	}
	assert_in_range(good, 20000, 180000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_and_prefixes_survive_the_round_trip),
		cmocka_unit_test(bad_prefixes_are_refused_by_rule),
		cmocka_unit_test(bad_addresses_are_refused_by_rule),
		cmocka_unit_test(bad_names_are_refused_by_rule),
		cmocka_unit_test(names_keep_their_case_and_escapes),
		cmocka_unit_test(what_is_written_ldns_reads_back),
		cmocka_unit_test(names_are_read_as_ldns_reads_them),
		cmocka_unit_test(ttls_have_bounds),
		cmocka_unit_test(failures_are_plain_text),
	};

	return cmocka_run_group_tests_name("presentation", tests, NULL, NULL);
}
