/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/arpa.c: round trips at every depth, what is no address, and ldns as the oracle. */
#include "dataplane/dns/arpa.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <string.h>

static uint64_t random_state = 20260101;

static uint64_t random_word(void)
{
	/* splitmix64: any fixed sequence will do, so that a failure can be had again. */
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static struct prefix random_host(uint8_t family)
{
	struct prefix p = {.high = random_word(), .low = random_word(), .family = family};

	if (family == ARPA_FAMILY_IPV4) {
		p.high &= UINT64_C(0xffffffff) << 32;
		p.low = 0;
	}
	p.bits = prefix_host_bits(family);
	return p;
}

/* Reads `text` (no escapes) and checks match, family, bits; returns the prefix. */
static struct prefix expect(const char *text, enum arpa_match match, uint8_t family, unsigned bits)
{
	struct prefix p = {.high = 77, .low = 88, .family = 99, .bits = 11};
	uint8_t name[255];
	size_t bytes = fixture_name(text, name);

	assert_int_equal(name_length(name, bytes), bytes);
	assert_int_equal(arpa_parse(name, bytes, &p), match);
	if (match == ARPA_NONE) {
		assert_int_equal(p.high, 77); /* untouched */
		assert_int_equal(p.family, 99);
	} else {
		assert_int_equal(p.family, family);
		assert_int_equal(p.bits, bits);
	}
	return p;
}

static void round_trip(const struct prefix *p)
{
	uint8_t name[ARPA_NAME_MAX_BYTES];
	size_t bytes = arpa_write(p, name);
	struct prefix back;

	assert_in_range(bytes, 10, ARPA_NAME_MAX_BYTES);
	assert_int_equal(arpa_name_length(p), bytes);
	assert_int_equal(name_length(name, bytes), bytes);
	assert_int_equal(arpa_parse(name, bytes, &back), ARPA_EXACT);
	assert_true(prefix_equal(&back, p));
	for (size_t i = 0; i < bytes; i++) {
		assert_int_equal(name[i], name_lower(name[i]));
		name[i] = (uint8_t)toupper(name[i]);
	}
	assert_int_equal(arpa_parse(name, bytes, &back), ARPA_EXACT);
	assert_true(prefix_equal(&back, p));
}

static void every_depth_round_trips(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 500; n++) {
		struct prefix p4 = random_host(ARPA_FAMILY_IPV4);
		struct prefix p6 = random_host(ARPA_FAMILY_IPV6);

		for (unsigned bits = 0; bits <= 32; bits += 8) {
			struct prefix cut = prefix_truncate(&p4, (uint8_t)bits);

			round_trip(&cut);
		}
		for (unsigned bits = 0; bits <= 128; bits += 4) {
			struct prefix cut = prefix_truncate(&p6, (uint8_t)bits);

			round_trip(&cut);
		}
	}
}

static void every_octet_and_nibble_round_trips(void **state)
{
	(void)state;
	for (unsigned value = 0; value < 256; value++)
		for (unsigned at = 0; at < 4; at++) {
			struct prefix p = {.high = (uint64_t)value << (56 - 8 * at),
				.family = ARPA_FAMILY_IPV4,
				.bits = 32};

			round_trip(&p);
		}
	for (unsigned value = 0; value < 16; value++)
		for (unsigned at = 0; at < 32; at++) {
			struct prefix p = {.family = ARPA_FAMILY_IPV6, .bits = 128};

			if (at < 16)
				p.high = (uint64_t)value << (60 - 4 * at);
			else
				p.low = (uint64_t)value << (124 - 4 * at);
			round_trip(&p);
		}
}

/* What ldns calls the reverse name of the address, in wire form. */
static size_t ldns_name(const struct prefix *p, uint8_t *name)
{
	uint8_t bytes[16];
	ldns_rdf *address, *reverse;
	size_t length;

	for (unsigned i = 0; i < 4; i++)
		wire_put32(
			bytes + 4 * i, (uint32_t)((i < 2 ? p->high : p->low) >> (i % 2 ? 0 : 32)));
	address = p->family == ARPA_FAMILY_IPV4
		? ldns_rdf_new_frm_data(LDNS_RDF_TYPE_A, 4, bytes)
		: ldns_rdf_new_frm_data(LDNS_RDF_TYPE_AAAA, 16, bytes);
	reverse = ldns_rdf_address_reverse(address);
	assert_non_null(reverse);
	length = ldns_rdf_size(reverse);
	memcpy(name, ldns_rdf_data(reverse), length);
	ldns_rdf_deep_free(reverse);
	ldns_rdf_deep_free(address);
	return length;
}

static void host_names_are_those_of_ldns(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		struct prefix p = random_host(n % 2 ? ARPA_FAMILY_IPV4 : ARPA_FAMILY_IPV6);
		uint8_t ours[ARPA_NAME_MAX_BYTES], theirs[255];
		struct prefix back;
		size_t bytes = ldns_name(&p, theirs);

		assert_int_equal(arpa_parse(theirs, bytes, &back), ARPA_EXACT);
		assert_true(prefix_equal(&back, &p));
		assert_int_equal(arpa_write(&p, ours), bytes);
		assert_memory_equal(ours, theirs, bytes);
	}
}

static void label_that_is_no_octet_makes_an_other_name(void **state)
{
	static const char *const label[] = {"00", "01", "001", "010", "000", "256", "260", "300",
		"999", "1000", "0255", "4294967297", "a", "1a", "a1", "-1", "+1", " 1", "1 ", "0x1",
		"*", "/", ":", "0/25", "0-127"};

	(void)state;
	for (size_t i = 0; i < sizeof(label) / sizeof(label[0]); i++) {
		char text[64];
		struct prefix p;

		snprintf(text, sizeof(text), "%s.2.0.192.in-addr.arpa", label[i]);
		p = expect(text, ARPA_BELOW, ARPA_FAMILY_IPV4, 24);
		assert_int_equal(p.high, UINT64_C(0xc0000200) << 32);
		snprintf(text, sizeof(text), "1.%s.0.192.in-addr.arpa", label[i]);
		p = expect(text, ARPA_BELOW, ARPA_FAMILY_IPV4, 16);
		assert_int_equal(p.high, UINT64_C(0xc0000000) << 32);
		snprintf(text, sizeof(text), "%s.in-addr.arpa", label[i]);
		expect(text, ARPA_BELOW, ARPA_FAMILY_IPV4, 0);
	}
}

static void label_that_is_no_nibble_makes_an_other_name(void **state)
{
	static const char *const label[] = {"00", "01", "10", "a0", "ff", "g", "G", "z", "-", "`",
		"@", "/", ":", "{", " ", "*", "\x80", "\xe1", "\xff", "\x01"};

	(void)state;
	for (size_t i = 0; i < sizeof(label) / sizeof(label[0]); i++) {
		char text[64];
		struct prefix p;

		snprintf(text, sizeof(text), "%s.8.b.d.0.1.0.0.2.ip6.arpa", label[i]);
		p = expect(text, ARPA_BELOW, ARPA_FAMILY_IPV6, 32);
		assert_int_equal(p.high, UINT64_C(0x20010db8) << 32);
		assert_int_equal(p.low, 0);
	}
}

static void every_octet_value_as_nibble_label(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		uint8_t name[] = "\1?\3ip6\4arpa";
		enum arpa_match match;
		struct prefix p;

		name[1] = (uint8_t)octet;
		match = arpa_parse(name, sizeof(name), &p);
		assert_int_equal(
			match, octet < 128 && isxdigit((int)octet) ? ARPA_EXACT : ARPA_BELOW);
	}
}

static void labels_below_a_host_make_an_other_name(void **state)
{
	char text[80] = "";

	(void)state;
	expect("5.1.2.0.192.in-addr.arpa", ARPA_BELOW, ARPA_FAMILY_IPV4, 32);
	expect("x.1.2.0.192.in-addr.arpa", ARPA_BELOW, ARPA_FAMILY_IPV4, 32);
	for (unsigned i = 0; i < 32; i++)
		memcpy(text + 2 * i, "1.", 2);
	strcpy(text + 64, "ip6.arpa");
	expect(text, ARPA_EXACT, ARPA_FAMILY_IPV6, 128);
	strcpy(text + 64, "1.ip6.arpa");
	expect(text, ARPA_BELOW, ARPA_FAMILY_IPV6, 128);
}

static void roots_are_prefixes_of_no_bits(void **state)
{
	(void)state;
	expect("in-addr.arpa", ARPA_EXACT, ARPA_FAMILY_IPV4, 0);
	expect("IP6.ARPA", ARPA_EXACT, ARPA_FAMILY_IPV6, 0);
	expect("iN-aDdR.aRpA", ARPA_EXACT, ARPA_FAMILY_IPV4, 0);
}

static void names_outside_the_trees_are_none(void **state)
{
	static const char *const text[] = {"", "arpa", "in-addr", "ip6", "in-addr.arpa.x",
		"1.in-addr.arp", "1.ip6.int", "1.in_addr.arpa", "1.in-addrs.arpa",
		"1.xin-addr.arpa", "1.ip6-arpa", "e164.arpa", "example.net"};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		expect(text[i], ARPA_NONE, 0, 0);
}

static void suffix_inside_a_label_is_no_suffix(void **state)
{
	static const uint8_t one[] = "\1"
				     "1\16\7in-addr\4arpa"; /* a label of 14: 7in-addr4arpa, NUL */
	static const uint8_t inner[] = "\12"
				       "1\7in-addr"
				       "\4arpa"; /* a label of 10 before arpa */
	static const uint8_t six[] = "\5x\3ip6\4arpa";
	struct prefix p;
	uint8_t name[32];

	(void)state;
	memcpy(name, one, sizeof(one));
	name[2 + 15] = 0; /* the label's last octet is the suffix's NUL; the root follows */
	assert_int_equal(name_length(name, 18), 18);
	assert_int_equal(arpa_parse(name, 18, &p), ARPA_NONE);
	assert_int_equal(arpa_parse(inner, name_length(inner, sizeof(inner)), &p), ARPA_NONE);
	assert_int_equal(arpa_parse(six, name_length(six, sizeof(six)), &p), ARPA_NONE);
}

static void suffix_is_taken_at_the_end_alone(void **state)
{
	struct prefix p = expect(
		"1.2.0.192.in-addr.arpa.5.0.10.in-addr.arpa", ARPA_BELOW, ARPA_FAMILY_IPV4, 24);

	(void)state;
	assert_int_equal(p.high, UINT64_C(0x0a000500) << 32);
	expect("1.in-addr.arpa.8.b.d.0.1.0.0.2.ip6.arpa", ARPA_BELOW, ARPA_FAMILY_IPV6, 32);
}

static void longest_names_are_read(void **state)
{
	uint8_t name[255];
	struct prefix p;
	size_t at = 0;

	(void)state;
	/* 120 labels of one octet above in-addr.arpa: 254 bytes, as many labels as there can be. */
	for (unsigned i = 0; i < 120; i++) {
		name[at++] = 1;
		name[at++] = '7';
	}
	memcpy(name + at, "\7in-addr\4arpa", 14);
	assert_int_equal(name_length(name, sizeof(name)), 254);
	assert_int_equal(arpa_parse(name, 254, &p), ARPA_BELOW);
	assert_int_equal(p.bits, 32);
	for (at = 0; at < 254; at += 2)
		memcpy(name + at,
			"\1"
			"7",
			2);
	name[254] = 0;
	assert_int_equal(arpa_parse(name, 255, &p), ARPA_NONE);
}

static void truncation_clears_every_bit_past_the_prefix(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits <= 128; bits++) {
		struct prefix all = {UINT64_MAX, UINT64_MAX, ARPA_FAMILY_IPV6, 128};
		struct prefix cut = prefix_truncate(&all, (uint8_t)bits);

		assert_int_equal(
			__builtin_popcountll(cut.high) + __builtin_popcountll(cut.low), bits);
		assert_int_equal(cut.bits, bits);
		assert_true(prefix_contains(&cut, &all));
		assert_true(prefix_contains(&cut, &cut));
		assert_int_equal(prefix_contains(&all, &cut), bits == 128);
		if (bits > 0) {
			/* Another prefix of this length, one bit apart, contains nothing of it. */
			struct prefix other = cut;

			if (bits <= 64)
				other.high ^= UINT64_C(1) << (64 - bits);
			else
				other.low ^= UINT64_C(1) << (128 - bits);
			assert_false(prefix_contains(&other, &all));
			assert_false(prefix_equal(&other, &cut));
		}
	}
}

static void families_do_not_contain_each_other(void **state)
{
	struct prefix four = fixture_prefix("0.0.0.0", 0), six = fixture_prefix("::", 0);
	struct prefix host4 = fixture_prefix("192.0.2.1", 32),
		      host6 = fixture_prefix("2001:db8::1", 128);

	(void)state;
	assert_true(prefix_contains(&four, &host4));
	assert_true(prefix_contains(&six, &host6));
	assert_false(prefix_contains(&four, &host6));
	assert_false(prefix_contains(&six, &host4));
	assert_false(prefix_equal(&four, &six));
	assert_true(prefix_is_host(&host4));
	assert_true(prefix_is_host(&host6));
	assert_false(prefix_is_host(&four));
}

static void parent_is_one_label_up(void **state)
{
	struct prefix p = fixture_prefix("192.0.2.1", 32), up = prefix_parent(&p);
	struct prefix want = fixture_prefix("192.0.2.0", 24);

	(void)state;
	assert_true(prefix_equal(&up, &want));
	p = fixture_prefix("2001:db8::1", 128);
	up = prefix_parent(&p);
	want = fixture_prefix("2001:db8::", 124);
	assert_true(prefix_equal(&up, &want));
	for (unsigned bits = 0; bits <= 32; bits++)
		assert_int_equal(arpa_on_label(ARPA_FAMILY_IPV4, (uint8_t)bits), bits % 8 == 0);
	for (unsigned bits = 0; bits <= 128; bits++)
		assert_int_equal(arpa_on_label(ARPA_FAMILY_IPV6, (uint8_t)bits), bits % 4 == 0);
}

/* Each octet of the suffix changed in turn, and the same octets inside a label. */
static void nearly_the_suffix_is_none(void **state)
{
	static const char *const names[] = {"1.in-addr.arpa", "1.ip6.arpa"};

	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		uint8_t name[32];
		size_t bytes = fixture_name(names[n], name);

		for (size_t at = 2; at < bytes - 1; at++) {
			struct prefix p;
			uint8_t kept = name[at];

			/* Lengths stay, or the name would be another. */
			if (kept < ' ')
				continue;
			for (unsigned octet = 0; octet < 256; octet++) {
				name[at] = (uint8_t)octet;
				assert_int_equal(arpa_parse(name, bytes, &p),
					name_lower((uint8_t)octet) == kept ? ARPA_EXACT
									   : ARPA_NONE);
			}
			name[at] = kept;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_depth_round_trips),
		cmocka_unit_test(every_octet_and_nibble_round_trips),
		cmocka_unit_test(host_names_are_those_of_ldns),
		cmocka_unit_test(label_that_is_no_octet_makes_an_other_name),
		cmocka_unit_test(label_that_is_no_nibble_makes_an_other_name),
		cmocka_unit_test(every_octet_value_as_nibble_label),
		cmocka_unit_test(labels_below_a_host_make_an_other_name),
		cmocka_unit_test(roots_are_prefixes_of_no_bits),
		cmocka_unit_test(names_outside_the_trees_are_none),
		cmocka_unit_test(suffix_inside_a_label_is_no_suffix),
		cmocka_unit_test(suffix_is_taken_at_the_end_alone),
		cmocka_unit_test(longest_names_are_read),
		cmocka_unit_test(truncation_clears_every_bit_past_the_prefix),
		cmocka_unit_test(families_do_not_contain_each_other),
		cmocka_unit_test(parent_is_one_label_up),
		cmocka_unit_test(nearly_the_suffix_is_none),
	};

	return cmocka_run_group_tests_name("dns/arpa", tests, NULL, NULL);
}
