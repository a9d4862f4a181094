/* SPDX-License-Identifier: BSD-3-Clause */
/* control/store/store_feed.c and store_walk.c: all of a zone, as store_each_rrset has it, and no
 * other.
 */
#include "tests/control/store_fixture.h"

#include "control/store/store_codec.h"
#include "control/store/store_feed.h"
#include "control/store/store_walk.h"
#include "tests/control/random_rrset.h"

#include <stdlib.h>
#include <string.h>

enum { ZONE = 7, NAMES = 600 };

/* What is told, as one text of octets; and how often by which call. */
struct told {
	uint8_t *octets;
	size_t bytes, capacity;
	unsigned hosts, owners, stop_after;
	bool lone_at_owner; /* a lone PTR record of a host was told as another owner */
};

static void note(struct told *told, const void *octets, size_t bytes)
{
	if (told->bytes + bytes > told->capacity) {
		told->capacity = 2 * (told->bytes + bytes);
		told->octets = realloc(told->octets, told->capacity);
		assert_non_null(told->octets);
	}
	memcpy(told->octets + told->bytes, octets, bytes);
	told->bytes += bytes;
}

static int note_rrset(void *context, const struct owner *owner, const struct rrset *rrset)
{
	uint8_t name[WIRE_NAME_MAX_BYTES];
	struct told *told = context;

	note(told, name, owner_write(owner, name));
	note(told, &rrset->type, sizeof(rrset->type));
	note(told, &rrset->ttl, sizeof(rrset->ttl));
	note(told, rrset->rdata, rrset->rdata_bytes);
	return 0;
}

static int note_stored(void *context, const struct owner *owner, const struct stored *stored)
{
	return note_rrset(context, owner, &stored->rrset);
}

static int tell_host(void *context, const struct prefix *host, uint32_t ttl, const uint8_t *target,
	size_t target_bytes)
{
	struct told *told = context;
	const struct owner owner = owner_from_prefix(host);
	struct rrset_buffer ptr = {.rdata = NULL};
	struct rrset view;

	assert_true(prefix_is_host(host));
	rrset_buffer_reset(&ptr, WIRE_TYPE_PTR, ttl);
	assert_int_equal(rrset_buffer_add(&ptr, target, (uint16_t)target_bytes), 0);
	view = rrset_buffer_view(&ptr);
	note_rrset(told, &owner, &view);
	rrset_buffer_free(&ptr);
	return ++told->hosts == told->stop_after ? 9 : 0;
}

static int tell_owner(
	void *context, const struct owner *owner, const struct rrset *rrsets, unsigned count)
{
	struct told *told = context;

	assert_true(count > 0);
	told->lone_at_owner |= count == 1 && rrsets->type == WIRE_TYPE_PTR && rrsets->count == 1 &&
		owner->rest_bytes == 0 && prefix_is_host(&owner->prefix);
	for (unsigned i = 0; i < count; i++)
		note_rrset(told, owner, &rrsets[i]);
	told->owners++;
	return 0;
}

static int feed_zone(const char *apex_text, struct told *told, size_t *rrsets)
{
	const struct store_feed feed = {tell_host, tell_owner, told};
	const struct prefix prefix = at(apex_text);
	const struct owner apex = owner_from_prefix(&prefix);

	return store_feed_zone(store, ZONE, &apex, &feed, rrsets, &failure);
}

static void put(uint32_t zone, const struct owner *owner, struct rrset_buffer *buffer)
{
	const struct stored stored = {.rrset = rrset_buffer_view(buffer)};

	ok(store_put_rrset(store, zone, owner, &stored, &failure));
	rrset_buffer_free(buffer);
}

/* One owner of the zone with one RRset or several, from a seed. */
static void put_any(uint64_t *seed, const struct prefix *zone)
{
	static const uint8_t rest[] = {2, '0', '7', 1, 'x'};
	static const uint16_t types[] = {WIRE_TYPE_A, WIRE_TYPE_TXT, WIRE_TYPE_NS};
	struct prefix host = *zone;
	struct owner owner;
	struct rrset_buffer ptr = random_below(seed, 4) ? ptr_set(300, "a.example.", NULL)
							: ptr_set(60, "a.", "b.example.", NULL);
	uint32_t number = random_below(seed, 4 * NAMES);

	host.bits = prefix_host_bits(zone->family);
	host.high |= zone->family == ARPA_FAMILY_IPV4 ? (uint64_t)number << 32 : 0;
	host.low |= zone->family == ARPA_FAMILY_IPV4 ? 0 : number;
	if (random_below(seed, 8) == 0)
		host = prefix_parent(&host);
	owner = owner_from_prefix(&host);
	if (random_below(seed, 8) == 0) {
		owner.rest = rest;
		owner.rest_bytes = sizeof(rest);
	}
	put(ZONE, &owner, &ptr);
	for (size_t i = 0; i < 3; i++)
		if (random_below(seed, 10) == 0) {
			struct rrset_buffer other = {.rdata = NULL};

			random_rrset(seed, types[i], &other);
			put(ZONE, &owner, &other);
		}
}

static void a_feed_tells_what_a_walk_visits(void **state)
{
	static const char *const zones[] = {"10.0.0.0/8", "2001:db8::/32"};

	(void)state;
	for (size_t z = 0; z < 2; z++) {
		struct told told = {.octets = NULL}, walked = {.octets = NULL};
		const struct prefix zone = at(zones[z]);
		uint64_t seed = z;
		size_t rrsets;

		store_fixture_tear_down(NULL);
		store_fixture_set_up(NULL);
		ok(store_begin(store, &failure));
		for (unsigned i = 0; i < NAMES; i++)
			put_any(&seed, &zone);
		for (unsigned next = ZONE - 1; next <= ZONE + 1; next += 2) {
			const struct owner owner = owner_from_prefix(&zone);
			struct rrset_buffer ptr = ptr_set(1, "of.another.zone.", NULL);

			put(next, &owner, &ptr);
		}
		for (unsigned committed = 0; committed < 2; committed++) {
			told.bytes = walked.bytes = told.hosts = told.owners = 0;
			ok(feed_zone(zones[z], &told, &rrsets));
			ok(store_each_rrset(
				store, ZONE, NULL, NULL, note_stored, &walked, &failure));
			assert_int_equal(rrsets, store_rrsets(store) - 2);
			assert_int_equal(told.bytes, walked.bytes);
			assert_memory_equal(told.octets, walked.octets, told.bytes);
			assert_true(told.hosts > NAMES / 4 && told.owners > NAMES / 4);
			assert_false(told.lone_at_owner);
			if (committed == 0)
				ok(store_commit(store, &failure));
		}
		free(told.octets);
		free(walked.octets);
	}
}

static void a_feed_stops_when_told(void **state)
{
	struct told told = {.stop_after = 3};
	const struct prefix zone = at("192.0.2.0/24");
	size_t rrsets;

	(void)state;
	ok(store_begin(store, &failure));
	for (uint64_t i = 0; i < 9; i++) {
		struct prefix host = zone;
		struct rrset_buffer ptr = ptr_set(1, "a.", NULL);
		struct owner owner;

		host.bits = 32;
		host.high |= i << 32;
		owner = owner_from_prefix(&host);
		put(ZONE, &owner, &ptr);
	}
	ok(store_commit(store, &failure));
	assert_int_equal(feed_zone("192.0.2.0/24", &told, &rrsets), 9);
	assert_int_equal(told.hosts, 3);
	free(told.octets);
}

static void put_written(struct store_writer *writer, uint32_t number, const char *name)
{
	const struct prefix host = {(UINT64_C(0xc0000200) + number) << 32, 0, ARPA_FAMILY_IPV4, 32};
	const struct owner owner = owner_from_prefix(&host);
	struct rrset_buffer ptr = ptr_set(number, name, NULL);
	const struct stored stored = {.rrset = rrset_buffer_view(&ptr)};
	uint8_t key[STORE_RRSET_KEY_MAX_BYTES];

	ok(store_writer_put(
		writer, key, store_write_rrset_key(&owner, WIRE_TYPE_PTR, key), &stored, &failure));
	rrset_buffer_free(&ptr);
}

/* In order and not, behind all that is there and before it. */
static void what_is_written_is_fed(void **state)
{
	struct told told = {.octets = NULL}, walked = {.octets = NULL};
	struct store_writer *writer;
	size_t rrsets;

	(void)state;
	for (uint32_t zone = ZONE + 1; zone >= ZONE; zone--) {
		ok(store_begin(store, &failure));
		ok(store_writer_open(store, zone, &writer, &failure));
		for (uint32_t i = 0; i < 256; i++)
			put_written(writer, i < 200 ? i : (i * 77) % 256, "a.example.");
		put_written(writer, 3, "instead.");
		store_writer_close(writer);
		ok(store_commit(store, &failure));
	}
	ok(feed_zone("192.0.2.0/24", &told, &rrsets));
	ok(store_each_rrset(store, ZONE, NULL, NULL, note_stored, &walked, &failure));
	assert_int_equal(rrsets, told.hosts);
	assert_true(told.hosts > 200 && told.hosts < 256);
	assert_int_equal(2 * rrsets, store_rrsets(store));
	assert_int_equal(told.bytes, walked.bytes);
	assert_memory_equal(told.octets, walked.octets, told.bytes);
	free(told.octets);
	free(walked.octets);
}

/* ---- Damage ---- */

/* Puts a key and a value as they are into an empty store, and feeds. */
static void assert_damaged(const char *key, size_t key_bytes, const char *rdata, size_t rdata_bytes,
	uint32_t ttl, const char *part)
{
	const struct stored stored = {.rrset = {.type = WIRE_TYPE_PTR,
					      .count = 1,
					      .ttl = ttl,
					      .rdata_bytes = (uint32_t)rdata_bytes,
					      .rdata = (const uint8_t *)rdata}};
	struct told told = {.octets = NULL};
	struct store_writer *writer;
	size_t rrsets;

	store_fixture_tear_down(NULL);
	store_fixture_set_up(NULL);
	ok(store_begin(store, &failure));
	ok(store_writer_open(store, ZONE, &writer, &failure));
	ok(store_writer_put(writer, (const uint8_t *)key, key_bytes, &stored, &failure));
	store_writer_close(writer);
	ok(store_commit(store, &failure));
	assert_int_equal(feed_zone("192.0.2.0/24", &told, &rrsets), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, part);
	assert_int_equal(told.hosts + told.owners, 0);
}

static void what_is_damaged_is_an_error(void **state)
{
	static const char key[] = "\4\300\0\2\1\40\0\0\14", rdata[] = "\0\5\3abc";

	(void)state;
	assert_damaged("\4\300\0\3\1\40\0\0\14", 9, rdata, 7, 60, "192.0.3.1 is outside its zone");
	assert_damaged("\5\300\0\2\1\40\0\0\14", 9, rdata, 7, 60, "a key is unreadable");
	assert_damaged("\4\300\0\2\1\41\0\0\14", 9, rdata, 7, 60, "a key is unreadable");
	assert_damaged("\4\300\0\2\1\40\1\0\14", 9, rdata, 7, 60, "a key is unreadable");
	assert_damaged("\14\14", 2, rdata, 7, 60, "a key is unreadable");
	assert_damaged("\4", 1, rdata, 7, 60, "a key is unreadable");
	assert_damaged(key, 9, rdata, 7, UINT32_C(1) << 31, "192.0.2.1 are unreadable");
	for (size_t cut = 0; cut < 7; cut++)
		assert_damaged(key, 9, rdata, cut, 60, "192.0.2.1 are unreadable");
	assert_damaged(key, 9, "\0\5\4abc", 7, 60, "192.0.2.1 are unreadable");
	assert_damaged(key, 9, "\0\5\300abc", 7, 60, "192.0.2.1 are unreadable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_feed_tells_what_a_walk_visits,
			store_fixture_set_up, store_fixture_tear_down),
		cmocka_unit_test_setup_teardown(
			a_feed_stops_when_told, store_fixture_set_up, store_fixture_tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_written_is_fed, store_fixture_set_up, store_fixture_tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_damaged_is_an_error, store_fixture_set_up, store_fixture_tear_down),
	};

	return cmocka_run_group_tests_name("store_feed", tests, NULL, NULL);
}
