/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * records/host_pages.c and table_pages.c: pages and records side by side, in batches, against the
 * model; what searches one by one and in bulk find; what is counted, handed back and given back.
 */
#include "tests/records/batch.h"
#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/memory.h"

#include <stdio.h>
#include <string.h>

static const uint8_t seed[TABLE_SEED_BYTES] = "thirty-two bytes, always these.";
static uint64_t random_state;

static unsigned random_below(unsigned limit)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned)((z ^ z >> 31) % limit);
}

/* ---- Owners and what they get ---- */

/* A host of one of three networks a family, two of them neighbours; few or all of their hosts. */
static struct prefix random_host(unsigned hosts)
{
	static const char *const networks[2][3] = {{"10.0.0.0", "10.0.1.0", "192.0.2.0"},
		{"2001:db8::", "2001:db8::100", "2001:db8:ffff::ff00"}};
	bool ipv6 = random_below(2);
	struct prefix p = fixture_prefix(networks[ipv6][random_below(3)], ipv6 ? 128 : 32);
	uint64_t number = random_below(hosts) * (256 / hosts);

	if (ipv6)
		p.low |= number;
	else
		p.high |= number << 32;
	return p;
}

/* A host; now and then a name above it, or one or two labels below either. */
static struct owner random_owner(unsigned hosts)
{
	static const uint8_t labels[] = "\1x\2ns";
	struct prefix p = random_host(hosts);
	unsigned kind = random_below(16);
	struct owner owner;

	if (kind == 0)
		p = prefix_truncate(&p, p.family == ARPA_FAMILY_IPV4 ? 24 : 120);
	if (kind == 1)
		p = prefix_truncate(&p, p.family == ARPA_FAMILY_IPV4 ? 24 : 124);
	owner = owner_from_prefix(&p);
	if (random_below(8) == 0) {
		owner.rest = labels + 2 * random_below(2);
		owner.rest_bytes = (uint8_t)(labels + sizeof(labels) - 1 - owner.rest);
	}
	return owner;
}

/* Most names end alike; some are too long for a page, some are the root. */
static size_t random_name(uint8_t *name)
{
	static const char *const ends[] = {".pool.example.net", ".example", ""};
	char text[120];
	unsigned label = random_below(16) ? 1 + random_below(20) : 40 + random_below(23);

	if (random_below(32) == 0)
		return fixture_name("", name);
	memset(text, 'a' + (int)random_below(26), label);
	strcpy(text + label, ends[random_below(8) ? 0 : random_below(3)]);
	return fixture_name(text, name);
}

static void random_change(struct batch *batch, const struct owner *owner, unsigned puts)
{
	uint8_t name[255];
	size_t bytes = random_name(name);

	if (random_below(16) >= puts)
		batch_remove(batch, owner);
	else
		batch_put(batch, owner, random_below(4) ? 1 : 1 + random_below(3),
			random_below(4) ? 300 : random_below(3), name, bytes);
}

/* ---- Checks ---- */

static void check_path(const struct model *model, const struct table *table, struct owner at)
{
	do
		assert_true(model_agrees(model, table, &at));
	while (owner_parent(&at, &at));
}

static void check_bulk(const struct table *table, unsigned hosts)
{
	static struct owner owner[200];
	static const struct owner *owners[200];
	struct found found[200], single;
	unsigned n = random_below(201);

	for (unsigned i = 0; i < n; i++) {
		owner[i] = random_owner(hosts);
		owners[i] = &owner[i];
	}
	table_find_bulk(table, owners, found, n);
	for (unsigned i = 0; i < n; i++) {
		single = table_find(table, owners[i]);
		assert_ptr_equal(found[i].record, single.record);
		assert_ptr_equal(found[i].hosts, single.hosts);
		assert_ptr_equal(found[i].entry, single.entry);
	}
}

static void check_all(const struct model *model, const struct table *table)
{
	struct table_counts counts = table_counts(table);

	assert_int_equal(counts.owners, model->owners);
	assert_int_equal(counts.empty_nonterminals, model->empty_nonterminals);
	for (size_t i = 0; i <= model->mask; i++)
		if (model->slot[i].known)
			assert_true(model_agrees(model, table, &model->slot[i].name));
}

/* ---- Random batches ---- */

static void random_batch(struct batch *batch, struct model *model, struct table *table,
	unsigned hosts, unsigned puts)
{
	struct owner changed[64];
	unsigned n = 1 + random_below(random_below(8) ? 4 : 64);

	for (unsigned i = 0; i < n; i++) {
		changed[i] = random_owner(hosts);
		random_change(batch, &changed[i], puts);
	}
	assert_int_equal(batch_make(batch, table), 0);
	batch_publish(batch, table, model);
	for (unsigned i = 0; i < n; i++)
		check_path(model, table, changed[i]);
	assert_true(model_take_unlinked(model, table));
}

static void remove_everything(struct batch *batch, struct model *model, struct table *table)
{
	for (size_t i = 0; i <= model->mask; i++) {
		const struct model_name *n = &model->slot[i];

		if (n->record || n->ptr)
			batch_remove(batch, &n->name);
		if (batch->count < 100 && i < model->mask)
			continue;
		assert_int_equal(batch_make(batch, table), 0);
		batch_publish(batch, table, model);
		assert_true(model_take_unlinked(model, table));
	}
	assert_int_equal(table_counts(table).owners, 0);
	assert_int_equal(table_counts(table).empty_nonterminals, 0);
	check_all(model, table);
}

/* Pages fill and empty, with few hosts, so that they go, and with all. */
static void random_batches_agree_with_the_model(void **state)
{
	static const unsigned puts[] = {13, 3, 9, 1, 15}, hosts[] = {4, 16, 256};
	static struct batch batch;

	(void)state;
	for (unsigned h = 0; h < 3; h++) {
		struct table *table = table_new(1u << 2 * h, seed);
		size_t empty = table_counts(table).bytes;
		struct model model;

		random_state = h;
		model_open(&model, 1 << 15);
		for (unsigned i = 0; i < 2000; i++) {
			random_batch(&batch, &model, table, hosts[h], puts[i / 200 % 5]);
			if (i % 50 == 0)
				check_all(&model, table);
			if (i % 8 == 0)
				check_bulk(table, hosts[h]);
		}
		remove_everything(&batch, &model, table);
		assert_int_equal(table_reserve(table, &(struct table_room){0}), 0);
		assert_true(model_take_unlinked(&model, table));
		assert_int_equal(table_counts(table).bytes, empty);
		model_close(&model);
		table_free(table);
	}
	batch_fini(&batch);
}

/* ---- Single cases ---- */

/* One name's change, as a batch of its own. */
static void give(struct table *table, const char *name, unsigned targets)
{
	static struct batch batch;
	struct fixture_owner o;
	uint8_t ptr[16];

	fixture_owner(&o, name);
	batch_put(&batch, &o.owner, targets, 60, ptr, fixture_name("one.example", ptr));
	assert_int_equal(batch_make(&batch, table), 0);
	batch_publish(&batch, table, NULL);
	batch_free_unlinked(table);
	batch_fini(&batch);
}

enum place { NOWHERE, EMPTY, IN_PAGE, IN_RECORD };

static enum place place_of(const struct table *table, const char *name)
{
	struct fixture_owner o;
	struct found found;

	fixture_owner(&o, name);
	found = table_find(table, &o.owner);
	if (found.entry)
		return IN_PAGE;
	if (!found.record)
		return NOWHERE;
	return found.record->sets == 0 ? EMPTY : IN_RECORD;
}

#define V4_NETWORK "2.0.192.in-addr.arpa"
#define V6_NETWORK "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"

/* Into a record with a second RRset's worth, and back only by way of nothing. */
static void a_host_keeps_its_record_until_it_has_nothing(void **state)
{
	static const char *const hosts[] = {"7." V4_NETWORK, "7.a." V6_NETWORK};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct table *table = table_new(1, seed);

		give(table, hosts[i], 1);
		assert_int_equal(place_of(table, hosts[i]), IN_PAGE);
		give(table, hosts[i], 2);
		assert_int_equal(place_of(table, hosts[i]), IN_RECORD);
		assert_int_equal(table_counts(table).owners, 1);
		give(table, hosts[i], 1);
		assert_int_equal(place_of(table, hosts[i]), IN_RECORD);
		give(table, hosts[i], 0);
		assert_int_equal(place_of(table, hosts[i]), NOWHERE);
		give(table, hosts[i], 1);
		assert_int_equal(place_of(table, hosts[i]), IN_PAGE);
		table_free(table);
	}
}

static void names_below_a_host_in_a_page_keep_its_name(void **state)
{
	static const char *const hosts[] = {"7." V4_NETWORK, "7.a." V6_NETWORK};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct table *table = table_new(1, seed);
		char below[100] = "x.ns.";

		strcat(below, hosts[i]);
		give(table, hosts[i], 1);
		give(table, below, 1);
		assert_int_equal(place_of(table, below), IN_RECORD);
		assert_int_equal(place_of(table, below + 2), EMPTY);
		assert_int_equal(place_of(table, hosts[i]), IN_PAGE);
		give(table, hosts[i], 0);
		assert_int_equal(place_of(table, hosts[i]), EMPTY);
		give(table, hosts[i], 2);
		assert_int_equal(place_of(table, hosts[i]), IN_RECORD);
		give(table, hosts[i], 0);
		give(table, hosts[i], 1);
		give(table, below, 0);
		assert_int_equal(place_of(table, below + 2), NOWHERE);
		assert_int_equal(place_of(table, hosts[i]), IN_PAGE);
		give(table, hosts[i], 0);
		assert_int_equal(table_counts(table).empty_nonterminals, 0);
		table_free(table);
	}
}

static void a_nibble_exists_while_it_has_a_host_or_rrsets(void **state)
{
	struct table *table = table_new(1, seed);

	(void)state;
	give(table, "7.a." V6_NETWORK, 1);
	assert_int_equal(place_of(table, "a." V6_NETWORK), EMPTY);
	assert_int_equal(place_of(table, "b." V6_NETWORK), NOWHERE);
	assert_int_equal(place_of(table, V6_NETWORK), EMPTY);
	assert_int_equal(table_counts(table).empty_nonterminals, 31); /* it is none of them */
	give(table, "0.b." V6_NETWORK, 1);
	give(table, "f.c." V6_NETWORK, 1);
	assert_int_equal(place_of(table, "b." V6_NETWORK), EMPTY);
	assert_int_equal(place_of(table, "c." V6_NETWORK), EMPTY);
	assert_int_equal(place_of(table, "9." V6_NETWORK), NOWHERE);
	assert_int_equal(place_of(table, "d." V6_NETWORK), NOWHERE);
	give(table, "0.b." V6_NETWORK, 0);
	assert_int_equal(place_of(table, "b." V6_NETWORK), NOWHERE);
	give(table, "a." V6_NETWORK, 1);
	assert_int_equal(place_of(table, "a." V6_NETWORK), IN_RECORD);
	give(table, "a." V6_NETWORK, 0);
	assert_int_equal(place_of(table, "a." V6_NETWORK), EMPTY);
	give(table, "a." V6_NETWORK, 1);
	give(table, "7.a." V6_NETWORK, 0);
	assert_int_equal(place_of(table, "a." V6_NETWORK), IN_RECORD);
	table_free(table);
}

/* The /120 and the /24 may have RRsets; they go with their own, not with the page's last host. */
static void networks_with_rrsets_of_their_own_stand_above_their_page(void **state)
{
	static const char *const networks[] = {V4_NETWORK, V6_NETWORK};
	static const char *const hosts[] = {"7." V4_NETWORK, "7.a." V6_NETWORK};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct table *table = table_new(1, seed);

		give(table, networks[i], 1);
		give(table, hosts[i], 1);
		give(table, networks[i], 0);
		assert_int_equal(place_of(table, networks[i]), EMPTY);
		give(table, networks[i], 2);
		give(table, hosts[i], 0);
		assert_int_equal(place_of(table, networks[i]), IN_RECORD);
		give(table, networks[i], 0);
		assert_int_equal(place_of(table, networks[i]), NOWHERE);
		assert_int_equal(table_counts(table).empty_nonterminals, 0);
		table_free(table);
	}
}

static void give_many(struct table *table, unsigned targets)
{
	char host[40];

	for (unsigned i = 100; i < 200; i++) {
		snprintf(host, sizeof(host), "%u." V4_NETWORK, i);
		give(table, host, targets);
	}
}

static void pages_are_counted_in_and_out(void **state)
{
	struct table *table = table_new(1, seed);
	size_t before = table_counts(table).bytes, one;

	(void)state;
	give(table, "7." V4_NETWORK, 1);
	assert_int_equal(table_counts(table).owners, 1);
	assert_int_equal(table_counts(table).empty_nonterminals, 4);
	one = table_counts(table).bytes;
	assert_true(one >= before + sizeof(struct hosts) + 4 * sizeof(struct record));
	give_many(table, 1);
	assert_int_equal(table_counts(table).owners, 101);
	assert_int_equal(table_counts(table).empty_nonterminals, 4);
	assert_in_range(table_counts(table).bytes, one + 300, one + 3000);
	give_many(table, 0);
	assert_int_equal(table_counts(table).bytes, one);
	give(table, "7." V4_NETWORK, 0);
	assert_int_equal(table_counts(table).owners, 0);
	assert_int_equal(table_counts(table).empty_nonterminals, 0);
	assert_int_equal(table_counts(table).bytes, before);
	table_free(table);
}

/* ---- Without memory ---- */

static void without_memory_a_batch_is_not_made_and_changes_nothing(void **state)
{
	static struct batch batch;
	struct table *table = table_new(1, seed);
	struct model model;
	unsigned failures = 0;
	int result;

	(void)state;
	random_state = 3;
	model_open(&model, 1 << 12);
	for (unsigned i = 0; i < 50; i++)
		random_batch(&batch, &model, table, 16, 12);
	for (unsigned i = 0; i < 200; i++) {
		struct owner owner = random_owner(256);

		random_change(&batch, &owner, 12);
	}
	do {
		memory_fail_after(failures++);
		result = batch_make(&batch, table);
		assert_int_equal(memory_fail_never(), result != 0);
		check_all(&model, table);
	} while (result != 0);
	assert_true(failures > 20);
	batch_publish(&batch, table, &model);
	check_all(&model, table);
	assert_true(model_take_unlinked(&model, table));
	model_close(&model);
	table_free(table);
	batch_fini(&batch);
}

static int no_mapping_is_left(void **state)
{
	(void)state;
	return memory_mappings() == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(random_batches_agree_with_the_model, no_mapping_is_left),
		cmocka_unit_test_teardown(
			a_host_keeps_its_record_until_it_has_nothing, no_mapping_is_left),
		cmocka_unit_test_teardown(
			names_below_a_host_in_a_page_keep_its_name, no_mapping_is_left),
		cmocka_unit_test_teardown(
			a_nibble_exists_while_it_has_a_host_or_rrsets, no_mapping_is_left),
		cmocka_unit_test_teardown(networks_with_rrsets_of_their_own_stand_above_their_page,
			no_mapping_is_left),
		cmocka_unit_test_teardown(pages_are_counted_in_and_out, no_mapping_is_left),
		cmocka_unit_test_teardown(
			without_memory_a_batch_is_not_made_and_changes_nothing, no_mapping_is_left),
	};

	return cmocka_run_group_tests_name("records/host pages", tests, NULL, NULL);
}
