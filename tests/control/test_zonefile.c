/* SPDX-License-Identifier: BSD-3-Clause */
/* control/zonefile/zonefile*.c: what a zone file may say, rule by rule, with the line that breaks
 * it. */
#include "tests/control/support.h"

#include "control/soa.h"
#include "control/zonefile/zonefile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Records as text, one a line, so that a test compares what it means. */
struct seen {
	size_t used;
	char text[8192];
};

static void write_hexadecimal(const uint8_t *octets, size_t bytes, char *out, size_t room)
{
	assert_true(2 * bytes < room);
	out[0] = '\0';
	for (size_t i = 0; i < bytes; i++)
		sprintf(out + 2 * i, "%02x", octets[i]);
}

/* The names of names' types; of the others the octets. */
static void write_data(const uint8_t *rdata, uint16_t type, size_t bytes, char *out, size_t room)
{
	char name[PRESENTATION_NAME_BYTES] = "";

	if (type == WIRE_TYPE_SOA || type == WIRE_TYPE_NS || type == WIRE_TYPE_PTR)
		presentation_write_name(rdata, name);
	if (type == WIRE_TYPE_SOA)
		snprintf(out, room, "%s ... %" PRIu32 " %" PRIu32, name, soa_serial(rdata, bytes),
			soa_minimum(rdata, bytes));
	else if (name[0] != '\0')
		snprintf(out, room, "%s", name);
	else
		write_hexadecimal(rdata, bytes, out, room);
}

static const char *write_owner(const struct owner *owner, char text[PRESENTATION_NAME_BYTES])
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];

	if (owner->rest_bytes == 0 && owner->prefix.family != OWNER_NO_FAMILY)
		return presentation_write_prefix(&owner->prefix, text);
	owner_write(owner, wire);
	return presentation_write_name(wire, text);
}

static int see(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct seen *seen = context;
	char name[PRESENTATION_NAME_BYTES], data[1200];

	if (strcmp(write_owner(owner, name), "192.0.2.99") == 0)
		return failure_set(failure, FAILURE_BUSY, "not now");
	write_data(rdata, type, rdata_bytes, data, sizeof(data));
	seen->used += (size_t)snprintf(seen->text + seen->used, sizeof(seen->text) - seen->used,
		"%s %" PRIu32 " %u %s\n", name, ttl, type, data);
	assert_true(seen->used < sizeof(seen->text));
	return 0;
}

static struct zonefile *start(const char *apex, struct seen *seen)
{
	const struct prefix prefix = at(apex);
	const struct owner zone = owner_from_prefix(&prefix);
	struct zonefile *zonefile = zonefile_new(&zone, see, seen);

	*seen = (struct seen){0};
	assert_non_null(zonefile);
	return zonefile;
}

static int parse(const char *apex, const char *text, size_t bytes, size_t piece, struct seen *seen,
	struct failure *failure)
{
	struct zonefile *zonefile = start(apex, seen);
	int result = 0;

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
	refuse("7 5 IN OPT \\# 0\n", "line 1: type OPT is for messages only");
	refuse("7 5 IN ANY \\# 0\n", "line 1: type ANY is for messages only");
	refuse("7 5 IN AXFR \\# 0\n", "line 1: type AXFR is for messages only");
	refuse("7 5 IN TSIG \\# 0\n", "line 1: type TSIG is for messages only");
	refuse("7 5 IN TYPE128 \\# 0\n", "line 1: type TYPE128 is for messages only");
	refuse("7 5 IN TYPE65535 \\# 0\n", "line 1: type TYPE65535 is for messages only");
	refuse("7 5 IN TYPE0 \\# 0\n", "line 1: \"TYPE0\" is no record type");
	refuse("7 5 IN TYPE12x a.\n", "line 1: the type");
	refuse("7 5 IN TYPE65548 a.\n", "line 1: the type");
	refuse("7 5 IN BOGUS a.\n", "line 1: \"BOGUS\" is no record type");
	refuse("7 5 IN\n", "line 1: a record without a type");
	refuse("7\n", "line 1: a record without a type");
	refuse("7 5 SOA a. b. 1 2 3 4 5\n",
		"line 1: SOA records belong at the zone's apex, not at 7.2.0.192.in-addr.arpa.");
}

static void owners_are_any_names_of_the_zone(void **state)
{
	(void)state;
	take("$TTL 5\nHost PTR a.\n007 PTR a.\n1.7 PTR a.\n0/25 NS a.\n* PTR a.\n"
	     "_dns-sd._udp PTR a.\na\\.b\\000\\255\\$ PTR a.\n",
		"host.2.0.192.in-addr.arpa. 5 12 a.\n007.2.0.192.in-addr.arpa. 5 12 a.\n"
		"1.7.2.0.192.in-addr.arpa. 5 12 a.\n0/25.2.0.192.in-addr.arpa. 5 2 a.\n"
		"*.2.0.192.in-addr.arpa. 5 12 a.\n_dns-sd._udp.2.0.192.in-addr.arpa. 5 12 a.\n"
		"a\\.b\\000\\255\\$.2.0.192.in-addr.arpa. 5 12 a.\n");
	refuse("$TTL 5\n. PTR a.\n", "line 2: the owner . is outside the zone 192.0.2.0/24");
	refuse("$TTL 5\n7.3.0.192.in-addr.arpa. PTR a.\n",
		"line 2: the owner 7.3.0.192.in-addr.arpa. is outside the zone 192.0.2.0/24");
	refuse("$TTL 5\n$ORIGIN example.\n7 PTR a.\n", "line 3: the owner 7.example. is outside");
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
	refuse("7 5 PTR \\# 65536 00\n", "line 1: the length after \\#");
	refuse("7 5 TYPE65280 \\# 1 zz\n", "line 1: \"zz\" is not hexadecimal");
	refuse("7 5 TYPE65280 zz\n", "line 1: ");
	refuse("7 5 A \\# 3 c00002\n", "line 1: the data of the A record is not well-formed");
	take("7 5 A \\# 4 c0000201\n7 5 TYPE65280 \\# 0\n7 5 TYPE65280 \\# 2 aB 12\n",
		"192.0.2.7 5 1 c0000201\n192.0.2.7 5 65280 \n192.0.2.7 5 65280 ab12\n");
}

static void directives_are_few(void **state)
{
	(void)state;
	take("$TTL 5\n$ORIGIN .\n7.2.0.192.in-addr.arpa PTR a\n", "192.0.2.7 5 12 a.\n");
	take("$ttl 5\n$origin 2.0.192.in-addr.arpa.\n7 PTR a.\n", "192.0.2.7 5 12 a.\n");
	refuse("$INCLUDE /etc/shadow\n", "line 1: $INCLUDE: the server opens no files");
	refuse("$BOGUS 1\n", "line 1: unknown directive \"$BOGUS\"");
	refuse("$ORIGIN\n", "line 1: $ORIGIN takes one value");
	refuse("$ORIGIN a b\n", "line 1: $ORIGIN takes one value");
}

static void every_type_is_read(void **state)
{
	(void)state;
	take("$TTL 5\n@ A 192.0.2.1\n@ AAAA 2001:db8::1\n@ MX 10 Mail\n@ TXT \"a ; b\" c\"d\"\\\"\n"
	     "@ CNAME @\n@ DS 1 RSASHA256 2 ab CD ; x\n@ DHCID AAIB Y2/O\n@ CAA 0 issue \"a;b\"\n",
		"192.0.2.0/24 5 1 c0000201\n"
		"192.0.2.0/24 5 28 20010db8000000000000000000000001\n"
		"192.0.2.0/24 5 15 000a044d61696c0132013003313932"
		"07696e2d616464720461727061"
		"00\n"
		"192.0.2.0/24 5 16 0561203b2062016301640122\n"
		"192.0.2.0/24 5 5 013201300331393207696e2d61646472046172706100\n"
		"192.0.2.0/24 5 43 00010802abcd\n"
		"192.0.2.0/24 5 49 00020163"
		"6fce\n"
		"192.0.2.0/24 5 257 0005697373756561"
		"3b62\n");
	take("$TTL 5\n@ TXT \"\"\n@ TXT \"\\000\\255\"a\n@ NSEC a. A TYPE65280\n@ NSEC a.\n@ APL\n"
	     "@ IPSECKEY 1 3 2 g AQ==\n@ IPSECKEY 1 0 0 .\n@ HIP 2 AA AQ== s\n@ SRV 1 2 3 .\n",
		"192.0.2.0/24 5 16 00\n192.0.2.0/24 5 16 0200ff0161\n"
		"192.0.2.0/24 5 47 016100000140ff0180\n"
		"192.0.2.0/24 5 47 016100\n192.0.2.0/24 5 42 \n"
		"192.0.2.0/24 5 45 010302016701320130033139320769"
		"6e2d61646472046172706100"
		"01\n"
		"192.0.2.0/24 5 45 010000\n"
		"192.0.2.0/24 5 55 01020001aa0101730132013003313932"
		"07696e2d61646472046172706100\n"
		"192.0.2.0/24 5 33 00010002000300\n");
}

static void what_ldns_would_guess_at_is_refused(void **state)
{
	char text[1000] = "7 5 TXT ";

	(void)state;
	refuse("7 5 A 192.0.2.1 x\n", "line 1: there is text after the end of the A record");
	refuse("7 5 A 192.0.2.256\n", "line 1: \"192.0.2.256\" is not what the A record has");
	refuse("7 5 A 192.0.2\n", "line 1: \"192.0.2\" is not what the A record has");
	refuse("7 5 A\n", "line 1: the A record ends before its data is complete");
	refuse("7 5 AAAA 2001:db8::g\n", "line 1: \"2001:db8::g\" is not");
	refuse("7 5 MX 65536 a.\n", "line 1: the number \"65536\"");
	refuse("7 5 MX -1 a.\n", "line 1: the number");
	refuse("7 5 MX 1\n", "line 1: the MX record ends");
	refuse("7 5 MX 1 a. b.\n", "line 1: there is text after");
	refuse("7 5 CAA 256 issue x\n", "line 1: the number \"256\"");
	refuse("7 5 CAA 0 is-sue x\n", "line 1: ");
	refuse("7 5 TXT\n", "line 1: the TXT record ends");
	refuse("7 5 TXT \\256\n", "line 1: the string \\256 has a bad escape");
	refuse("7 5 TXT \"\\1\"\n", "line 1: the string \"\\1\" has a bad escape");
	refuse("7 5 DS 1 8 2 abc\n", "line 1: \"abc\" is not what");
	refuse("7 5 DS 1 8 2 ab zz\n", "line 1: \"ab zz\" is not what");
	refuse("7 5 DS 1 BOGUS 2 ab\n", "line 1: \"BOGUS\" is not what");
	refuse("7 5 DHCID AAI*\n", "line 1: \"AAI*\" is not what");
	refuse("7 5 DHCID AAI\n", "line 1: \"AAI\" is not what");
	refuse("7 5 DHCID AA=A\n", "line 1: \"AA=A\" is not what");
	refuse("7 5 NSEC a. A BOGUS\n", "line 1: \"BOGUS\" is no record type");
	refuse("7 5 IPSECKEY 1 9 0 .\n", "line 1: ");
	refuse("7 5 LOC 1 99 0 N 1 E 3m\n", "line 1: \"1 99 0 N 1 E 3m\" is not what");
	refuse("7 5 LOC 90 1 N 1 E 3m\n", "line 1: ");
	refuse("7 5 LOC 1 N 181 E 3m\n", "line 1: ");
	refuse("7 5 LOC 1 N 1 E 3m 1m 1m 1m 1m\n", "line 1: ");
	refuse("7 5 LOC 1 N 1 E 3x\n", "line 1: ");
	refuse("7 5 LOC 1 N 1 E\n", "line 1: ");
	refuse("7 5 SVCB 1 . port=65536\n", "line 1: \"port=65536\" is not what");
	refuse("7 5 SVCB 1 . alpn=h2 alpn=h3\n", "line 1: the data of the SVCB record is not");
	refuse("7 5 APL 1:192.0.2.0/33\n", "line 1: the data of the APL record is not");
	refuse("7 5 NULL a\n", "line 1: the data of NULL records is taken as \\#");
	refuse("7 5 NSEC \\# 4 00000000\n", "line 1: the data of the NSEC record is not");
	refuse("7 5 RRSIG A 8 2 5 20260230000000 20260101000000 1 a. AQ==x\n", "line 1: ");
	memset(text + 8, 'x', 256);
	refuse(text, "is longer than 255 octets");
	take("7 5 A 192.0.2.1\n8 IN 6 AAAA ::\n9 7 IN A 0.0.0.0\n",
		"192.0.2.7 5 1 c0000201\n192.0.2.8 6 28 00000000000000000000000000000000\n"
		"192.0.2.9 7 1 00000000\n");
}

static void generate_makes_records(void **state)
{
	(void)state;
	take("$TTL 5\n$GENERATE 1-3 $ PTR h$.x.\n",
		"192.0.2.1 5 12 h1.x.\n192.0.2.2 5 12 h2.x.\n192.0.2.3 5 12 h3.x.\n");
	take("3 9 IN PTR a.\n$GENERATE 0-4/3 ${1} 7 IN PTR ${-1,3}.${16,4,x}.${10,0,X}$$\\$.\n NS "
	     "b.\n",
		"192.0.2.3 9 12 a.\n"
		"192.0.2.1 7 12 -01.0010.A\\$\\$.\n192.0.2.4 7 12 002.0013.D\\$\\$.\n"
		"192.0.2.3 7 2 b.\n");
	take("$GENERATE 8-8 $ IN 7 PTR ${0,3,o}.${0,3,n}.${240,0,N}.\n",
		"192.0.2.8 7 12 010.8.0.8.F.\n");
	take("$GENERATE 8-8 $ 7 MX \"$ m$.\"\n$GENERATE 9-9 $ 7 TXT \"\\\"a $\\\"\"\n",
		"192.0.2.8 7 15 0008026d3800\n192.0.2.9 7 16 03612039\n");
}

static void generate_is_checked(void **state)
{
	(void)state;
	refuse("\n\n$GENERATE 9 $ 5 PTR h$.\n", "line 3: \"9\" is no range");
	refuse("$GENERATE 9-1 $ 5 PTR h$.\n", "line 1: \"9-1\" is no range");
	refuse("$GENERATE 1-9/0 $ 5 PTR h$.\n", "line 1: \"1-9/0\" is no range");
	refuse("$GENERATE 1-2147483648 $ 5 PTR h$.\n", "is no range");
	refuse("$GENERATE 1-9\n", "line 1: $GENERATE takes");
	refuse("$GENERATE 1-9 $ 5 PTR\n", "line 1: $GENERATE takes one field of data");
	refuse("$GENERATE 1-9 $ 5 PTR h$. x\n", "line 1: $GENERATE takes one field of data");
	refuse("$GENERATE 1-9 $ 5 BOGUS h$.\n", "line 1: \"BOGUS\"");
	refuse("$GENERATE 1-9 $ 5 PTR ${x}.\n", "line 1: \"${x}.\" is no format");
	refuse("$GENERATE 1-9 $ 5 PTR ${1,2,z}.\n", "is no format");
	refuse("$GENERATE 1-9 $ 5 PTR ${1,2.\n", "is no format");
	refuse("$GENERATE 1-9 $ 5 PTR ${1,128}.\n", "is no format");
	refuse("$GENERATE 1-9 $ 5 PTR ${-2,1,x}.\n",
		"line 1: \"${-2,1,x}.\" makes the number -1 of 1");
	refuse("$GENERATE 1-9 $ 5 PTR ${2147483647}.\n", "makes the number 2147483648 of 1");
	refuse("$GENERATE 1-9 $.3.0.192.in-addr.arpa. 5 PTR a.\n", "is outside the zone");
	refuse_bytes("$GENERATE 0-1048576 $ 5 PTR h$.\n", 32, FAILURE_TOO_LARGE,
		"line 1: the range 0-1048576 makes more than 1048576 records");
}

static void feed(struct zonefile *zonefile, const char *text)
{
	struct failure failure = {0};

	if (zonefile_feed(zonefile, text, strlen(text), &failure) != 0)
		fail_msg("%s", failure.text);
}

static void an_included_text_has_its_own_origin_and_owner(void **state)
{
	struct seen seen;
	struct zonefile *zonefile = start("192.0.2.0/24", &seen);
	struct failure failure = {0};

	(void)state;
	feed(zonefile, "$TTL 5\n7 PTR a\n");
	assert_int_equal(zonefile_include(zonefile, "one", "sub", &failure), 0);
	feed(zonefile, "\xef\xbb\xbf PTR b\n8 PTR c\n$ORIGIN x.2.0.192.in-addr.arpa.\n$TTL 6\n");
	assert_int_equal(zonefile_include(zonefile, "two", NULL, &failure), 0);
	feed(zonefile, "9 PTR d. ; no line end");
	assert_int_equal(zonefile_include_end(zonefile, &failure), 0);
	assert_int_equal(zonefile_line(zonefile), 5);
	feed(zonefile, " PTR e");
	assert_int_equal(zonefile_include_end(zonefile, &failure), 0);
	assert_int_equal(zonefile_line(zonefile), 3);
	feed(zonefile, "\n PTR f.\n");
	assert_int_equal(zonefile_finish(zonefile, &failure), 0);
	assert_string_equal(seen.text,
		"192.0.2.7 5 12 a.2.0.192.in-addr.arpa.\n"
		"192.0.2.7 5 12 b.sub.2.0.192.in-addr.arpa.\n"
		"8.sub.2.0.192.in-addr.arpa. 5 12 c.sub.2.0.192.in-addr.arpa.\n"
		"9.x.2.0.192.in-addr.arpa. 6 12 d.\n"
		"8.sub.2.0.192.in-addr.arpa. 6 12 e.x.2.0.192.in-addr.arpa.\n"
		"192.0.2.7 6 12 f.\n");
	zonefile_free(zonefile);
}

static void an_included_text_is_named_in_failures(void **state)
{
	struct seen seen;
	struct zonefile *zonefile = start("192.0.2.0/24", &seen);
	struct failure failure = {0};

	(void)state;
	feed(zonefile, "\n\n");
	assert_int_equal(zonefile_include(zonefile, "hosts", NULL, &failure), 0);
	feed(zonefile, "\n");
	assert_int_equal(zonefile_feed(zonefile, "7 PTR\n", 6, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "hosts:2: the PTR record lacks a name");
	zonefile_free(zonefile);
}

static void refuse_include(
	const char *text, const char *name, const char *origin, const char *expected)
{
	struct seen seen;
	struct zonefile *zonefile = start("192.0.2.0/24", &seen);
	struct failure failure = {0};

	feed(zonefile, text);
	assert_int_equal(zonefile_include(zonefile, name, origin, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, expected);
	assert_int_equal(zonefile_feed(zonefile, "\n", 1, &failure), -1);
	zonefile_free(zonefile);
}

static void an_include_stands_on_a_line_of_its_own(void **state)
{
	struct seen seen;
	struct zonefile *zonefile = start("192.0.2.0/24", &seen);
	struct failure failure = {0};

	(void)state;
	refuse_include("\n7", "a", NULL, "line 2: a file is included in the middle of a line");
	refuse_include("7 5 (\n", "a", NULL, "line 2: a file is included in the middle");
	refuse_include(";", "a", NULL, "line 1: a file is included in the middle");
	refuse_include("\n", "a", "a..b", "line 2: the name \"a..b\" has an empty label");
	for (unsigned i = 0; i < ZONEFILE_INCLUDES_MAX; i++)
		assert_int_equal(zonefile_include(zonefile, "a", NULL, &failure), 0);
	assert_int_equal(zonefile_finish(zonefile, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "a:1: the included file was not ended");
	zonefile_free(zonefile);
	zonefile = start("192.0.2.0/24", &seen);
	for (unsigned i = 0; i < ZONEFILE_INCLUDES_MAX; i++)
		assert_int_equal(zonefile_include(zonefile, "a", NULL, &failure), 0);
	assert_int_equal(zonefile_include(zonefile, "b", NULL, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "a:1: files are included more than 10 deep");
	zonefile_free(zonefile);
	zonefile = start("192.0.2.0/24", &seen);
	assert_int_equal(zonefile_include_end(zonefile, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "line 1: no included file is open");
	zonefile_free(zonefile);
	zonefile = start("192.0.2.0/24", &seen);
	assert_int_equal(zonefile_include(zonefile, "a", NULL, &failure), 0);
	feed(zonefile, "7 5 (\n");
	assert_int_equal(zonefile_include_end(zonefile, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "a:1: the parenthesis opened here");
	zonefile_free(zonefile);
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

/* Control has other clients: a short text may not keep it for long. */
static void what_one_piece_generates_is_bounded(void **state)
{
	static const char lines[] = "$GENERATE 0-1 $ 5 PTR h$.\n$GENERATE 0-1048575 $ 5 PTR h$.\n";
	struct failure failure;
	struct seen seen;

	(void)state;
	assert_int_equal(
		parse("192.0.2.0/24", lines, sizeof(lines) - 1, sizeof(lines), &seen, &failure),
		-1);
	assert_failure(&failure, FAILURE_TOO_LARGE,
		"line 2: the $GENERATE directives up to this one, sent as one piece");
	/* In pieces it goes on, to the record that this visitor refuses. */
	assert_int_equal(parse("192.0.2.0/24", lines, sizeof(lines) - 1, 26, &seen, &failure), -1);
	assert_failure(&failure, FAILURE_BUSY, "line 2: not now");
}

static void the_visitor_can_stop_it(void **state)
{
	(void)state;
	refuse_bytes("$TTL 5\n7 PTR a.\n99 PTR b.\n8 PTR \n", 34, FAILURE_BUSY, "line 3: not now");
}

static void a_refused_file_stays_refused(void **state)
{
	struct seen seen;
	struct zonefile *zonefile = start("192.0.2.0/24", &seen);
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
		cmocka_unit_test(owners_are_any_names_of_the_zone),
		cmocka_unit_test(data_is_checked),
		cmocka_unit_test(soa_numbers_are_checked),
		cmocka_unit_test(generic_data_is_exact),
		cmocka_unit_test(directives_are_few),
		cmocka_unit_test(every_type_is_read),
		cmocka_unit_test(what_ldns_would_guess_at_is_refused),
		cmocka_unit_test(generate_makes_records),
		cmocka_unit_test(generate_is_checked),
		cmocka_unit_test(an_included_text_has_its_own_origin_and_owner),
		cmocka_unit_test(an_included_text_is_named_in_failures),
		cmocka_unit_test(an_include_stands_on_a_line_of_its_own),
		cmocka_unit_test(parentheses_and_quotes_close),
		cmocka_unit_test(a_nul_or_an_endless_record_is_refused),
		cmocka_unit_test(what_one_piece_generates_is_bounded),
		cmocka_unit_test(the_visitor_can_stop_it),
		cmocka_unit_test(a_refused_file_stays_refused),
	};

	return cmocka_run_group_tests_name("zonefile", tests, NULL, NULL);
}
