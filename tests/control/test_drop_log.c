/* SPDX-License-Identifier: BSD-3-Clause */
/* Losses in the log: at once, then at most once a minute, never while nothing is lost. */
#include "control/drop_log.h"
#include "control/library_log.h"
#include "control/log.h"
#include "tests/control/log_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void seconds(struct drop_log *log, const struct drop_totals *totals, unsigned count)
{
	while (count--)
		if (drop_log_wants(log))
			drop_log_second(log, totals);
}

static void one_line_a_minute_while_it_grows(void **state)
{
	struct drop_totals totals = {.count = {0}};
	struct drop_log log = {.wait_s = 0};

	(void)state;
	seconds(&log, &totals, 100);
	totals.count[DROP_TX_DROPPED] = 3;
	totals.count[DROP_MALFORMED] = 5;
	seconds(&log, &totals, 1);
	for (unsigned second = 1; second < 60; second++) {
		totals.count[DROP_TCP_REFUSED]++;
		seconds(&log, &totals, 1);
	}
	seconds(&log, &totals, 1); /* the next minute's */
	seconds(&log, &totals, 3600);
	assert_string_equal(log_capture_end(),
		"WARNING drops malformed=5 tx-dropped=3 - lost within a minute: 5 broken packets "
		"and messages, 3 replies that a port or socket did not take; see \"arpactl stats "
		"--explain\"\n"
		"WARNING drops tcp-refused=59 - lost within a minute: 59 TCP clients refused or "
		"closed for others; see \"arpactl stats --explain\"\n");
}

/* What every network has is no news; a flood is, in the second in which it is one. */
static void broken_packets_only_as_a_flood(void **state)
{
	struct drop_totals totals = {.count = {0}};
	struct drop_log log = {.wait_s = 0};

	(void)state;
	for (unsigned second = 0; second < 600; second++) {
		totals.count[DROP_MALFORMED] += 9;
		seconds(&log, &totals, 1);
	}
	totals.count[DROP_MALFORMED] += 599;
	seconds(&log, &totals, 60);
	totals.count[DROP_MALFORMED] += 600;
	totals.count[DROP_RX_MISSED] = 0;
	seconds(&log, &totals, 1);
	assert_string_equal(log_capture_end(),
		"WARNING drops malformed=600 - lost within a minute: 600 broken packets and "
		"messages; see \"arpactl stats --explain\"\n");
}

static void a_counter_that_falls_is_no_loss(void **state)
{
	struct drop_totals totals = {.count = {[DROP_RX_MISSED] = 10}};
	struct drop_log log = {.since = totals};

	(void)state;
	totals.count[DROP_RX_MISSED] = 2;
	seconds(&log, &totals, 200);
	assert_string_equal(log_capture_end(), "");
}

static void totals_are_of_all_parts(void **state)
{
	static struct counters workers[2];
	static struct dns_listener_counters listener;
	struct report_facts facts = {
		.workers = {{.counters = &workers[0]}, {.counters = &workers[1]}},
		.worker_count = 2,
		.ports = {{.rx_missed = 1}, {.rx_no_buffer = 2}},
		.port_count = 2,
		.listener = &listener};
	struct drop_totals totals;

	(void)state;
	counter_add(&workers[0].outcome[OUTCOME_FORMERR], 1);
	counter_add(&workers[1].outcome[OUTCOME_UDP_CHECKSUM], 2);
	counter_add(&workers[1].outcome[OUTCOME_ANSWERED], 100);
	counter_add(&workers[1].outcome[OUTCOME_BAD_SOURCE], 3);
	counter_add(&workers[0].outcome[OUTCOME_PUNT_REFUSED], 4);
	counter_add(&workers[0].tx_dropped, 5);
	counter_add(&workers[1].kernel_dropped, 6);
	counter_add(&listener.messages.outcome[OUTCOME_NO_ROOM], 7);
	counter_add(&listener.messages.outcome[OUTCOME_MESSAGE_SHORT], 8);
	counter_add(&listener.messages.tx_dropped, 9);
	counter_add(&listener.refused_per_network, 10);
	counter_add(&listener.refused_no_resources, 20);
	counter_add(&listener.closed_limit, 40);
	counter_add(&listener.closed_memory, 80);
	totals = drop_totals_of(&facts);
	assert_int_equal(totals.count[DROP_MALFORMED], 11);
	assert_int_equal(totals.count[DROP_BAD_SOURCE], 3);
	assert_int_equal(totals.count[DROP_NO_ROOM], 7);
	assert_int_equal(totals.count[DROP_TX_DROPPED], 14);
	assert_int_equal(totals.count[DROP_RX_MISSED], 3);
	assert_int_equal(totals.count[DROP_KERNEL_DROPPED], 6);
	assert_int_equal(totals.count[DROP_PUNT_REFUSED], 4);
	assert_int_equal(totals.count[DROP_TCP_REFUSED], 150);
}

static void libraries_have_so_many_lines_a_second(void **state)
{
	static struct library_log_budget budget;
	uint64_t dropped = 7;

	(void)state;
	for (unsigned second = 1; second <= 3; second++) {
		for (unsigned i = 0; i < LIBRARY_LOG_LINES; i++) {
			assert_true(library_log_allows(&budget, second, &dropped));
			assert_int_equal(dropped, i || second == 1 ? 0 : 5);
		}
		for (unsigned i = 0; i < 5; i++)
			assert_false(library_log_allows(&budget, second, &dropped));
	}
}

static void libraries_speak_at_levels_of_ours(void **state)
{
	(void)state;
	library_log_dpdk(DATAPLANE_SAYS_ERROR, "EAL", "no \"memory\"\n");
	library_log_dpdk(DATAPLANE_SAYS_WARNING, "mlx5 net", "slow");
	library_log_dpdk(DATAPLANE_SAYS_DETAIL, "EAL", "unseen");
	library_log_libbpf(true, "prog 'x': failed");
	library_log_libbpf(false, "unseen");
	assert_string_equal(log_capture_end(),
		"WARNING dpdk component=EAL - no \"memory\"\\x0a\n"
		"INFO dpdk component=\"mlx5 net\" - slow\n"
		"WARNING libbpf - prog 'x': failed\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, log_capture_begin)
	const struct CMUnitTest tests[] = {
		TEST(one_line_a_minute_while_it_grows),
		TEST(broken_packets_only_as_a_flood),
		TEST(a_counter_that_falls_is_no_loss),
		cmocka_unit_test(totals_are_of_all_parts),
		cmocka_unit_test(libraries_have_so_many_lines_a_second),
		TEST(libraries_speak_at_levels_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
