/* SPDX-License-Identifier: BSD-3-Clause */
/* control/zonefile*.c: what a zone file may say, rule by rule, with the line that breaks it. */
#include "tests/control/support.h"

#include "control/soa.h"
#include "control/zonefile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Records as text, one a line, so that a test compares what it means. */
struct seen {
	size_t used;
	char text[8192];
};

static void write_data(const uint8_t *rdata, uint16_t type, size_t bytes, char *out, size_t room)
{
	char name[PRESENTATION_NAME_BYTES];

	presentation_write_name(rdata, name);
	if (type == WIRE_TYPE_SOA)
		snprintf(out, room, "%s ... %" PRIu32 " %" PRIu32, name, soa_serial(rdata, bytes),
			soa_minimum(rdata, bytes));
	else
		snprintf(out, room, "%s", name);
}

static int see(void *context, const struct prefix *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct seen *seen = context;
	char prefix[PRESENTATION_PREFIX_BYTES], data[1200];

	presentation_write_prefix(owner, prefix);
	if (strcmp(prefix, "192.0.2.99") == 0)
		return failure_set(failure, FAILURE_BUSY, "not now");
	write_data(rdata, type, rdata_bytes, data, sizeof(data));
	seen->used += (size_t)snprintf(seen->text + seen->used, sizeof(seen->text) - seen->used,
		"%s %" PRIu32 " %u %s\n", prefix, ttl, type, data);
	assert_true(seen->used < sizeof(seen->text));
	return 0;
}

static int parse(const char *apex, const char *text, size_t bytes, size_t piece, struct seen *seen,
	struct failure *failure)
{
	const struct prefix zone = at(apex);
	struct zonefile *zonefile = zonefile_new(&zone, see, seen);
	int result = 0;

	*seen = (struct seen){0};
	for (size_t fed = 0; fed < bytes && result == 0; fed += piece)
		result = zonefile_feed(
			zonefile, text + fed, bytes - fed < piece ? bytes - fed : piece, failure);
	if (result == 0)
		result = zonefile_finish(zonefile, failure);
	zonefile_free(zonefile);
	return result;
}

/* Fed whole, in sevens and octet by octet, the file must be refused alike. */
static void refuse_bytes(
	const char *text, size_t bytes, enum failure_code code, const char *expected)
{
	static const size_t pieces[] = {SIZE_MAX / 2, 7, 1};
	struct failure failure = {0};
	struct seen seen;

	for (size_t i = 0; i < 3; i++) {
		if (parse("192.0.2.0/24", text, bytes, pieces[i], &seen, &failure) != -1)
			fail_msg("taken: %s", text);
		assert_failure(&failure, code, expected);
		assert_memory_equal(failure.text, "line ", 5);
	}
}

static void refuse(const char *text, const char *expected)
{
	refuse_bytes(text, strlen(text), FAILURE_INVALID, expected);
}

static void take_in(const char *apex, const char *text, const char *expected)
{
	static const size_t pieces[] = {SIZE_MAX / 2, 7, 1};
	struct failure failure = {0};
	struct seen seen;

	for (size_t i = 0; i < 3; i++) {
		if (parse(apex, text, strlen(text), pieces[i], &seen, &failure) != 0)
			fail_msg("%s", failure.text);
		assert_string_equal(seen.text, expected);
	}
}

static void take(const char *text, const char *expected)
{
	take_in("192.0.2.0/24", text, expected);
}

static void an_ordinary_file_is_read(void **state)
{
	(void)state;
	take("$TTL 1h ; a comment\n"
	     "@ IN SOA ns1.example. admin.example. (\n"
	     "  2026010100 ; serial\n"
	     "  1h 15m 1w 300 )\n"
	     "\n"
	     "  IN NS ns1.example.\n"
	     "\tNS ns2.example.\n"
	     "7 IN PTR mx.Example.\n"
	     "8 60 IN PTR a.example.\n"
	     "9 IN 1m30s PTR b\n"
	     "$ORIGIN 192.in-addr.arpa.\n"
	     "10.2.0 PTR c.example.\n"
	     "11.2.0.192.IN-ADDR.ARPA. PTR @",
		"192.0.2.0/24 3600 6 ns1.example. ... 2026010100 300\n"
		"192.0.2.0/24 3600 2 ns1.example.\n"
		"192.0.2.0/24 3600 2 ns2.example.\n"
		"192.0.2.7 3600 12 mx.Example.\n"
		"192.0.2.8 60 12 a.example.\n"
		"192.0.2.9 90 12 b.2.0.192.in-addr.arpa.\n"
		"192.0.2.10 3600 12 c.example.\n"
		"192.0.2.11 3600 12 192.in-addr.arpa.\n");
}

static void ipv6_owners_are_nibbles(void **state)
{
	(void)state;
	take_in("2001:db8::/32",
		"$TTL 60\n7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 PTR x.\n"
		"f PTR y.\n",
		"2001:db8::7 60 12 x.\n2001:db8:f000::/36 60 12 y.\n");
}

static void line_ends_and_marks_of_other_systems_are_taken(void **state)
{
	(void)state;
	take("\xef\xbb\xbf$TTL 5\r\n7 PTR a.\r\n", "192.0.2.7 5 12 a.\n");
	take("$TTL 5\r\n7 PTR a. ; no end\r", "192.0.2.7 5 12 a.\n");
	take("", "");
	take("; nothing\n\n  \n\t;\n", "");
	refuse("$TTL 5\n7 PTR a\rb\n", "line 2: a carriage return");
	refuse("\xef\xbb$TTL 5\n", "line 1: half a byte order mark");
}

static void escapes_are_text(void **state)
{
	(void)state;
	take("$TTL 5\n\\055 PTR a\\;b\\ c\\\"\\(.x.\n", "192.0.2.7 5 12 a\\;b\\032c\\\"\\(.x.\n");
	refuse("$TTL 5\n7 PTR a\\256.\n", "line 2: the name \"a\\256.\" has a bad escape");
	refuse("$TTL 5\n7 PTR a\\25.\n", "line 2: the name \"a\\25.\" has a bad escape");
	refuse("$TTL 5\n7 PTR a\\", "line 2: the file ends with a backslash");
	refuse("$TTL 5\n7 PTR a\\\n", "line 2: a backslash at the end");
	refuse("$TTL 5\n7 PTR a\x01.\n", "line 2: the name");
	refuse("$TTL 5\n7 PTR \xc3\xbc.\n", "line 2: the name");
}

static void ttls_come_from_the_nearest_place(void **state)
{
	(void)state;
	take("7 60 PTR a.\n8 PTR b.\n$TTL 5\n9 PTR c.\n10 0 PTR d.\n11 PTR e.\n",
		"192.0.2.7 60 12 a.\n192.0.2.8 60 12 b.\n192.0.2.9 5 12 c.\n"
		"192.0.2.10 0 12 d.\n192.0.2.11 5 12 e.\n");
	take("@ SOA a. b. 1 2 3 4 5\n7 PTR a.\n",
		"192.0.2.0/24 5 6 a. ... 1 5\n192.0.2.7 5 12 a.\n");
	take("7 2147483647 PTR a.\n8 1w2d3h4m5S PTR b.\n",
		"192.0.2.7 2147483647 12 a.\n192.0.2.8 788645 12 b.\n");
	refuse("\n\n7 PTR a.\n", "line 3: the record has no TTL");
	refuse("7 2147483648 PTR a.\n", "line 1: TTL \"2147483648\" is no time");
	refuse("7 4294967296 PTR a.\n", "line 1: TTL");
	refuse("7 99999999999999999999999999 PTR a.\n", "line 1: TTL");
	refuse("7 1w2d3 PTR a.\n", "line 1: TTL");
	refuse("7 1x PTR a.\n", "line 1: TTL");
	refuse("7 9999w PTR a.\n", "line 1: TTL");
	refuse("7 60 60 PTR a.\n", "line 1: \"60\" is no record type");
	refuse("$TTL 2147483648\n", "line 1: $TTL");
	refuse("$TTL -1\n", "line 1: $TTL");
	refuse("$TTL\n", "line 1: $TTL takes one value");
	refuse("$TTL 1 2\n", "line 1: $TTL takes one value");
}

static void classes_and_types_are_few(void **state)
{
	(void)state;
	take("7 5 CLASS1 TYPE12 a.\n7 in 6 ptr b.\n", "192.0.2.7 5 12 a.\n192.0.2.7 6 12 b.\n");
	refuse("7 5 CH PTR a.\n", "line 1: class CH is not served");
	refuse("7 5 HS PTR a.\n", "line 1: class HS");
	refuse("7 5 CLASS3 PTR a.\n", "line 1: class CLASS3");
	refuse("7 5 IN IN PTR a.\n", "line 1: \"IN\" is no record type");
	refuse("7 5 IN TXT \"a ; b\"\n", "line 1: records of type TXT are not supported yet");
	refuse("7 5 IN CNAME a.\n", "line 1: records of type CNAME");
	refuse("7 5 IN TYPE65280 \\# 0\n", "line 1: records of type TYPE65280");
	refuse("7 5 IN TYPE12x a.\n", "line 1: the type");
	refuse("7 5 IN TYPE65548 a.\n", "line 1: the type");
	refuse("7 5 IN BOGUS a.\n", "line 1: \"BOGUS\" is no record type");
	refuse("7 5 IN\n", "line 1: a record without a type");
	refuse("7\n", "line 1: a record without a type");
	refuse("7 5 NS a.\n", "line 1: NS records belong at the zone's apex, not at 192.0.2.7");
	refuse("7 5 SOA a. b. 1 2 3 4 5\n", "line 1: SOA records belong");
}

static void owners_are_addresses_of_the_zone(void **state)
{
	(void)state;
	refuse("$TTL 5\nhost PTR a.\n", "line 2: the owner host.2.0.192.in-addr.arpa. is not");
	refuse("$TTL 5\n007 PTR a.\n", "line 2: the owner 007.2.0.192.in-addr.arpa. is not");
	refuse("$TTL 5\n256 PTR a.\n", "line 2: the owner 256.");
	refuse("$TTL 5\n1.7 PTR a.\n", "line 2: the owner 1.7.");
	refuse("$TTL 5\n0/25 PTR a.\n", "line 2: the owner 0/25.");
	refuse("$TTL 5\n* PTR a.\n", "line 2: the owner *.");
	refuse("$TTL 5\n. PTR a.\n", "line 2: the owner . is not");
	refuse("$TTL 5\n7.3.0.192.in-addr.arpa. PTR a.\n",
		"line 2: the owner 7.3.0.192.in-addr.arpa. is outside the zone 192.0.2.0/24");
	refuse("$TTL 5\n$ORIGIN example.\n7 PTR a.\n", "line 3: the owner 7.example. is not");
	refuse("  5 PTR a.\n", "line 1: a line that starts with a blank");
	refuse("7..8 5 PTR a.\n", "line 1: the name \"7..8\" has an empty label");
}

static void data_is_checked(void **state)
{
	char text[3000] = "7 5 PTR ";

	(void)state;
	take("7 5 PTR .\n", "192.0.2.7 5 12 .\n");
	refuse("7 5 PTR\n", "line 1: the PTR record lacks a name");
	refuse("7 5 PTR a. b.\n", "line 1: there is text after the end of the PTR record");
	refuse("7 5 PTR \"a.\"\n", "line 1: the name");
	refuse("7 5 PTR a..\n", "line 1: the name \"a..\" has an empty label");
	memset(text + 8, 'x', 64);
	refuse(text, "has a label longer than 63");
	memset(text + 8, 'x', 2500);
	refuse(text, "line 1: the name");
	/* 240 octets fit alone, but not before the origin. */
	for (size_t i = 8; i < 248; i++)
		text[i] = i % 40 == 0 ? '.' : 'x';
	text[248] = '\0';
	refuse(text, "with the origin behind it is longer than 255 octets");
	memcpy(text, "$ORIGIN ", 8);
	refuse(text, "line 1: the name");
}

static void soa_numbers_are_checked(void **state)
{
	(void)state;
	take("@ 5 SOA a. b. 4294967295 1h 1h30m 2147483647 1d\n",
		"192.0.2.0/24 5 6 a. ... 4294967295 86400\n");
	refuse("@ 5 SOA a. b. 4294967296 2 3 4 5\n", "line 1: the serial \"4294967296\"");
	refuse("@ 5 SOA a. b. -1 2 3 4 5\n", "line 1: the serial");
	refuse("@ 5 SOA a. b. 1h 2 3 4 5\n", "line 1: the serial");
	refuse("@ 5 SOA a. b. 1 2147483648 3 4 5\n", "line 1: the refresh time");
	refuse("@ 5 SOA a. b. 1 2 3 4\n", "line 1: the SOA record ends before the minimum");
	refuse("@ 5 SOA a. b. 1 2 3 4 5 6\n", "line 1: there is text after the end");
	refuse("@ 5 SOA a.\n", "line 1: the SOA record lacks a name");
}

static void generic_data_is_exact(void **state)
{
	(void)state;
	take("7 5 PTR \\# 5 03666f6f00\n7 5 TYPE12 \\# ( 5 03 66\n6f6F 00 )\n",
		"192.0.2.7 5 12 foo.\n192.0.2.7 5 12 foo.\n");
	refuse("7 5 PTR \\# 0\n", "line 1: the data of the PTR record");
	refuse("7 5 PTR \\#\n", "line 1: the length after \\#");
	refuse("7 5 PTR \\# 5 00\n", "line 1: \\# 5 needs 10 hexadecimal digits, not 2");
	refuse("7 5 PTR \\# 5 036666f6f00\n", "line 1: \\# 5 needs 10");
	refuse("7 5 PTR \\# 6 03666f6f0000\n", "line 1: the data of the PTR record");
	refuse("7 5 PTR \\# 2 c00c\n", "line 1: the data of the PTR record");
	refuse("7 5 PTR \\# 5 zz666f6f00\n", "line 1: \"zz666f6f00\" is not hexadecimal");
	refuse("7 5 PTR \\# 60000 00\n", "line 1: the length after \\#");
}

static void directives_are_few(void **state)
{
	(void)state;
	take("$TTL 5\n$ORIGIN .\n7.2.0.192.in-addr.arpa PTR a\n", "192.0.2.7 5 12 a.\n");
	take("$ttl 5\n$origin 2.0.192.in-addr.arpa.\n7 PTR a.\n", "192.0.2.7 5 12 a.\n");
	refuse("\n\n$GENERATE 1-9 $ PTR h$.\n", "line 3: $GENERATE is not supported yet");
	refuse("$INCLUDE /etc/shadow\n", "line 1: $INCLUDE is not supported yet");
	refuse("$BOGUS 1\n", "line 1: unknown directive \"$BOGUS\"");
	refuse("$ORIGIN\n", "line 1: $ORIGIN takes one value");
	refuse("$ORIGIN a b\n", "line 1: $ORIGIN takes one value");
}

static void parentheses_and_quotes_close(void **state)
{
	(void)state;
	take("7 5 ( IN ; x )\n\n PTR ( a. ) )\n8 5 PTR b.\n",
		"192.0.2.7 5 12 a.\n192.0.2.8 5 12 b.\n");
	refuse("\n7 5 (\nPTR a.\n\n", "line 2: the parenthesis opened here is not closed");
	refuse("7 5 PTR a. )\n", "line 1: a closing parenthesis");
	refuse("( 7 5 PTR a. )\n", "line 1: a parenthesis before the owner");
	refuse("7 5 TXT \"a\n", "line 1: a quote is not closed");
	refuse("7 5 TXT \"a", "line 1: the file ends inside a quote");
	/* A record of several lines is named by its first. */
	refuse("\n7 5 (\n\nPTR\n)\n", "line 2: the PTR record lacks a name");
}

static void a_nul_or_an_endless_record_is_refused(void **state)
{
	size_t bytes = 1 << 20;
	char *text = malloc(bytes);
	struct failure failure;
	struct seen seen;

	(void)state;
	refuse_bytes("$TTL 5\n7 PTR a\0.\n", 17, FAILURE_INVALID, "line 2: a NUL octet");
	memset(text, 'x', bytes);
	refuse_bytes(text, bytes, FAILURE_TOO_LARGE, "line 1: a record longer than 65535");
	memset(text, '(', bytes);
	memcpy(text, "7 ", 2);
	refuse_bytes(text, bytes, FAILURE_INVALID, "line 1: the parenthesis");
	memset(text, ';', bytes);
	assert_int_equal(parse("192.0.2.0/24", text, bytes, bytes, &seen, &failure), 0);
	free(text);
}

static void the_visitor_can_stop_it(void **state)
{
	(void)state;
	refuse_bytes("$TTL 5\n7 PTR a.\n99 PTR b.\n8 PTR \n", 34, FAILURE_BUSY, "line 3: not now");
}

static void a_refused_file_stays_refused(void **state)
{
	const struct prefix zone = at("192.0.2.0/24");
	struct seen seen = {0};
	struct zonefile *zonefile = zonefile_new(&zone, see, &seen);
	struct failure failure;

	(void)state;
	assert_int_equal(zonefile_feed(zonefile, "7 5 PTR a.\nx\n", 13, &failure), -1);
	assert_int_equal(zonefile_records(zonefile), 1);
	assert_int_equal(zonefile_line(zonefile), 3);
	assert_int_equal(zonefile_feed(zonefile, "8 5 PTR a.\n", 11, &failure), -1);
	assert_int_equal(zonefile_finish(zonefile, &failure), -1);
	assert_string_equal(seen.text, "192.0.2.7 5 12 a.\n");
	zonefile_free(zonefile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_file_is_read),
		cmocka_unit_test(ipv6_owners_are_nibbles),
		cmocka_unit_test(line_ends_and_marks_of_other_systems_are_taken),
		cmocka_unit_test(escapes_are_text),
		cmocka_unit_test(ttls_come_from_the_nearest_place),
		cmocka_unit_test(classes_and_types_are_few),
		cmocka_unit_test(owners_are_addresses_of_the_zone),
		cmocka_unit_test(data_is_checked),
		cmocka_unit_test(soa_numbers_are_checked),
		cmocka_unit_test(generic_data_is_exact),
		cmocka_unit_test(directives_are_few),
		cmocka_unit_test(parentheses_and_quotes_close),
		cmocka_unit_test(a_nul_or_an_endless_record_is_refused),
		cmocka_unit_test(the_visitor_can_stop_it),
		cmocka_unit_test(a_refused_file_stays_refused),
	};

	return cmocka_run_group_tests_name("zonefile", tests, NULL, NULL);
}
