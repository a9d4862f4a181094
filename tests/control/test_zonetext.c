/* SPDX-License-Identifier: BSD-3-Clause */
/* control/zonefile/zonetext.c: what is written is read back to the same octets. */
#include "tests/control/support.h"

#include "control/zonefile/zonetext.h"
#include "tests/control/random_rrset.h"
#include "tests/control/zone_digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 40 }; /* of each type */

/* The one RRset of a text, read back. */
struct read_back {
	struct owner owner;
	uint8_t name[WIRE_NAME_MAX_BYTES];
	struct rrset_buffer rrset;
	bool first;
};

static int collect(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct read_back *back = context;

	(void)failure;
	if (back->first)
		rrset_buffer_reset(&back->rrset, type, ttl);
	back->first = false;
	owner_from_name(back->name, owner_write(owner, back->name), &back->owner);
	assert_int_equal(back->rrset.type, type);
	assert_int_equal(back->rrset.ttl, ttl);
	assert_int_equal(rrset_buffer_add(&back->rrset, rdata, rdata_bytes), 0);
	return 0;
}

static void assert_reads_back(const struct owner *apex, const struct owner *owner,
	const struct rrset *rrset, const struct zonetext *text)
{
	struct read_back back = {.first = true};
	struct zonefile *zonefile = zonefile_new(apex, collect, &back);
	struct failure failure = {0};
	struct rrset view;

	if (zonefile_feed(zonefile, text->text, text->bytes, &failure) != 0 ||
		zonefile_finish(zonefile, &failure) != 0)
		fail_msg("%s: %.*s", failure.text, (int)text->bytes, text->text);
	view = rrset_buffer_view(&back.rrset);
	if (!owner_equal(owner, &back.owner) || !rrset_equal(rrset, &view))
		fail_msg("read back otherwise: %.*s", (int)text->bytes, text->text);
	rrset_buffer_free(&back.rrset);
	zonefile_free(zonefile);
}

static bool is_generic(const struct zonetext *text)
{
	return memmem(text->text, text->bytes, "\\# ", 3) != NULL;
}

/* Types that people read in files: never in \#, whatever they hold. */
static bool has_text_always(uint16_t type)
{
	static const uint16_t types[] = {1, 2, 5, 12, 15, 16, 28, 33, 35, 39, 43, 48, 52, 257};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i] == type)
			return true;
	return false;
}

/* Every type that a zone may hold of the first 300, and some beyond. */
static void round_trips(void **state)
{
	const struct prefix prefix = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&prefix);
	uint8_t zone[WIRE_NAME_MAX_BYTES], name[WIRE_NAME_MAX_BYTES];
	size_t zone_bytes = owner_write(&apex, zone);
	uint64_t seed = 20261123;
	struct rrset_buffer buffer = {0};
	struct zonetext text = {0};

	(void)state;
	for (uint32_t type = 1; type < 65535; type += type < 300 ? 1 : 977) {
		unsigned generic = 0;

		if (type == WIRE_TYPE_OPT ||
			(type >= WIRE_TYPE_META_FIRST && type <= WIRE_TYPE_ANY))
			continue;
		for (unsigned round = 0; round < ROUNDS; round++) {
			unsigned labels = type == WIRE_TYPE_SOA ? 0 : random_below(&seed, 8);
			size_t bytes = random_name(&seed, labels, zone, zone_bytes, name);
			struct owner owner;
			struct rrset rrset;

			owner_from_name(name, bytes, &owner);
			random_rrset(&seed, (uint16_t)type, &buffer);
			rrset = rrset_buffer_view(&buffer);
			zonetext_reset(&text);
			assert_int_equal(zonetext_write(&text, &owner, &rrset), 0);
			assert_reads_back(&apex, &owner, &rrset, &text);
			generic += is_generic(&text);
		}
		if (generic > 0 && has_text_always((uint16_t)type))
			fail_msg("type %u: %u of %d as octets", type, generic, ROUNDS);
	}
	rrset_buffer_free(&buffer);
	zonetext_free(&text);
}

static void expect(
	const char *zone, uint16_t type, const void *rdata, size_t bytes, const char *expected)
{
	const struct prefix prefix = at(zone);
	const struct owner owner = owner_from_prefix(&prefix);
	struct rrset_buffer buffer = {0};
	struct zonetext text = {0};
	struct rrset rrset;

	rrset_buffer_reset(&buffer, type, 300);
	assert_int_equal(rrset_buffer_add(&buffer, rdata, (uint16_t)bytes), 0);
	rrset = rrset_buffer_view(&buffer);
	assert_int_equal(zonetext_write(&text, &owner, &rrset), 0);
	assert_int_equal(zonetext_write(&text, &owner, &rrset), 0);
	assert_int_equal(text.bytes, 2 * strlen(expected));
	assert_memory_equal(text.text, expected, strlen(expected));
	assert_memory_equal(text.text + text.bytes / 2, expected, strlen(expected));
	rrset_buffer_free(&buffer);
	zonetext_free(&text);
}

static void lines_are_what_people_expect(void **state)
{
	(void)state;
	expect("192.0.2.7", 12, "\1a\7Example", 11,
		"7.2.0.192.in-addr.arpa.\t300\tIN\tPTR a.Example.\n");
	expect("2001:db8::/32", 1, "\300\0\2\1", 4,
		"8.b.d.0.1.0.0.2.ip6.arpa.\t300\tIN\tA 192.0.2.1\n");
	expect("192.0.2.7", 16, "\6a\"b\\;\377\0", 8,
		"7.2.0.192.in-addr.arpa.\t300\tIN\tTXT \"a\\\"b\\\\;\\255\" \"\"\n");
	expect("192.0.2.7", 43, "\0\1\10\2\253\315", 6,
		"7.2.0.192.in-addr.arpa.\t300\tIN\tDS 1 8 2 abcd\n");
	expect("192.0.2.7", 65280, "\1\2", 2,
		"7.2.0.192.in-addr.arpa.\t300\tIN\tTYPE65280 \\# 2 0102\n");
	expect("192.0.2.7", 42, "", 0, "7.2.0.192.in-addr.arpa.\t300\tIN\tAPL \\# 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_what_people_expect),
		cmocka_unit_test(round_trips),
	};

	return cmocka_run_group_tests_name("zonetext", tests, NULL, NULL);
}
