/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Deleting gives memory back: 50 million changes of hosts, in rounds that fill a table and empty
 * it, end with the memory that the first of them ended with.
 */
#include "dataplane/records/host_pages.h"
#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

enum {
#if defined(NDEBUG) && defined(__OPTIMIZE__)
	ROUNDS = 25,
#else
	ROUNDS =
		2, /* slow builds, some of which keep what is freed: the table's own count is all */
#endif
	NETWORKS = 4096, /* half of them of each family; 256 hosts each: 2^20 a round put and
			    removed */
	BATCH_NETWORKS = 64,
	RECORD_EVERY = 16, /* networks, of which the last host has a record of its own */
};

static const uint8_t seed[TABLE_SEED_BYTES] = "thirty-two bytes, always these.";

struct rounds {
	struct table *table;
	struct host_pages pages;
	unsigned round;
};

/* ---- Changes ---- */

static struct owner host_of(const struct rounds *r, unsigned network, unsigned number)
{
	struct prefix p = {.family = ARPA_FAMILY_IPV4, .bits = 32};

	/* Other networks each round. */
	network += r->round * NETWORKS;
	p.high = (UINT64_C(10) << 24 | network << 8 | number) << 32;
	if (network % 2)
		p = (struct prefix){0x20010db800000000 | network / 64, network % 64 << 8 | number,
			ARPA_FAMILY_IPV6, 128};
	return owner_from_prefix(&p);
}

/* Names grow from round to round, and half the networks' share a suffix. */
static struct rrset name_of(
	const struct rounds *r, unsigned network, unsigned number, uint8_t *rdata, unsigned count)
{
	struct rrset set = {12, (uint16_t)count, 300, 0, rdata};

	for (unsigned i = 0; i < count; i++) {
		uint8_t *name = rdata + set.rdata_bytes + 2;
		uint8_t label = (uint8_t)(4 + (r->round + network) % 16);

		memset(name, 'x', 1u + label);
		name[0] = label;
		name[1] = (uint8_t)number;
		memcpy(name + 1 + label, network % 4 < 2 ? "\4pool" : "\4p\0\0\0", 6);
		name[label + 3] = network % 4 < 2 ? 'p' : (uint8_t)number;
		rdata[set.rdata_bytes] = 0;
		rdata[set.rdata_bytes + 1] = (uint8_t)(1 + label + 6);
		set.rdata_bytes += 2u + 1 + label + 6;
	}
	return set;
}

static bool has_record(unsigned network, unsigned number)
{
	return network % RECORD_EVERY < 2 && number == 255;
}

static void change_host(struct rounds *r, unsigned network, unsigned number, bool put)
{
	const struct owner owner = host_of(r, network, number);
	struct rrset set;
	uint8_t rdata[80];
	int result = 0;

	set = name_of(r, network, number, rdata, has_record(network, number) ? 2 : 1);
	if (has_record(network, number) && put)
		table_put(r->table, record_new(&owner, &set, 1));
	else if (has_record(network, number))
		table_remove(r->table, &owner);
	else if (put)
		result = host_pages_put(&r->pages, r->table, &owner.prefix, set.ttl, rdata + 2,
			(uint8_t)(set.rdata_bytes - 2));
	else
		result = host_pages_remove(&r->pages, r->table, &owner.prefix);
	assert_int_equal(result, 0);
}

static void free_unlinked(struct table *table)
{
	struct unlinked thing[64];

	for (size_t n; (n = table_take_unlinked(table, thing, 64)) > 0;)
		for (size_t i = 0; i < n; i++)
			unlinked_free(&thing[i]);
}

/* Each second host of some networks from `first` on, those of one family after the other. */
static void change_networks(struct rounds *r, unsigned first, unsigned odd, bool put)
{
	struct table_room room = {.owners = BATCH_NETWORKS, .ancestors = BATCH_NETWORKS * 32};

	/* For the few records; the pages' own is added below. */
	assert_int_equal(table_reserve(r->table, &room), 0);
	for (unsigned n = 0; n < BATCH_NETWORKS; n++) {
		unsigned network = first + n % (BATCH_NETWORKS / 2) * 2 + n / (BATCH_NETWORKS / 2);

		for (unsigned number = odd; number < 256; number += 2)
			change_host(r, network, number, put);
	}
	assert_int_equal(host_pages_finish(&r->pages, r->table), 0);
	host_pages_room(&r->pages, r->table, &room);
	assert_int_equal(table_reserve(r->table, &room), 0);
	host_pages_publish_made(&r->pages, r->table);
	host_pages_publish_gone(&r->pages, r->table);
	host_pages_forget(&r->pages);
	free_unlinked(r->table);
}

static void change_all(struct rounds *r, unsigned odd, bool put)
{
	for (unsigned first = 0; first < NETWORKS; first += BATCH_NETWORKS)
		change_networks(r, first, odd, put);
}

/* ---- Memory ---- */

/* Anonymous memory of this process, in bytes; 0 where the kernel does not tell. */
static size_t anonymous_bytes(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	size_t kilobytes = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Anonymous: %zu kB", &kilobytes) == 1)
			break;
	if (file)
		fclose(file);
	return kilobytes << 10;
}

/* What the process has, and what of it is in use: the allocator keeps some of what is freed. */
struct memory {
	size_t held, used;
};

static struct memory measure(void)
{
	struct memory memory = {.held = anonymous_bytes()};

	malloc_trim(0);
	memory.used = anonymous_bytes();
	return memory;
}

/*
 * Within a twentieth and a constant: the index keeps the memory of each /24 that ever was, 8
 * octets, so that readers need no more than one look at it.
 */
static void check_same(size_t last, size_t first)
{
#ifdef NDEBUG
	assert_in_range(last, 0, first + first / 20 + (1 << 20));
#else
	(void)last;
	(void)first;
#endif
}

/* A last small reserve lets the arrays shrink, as any next change does. */
static void check_empty(struct rounds *r, size_t bytes)
{
	struct table_counts counts;

	assert_int_equal(table_reserve(r->table, &(struct table_room){.owners = 1}), 0);
	free_unlinked(r->table);
	counts = table_counts(r->table);
	assert_int_equal(counts.owners, 0);
	assert_int_equal(counts.empty_nonterminals, 0);
	assert_int_equal(counts.bytes, bytes);
}

static void rounds_of_inserts_and_deletes_end_with_the_memory_they_began_with(void **state)
{
	struct rounds r = {.table = table_new(4, seed)};
	struct memory first = {0}, last = {0};
	size_t empty = table_counts(r.table).bytes, full = 0;

	(void)state;
	for (; r.round < ROUNDS; r.round++) {
		change_all(&r, 0, true);
		change_all(&r, 1, true);
		assert_int_equal(table_counts(r.table).owners, NETWORKS * 256);
		assert_true(table_counts(r.table).bytes > 16 * NETWORKS * 256);
		if (r.round == 0)
			full = anonymous_bytes();
		change_all(&r, 0, false);
		change_all(&r, 1, false);
		check_empty(&r, empty);
		last = measure();
		if (r.round == 0)
			first = last;
	}
	print_message("anonymous memory: %zu KiB full; %zu, %zu of it in use, after round 1;"
		      " %zu, %zu after round %d\n",
		full >> 10, first.held >> 10, first.used >> 10, last.held >> 10, last.used >> 10,
		ROUNDS);
	check_same(last.held, first.held);
	check_same(last.used, first.used);
	table_free(r.table);
	host_pages_free(&r.pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_of_inserts_and_deletes_end_with_the_memory_they_began_with),
	};

	return cmocka_run_group_tests_name("records/table memory", tests, NULL, NULL);
}
