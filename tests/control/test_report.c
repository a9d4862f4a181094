/* SPDX-License-Identifier: BSD-3-Clause */
/* The report: every counter under its name, summed and per worker. */
#include "control/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static struct counters counters[2];

static struct report_facts sample(void)
{
	struct report_facts facts = {
		.uptime_s = 7,
		.ready = true,
		.sequence = 11,
		.zones = 2,
		.rrsets = 9,
		.waiting = 3,
		.table = {.owners = 5, .empty_nonterminals = 4, .bytes = 1000},
		.worker_count = 2,
		.workers = {{&counters[0], "vs", 0, 1}, {&counters[1], "vs", 1, 2}},
		.port_count = 1,
		.ports = {{"vs", 10, 9, 8, 7, 6}},
		.steer_count = 1,
	};

	facts.steers[0].interface = "vs";
	for (int i = 0; i < STEER_VERDICTS; i++) {
		static const char *const names[STEER_VERDICTS] = {"a", "b", "c", "d", "e", "f"};

		facts.steers[0].names[i] = names[i];
		facts.steers[0].verdicts[i] = 100 + (unsigned)i;
	}
	memset(counters, 0, sizeof(counters));
	counter_add(&counters[0].outcome[OUTCOME_ANSWERED], 40);
	counter_add(&counters[1].outcome[OUTCOME_ANSWERED], 2);
	counter_add(&counters[1].outcome[OUTCOME_NXDOMAIN], 1);
	counter_add(&counters[0].tx_dropped, 5);
	counter_add(&counters[1].tx_dropped, 6);
	return facts;
}

static json_int_t number(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void status(void **state)
{
	struct report_facts facts = sample();
	json_t *status = report_status(&facts), *worker;

	(void)state;
	assert_string_equal(json_string_value(json_object_get(status, "version")), ARPAD_VERSION);
	assert_int_equal(number(status, "pid"), getpid());
	assert_int_equal(number(status, "uptime_s"), 7);
	assert_true(json_is_true(json_object_get(status, "ready")));
	assert_true(json_is_false(json_object_get(status, "hugepages")));
	assert_int_equal(number(status, "seq"), 11);
	assert_int_equal(number(status, "zones"), 2);
	assert_int_equal(number(status, "owners"), 5);
	assert_int_equal(number(status, "rrsets"), 9);
	assert_int_equal(number(status, "waiting"), 3);
	assert_int_equal(json_array_size(json_object_get(status, "workers")), 2);
	worker = json_array_get(json_object_get(status, "workers"), 1);
	assert_string_equal(json_string_value(json_object_get(worker, "port")), "vs");
	assert_int_equal(number(worker, "queue"), 1);
	assert_int_equal(number(worker, "core"), 2);
	json_decref(status);
}

static void stats(void **state)
{
	struct report_facts facts = sample();
	json_t *stats = report_stats(&facts, false), *worker, *port, *verdicts;

	(void)state;
	assert_int_equal(json_object_size(json_object_get(stats, "outcomes")), OUTCOMES);
	assert_int_equal(number(json_object_get(stats, "outcomes"), "answered"), 42);
	assert_int_equal(number(json_object_get(stats, "outcomes"), "nxdomain"), 1);
	assert_int_equal(number(stats, "tx_dropped"), 11);
	worker = json_array_get(json_object_get(stats, "workers"), 1);
	assert_int_equal(number(json_object_get(worker, "outcomes"), "answered"), 2);
	assert_int_equal(number(worker, "tx_dropped"), 6);
	port = json_array_get(json_object_get(stats, "ports"), 0);
	assert_int_equal(number(port, "rx_packets"), 10);
	assert_int_equal(number(port, "tx_packets"), 9);
	assert_int_equal(number(port, "rx_missed"), 8);
	assert_int_equal(number(port, "rx_no_buffer"), 7);
	assert_int_equal(number(port, "tx_errors"), 6);
	verdicts = json_object_get(json_array_get(json_object_get(stats, "steer"), 0), "verdicts");
	assert_int_equal(json_object_size(verdicts), STEER_VERDICTS);
	assert_int_equal(number(verdicts, "f"), 105);
	assert_int_equal(number(json_object_get(stats, "table"), "empty_nonterminals"), 4);
	assert_null(json_object_get(stats, "explain"));
	json_decref(stats);
}

static void stats_with_sentences(void **state)
{
	struct report_facts facts = sample();
	json_t *stats = report_stats(&facts, true);
	json_t *explain = json_object_get(stats, "explain");

	(void)state;
	assert_int_equal(json_object_size(explain), OUTCOMES);
	assert_string_equal(json_string_value(json_object_get(explain, "nxdomain")),
		outcome_sentence(OUTCOME_NXDOMAIN));
	json_decref(stats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status),
		cmocka_unit_test(stats),
		cmocka_unit_test(stats_with_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
