/* SPDX-License-Identifier: BSD-3-Clause */
/* control/address/address_book.c: who wants which address, over every change. */
#include "control/address/address_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct failure failure;

static struct dns_listener_address host(unsigned number, uint16_t port)
{
	return (struct dns_listener_address){
		.address = {.family = 4,
			.bytes = {198, 18, (uint8_t)(number >> 8), (uint8_t)number}},
		.port = port,
	};
}

/* Addresses 1 and 2 are configured; 2 is on the first of two interfaces, 3 on both. */
static struct config config_of(uint16_t port, unsigned ports)
{
	static struct dns_listener_address listed[2];
	static const char *const interfaces[] = {"lo", "eth0"};

	listed[0] = host(1, port);
	listed[1] = host(2, port);
	return (struct config){.addresses = listed,
		.address_count = 2,
		.port = port,
		.port_count = ports,
		.interfaces = interfaces,
		.interface_count = 2};
}

static struct address_book book_of(uint16_t port, unsigned ports, const struct address_book *before)
{
	struct follow_address at[] = {{host(2, 0).address, 1}, {host(3, 0).address, 3}};
	const struct follow_addresses followed = {.at = at, .count = 2};
	const struct config config = config_of(port, ports);
	struct address_book book;

	assert_int_equal(address_book_make(&book, &config, &followed, before, NULL, &failure), 0);
	return book;
}

static uint64_t sources_of(const struct address_book *book, unsigned number, uint16_t port)
{
	const struct dns_listener_address address = host(number, port);
	long index = address_book_find(book, &address);

	return index < 0 ? 0 : book->sources[index];
}

static void made_of_all_sources(void **state)
{
	struct address_book book = book_of(53, 1, NULL);

	(void)state;
	assert_int_equal(book.count, 3);
	assert_int_equal(book.port, 53);
	assert_true(book.one_port);
	assert_int_equal(sources_of(&book, 1, 53), ADDRESS_CONFIGURED);
	assert_int_equal(sources_of(&book, 2, 53), ADDRESS_CONFIGURED | ADDRESS_FOLLOWED);
	assert_int_equal(sources_of(&book, 3, 53), ADDRESS_FOLLOWED | 2 * ADDRESS_FOLLOWED);
	assert_int_equal(sources_of(&book, 3, 54), 0);
	/* The first that the configuration names stays the first: the hot path asks for it. */
	assert_int_equal(book.addresses[0].address.bytes[3], 1);
	address_book_free(&book);
	assert_null(book.addresses);
	address_book_free(&book);
}

static void commanded_addresses_outlive_another_configuration(void **state)
{
	struct address_book book = book_of(53, 0, NULL), next;
	const struct dns_listener_address plain = host(9, 53), other = host(9, 5300);

	(void)state;
	assert_int_equal(address_book_add(&book, &plain, &failure), 1);
	assert_int_equal(address_book_add(&book, &other, &failure), 1);
	assert_int_equal(address_book_add(&book, &other, &failure), 0);
	next = book_of(5353, 0, &book);
	/* What had no port of its own goes with the configuration's. */
	assert_int_equal(sources_of(&next, 9, 53), 0);
	assert_int_equal(sources_of(&next, 9, 5353), ADDRESS_COMMANDED);
	assert_int_equal(sources_of(&next, 9, 5300), ADDRESS_COMMANDED);
	assert_int_equal(next.count, 5);
	address_book_free(&next);
	address_book_free(&book);
}

static void a_copy_is_its_own(void **state)
{
	struct address_book book = book_of(53, 0, NULL), copy;
	const struct dns_listener_address more = host(9, 53);

	(void)state;
	assert_int_equal(address_book_copy(&copy, &book, &failure), 0);
	assert_int_equal(address_book_add(&copy, &more, &failure), 1);
	assert_int_equal(copy.count, 4);
	assert_int_equal(book.count, 3);
	assert_int_equal(copy.port, 53);
	assert_int_equal(sources_of(&copy, 2, 53), sources_of(&book, 2, 53));
	address_book_free(&book);
	assert_int_equal(sources_of(&copy, 9, 53), ADDRESS_COMMANDED);
	address_book_free(&copy);
}

static void removal_tells_who_gives(void **state)
{
	struct address_book book = book_of(53, 0, NULL);
	const struct config config = config_of(53, 0);
	const struct dns_listener_address one = host(1, 53), three = host(3, 53),
					  nine = host(9, 53);

	(void)state;
	assert_int_equal(address_book_remove(&book, &nine, &config, &failure), 0);
	assert_int_equal(address_book_remove(&book, &one, &config, &failure), -1);
	assert_non_null(strstr(failure.text, "198.18.0.1 is in listen.addresses"));
	assert_int_equal(address_book_remove(&book, &three, &config, &failure), -1);
	assert_non_null(strstr(failure.text, "an address of lo,"));
	assert_int_equal(address_book_add(&book, &one, &failure), 1);
	assert_int_equal(address_book_remove(&book, &one, &config, &failure), 1);
	assert_int_equal(sources_of(&book, 1, 53), ADDRESS_CONFIGURED);
	assert_int_equal(address_book_add(&book, &nine, &failure), 1);
	assert_int_equal(address_book_remove(&book, &nine, &config, &failure), 1);
	assert_int_equal(sources_of(&book, 9, 53), 0);
	assert_int_equal(book.count, 3);
	address_book_free(&book);
}

static void the_interface_that_gives_is_named(void **state)
{
	struct follow_address at = {host(7, 0).address, 2};
	const struct follow_addresses followed = {.at = &at, .count = 1};
	const struct config config = config_of(53, 0);
	const struct dns_listener_address seven = host(7, 53);
	struct address_book book;

	(void)state;
	assert_int_equal(address_book_make(&book, &config, &followed, NULL, NULL, &failure), 0);
	assert_int_equal(address_book_remove(&book, &seven, &config, &failure), -1);
	assert_non_null(strstr(failure.text, "an address of eth0,"));
	address_book_free(&book);
}

static void dropped_ones_leave_no_gap(void **state)
{
	struct address_book book = book_of(53, 0, NULL);

	(void)state;
	address_book_drop(&book, 1);
	assert_int_equal(book.count, 2);
	assert_int_equal(sources_of(&book, 1, 53), ADDRESS_CONFIGURED);
	assert_int_equal(sources_of(&book, 2, 53), 0);
	assert_int_equal(sources_of(&book, 3, 53), ADDRESS_FOLLOWED | 2 * ADDRESS_FOLLOWED);
	address_book_drop(&book, 1);
	address_book_drop(&book, 0);
	assert_int_equal(book.count, 0);
	struct ip_address *none = address_book_plain(&book);
	assert_non_null(none);
	free(none);
	address_book_free(&book);
}

static void no_more_than_the_limit(void **state)
{
	static struct follow_address at[ADDRESS_BOOK_MAX];
	const struct follow_addresses followed = {.at = at, .count = ADDRESS_BOOK_MAX};
	const struct config config = config_of(53, 0);
	const struct dns_listener_address more = host(1, 5353);
	struct address_book book, next;
	size_t left_out = 0;

	(void)state;
	for (unsigned i = 0; i < ADDRESS_BOOK_MAX; i++)
		at[i] = (struct follow_address){host(100 + i, 0).address, 1};
	assert_int_equal(address_book_make(&book, &config, &followed, NULL, NULL, &failure), -1);
	assert_int_equal(failure.code, FAILURE_TOO_LARGE);
	assert_int_equal(
		address_book_make(&book, &config, &followed, NULL, &left_out, &failure), 0);
	assert_int_equal(left_out, 2);
	assert_int_equal(book.count, ADDRESS_BOOK_MAX);
	assert_int_equal(address_book_add(&book, &more, &failure), -1);
	assert_int_equal(failure.code, FAILURE_TOO_LARGE);
	/* What arpactl was promised comes before what interfaces have. */
	address_book_drop(&book, ADDRESS_BOOK_MAX - 1);
	assert_int_equal(address_book_add(&book, &more, &failure), 1);
	assert_int_equal(
		address_book_make(&next, &config, &followed, &book, &left_out, &failure), 0);
	assert_int_equal(left_out, 3);
	assert_int_equal(sources_of(&next, 1, 5353), ADDRESS_COMMANDED);
	address_book_free(&next);
	address_book_free(&book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_of_all_sources),
		cmocka_unit_test(commanded_addresses_outlive_another_configuration),
		cmocka_unit_test(a_copy_is_its_own),
		cmocka_unit_test(removal_tells_who_gives),
		cmocka_unit_test(the_interface_that_gives_is_named),
		cmocka_unit_test(dropped_ones_leave_no_gap),
		cmocka_unit_test(no_more_than_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
