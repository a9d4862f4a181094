/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/zonefile/zonefile*.c and ldns over the same lines: what both take must be the same
 * record. What ldns takes too easily is in test_zonefile.c.
 */
#include "tests/control/support.h"

#include "control/zonefile/zonefile.h"
#include "tests/control/random_rrset.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 6000, LINE_BYTES = 1200 };

/* The last record. */
struct seen {
	unsigned records;
	uint8_t owner[WIRE_NAME_MAX_BYTES], rdata[2048];
	size_t owner_bytes, rdata_bytes;
	uint32_t ttl;
	uint16_t type;
};

static int see(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct seen *seen = context;

	(void)failure;
	assert_true(rdata_bytes <= sizeof(seen->rdata));
	*seen = (struct seen){
		.records = seen->records + 1, .rdata_bytes = rdata_bytes, .ttl = ttl, .type = type};
	seen->owner_bytes = owner_write(owner, seen->owner);
	memcpy(seen->rdata, rdata, rdata_bytes);
	return 0;
}

static int read_here(const char *line, struct seen *seen)
{
	const struct prefix prefix = at("192.0.2.0/24");
	const struct owner zone = owner_from_prefix(&prefix);
	struct zonefile *zonefile = zonefile_new(&zone, see, seen);
	struct failure failure;
	int result;

	*seen = (struct seen){0};
	result = zonefile_feed(zonefile, line, strlen(line), &failure);
	if (result == 0)
		result = zonefile_finish(zonefile, &failure);
	zonefile_free(zonefile);
	return result;
}

static int read_by_ldns(const char *line, struct seen *seen)
{
	ldns_rdf *origin = ldns_dname_new_frm_str("2.0.192.in-addr.arpa."), *previous = NULL;
	ldns_buffer *buffer = ldns_buffer_new(4096);
	ldns_rr *rr = NULL;
	int result = -1;

	*seen = (struct seen){0};
	if (ldns_rr_new_frm_str(&rr, line, 0, origin, &previous) == LDNS_STATUS_OK) {
		/* The zone's owners are kept without regard to case. */
		ldns_dname2canonical(ldns_rr_owner(rr));
		assert_int_equal(ldns_rr_rdata2buffer_wire(buffer, rr), LDNS_STATUS_OK);
		*seen = (struct seen){.records = 1,
			.owner_bytes = ldns_rdf_size(ldns_rr_owner(rr)),
			.rdata_bytes = ldns_buffer_position(buffer),
			.ttl = ldns_rr_ttl(rr),
			.type = (uint16_t)ldns_rr_get_type(rr)};
		memcpy(seen->owner, ldns_rdf_data(ldns_rr_owner(rr)), seen->owner_bytes);
		memcpy(seen->rdata, ldns_buffer_begin(buffer), seen->rdata_bytes);
		ldns_rr_free(rr);
		result = 0;
	}
	ldns_buffer_free(buffer);
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(previous);
	return result;
}

/* ldns takes the TTL before the class only: it is given a line of its own. */
static void assert_alike(const char *line, const char *line_for_ldns)
{
	struct seen here, ldns;

	if (read_here(line, &here) != 0 || here.records != 1)
		fail_msg("refused here: %s", line);
	if (read_by_ldns(line_for_ldns, &ldns) != 0)
		fail_msg("refused by ldns: %s", line_for_ldns);
	if (here.type != ldns.type || here.ttl != ldns.ttl ||
		here.owner_bytes != ldns.owner_bytes || here.rdata_bytes != ldns.rdata_bytes ||
		memcmp(here.owner, ldns.owner, here.owner_bytes) != 0 ||
		memcmp(here.rdata, ldns.rdata, here.rdata_bytes) != 0)
		fail_msg("type %u %u, TTL %u %u, owner %zu %zu, data %zu %zu octets: %s | %s",
			here.type, ldns.type, here.ttl, ldns.ttl, here.owner_bytes,
			ldns.owner_bytes, here.rdata_bytes, ldns.rdata_bytes, line, line_for_ldns);
}

/* ---- Generated lines ---- */

struct line {
	uint64_t seed;
	bool ttl_first, has_class;
	size_t used;
	char text[LINE_BYTES];
};

static void add(struct line *line, const char *text)
{
	size_t bytes = strlen(text);

	assert_true(bytes < sizeof(line->text) - line->used);
	memcpy(line->text + line->used, text, bytes + 1);
	line->used += bytes;
}

static const char *pick(struct line *line, const char *const *choices, size_t count)
{
	return choices[random_below(&line->seed, (uint32_t)count)];
}

#define PICK(line, ...) \
	pick(line, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void add_blank(struct line *line)
{
	add(line, PICK(line, " ", "\t", "  ", " \t ", "    "));
}

/* Without an escaped @: ldns takes a first label of just that for the origin. */
static void add_label(struct line *line)
{
	char octet[8];

	for (uint32_t left = 1 + random_below(&line->seed, 8); left > 0; left--) {
		uint32_t value = random_below(&line->seed, 256);

		switch (random_below(&line->seed, 6)) {
		case 0:
			snprintf(octet, sizeof(octet), "\\%03u", value == '@' ? 'A' : value);
			break;
		case 1:
			snprintf(octet, sizeof(octet), "\\%s",
				PICK(line, ".", "\\", ";", "\"", "$", "x", "-"));
			break;
		case 2:
			snprintf(octet, sizeof(octet), "%c", 'A' + (char)(value % 26));
			break;
		default:
			snprintf(octet, sizeof(octet), "%c",
				"abcdefghijklmnopqrstuvwxyz0123456789-_"[value % 38]);
		}
		add(line, octet);
	}
}

static void add_name(struct line *line, unsigned labels_max)
{
	for (uint32_t left = random_below(&line->seed, labels_max); left > 0; left--) {
		add_label(line);
		add(line, ".");
	}
	add_label(line);
}

static void add_owner(struct line *line)
{
	char host[8];

	snprintf(host, sizeof(host), "%u", random_below(&line->seed, 256));
	switch (random_below(&line->seed, 5)) {
	case 0:
		add(line, "@");
		return;
	case 1:
		add_name(line, 4);
		return;
	case 2:
		add(line, host);
		add(line, PICK(line, ".2.0.192.in-addr.arpa.", ".2.0.192.IN-ADDR.ARPA."));
		return;
	default:
		add(line, host);
	}
}

static void add_fields(struct line *line, const char *const *types, size_t count)
{
	char ttl[16];
	bool class_first = random_below(&line->seed, 4) == 0 && !line->ttl_first;

	snprintf(ttl, sizeof(ttl), "%u", random_below(&line->seed, UINT32_C(1) << 31));
	add_blank(line);
	if (class_first)
		add(line, "IN ");
	add(line, ttl);
	add_blank(line);
	if (!class_first && line->has_class)
		add(line, "in ");
	add(line, pick(line, types, count));
	add_blank(line);
}

static void write_line(struct line *line, uint64_t seed, bool ttl_first)
{
	static const char *const types[] = {"PTR", "ptr", "Ptr", "TYPE12"};

	*line = (struct line){.seed = seed, .ttl_first = ttl_first, .has_class = seed % 3 > 0};
	add_owner(line);
	add_fields(line, types, 4);
	if (random_below(&line->seed, 20) == 0)
		add(line, PICK(line, "@", "."));
	else
		add_name(line, 6);
	if (line->text[line->used - 1] != '.' && line->text[line->used - 1] != '@')
		add(line, PICK(line, "", "."));
	if (random_below(&line->seed, 4) == 0)
		add(line, PICK(line, " ", " ; a comment", "\t;x"));
}

static void ptr_lines_are_read_alike(void **state)
{
	struct line line, line_for_ldns;

	(void)state;
	for (uint64_t seed = 0; seed < LINES; seed++) {
		write_line(&line, seed, false);
		write_line(&line_for_ldns, seed, true);
		assert_alike(line.text, line_for_ldns.text);
	}
}

static void lines_of_other_types_are_read_alike(void **state)
{
	static const char *const lines[] = {
		"@ 5 IN NS a",
		"@ 5 IN SOA a b. 1 2 3 4 5",
		"a 5 IN CNAME b.c",
		"a 5 IN DNAME b.",
		"a 5 IN A 192.0.2.1",
		"a 5 IN AAAA 2001:db8::192.0.2.1",
		"a 5 IN MX 10 m",
		"a 5 IN TXT \"a b\" c \"\" \"d\\\"e\\\\f;g\" \\065\\255",
		"a 5 IN SRV 1 2 65535 h",
		"a 5 IN HINFO \"x y\" z",
		"a 5 IN NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .",
		"a 5 IN DS 60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118",
		"a 5 IN SSHFP 2 1 123456789abcdef67890123456789abcdef67890",
		"a 5 IN TLSA 3 1 1 d2abde24 0d7cd3ee",
		"a 5 IN DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
		"a 5 IN CAA 128 issue \"ca.example; x=y\"",
		"a 5 IN URI 10 1 \"http://a/b\"",
		"a 5 IN DNSKEY 257 3 8 AwEAAaz/ tAm8yTn4",
		"a 5 IN RRSIG PTR 8 6 86400 20300101000000 20260101000000 12345 b. AwEAAaz/",
		"a 5 IN NSEC b A NS SOA MX RRSIG NSEC TYPE1234",
		"a 5 IN NSEC3PARAM 1 0 12 AABBCCDD",
		"a 5 IN NSEC3 1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
		"a 5 IN RP m t",
		"a 5 IN AFSDB 1 a",
		"a 5 IN KX 1 a.",
		"a 5 IN CERT PGP 0 0 AQID",
		"a 5 IN CERT 1 2 RSASHA256 AQID",
		"a 5 IN APL 1:192.0.2.0/24 !2:2001:db8::/32",
		"a 5 IN LOC 42 21 54 N 71 06 18 W -24m 30m",
		"a 5 IN GPOS 1 2 3",
		"a 5 IN ISDN \"1\"",
		"a 5 IN ISDN 1 2",
		"a 5 IN EUI48 00-00-5e-00-53-2a",
		"a 5 IN EUI64 00-00-5e-ef-10-00-00-2a",
		"a 5 IN NID 10 0014:4fff:ff20:ee64",
		"a 5 IN L32 10 10.1.2.0",
		"a 5 IN L64 10 2001:0db8:1140:1000",
		"a 5 IN LP 10 l",
		"a 5 IN OPENPGPKEY AQIDBA==",
		"a 5 IN CSYNC 66 3 A NS AAAA",
		"a 5 IN ZONEMD 1 1 1 aabb",
		"a 5 IN CDS 0 0 0 00",
		"a 5 IN CDNSKEY 0 3 0 AA==",
		"a 5 IN IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG",
		"a 5 IN IPSECKEY 10 3 2 gw.example. AQNRU3mG",
		"a 5 IN HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx r.example.",
		"a 5 IN SVCB 1 b. alpn=h2,h3 port=443",
		"a 5 IN HTTPS 0 b.",
		"a 5 IN TYPE65280 \\# 4 0a000001",
		"a 5 IN A \\# 4 0a000001",
		"a 5 IN SPF \"v=spf1\"",
		"a 5 IN MINFO a b.",
		"a 5 IN PX 1 a b",
		"a 5 IN RT 1 a",
		"a 5 IN TALINK a b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_alike(lines[i], lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ptr_lines_are_read_alike),
		cmocka_unit_test(lines_of_other_types_are_read_alike),
	};

	return cmocka_run_group_tests_name("zonefile_compare", tests, NULL, NULL);
}
