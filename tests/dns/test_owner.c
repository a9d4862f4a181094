/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/owner.c: keys of names and back, ancestors at every depth, against plain walks of labels. */
#include "dataplane/dns/owner.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <string.h>

struct example {
	const char *name;
	uint8_t family, bits, rest_bytes;
	unsigned depth;
};

static const struct example examples[] = {
	{"", 0, 0, 0, 0},
	{"arpa", 0, 0, 5, 1},
	{"in-addr", 0, 0, 8, 1},
	{"example.net", 0, 0, 12, 2},
	{"in-addr.arpa.example", 0, 0, 21, 3},
	{"in-addr.arpa", 4, 0, 0, 2},
	{"192.in-addr.arpa", 4, 8, 0, 3},
	{"2.0.192.in-addr.arpa", 4, 24, 0, 5},
	{"1.2.0.192.in-addr.arpa", 4, 32, 0, 6},
	{"5.1.2.0.192.in-addr.arpa", 4, 32, 2, 7},
	{"01.2.0.192.in-addr.arpa", 4, 24, 3, 6},
	{"1.02.0.192.in-addr.arpa", 4, 16, 5, 6},
	{"256.in-addr.arpa", 4, 0, 4, 3},
	{"0/25.2.0.192.in-addr.arpa", 4, 24, 5, 6},
	{"_dns-sd._udp.192.in-addr.arpa", 4, 8, 13, 5},
	{"ip6.arpa", 6, 0, 0, 2},
	{"8.b.d.0.1.0.0.2.ip6.arpa", 6, 32, 0, 10},
	{"g.8.b.d.0.1.0.0.2.ip6.arpa", 6, 32, 2, 11},
	{"10.ip6.arpa", 6, 0, 3, 3},
};

enum { EXAMPLES = sizeof(examples) / sizeof(examples[0]) };

static void names_are_cut_at_the_longest_prefix(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EXAMPLES; i++) {
		const struct example *e = &examples[i];
		struct fixture_owner o;

		fixture_owner(&o, e->name);
		assert_int_equal(o.owner.prefix.family, e->family);
		assert_int_equal(o.owner.prefix.bits, e->bits);
		assert_int_equal(o.owner.rest_bytes, e->rest_bytes);
		assert_int_equal(owner_depth(&o.owner), e->depth);
	}
}

static void names_are_written_back_in_lower_case(void **state)
{
	static const uint8_t mixed[] = "\2Ab\003192\7IN-ADDR\4aRPa";
	uint8_t name[255], back[255];
	struct owner owner;

	(void)state;
	for (unsigned i = 0; i < EXAMPLES; i++) {
		size_t bytes = fixture_name(examples[i].name, name);

		owner_from_name(name, bytes, &owner);
		assert_int_equal(owner_name_bytes(&owner), bytes);
		assert_int_equal(owner_write(&owner, back), bytes);
		assert_memory_equal(back, name, bytes);
	}
	owner_from_name(mixed, sizeof(mixed), &owner);
	assert_int_equal(owner_write(&owner, back), sizeof(mixed));
	assert_memory_equal(back, "\2ab\003192\7in-addr\4arpa", sizeof(mixed));
}

/* Octets that are letters to no one: NUL, dots, 0xff, a label of 63. */
static void labels_are_octets(void **state)
{
	static const uint8_t name[] = "\3a\0b\1.\2\xff\xc0\7in-addr\4arpa";
	uint8_t longest[255], back[255];
	struct owner owner;

	(void)state;
	owner_from_name(name, sizeof(name), &owner);
	assert_int_equal(owner.rest_bytes, 9);
	assert_int_equal(owner_depth(&owner), 5);
	assert_int_equal(owner_write(&owner, back), sizeof(name));
	assert_memory_equal(back, name, sizeof(name));
	/* 127 labels of one octet. */
	for (unsigned i = 0; i < 254; i += 2)
		memcpy(longest + i, "\1L", 2);
	longest[254] = 0;
	owner_from_name(longest, sizeof(longest), &owner);
	assert_int_equal(owner.rest_bytes, 254);
	assert_int_equal(owner_depth(&owner), OWNER_LABELS_MAX);
	assert_int_equal(owner_write(&owner, back), 255);
	assert_true(name_equal(longest, back));
}

/* Each ancestor is the key of the name without its first labels. */
static void ancestors_are_the_names_above(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EXAMPLES; i++) {
		const char *text = examples[i].name;
		struct fixture_owner o, want;
		struct owner at, got;

		fixture_owner(&o, text);
		at = o.owner;
		for (unsigned depth = examples[i].depth;; depth--) {
			fixture_owner(&want, text);
			got = owner_ancestor(&o.owner, depth);
			assert_true(owner_equal(&got, &want.owner));
			assert_true(owner_equal(&at, &want.owner));
			assert_int_equal(owner_depth(&got), depth);
			assert_true(owner_contains(&got, &o.owner));
			assert_int_equal(
				owner_contains(&o.owner, &got), depth == examples[i].depth);
			/* Tops: the root, in-addr.arpa, ip6.arpa; and the root is no name's parent.
			 */
			if (depth == 0 || (at.prefix.family && depth == 2)) {
				assert_false(owner_parent(&at, &at));
				break;
			}
			assert_int_equal(owner_parent(&at, &at), depth > 1);
			text += strcspn(text, ".");
			text += *text == '.';
		}
	}
}

static void ancestors_of_the_longest_names(void **state)
{
	struct prefix host = fixture_prefix("2001:db8::1", 128);
	struct owner owner = owner_from_prefix(&host), got;

	(void)state;
	assert_int_equal(owner_depth(&owner), 34);
	for (unsigned depth = 2; depth <= 34; depth++) {
		got = owner_ancestor(&owner, depth);
		assert_int_equal(got.prefix.bits, 4 * (depth - 2));
		assert_int_equal(got.rest_bytes, 0);
		assert_true(prefix_contains(&got.prefix, &host));
	}
}

static void equality_is_without_case_and_of_all_parts(void **state)
{
	static const char *const different[] = {"ab.192.in-addr.arpa", "ac.192.in-addr.arpa",
		"abc.192.in-addr.arpa", "ab.193.in-addr.arpa", "ab.in-addr.arpa", "ab.ip6.arpa",
		"ab.arpa", "192.in-addr.arpa", "ab"};
	enum { COUNT = sizeof(different) / sizeof(different[0]) };
	struct fixture_owner a, b;

	(void)state;
	for (unsigned i = 0; i < COUNT; i++)
		for (unsigned k = 0; k < COUNT; k++) {
			fixture_owner(&a, different[i]);
			fixture_owner(&b, different[k]);
			assert_int_equal(owner_equal(&a.owner, &b.owner), i == k);
		}
	fixture_owner(&a, "aZ[@.192.in-addr.arpa");
	fixture_owner(&b, "Az[@.192.in-addr.arpa");
	assert_true(owner_equal(&a.owner, &b.owner));
	fixture_owner(&b, "Az{`.192.in-addr.arpa"); /* 32 more, but no letters */
	assert_false(owner_equal(&a.owner, &b.owner));
}

static void what_contains_what(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool contains;
	} cases[] = {
		{"", "", true},
		{"", "net", true},
		{"", "1.2.0.192.in-addr.arpa", true},
		{"net", "", false},
		{"net", "example.net", true},
		{"net", "example.org", false},
		{"arpa", "192.in-addr.arpa", false}, /* the trees of addresses are apart */
		{"192.in-addr.arpa", "192.ip6.arpa", false},
		{"192.in-addr.arpa", "2.192.in-addr.arpa", true},
		{"192.in-addr.arpa", "x.192.in-addr.arpa", true},
		{"192.in-addr.arpa", "x.2.192.in-addr.arpa", true},
		{"192.in-addr.arpa", "x.193.in-addr.arpa", false},
		{"x.192.in-addr.arpa", "2.192.in-addr.arpa", false},
		{"x.192.in-addr.arpa", "y.X.192.in-addr.arpa", true},
		{"x.192.in-addr.arpa", "y.z.192.in-addr.arpa", false},
		{"x.192.in-addr.arpa", "1.2.0.192.in-addr.arpa", false},
		{"2.192.in-addr.arpa", "x.192.in-addr.arpa", false},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_owner outer, inner;

		fixture_owner(&outer, cases[i].outer);
		fixture_owner(&inner, cases[i].inner);
		assert_int_equal(owner_contains(&outer.owner, &inner.owner), cases[i].contains);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cut_at_the_longest_prefix),
		cmocka_unit_test(names_are_written_back_in_lower_case),
		cmocka_unit_test(labels_are_octets),
		cmocka_unit_test(ancestors_are_the_names_above),
		cmocka_unit_test(ancestors_of_the_longest_names),
		cmocka_unit_test(equality_is_without_case_and_of_all_parts),
		cmocka_unit_test(what_contains_what),
	};

	return cmocka_run_group_tests_name("dns/owner", tests, NULL, NULL);
}
