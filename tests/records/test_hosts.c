/* SPDX-License-Identifier: BSD-3-Clause */
/* records/hosts.h, hosts_writer.c, hosts_pool.c: pages as pure functions, against a plain list. */
#include "dataplane/records/hosts_pool.h"
#include "dataplane/records/hosts_writer.h"
#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a page is to hold. */
struct list {
	struct {
		bool present;
		uint32_t ttl;
		uint8_t bytes;
		uint8_t name[HOSTS_NAME_MAX_BYTES];
	} host[HOSTS_MAX];
};

static uint64_t random_state;

static unsigned random_below(unsigned limit)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned)((z ^ z >> 31) % limit);
}

static struct prefix any_key(bool ipv6)
{
	struct prefix host = fixture_prefix(ipv6 ? "2001:db8::ab00" : "192.0.2.0", ipv6 ? 128 : 32);

	return hosts_key(&host);
}

/* ---- Names ---- */

/* One of a few suffixes, or, of suffix 0, none but the root. Returns the name's length. */
static uint8_t put_name(uint8_t name[HOSTS_NAME_MAX_BYTES], unsigned head_labels, unsigned suffix)
{
	static const char *const suffixes[] = {"", "pool.example.net", "a.b", "c"};
	uint8_t end[32];
	size_t bytes = fixture_name(suffixes[suffix], end), at = 0;

	for (; head_labels > 0; head_labels--) {
		size_t room = HOSTS_NAME_MAX_BYTES - bytes - at;
		size_t label = room < 2 ? 0 : 1 + random_below(room > 21 ? 20 : (unsigned)room - 1);

		if (label == 0)
			break;
		name[at++] = (uint8_t)label;
		for (size_t i = 0; i < label; i++)
			name[at++] = (uint8_t)random_below(256);
	}
	memcpy(name + at, end, bytes);
	return (uint8_t)(at + bytes);
}

/* Any name of exactly so many bytes; two bytes are a label of one and no name. */
static uint8_t put_exact(uint8_t name[HOSTS_NAME_MAX_BYTES], unsigned bytes)
{
	memset(name, 'x', bytes);
	name[bytes - 1] = 0;
	if (bytes > 1)
		name[0] = (uint8_t)(bytes - 2);
	return (uint8_t)bytes;
}

/* What random names are like for a while: pages have habits. */
struct habit {
	unsigned common; /* of 8 names, so many end in `suffix` */
	unsigned suffix, ttls;
};

static void random_host(struct list *list, unsigned number, const struct habit *habit)
{
	uint8_t *name = list->host[number].name;

	list->host[number].present = true;
	list->host[number].ttl = random_below(habit->ttls) * 0x01020304;
	if (random_below(8) < habit->common)
		list->host[number].bytes = put_name(name, random_below(4), habit->suffix);
	else if (random_below(2))
		list->host[number].bytes = put_name(name, random_below(4), random_below(4));
	else
		list->host[number].bytes = put_exact(
			name, random_below(8) ? 3 + random_below(62) : random_below(2) * 63 + 1);
}

/* ---- Pages and the list ---- */

/*
 * The record as workers write it, into as few bytes as they may: AddressSanitizer sees whether that
 * reads or writes further.
 */
static void check_written(
	const struct host_ptr *ptr, uint32_t ttl, const uint8_t *name, uint8_t bytes)
{
	uint8_t rr[2 + WIRE_RR_FIXED] = {0xc0, 0x0c, 0, 12, 0, 1};
	uint8_t *written = malloc(host_ptr_bytes(ptr) + HOSTS_COPY_BYTES - 1);

	assert_non_null(written);
	assert_int_equal(host_ptr_bytes(ptr), sizeof(rr) + bytes);
	wire_put32(rr + 6, ttl);
	wire_put16(rr + 10, bytes);
	hosts_write(written, ptr);
	assert_memory_equal(written, rr, sizeof(rr));
	assert_memory_equal(written + sizeof(rr), name, bytes);
	free(written);
}

static void check_host(const struct hosts *page, const struct list *list, unsigned number)
{
	const uint8_t *entry = hosts_entry(page, number);
	const struct host_ptr ptr = hosts_read(page, entry);

	check_written(
		&ptr, list->host[number].ttl, list->host[number].name, list->host[number].bytes);
	assert_true(entry >= page->entry);
	assert_true(ptr.head + ptr.head_bytes <= entry + page->stride);
	assert_true(entry + page->stride + HOSTS_COPY_BYTES <=
		(const uint8_t *)page + hosts_bytes(page));
}

static void check_page(const struct hosts *page, const struct prefix *key, const struct list *list)
{
	struct prefix its = hosts_page_key(page);
	unsigned count = 0;

	assert_true(prefix_equal(&its, key));
	for (unsigned i = 0; i < HOSTS_MAX; i++) {
		assert_int_equal(hosts_have(page, i), list->host[i].present);
		if (!list->host[i].present)
			continue;
		assert_int_equal(hosts_rank(page, i), count);
		check_host(page, list, i);
		count++;
	}
	assert_int_equal(hosts_count(page), count);
	for (unsigned first = 0; first < HOSTS_MAX; first += 16) {
		bool any = false;

		for (unsigned i = 0; i < 16; i++)
			any |= list->host[first + i].present;
		assert_int_equal(hosts_have_nibble(page, first), any);
	}
}

static void put_in(struct hosts_edit *edit, const struct list *list, unsigned number)
{
	hosts_edit_put(edit, number, list->host[number].ttl, list->host[number].name,
		list->host[number].bytes);
}

/* A page of all that the list has, from nothing. */
static struct hosts *page_of(
	struct hosts_pool *pool, const struct prefix *key, const struct list *list)
{
	struct hosts_edit edit;

	hosts_edit_begin(&edit, key, NULL);
	for (unsigned i = 0; i < HOSTS_MAX; i++)
		if (list->host[i].present)
			put_in(&edit, list, i);
	return hosts_edit_finish(&edit, pool);
}

/* ---- Random edits ---- */

/* Puts, replacements and removals, some of a host twice; in `puts` of 16 cases the former. */
static void random_edit(
	struct hosts_edit *edit, struct list *list, const struct habit *habit, unsigned puts)
{
	for (unsigned n = 1 + random_below(random_below(4) ? 3 : 64); n > 0; n--) {
		unsigned number = random_below(HOSTS_MAX);

		if (random_below(16) < puts) {
			random_host(list, number, habit);
			put_in(edit, list, number);
		} else {
			assert_int_equal(
				hosts_edit_remove(edit, number), list->host[number].present);
			list->host[number].present = false;
		}
	}
}

/* The old page stays as it was until it is freed, after the new one was made from it. */
static void random_life(bool ipv6, unsigned edits)
{
	static struct list list, before;
	static const unsigned puts[] = {15, 1, 12, 4, 8};
	const struct prefix key = any_key(ipv6);
	struct hosts_pool *pool = hosts_pool_new();
	struct hosts *page = NULL;
	struct habit habit = {8, 1, 1};

	assert_non_null(pool);
	memset(&list, 0, sizeof(list));
	for (unsigned i = 0; i < edits; i++) {
		struct hosts_edit edit;
		struct hosts *next = NULL;

		if (i % 64 == 0)
			habit = (struct habit){
				random_below(9), random_below(4), 1 + random_below(3)};
		before = list;
		hosts_edit_begin(&edit, &key, page);
		random_edit(&edit, &list, &habit, puts[i / 128 % 5]);
		if (!hosts_edit_empty(&edit)) {
			next = hosts_edit_finish(&edit, pool);
			assert_non_null(next);
			check_page(next, &key, &list);
		}
		if (page)
			check_page(page, &key, &before);
		hosts_free(page);
		page = next;
	}
	hosts_free(page);
	hosts_pool_free(pool);
}

static void random_edits_agree_with_a_list(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 4; seed++) {
		random_state = seed;
		random_life(seed % 2, 1500);
	}
}

/* ---- Single properties ---- */

static void all_256_hosts_and_names_of_every_length_fit(void **state)
{
	static struct list list;
	struct hosts_pool *pool = hosts_pool_new();
	const struct prefix key = any_key(false);
	struct hosts *page;

	(void)state;
	for (unsigned i = 0; i < HOSTS_MAX; i++) {
		unsigned bytes = 1 + i % HOSTS_NAME_MAX_BYTES;

		list.host[i].present = true;
		list.host[i].ttl = i < 128 ? 0x7fffffff : i;
		list.host[i].bytes = put_exact(list.host[i].name, bytes == 2 ? 1 : bytes);
	}
	page = page_of(pool, &key, &list);
	check_page(page, &key, &list);
	assert_int_equal(page->rank[2], 192);
	assert_int_equal(page->stride, 1 + 4 + 63);
	hosts_free(page);
	hosts_pool_free(pool);
}

static void an_edit_that_leaves_nothing_is_empty(void **state)
{
	static struct list list;
	struct hosts_pool *pool = hosts_pool_new();
	const struct prefix key = any_key(true);
	struct hosts_edit edit;
	struct hosts *page;

	(void)state;
	list.host[7].present = true;
	list.host[7].bytes = put_exact(list.host[7].name, 1);
	page = page_of(pool, &key, &list);
	assert_int_equal(page->stride, 1);
	hosts_edit_begin(&edit, &key, page);
	assert_false(hosts_edit_empty(&edit));
	assert_false(hosts_edit_remove(&edit, 8));
	assert_true(hosts_edit_remove(&edit, 7));
	assert_true(hosts_edit_empty(&edit));
	hosts_edit_put(&edit, 8, 1, (const uint8_t *)"", 1);
	assert_true(hosts_edit_remove(&edit, 8));
	assert_false(hosts_edit_remove(&edit, 8));
	assert_true(hosts_edit_empty(&edit));
	hosts_free(page);
	hosts_free(NULL);
	hosts_pool_free(pool);
	hosts_pool_free(NULL);
}

/* Only an address that is all of the name has a place, and only one short PTR record fits. */
static void pages_are_for_hosts_with_one_ptr_record(void **state)
{
	struct rrset set = {WIRE_TYPE_PTR, 1, 0, 2 + HOSTS_NAME_MAX_BYTES, NULL};
	struct fixture_owner o;

	(void)state;
	fixture_owner(&o, "1.2.0.192.in-addr.arpa");
	assert_true(hosts_may_hold(&o.owner));
	fixture_owner(&o, "x.1.2.0.192.in-addr.arpa");
	assert_false(hosts_may_hold(&o.owner));
	fixture_owner(&o, "2.0.192.in-addr.arpa");
	assert_false(hosts_may_hold(&o.owner));
	fixture_owner(&o, "example.net");
	assert_false(hosts_may_hold(&o.owner));
	assert_true(hosts_fit(&set));
	set.rdata_bytes++;
	assert_false(hosts_fit(&set));
	set = (struct rrset){WIRE_TYPE_PTR, 2, 0, 10, NULL};
	assert_false(hosts_fit(&set));
	set = (struct rrset){WIRE_TYPE_SOA, 1, 0, 10, NULL};
	assert_false(hosts_fit(&set));
}

/* ---- Shared parts ---- */

static void pages_share_their_common_part_while_any_has_it(void **state)
{
	static struct list list;
	struct hosts_pool *pool = hosts_pool_new();
	struct prefix key = any_key(true);
	struct hosts *page[1000];
	const struct hosts_shared *shared;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char text[] = "h0.pool.example.net";

		text[1] = (char)('0' + i);
		list.host[i].present = true;
		list.host[i].bytes = (uint8_t)fixture_name(text, list.host[i].name);
	}
	for (unsigned i = 0; i < 1000; i++) {
		key.low += 256;
		list.host[0].ttl = list.host[1].ttl = list.host[2].ttl = i / 2;
		page[i] = page_of(pool, &key, &list);
		assert_int_equal(page[i]->stride, page[0]->stride);
	}
	for (unsigned i = 0; i < 1000; i += 2)
		assert_ptr_equal(page[i]->shared, page[i + 1]->shared);
	assert_ptr_not_equal(page[0]->shared, page[2]->shared);
	/* The same is found again though it is asked for by its bytes. */
	shared = hosts_pool_take(pool, 0, page[0]->shared->suffix, page[0]->shared->suffix_bytes);
	assert_ptr_equal(shared, page[0]->shared);
	for (unsigned i = 0; i < 1000; i++)
		hosts_free(page[i]);
	assert_int_equal(shared->suffix_bytes, 1 + 4 + 1 + 7 + 1 + 3 + 1); /* it lives */
	hosts_shared_drop(shared);
	hosts_pool_free(pool); /* its assertion: nothing is left in it */
}

/* Every allocation fails in turn, of a page from nothing, a copy, and one laid out afresh. */
static void without_memory_there_is_no_page_and_nothing_is_lost(void **state)
{
	static struct list list;
	struct hosts_pool *pool = NULL;
	const struct prefix key = any_key(false);
	struct hosts *page = NULL;
	unsigned failures = 0;

	(void)state;
	random_state = 6;
	memset(&list, 0, sizeof(list));
	for (; !pool; failures++) {
		memory_fail_after(failures);
		pool = hosts_pool_new();
		assert_int_equal(memory_fail_never(), pool == NULL);
	}
	assert_int_equal(failures, 1 + 2);
	for (unsigned i = 0; i < 200; i++) {
		struct hosts_edit edit;
		struct hosts *next = NULL;

		random_host(&list, i, &(struct habit){4, 1, 2});
		hosts_edit_begin(&edit, &key, page);
		put_in(&edit, &list, i);
		for (failures = 0; !next; failures++) {
			memory_fail_after(failures);
			next = hosts_edit_finish(&edit, pool);
			assert_int_equal(memory_fail_never(), next == NULL);
		}
		/* The page; where it is laid out afresh its shared part may be new. */
		assert_in_range(failures, 1 + 1, 1 + 2);
		check_page(next, &key, &list);
		hosts_free(page);
		page = next;
	}
	hosts_free(page);
	hosts_pool_free(pool);
}

/* The pool's chains stay as they are when there is no memory for more. */
static void a_pool_that_cannot_grow_goes_on(void **state)
{
	struct hosts_pool *pool = hosts_pool_new();
	const struct hosts_shared *shared[1000];

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		memory_fail_after(i < 500 ? 1 : 1000);
		shared[i] = hosts_pool_take(pool, i, (const uint8_t *)"", 1);
		memory_fail_never();
		assert_non_null(shared[i]);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		assert_ptr_equal(hosts_pool_take(pool, i, (const uint8_t *)"", 1), shared[i]);
		hosts_shared_drop(shared[i]);
		hosts_shared_drop(shared[i]);
	}
	hosts_pool_free(pool);
}

/* ---- Size ---- */

/* A full page of names of 27 wire bytes: what one record costs, the shared part left aside. */
static double bytes_a_record(const char *format)
{
	static struct list list;
	struct hosts_pool *pool = hosts_pool_new();
	const struct prefix key = any_key(false);
	struct hosts *page;
	double bytes;

	for (unsigned i = 0; i < HOSTS_MAX; i++) {
		char text[64];

		snprintf(text, sizeof(text), format, i * 167 % 1000, i);
		list.host[i].present = true;
		list.host[i].ttl = 3600;
		list.host[i].bytes = (uint8_t)fixture_name(text, list.host[i].name);
		assert_int_equal(list.host[i].bytes, 27);
	}
	page = page_of(pool, &key, &list);
	check_page(page, &key, &list);
	bytes = (double)hosts_bytes(page) / HOSTS_MAX;
	hosts_free(page);
	hosts_pool_free(pool);
	return bytes;
}

static void records_cost_little_more_than_what_tells_them_apart(void **state)
{
	(void)state;
	assert_true(bytes_a_record("h%03ux-192-0-2-%03u.example") <= 20);
	assert_true(bytes_a_record("h%03u.p-192-0-%03u.exampl.n") <= 20);
	assert_true(bytes_a_record("h%03ux-192-0-2-exampl-n%03u") <= 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_edits_agree_with_a_list),
		cmocka_unit_test(all_256_hosts_and_names_of_every_length_fit),
		cmocka_unit_test(an_edit_that_leaves_nothing_is_empty),
		cmocka_unit_test(pages_are_for_hosts_with_one_ptr_record),
		cmocka_unit_test(pages_share_their_common_part_while_any_has_it),
		cmocka_unit_test(without_memory_there_is_no_page_and_nothing_is_lost),
		cmocka_unit_test(a_pool_that_cannot_grow_goes_on),
		cmocka_unit_test(records_cost_little_more_than_what_tells_them_apart),
	};

	return cmocka_run_group_tests_name("records/hosts", tests, NULL, NULL);
}
