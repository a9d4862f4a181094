/* SPDX-License-Identifier: BSD-3-Clause */
/* control/address/follow.c, in a network namespace of its own; without the right to make one it is
 * skipped.
 */
#include "control/address/follow_read.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SKIPPED = 77, WAIT_S = 10 };

static struct event_base *base;
static struct follow *follow;
static unsigned changes;
static struct failure failure;

static void changed(void *context)
{
	assert_ptr_equal(context, &changes);
	changes++;
}

static int set_up(void **state)
{
	(void)state;
	base = event_base_new();
	changes = 0;
	return follow_open(base, changed, &changes, &follow, &failure);
}

static int tear_down(void **state)
{
	(void)state;
	follow_close(follow);
	event_base_free(base);
	return 0;
}

static void ip(const char *words)
{
	char line[256];

	snprintf(line, sizeof(line), "ip %s", words);
	assert_int_equal(system(line), 0);
}

static struct ip_address parse(const char *text)
{
	struct ip_address address = {.family = strchr(text, ':') ? 6 : 4};

	assert_int_equal(
		inet_pton(address.family == 4 ? AF_INET : AF_INET6, text, address.bytes), 1);
	return address;
}

/* Which of the interfaces have the address now; bit 31: none of them, but it is listed. */
static uint32_t who_has(const struct follow_addresses *addresses, const char *text)
{
	const struct ip_address wanted = parse(text);

	for (size_t i = 0; i < addresses->count; i++)
		if (memcmp(&addresses->at[i].address, &wanted, sizeof(wanted)) == 0)
			return addresses->at[i].interfaces;
	return 0;
}

static struct follow_addresses read_three(void)
{
	static const char *const names[] = {"lo", "f0", "nosuch0"};
	struct follow_addresses addresses;

	if (follow_read(follow, names, 3, &addresses, &failure) != 0)
		fail_msg("%s", failure.text);
	return addresses;
}

/* Lets the loop turn until something was told, and all that comes with it. */
static unsigned wait_for_change(void)
{
	time_t end = time(NULL) + WAIT_S;

	while (!changes && time(NULL) < end) {
		const struct timeval soon = {.tv_usec = 50000};

		event_base_loopexit(base, &soon);
		event_base_dispatch(base);
	}
	return changes;
}

static void what_interfaces_have(void **state)
{
	(void)state;
	ip("address add 203.0.113.1/32 dev lo");
	ip("address add 2001:db8::1/128 dev lo");
	ip("address add 203.0.113.1/24 dev f0");
	ip("address add 203.0.113.2/24 dev f0");
	ip("address add 203.0.113.3 peer 203.0.113.4/32 dev f0");
	ip("address add 169.254.1.1/16 dev f0");
	ip("address add fd00::1/64 dev f0 nodad");
	ip("address add 203.0.113.9/24 dev f1");
	struct follow_addresses addresses = read_three();

	assert_int_equal(who_has(&addresses, "203.0.113.1"), 3);
	assert_int_equal(who_has(&addresses, "2001:db8::1"), 1);
	assert_int_equal(who_has(&addresses, "203.0.113.2"), 2);
	assert_int_equal(who_has(&addresses, "203.0.113.3"), 2);
	assert_int_equal(who_has(&addresses, "fd00::1"), 2);
	assert_int_equal(addresses.count, 5);
	assert_int_equal(addresses.missing, 4);
	follow_addresses_free(&addresses);
	/* What is down does not answer, and is not missing. */
	ip("link set f0 down");
	addresses = read_three();
	assert_int_equal(who_has(&addresses, "203.0.113.1"), 1);
	assert_int_equal(who_has(&addresses, "203.0.113.2"), 0);
	assert_int_equal(addresses.missing, 4);
	follow_addresses_free(&addresses);
	ip("link set f0 up");
	ip("address flush dev f0");
	ip("address del 203.0.113.1/32 dev lo");
	ip("address del 2001:db8::1/128 dev lo");
}

static void no_interfaces_no_addresses(void **state)
{
	struct follow_addresses addresses;

	(void)state;
	assert_int_equal(follow_read(follow, NULL, 0, &addresses, &failure), 0);
	assert_int_equal(addresses.count, 0);
	follow_addresses_free(&addresses);
}

static void every_change_is_told(void **state)
{
	static const char *const acts[] = {
		"address add 203.0.113.7/32 dev lo",
		"address del 203.0.113.7/32 dev lo",
		"address add 2001:db8::7/128 dev lo",
		"address del 2001:db8::7/128 dev lo",
		"link add f9 type bridge",
		"link set f9 up",
		"link del f9",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		ip(acts[i]);
		if (!wait_for_change())
			fail_msg("not told: %s", acts[i]);
		/* Whatever else this brought with it. */
		const struct timeval rest = {.tv_usec = 200000};
		event_base_loopexit(base, &rest);
		event_base_dispatch(base);
		changes = 0;
	}
}

/* More notices than the socket can hold, while nobody listens: one of all of them is enough. */
static void a_flood_of_notices_is_told_and_nothing_is_missed(void **state)
{
	struct follow_addresses addresses;
	FILE *batch = popen("ip -batch -", "w");

	(void)state;
	assert_non_null(batch);
	for (unsigned i = 0; i < 3000; i++)
		fprintf(batch, "address add 198.18.%u.%u/32 dev lo\n", i >> 8, i & 255);
	assert_int_equal(pclose(batch), 0);
	assert_int_not_equal(wait_for_change(), 0);
	addresses = read_three();
	assert_int_equal(addresses.count, 3000);
	assert_int_equal(who_has(&addresses, "198.18.11.183"), 1);
	follow_addresses_free(&addresses);
	ip("address flush dev lo");
	changes = 0;
	assert_int_not_equal(wait_for_change(), 0);
}

static void tried_again_when_asked(void **state)
{
	(void)state;
	follow_again(follow);
	follow_again(follow);
	assert_int_equal(wait_for_change(), 1);
}

/* While duplicates are looked for, nobody may answer; then it is told that one may. */
static void tentative_addresses_are_waited_for(void **state)
{
	time_t end = time(NULL) + WAIT_S;
	struct follow_addresses addresses;
	uint32_t has = 0;

	(void)state;
	ip("address add 2001:db8:1::1/64 dev f0");
	addresses = read_three();
	assert_int_equal(who_has(&addresses, "2001:db8:1::1"), 0);
	follow_addresses_free(&addresses);
	while (!has && time(NULL) < end) {
		changes = 0;
		wait_for_change();
		addresses = read_three();
		has = who_has(&addresses, "2001:db8:1::1");
		follow_addresses_free(&addresses);
	}
	assert_int_equal(has, 2);
	ip("address flush dev f0");
}

static void which_addresses_are_wanted(void **state)
{
	static const char *const good[] = {"192.0.2.1", "10.0.0.1", "169.253.0.1", "128.0.0.1",
		"2001:db8::1", "fd00::1", "fec0::1", "::2"};
	static const char *const bad[] = {"127.0.0.1", "127.0.0.53", "169.254.0.1", "0.0.0.0",
		"224.0.0.1", "255.255.255.255", "::1", "fe80::1", "febf::1", "ff02::1"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct ip_address address = parse(good[i]);

		assert_true(follow_read_wants(&address, IFA_F_PERMANENT));
		assert_true(follow_read_wants(&address, IFA_F_DEPRECATED));
		assert_false(follow_read_wants(&address, IFA_F_TENTATIVE));
		assert_false(follow_read_wants(&address, IFA_F_DADFAILED | IFA_F_PERMANENT));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct ip_address address = parse(bad[i]);

		assert_false(follow_read_wants(&address, IFA_F_PERMANENT));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_addresses_are_wanted),
		cmocka_unit_test_setup_teardown(what_interfaces_have, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_interfaces_no_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_change_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_flood_of_notices_is_told_and_nothing_is_missed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tried_again_when_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			tentative_addresses_are_waited_for, set_up, tear_down),
	};

	if (unshare(CLONE_NEWNET) != 0 ||
		system("ip link set lo up && ip link add f0 type veth peer name f1 && "
		       "ip link set f0 up && ip link set f1 up") != 0)
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
