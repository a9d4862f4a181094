/* SPDX-License-Identifier: BSD-3-Clause */
/* records/table.c and table_writer.c: random changes against the model, growth, bulk, hand-back. */
#include "dataplane/records/table_writer.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/memory.h"
#include "tests/support/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t seed[TABLE_SEED_BYTES] = "thirty-two bytes, always these.";
static const struct rrset a_set = {
	.type = 12, .count = 1, .ttl = 60, .rdata_bytes = 5, .rdata = (const uint8_t *)"\0\3\1x"};
static uint64_t random_state;

static uint64_t random_word(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static struct record *make(const struct owner *owner)
{
	struct record *record = record_new(owner, &a_set, 1);

	assert_non_null(record);
	return record;
}

static int reserve(struct table *table, size_t owners, size_t ancestors)
{
	struct table_room room = {
		.owners = owners, .ancestors = ancestors, .named_ancestors = ancestors};

	return table_reserve(table, &room);
}

/* Labels before a prefix, each the ancestor of others or another's in another case; or none. */
static void add_labels(struct owner *owner)
{
	static const char *const labels[] = {
		"\2ns\1x\1*\0010", "\2NS\1X\1*\0010", "\4abcd\1*\0010"};
	static const uint8_t starts[] = {0, 3, 5, 7}, bytes = 9;
	const char *chosen = labels[random_word() % 3];
	unsigned start = starts[random_word() % 4];

	if (chosen == labels[2] && start == 3)
		start = 5;
	owner->rest = (const uint8_t *)chosen + start;
	owner->rest_bytes = (uint8_t)(bytes - start);
}

/*
 * One of 2^`spread` hosts a family, dense enough to share ancestors; now and then a shorter name,
 * now and then with labels before it, now and then outside the reverse trees.
 */
static struct owner random_owner(unsigned spread)
{
	uint64_t n = random_word() & ((UINT64_C(1) << spread) - 1);
	bool ipv6 = random_word() & 1;
	struct prefix p = fixture_prefix(ipv6 ? "2001:db8::" : "10.0.0.0", ipv6 ? 128 : 32);
	struct owner owner;

	if (ipv6) {
		p.low |= n & 0xffff;
		p.high |= n >> 16;
	} else {
		p.high |= n << 32;
	}
	if (random_word() % 16 == 0)
		p = prefix_truncate(
			&p, (uint8_t)(ipv6 ? random_word() % 33 * 4 : random_word() % 5 * 8));
	if (random_word() % 64 == 0)
		p = (struct prefix){.family = OWNER_NO_FAMILY};
	owner = owner_from_prefix(&p);
	if (p.family == OWNER_NO_FAMILY || random_word() % 4 == 0)
		add_labels(&owner);
	return owner;
}

static void check_path(const struct model *model, const struct table *table, struct owner at)
{
	do
		assert_true(model_agrees(model, table, &at));
	while (owner_parent(&at, &at));
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

static void check_same(
	const struct found *found, const struct owner *owner, const struct table *table)
{
	struct found single = {.record = NULL};

	if (owner)
		single = table_find(table, owner);
	assert_ptr_equal(found->record, single.record);
	assert_ptr_equal(found->hosts, single.hosts);
	assert_ptr_equal(found->entry, single.entry);
}

static void check_bulk(const struct table *table, unsigned spread)
{
	static struct owner owner[300];
	static const struct owner *owners[300];
	static struct found found[300];
	unsigned n = (unsigned)(random_word() % 301);

	for (unsigned i = 0; i < n; i++) {
		owner[i] = random_owner(spread);
		owners[i] = random_word() % 8 ? &owner[i] : NULL;
		found[i] = (struct found){.record = (const void *)1};
	}
	table_find_bulk(table, owners, found, n);
	for (unsigned i = 0; i < n; i++)
		check_same(&found[i], owners[i], table);
}

static void change(struct model *model, struct table *table, const struct owner *owner, bool put)
{
	if (put) {
		struct record *record = make(owner);

		model_put(model, record);
		table_put(table, record);
	} else {
		assert_int_equal(table_remove(table, owner), model_remove(model, owner));
	}
}

/* `puts` of 16 changes are table_put; reserves come one change at a time or for whole batches. */
static void random_changes(
	struct model *model, struct table *table, unsigned changes, unsigned spread, unsigned puts)
{
	unsigned covered = 0;

	for (unsigned i = 0; i < changes; i++) {
		struct owner owner = random_owner(spread);

		if (covered == 0) {
			covered = random_word() % 4 ? 1 : 1 + (unsigned)(random_word() % 3000);
			assert_int_equal(reserve(table, covered, covered * 32u), 0);
		}
		covered--;
		change(model, table, &owner, random_word() % 16 < puts);
		check_path(model, table, owner);
		if (i % 4 == 0)
			assert_true(model_take_unlinked(model, table));
		if (i % 64 == 0)
			check_bulk(table, spread);
	}
	assert_true(model_take_unlinked(model, table));
	check_all(model, table);
}

static void remove_everything(struct model *model, struct table *table)
{
	struct table_counts counts;

	for (size_t i = 0; i <= model->mask; i++) {
		struct owner owner = model->slot[i].name;

		if (!model->slot[i].known || !model->slot[i].record)
			continue;
		assert_int_equal(reserve(table, 0, 1), 0);
		change(model, table, &owner, false);
		check_path(model, table, owner);
	}
	assert_true(model_take_unlinked(model, table));
	counts = table_counts(table);
	assert_int_equal(counts.owners, 0);
	assert_int_equal(counts.empty_nonterminals, 0);
	check_all(model, table);
}

static void random_changes_agree_with_the_model(void **state)
{
	static const unsigned shards[] = {1, 2, 16, 256};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct table *table = table_new(shards[i], seed);
		struct model model;

		random_state = i;
		model_open(&model, 1 << 16);
		random_changes(&model, table, 6000, 12, 13);
		random_changes(&model, table, 6000, 12, 4);
		random_changes(&model, table, 6000, 14, 11);
		remove_everything(&model, table);
		random_changes(&model, table, 2000, 10, 8);
		table_free(table);
		model_close(&model);
	}
}

/* 200,000 owners of both families from a table of nothing, changes going on all the while. */
static void table_grows_to_200000_owners_while_it_changes(void **state)
{
	struct table *table = table_new(8, seed);
	struct model model;

	(void)state;
	random_state = 4711;
	model_open(&model, 1 << 20);
	while (model.owners < 200000) {
		struct owner owner = random_owner(18);

		assert_int_equal(reserve(table, 1, 32), 0);
		change(&model, table, &owner, random_word() % 16 < 14);
		check_path(&model, table, owner);
		if (model.owners % 1024 == 0)
			assert_true(model_take_unlinked(&model, table));
	}
	assert_true(model_take_unlinked(&model, table));
	check_all(&model, table);
	for (unsigned i = 0; i < 1000; i++)
		check_bulk(table, 18);
	table_free(table);
	model_close(&model);
}

/* One reserve for all: the arrays jump to their last size while the first are still in use. */
static void one_reserve_covers_a_whole_batch(void **state)
{
	struct table *table = table_new(4, seed);
	struct model model;
	enum { BATCH = 50000 };

	(void)state;
	random_state = 99;
	model_open(&model, 1 << 18);
	assert_int_equal(reserve(table, BATCH, 4 * BATCH), 0);
	for (unsigned i = 0; i < BATCH; i++) {
		struct owner owner = random_owner(16);

		change(&model, table, &owner, true);
		check_path(&model, table, owner);
	}
	/* A second, larger growth begins before the first has been copied. */
	assert_int_equal(reserve(table, 1000000, 32), 0);
	check_all(&model, table);
	assert_int_equal(reserve(table, 8000000, 32), 0);
	check_all(&model, table);
	random_changes(&model, table, 3000, 16, 8);
	assert_true(model_take_unlinked(&model, table));
	table_free(table);
	model_close(&model);
}

static void reserve_that_cannot_be_met_changes_nothing(void **state)
{
	struct owner owner = {.prefix = fixture_prefix("192.0.2.1", 32)};
	struct table *table = table_new(1, seed);
	struct model model;

	(void)state;
	model_open(&model, 64);
	assert_int_equal(reserve(table, 1, 32), 0);
	change(&model, table, &owner, true);
	assert_int_equal(reserve(table, (size_t)1 << 46, 0), -ENOMEM);
	check_path(&model, table, owner);
	assert_int_equal(reserve(table, 1, 32), 0);
	change(&model, table, &owner, false);
	assert_true(model_take_unlinked(&model, table));
	check_all(&model, table);
	table_free(table);
	model_close(&model);
}

static void deleting_the_last_name_below_deletes_its_ancestors(void **state)
{
	struct owner one = {.prefix = fixture_prefix("198.51.100.7", 32)};
	struct owner two = {.prefix = fixture_prefix("198.51.100.8", 32)};
	struct owner up = {.prefix = fixture_prefix("198.51.100.0", 24)};
	struct owner root = {.prefix = fixture_prefix("0.0.0.0", 0)};
	struct table *table = table_new(1, seed);

	(void)state;
	fixture_put(table, make(&one));
	fixture_put(table, make(&two));
	assert_int_equal(table_counts(table).owners, 2);
	assert_int_equal(table_counts(table).empty_nonterminals, 4);
	assert_int_equal(fixture_find(table, &up)->sets, 0);
	assert_int_equal(fixture_find(table, &root)->sets, 0);
	assert_int_equal(reserve(table, 0, 3), 0);
	assert_false(table_remove(table, &up)); /* an empty non-terminal stays */
	assert_true(table_remove(table, &one));
	assert_false(table_remove(table, &one));
	assert_non_null(fixture_find(table, &up));
	assert_true(table_remove(table, &two));
	assert_null(fixture_find(table, &up));
	assert_null(fixture_find(table, &root));
	table_free(table);
}

static void owner_with_names_below_becomes_an_empty_non_terminal(void **state)
{
	struct owner up = {.prefix = fixture_prefix("192.0.2.0", 24)}, own;
	struct owner host = {.prefix = fixture_prefix("192.0.2.1", 32)};
	struct table *table = table_new(1, seed);

	(void)state;
	fixture_put(table, make(&up));
	fixture_put(table, make(&host));
	assert_int_equal(fixture_find(table, &up)->sets, 1);
	assert_int_equal(reserve(table, 0, 1), 0);
	assert_true(table_remove(table, &up));
	assert_int_equal(fixture_find(table, &up)->sets, 0);
	fixture_put(table, make(&up));
	assert_int_equal(fixture_find(table, &up)->sets, 1);
	assert_int_equal(reserve(table, 0, 2), 0);
	/* The owner to remove may be named by the record itself. */
	own = record_owner(fixture_find(table, &host));
	assert_true(table_remove(table, &own));
	assert_int_equal(fixture_find(table, &up)->sets, 1);
	own = record_owner(fixture_find(table, &up));
	assert_true(table_remove(table, &own));
	assert_int_equal(table_counts(table).empty_nonterminals, 0);
	table_free(table);
}

static struct owner named(struct fixture_owner *o, const char *text)
{
	fixture_owner(o, text);
	return o->owner;
}

/* Ancestors with labels come from a reserve of their own, in lower case, and go with the last. */
static void names_with_labels_have_empty_non_terminals_too(void **state)
{
	struct fixture_owner o;
	struct owner deep = named(&o, "A.b.C.d.2.0.192.in-addr.arpa"), own;
	struct table *table = table_new(1, seed);
	struct table_room room = {.owners = 1, .ancestors = 4, .named_ancestors = 3};
	struct fixture_owner above;

	(void)state;
	assert_int_equal(table_reserve(table, &room), 0);
	table_put(table, make(&deep));
	assert_int_equal(table_counts(table).empty_nonterminals, 7);
	own = named(&above, "b.c.D.2.0.192.in-addr.arpa");
	own = record_owner(fixture_find(table, &own));
	assert_memory_equal(own.rest, "\1b\1c\1d", 6);
	own = named(&above, "d.2.0.192.in-addr.arpa");
	assert_int_equal(fixture_find(table, &own)->sets, 0);
	assert_null(record_first(fixture_find(table, &own)));
	own = named(&above, "e.2.0.192.in-addr.arpa");
	assert_null(fixture_find(table, &own));
	/* With a name below it an owner leaves an empty non-terminal behind, named by itself. */
	own = named(&above, "c.d.2.0.192.in-addr.arpa");
	fixture_put(table, make(&own));
	own = record_owner(fixture_find(table, &own));
	assert_int_equal(table_reserve(table, &(struct table_room){.named_ancestors = 1}), 0);
	assert_true(table_remove(table, &own));
	own = named(&above, "c.d.2.0.192.in-addr.arpa");
	assert_int_equal(fixture_find(table, &own)->sets, 0);
	own = record_owner(fixture_find(table, &deep));
	assert_true(table_remove(table, &own));
	assert_int_equal(table_counts(table).owners, 0);
	assert_int_equal(table_counts(table).empty_nonterminals, 0);
	table_free(table);
}

/* The longest name, all of labels: every ancestor is named, and the root is no name of the tree. */
static void names_outside_the_trees_end_below_the_root(void **state)
{
	struct table *table = table_new(1, seed);
	static const struct owner root;
	uint8_t name[255];
	struct owner owner;

	(void)state;
	for (unsigned i = 0; i < 254; i += 2)
		memcpy(name + i, "\1z", 2);
	name[254] = 0;
	owner_from_name(name, sizeof(name), &owner);
	fixture_put(table, make(&owner));
	assert_int_equal(table_counts(table).empty_nonterminals, OWNER_LABELS_MAX - 1);
	assert_null(fixture_find(table, &root));
	assert_true(table_remove(table, &owner));
	assert_int_equal(table_counts(table).empty_nonterminals, 0);
	table_free(table);
}

static void memory_is_counted_in_and_out(void **state)
{
	struct owner owner = {.prefix = fixture_prefix("2001:db8::1", 128)};
	struct table *table = table_new(2, seed);
	size_t before = table_counts(table).bytes;

	(void)state;
	fixture_put(table, make(&owner));
	assert_int_equal(table_counts(table).empty_nonterminals, 32);
	assert_true(table_counts(table).bytes > before + 33 * sizeof(struct record));
	fixture_put(table, make(&owner));
	assert_int_equal(reserve(table, 0, 1), 0);
	assert_true(table_remove(table, &owner));
	assert_int_equal(table_counts(table).bytes, before);
	table_free(table);
}

static void what_is_unlinked_or_spare_is_freed_with_the_table(void **state)
{
	struct owner owner = {.prefix = fixture_prefix("192.0.2.1", 32)};
	struct table *table = table_new(1, seed);

	(void)state;
	assert_int_equal(reserve(table, 2000, 100), 0);
	for (unsigned i = 0; i < 3; i++)
		table_put(table, make(&owner));
	table_free(table); /* a growth is under way, too; LeakSanitizer tells the rest */
	table_free(NULL);
}

/* Every allocation fails in turn; LeakSanitizer sees what an unwinding forgot. */
static void without_memory_nothing_is_made_or_changed(void **state)
{
	struct owner owner = {.prefix = fixture_prefix("2001:db8::1", 128)};
	struct model model;
	struct table *table = NULL;
	unsigned failures = 0;
	int result;

	(void)state;
	while (!table) {
		memory_fail_after(failures++);
		table = table_new(4, seed);
		assert_int_equal(memory_fail_never(), table == NULL);
	}
	/* The table, the shards, an array for each; the index of pages, their pool. */
	assert_int_equal(failures, 1 + 2 + 4 + 3);
	model_open(&model, 64);
	assert_int_equal(reserve(table, 1, 32), 0);
	change(&model, table, &owner, true);
	failures = 0;
	do {
		memory_fail_after(failures++);
		result = reserve(table, 50000, 40);
		assert_int_equal(memory_fail_never(), result != 0);
		assert_int_equal(result, result ? -ENOMEM : 0);
		check_path(&model, table, owner);
	} while (result != 0);
	assert_true(failures > 4); /* what was had before a failure is kept in reserve */
	change(&model, table, &owner, false);
	assert_true(model_take_unlinked(&model, table));
	check_all(&model, table);
	table_free(table);
	model_close(&model);
}

/* Of all arrays of buckets, those replaced in the midst of growing too. */
static int no_mapping_is_left(void **state)
{
	(void)state;
	return memory_mappings() == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(random_changes_agree_with_the_model, no_mapping_is_left),
		cmocka_unit_test_teardown(
			table_grows_to_200000_owners_while_it_changes, no_mapping_is_left),
		cmocka_unit_test_teardown(one_reserve_covers_a_whole_batch, no_mapping_is_left),
		cmocka_unit_test_teardown(
			reserve_that_cannot_be_met_changes_nothing, no_mapping_is_left),
		cmocka_unit_test_teardown(
			deleting_the_last_name_below_deletes_its_ancestors, no_mapping_is_left),
		cmocka_unit_test_teardown(
			owner_with_names_below_becomes_an_empty_non_terminal, no_mapping_is_left),
		cmocka_unit_test_teardown(
			names_with_labels_have_empty_non_terminals_too, no_mapping_is_left),
		cmocka_unit_test_teardown(
			names_outside_the_trees_end_below_the_root, no_mapping_is_left),
		cmocka_unit_test_teardown(memory_is_counted_in_and_out, no_mapping_is_left),
		cmocka_unit_test_teardown(
			what_is_unlinked_or_spare_is_freed_with_the_table, no_mapping_is_left),
		cmocka_unit_test_teardown(
			without_memory_nothing_is_made_or_changed, no_mapping_is_left),
	};

	return cmocka_run_group_tests_name("records/table", tests, NULL, NULL);
}
