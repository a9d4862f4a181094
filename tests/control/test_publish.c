/* SPDX-License-Identifier: BSD-3-Clause */
/* Published whole, replaced whole, and what was replaced stays until its grace period has passed.
 */
#include "control/publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static uint64_t started, passed_up_to;

static uint64_t start(void *context)
{
	(void)context;
	return ++started;
}

static bool passed(void *context, uint64_t token)
{
	(void)context;
	return token <= passed_up_to;
}

static struct serving serving;
static struct publish publish;

static int set_up(void **state)
{
	static const struct grace grace = {start, passed, NULL};
	static const uint8_t seed[TABLE_SEED_BYTES] = {1};

	(void)state;
	started = passed_up_to = 0;
	memset(&serving, 0, sizeof(serving));
	publish = (struct publish){
		.serving = &serving,
		.reclaim = reclaim_new(&grace),
		.table = table_new(1, seed),
		.secret = {7, 7, 7},
		.idle_ms = 12345,
	};
	return !publish.reclaim || !publish.table;
}

static int tear_down(void **state)
{
	(void)state;
	publish_free(&publish);
	reclaim_free(publish.reclaim);
	table_free(publish.table);
	return 0;
}

static struct dns_listener_address host(uint8_t last)
{
	return (struct dns_listener_address){
		.address = {.family = 4, .bytes = {192, 0, 2, last}}, .port = 5353};
}

/* A book of one address. */
static void make_book(struct address_book *book, uint8_t last)
{
	struct dns_listener_address address = host(last);
	const struct config config = {.addresses = &address, .address_count = 1, .port = 5353};
	const struct follow_addresses none = {.count = 0};
	struct failure failure;

	assert_int_equal(address_book_make(book, &config, &none, NULL, NULL, &failure), 0);
}

static void publish_host(uint8_t last, const struct policy *policy)
{
	const struct config config = {.policy = *policy};
	struct address_book book;
	struct failure failure;

	make_book(&book, last);
	assert_int_equal(publish_config(&publish, &config, &book, &failure), 0);
	address_book_free(&book);
}

static bool holds(uint8_t last)
{
	const struct dns_listener_address address = host(last);

	return addresses_hold(serving_load(&serving).addresses, 4, address.address.bytes);
}

static void the_first_needs_no_grace_period(void **state)
{
	const struct policy policy = {.udp_bytes = 999, .cookies = POLICY_COOKIES_ON};
	const struct policy *served;

	(void)state;
	publish_host(1, &policy);
	assert_true(holds(1));
	assert_int_equal(addresses_port(serving_load(&serving).addresses), 5353);
	served = serving_load(&serving).policy;
	assert_int_equal(served->udp_bytes, 999);
	assert_int_equal(served->keepalive_100ms, 123);
	assert_int_equal(served->secrets.count, 1);
	assert_memory_equal(served->secrets.key[0], publish.secret, sizeof(publish.secret));
	assert_int_equal(reclaim_waiting(publish.reclaim), 0);
}

static void what_is_replaced_waits(void **state)
{
	const struct policy first = {.udp_bytes = 512}, second = {.udp_bytes = 4096};
	const struct policy *old;

	(void)state;
	publish_host(1, &first);
	old = serving_load(&serving).policy;
	publish_host(2, &second);
	assert_false(holds(1));
	assert_true(holds(2));
	assert_int_equal(serving_load(&serving).policy->udp_bytes, 4096);
	assert_int_equal(reclaim_poll(publish.reclaim), 2);
	assert_int_equal(old->udp_bytes, 512);
	passed_up_to = started;
	assert_int_equal(reclaim_poll(publish.reclaim), 0);
}

static void given_secrets_are_served_as_they_are(void **state)
{
	const struct policy policy = {.secrets = {2, {{1, 2, 3}, {4, 5, 6}}}};

	(void)state;
	publish_host(1, &policy);
	assert_memory_equal(
		&serving_load(&serving).policy->secrets, &policy.secrets, sizeof(policy.secrets));
}

static void addresses_alone(void **state)
{
	const struct policy policy = {.udp_bytes = 999};
	const struct policy *served;
	struct address_book book;
	struct failure failure;

	(void)state;
	publish_host(1, &policy);
	served = serving_load(&serving).policy;
	make_book(&book, 2);
	assert_int_equal(publish_addresses(&publish, &book, &failure), 0);
	assert_false(holds(1));
	assert_true(holds(2));
	assert_ptr_equal(serving_load(&serving).policy, served);
	assert_int_equal(reclaim_poll(publish.reclaim), 1);
	passed_up_to = started;
	assert_int_equal(reclaim_poll(publish.reclaim), 0);
	/* The last one is given up: an empty set holds nothing. */
	address_book_drop(&book, 0);
	assert_int_equal(publish_addresses(&publish, &book, &failure), 0);
	assert_false(holds(2));
	assert_int_equal(addresses_port(serving_load(&serving).addresses), 5353);
	address_book_free(&book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_needs_no_grace_period, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_replaced_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(addresses_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			given_secrets_are_served_as_they_are, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
