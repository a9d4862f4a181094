/* SPDX-License-Identifier: BSD-3-Clause */
/* control/command/txn.c: what was staged is there, what was taken back is not, and limits hold. */
#include "tests/control/support.h"

#include "control/command/txn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct actor admin = {.role = ROLE_ADMIN, .uid = 0, .name = "root"};
static const struct actor alice = {.role = ROLE_OPERATOR, .uid = 1000, .name = "alice"};
static const struct actor bob = {.role = ROLE_OPERATOR, .uid = 1001, .name = "bob"};
static const struct tenant acme = {.name = "acme"}, other = {.name = "other"};
static const struct actor portal = {
	.role = ROLE_TENANT, .tenant = &acme, .uid = 1002, .name = "portal"};
static const struct actor portal_for_other = {
	.role = ROLE_TENANT, .tenant = &other, .uid = 1002, .name = "portal"};

static struct txn *begin(struct txns *txns, const struct actor *actor, uint64_t random)
{
	struct failure failure;
	struct txn *txn = txns_begin(txns, actor, 10, 100, random, &failure);

	if (!txn)
		fail_msg("%s", failure.text);
	return txn;
}

static void names_differ_and_are_found(void **state)
{
	struct txns *txns = txns_new();
	struct txn *a = begin(txns, &alice, 7), *b = begin(txns, &alice, 7);
	struct failure failure;

	(void)state;
	assert_int_equal(strlen(a->id), TXN_ID_BYTES);
	assert_string_not_equal(a->id, b->id);
	assert_ptr_equal(txns_get(txns, a->id, &alice, 100, &failure), a);
	assert_ptr_equal(txns_get(txns, b->id, &alice, 100, &failure), b);
	assert_null(txns_get(txns, "00000000", &alice, 100, &failure));
	assert_failure(&failure, FAILURE_NOT_FOUND, "there is no transaction 00000000");
	assert_ptr_equal(txns_at(txns, 1), b);
	assert_null(txns_at(txns, 2));
	txns_end(txns, a);
	assert_ptr_equal(txns_at(txns, 0), b);
	txns_free(txns);
}

static void others_do_not_see_it(void **state)
{
	struct txns *txns = txns_new();
	struct txn *of_alice = begin(txns, &alice, 1), *of_acme = begin(txns, &portal, 2);
	struct failure failure;

	(void)state;
	assert_null(txns_get(txns, of_alice->id, &bob, 100, &failure));
	assert_failure(&failure, FAILURE_NOT_FOUND, "there is no transaction");
	assert_ptr_equal(txns_get(txns, of_alice->id, &admin, 100, &failure), of_alice);
	assert_ptr_equal(txns_get(txns, of_acme->id, &portal, 100, &failure), of_acme);
	assert_null(txns_get(txns, of_acme->id, &portal_for_other, 100, &failure));
	assert_null(txns_get(txns, of_acme->id, &alice, 100, &failure));
	txns_free(txns);
}

static unsigned told;

static void tell(const struct txn *txn)
{
	assert_int_equal(strlen(txn->id), TXN_ID_BYTES);
	told++;
}

static void it_ends_some_time_after_its_last_use(void **state)
{
	struct txns *txns = txns_new();
	struct txn *txn = begin(txns, &alice, 1);
	char id[TXN_ID_BYTES + 1];
	struct failure failure;

	(void)state;
	told = 0;
	strcpy(id, txn->id);
	assert_ptr_equal(txns_get(txns, id, &alice, 109, &failure), txn);
	assert_ptr_equal(txns_get(txns, id, &alice, 118, &failure), txn);
	assert_false(txns_expire(txns, 127, tell));
	assert_null(txns_get(txns, id, &alice, 128, &failure)); /* also before the timer comes */
	assert_true(txns_expire(txns, 128, tell));
	assert_false(txns_expire(txns, 128, tell));
	assert_int_equal(told, 1);
	txns_free(txns);
}

static void so_many_are_open_and_no_more(void **state)
{
	struct txns *txns = txns_new();
	struct failure failure;

	(void)state;
	for (unsigned i = 0; i < TXN_OPEN_MAX; i++)
		begin(txns, &alice, i);
	assert_null(txns_begin(txns, &alice, 10, 100, 99, &failure));
	assert_failure(&failure, FAILURE_BUSY, "64 transactions are open");
	txns_free(txns);
}

static void stage(struct txn *txn, const char *params)
{
	struct failure failure;

	if (txn_stage(txn, "ptr.set", params, strlen(params), &failure) != 0)
		fail_msg("%s", failure.text);
}

static struct prefix address_of(unsigned number)
{
	return (struct prefix){(UINT64_C(0x0a000000) + number) << 32, 0, ARPA_FAMILY_IPV4, 32};
}

static void touch(struct txn *txn, unsigned number, uint64_t sequence)
{
	const struct prefix address = address_of(number);
	struct failure failure;

	if (txn_touch(txn, &address, sequence, &failure) != 0)
		fail_msg("%s", failure.text);
}

/* What the transaction should hold: of each address its first sequence and its operations. */
enum { ADDRESSES = 300, OPERATIONS = 4000 };

struct model {
	unsigned operations;
	struct {
		uint64_t sequence;
		unsigned count, operation[TXN_TOUCHES_MAX];
	} at[ADDRESSES];
};

static void expect_model(const struct txn *txn, const struct model *model)
{
	size_t objects = 0;

	assert_int_equal(txn->operation_count, model->operations);
	for (unsigned i = 0; i < ADDRESSES; i++) {
		const struct prefix address = address_of(i);
		const struct txn_object *object = txn_find(txn, &address);
		uint32_t touch;

		if (!model->at[i].count) {
			assert_null(object);
			continue;
		}
		objects++;
		assert_non_null(object);
		assert_int_equal(object->sequence, model->at[i].sequence);
		touch = object->first;
		for (unsigned n = 0; n < model->at[i].count; n++) {
			assert_int_equal(txn->touches[touch].operation, model->at[i].operation[n]);
			touch = txn->touches[touch].next;
		}
		assert_int_equal(touch, TXN_NO_TOUCH);
	}
	assert_int_equal(txn->object_count, objects);
}

static void what_is_staged_and_taken_back_is_as_a_plain_model_has_it(void **state)
{
	static struct model model, before;
	struct txns *txns = txns_new();
	struct txn *txn = begin(txns, &alice, 1);

	(void)state;
	srand(3);
	memset(&model, 0, sizeof(model));
	for (unsigned i = 0; i < OPERATIONS; i++) {
		unsigned touches = rand() % 5 == 0 ? (unsigned)rand() % 40 : 1;

		before = model;
		stage(txn, "{}");
		for (unsigned n = 0; n < touches; n++) {
			unsigned number = (unsigned)rand() % ADDRESSES;
			uint64_t sequence = (uint64_t)rand() % 1000;

			if (model.at[number].count == TXN_TOUCHES_MAX)
				continue;
			touch(txn, number, sequence);
			if (!model.at[number].count)
				model.at[number].sequence = sequence;
			model.at[number].operation[model.at[number].count++] = model.operations;
		}
		model.operations++;
		if (rand() % 2) {
			txn_unstage(txn);
			model = before;
		}
		if (i % 64 == 0)
			expect_model(txn, &model);
	}
	expect_model(txn, &model);
	while (txn->operation_count)
		txn_unstage(txn);
	assert_int_equal(txn->bytes, 0);
	assert_int_equal(txn->object_count, 0);
	assert_int_equal(txn->touch_count, 0);
	txns_free(txns);
}

static void addresses_are_sorted_when_asked(void **state)
{
	struct txns *txns = txns_new();
	struct txn *txn = begin(txns, &alice, 1);
	const struct prefix ipv6 = at("2001:db8::1"), ipv6_low = at("2001:db8::");
	struct failure failure;
	const uint32_t *sorted;

	(void)state;
	assert_null(txn_sort(txn));
	stage(txn, "{}");
	assert_int_equal(txn_touch(txn, &ipv6, 0, &failure), 0);
	assert_int_equal(txn_touch(txn, &ipv6_low, 0, &failure), 0);
	for (unsigned i = 0; i < 1000; i++)
		touch(txn, i * 7919 % 1000, 0);
	sorted = txn_sort(txn);
	for (unsigned i = 0; i < 1000; i++) {
		const struct prefix wanted = address_of(i);

		assert_true(prefix_equal(&txn->objects[sorted[i]].address, &wanted));
	}
	assert_true(prefix_equal(&txn->objects[sorted[1000]].address, &ipv6_low));
	assert_true(prefix_equal(&txn->objects[sorted[1001]].address, &ipv6));
	touch(txn, 5000, 0); /* in between, and so made anew */
	sorted = txn_sort(txn);
	assert_true(prefix_equal(&txn->objects[sorted[1002]].address, &ipv6));
	txns_free(txns);
}

static void ranges_and_zones_go_with_their_operation(void **state)
{
	const struct prefix prefix = at("10.1.0.0/16");
	const struct owner apex = owner_from_prefix(&prefix);
	struct txns *txns = txns_new();
	struct txn *txn = begin(txns, &alice, 1);
	struct failure failure;

	(void)state;
	stage(txn, "{\"a\":1}");
	assert_int_equal(txn_touch_range(txn, &prefix, 3, &failure), 0);
	stage(txn, "{}");
	assert_int_equal(txn_touch_zone(txn, &apex, true, false, 0, &failure), 0);
	assert_int_equal(txn->zones[0].operation, 1);
	assert_true(owner_equal(&txn->zones[0].apex.owner, &apex));
	txn_unstage(txn);
	assert_int_equal(txn->zone_count, 0);
	assert_int_equal(txn->range_count, 1);
	assert_string_equal(txn->operations[0].params, "{\"a\":1}");
	txn_unstage(txn);
	assert_int_equal(txn->range_count, 0);
	txns_free(txns);
}

static void limits_are_told(void **state)
{
	const struct prefix first = address_of(0), more = address_of(TXN_OBJECTS_MAX);
	const struct owner apex = owner_from_prefix(&first);
	struct txns *txns = txns_new();
	struct txn *txn = begin(txns, &alice, 1);
	struct failure failure;

	(void)state;
	stage(txn, "{}");
	for (unsigned i = 0; i < TXN_OBJECTS_MAX; i++)
		touch(txn, i, 0);
	assert_int_equal(txn_touch(txn, &more, 0, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "changes 100000 addresses");
	for (unsigned i = 1; i < TXN_TOUCHES_MAX; i++)
		touch(txn, 0, 0);
	assert_int_equal(txn_touch(txn, &first, 0, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "changes one address 256 times");
	for (unsigned i = 0; i < TXN_RANGES_MAX; i++)
		assert_int_equal(txn_touch_range(txn, &first, 1, &failure), 0);
	assert_int_equal(txn_touch_range(txn, &first, 1, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "unsets 1000 prefixes");
	for (unsigned i = 0; i < TXN_ZONES_MAX; i++)
		assert_int_equal(txn_touch_zone(txn, &apex, false, true, 1, &failure), 0);
	assert_int_equal(txn_touch_zone(txn, &apex, false, true, 1, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "256 zones");
	for (unsigned i = 1; i < TXN_OPERATIONS_MAX; i++)
		stage(txn, "{}");
	assert_int_equal(txn_stage(txn, "ptr.set", "{}", 2, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "has 100000 operations");
	txns_free(txns);
}

static void memory_of_all_is_bounded(void **state)
{
	enum { BYTES = 1 << 20 };
	char *params = malloc(BYTES);
	struct txns *txns = txns_new();
	struct txn *a = begin(txns, &alice, 1), *b = begin(txns, &bob, 2);
	struct failure failure;
	unsigned staged = 0;

	(void)state;
	memset(params, ' ', BYTES);
	while (txn_stage(staged % 2 ? a : b, "ptr.set", params, BYTES, &failure) == 0)
		staged++;
	assert_failure(&failure, FAILURE_TOO_LARGE, "64 MiB in all");
	assert_int_equal(staged, 63);
	txns_end(txns, a);
	assert_int_equal(txn_stage(b, "ptr.set", params, BYTES, &failure), 0);
	free(params);
	txns_free(txns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_differ_and_are_found),
		cmocka_unit_test(others_do_not_see_it),
		cmocka_unit_test(it_ends_some_time_after_its_last_use),
		cmocka_unit_test(so_many_are_open_and_no_more),
		cmocka_unit_test(what_is_staged_and_taken_back_is_as_a_plain_model_has_it),
		cmocka_unit_test(addresses_are_sorted_when_asked),
		cmocka_unit_test(ranges_and_zones_go_with_their_operation),
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(memory_of_all_is_bounded),
	};

	return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
