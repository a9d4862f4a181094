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
static struct dns_listener_counters listener;

static struct report_facts sample(void)
{
	static struct observe_ring rings[2];
	struct report_facts facts = {
		.uptime_s = 7,
		.ready = true,
		.sequence = 11,
		.zones = 2,
		.rrsets = 9,
		.addresses = 12,
		.steering = REPORT_DRAINING,
		.waiting = 3,
		.table = {.owners = 5, .empty_nonterminals = 4, .bytes = 1000},
		.worker_count = 2,
		.workers = {{&counters[0], "vs", 0, 1, -1, 4000, &rings[0]},
			{&counters[1], "vs", 1, 2, -1, 1000, NULL}},
		.listener_ring = &rings[1],
		.observe_one_in = 64,
		.port_count = 2,
		.ports = {{.port = "vs",
				  .rx_packets = 10,
				  .tx_packets = 9,
				  .rx_missed = 8,
				  .rx_no_buffer = 7,
				  .tx_errors = 6},
			{.port = "0000:3b:00.0",
				.owned = true,
				.link_up = true,
				.speed_mbps = 25000,
				.mtu_bytes = 1500}},
		.kernels = {[1] = {"arpad0", {1, 2, 3, 4, 5, 6, 7}}},
		.steer_count = 1,
		.listener = &listener,
		.tcp_clients_max = 100,
	};

	facts.steers[0].interface = "vs";
	for (int i = 0; i < STEER_VERDICTS; i++)
		facts.steers[0].verdicts[i] = 100 + (unsigned)i;
	memset(rings, 0, sizeof(rings));
	counter_add(&rings[0].seen, 500);
	counter_add(&rings[0].dropped, 1);
	counter_add(&rings[1].seen, 20);
	counter_add(&rings[1].dropped, 3);
	memset(counters, 0, sizeof(counters));
	counter_add(&counters[0].outcome[OUTCOME_ANSWERED], 40);
	counter_add(&counters[1].outcome[OUTCOME_ANSWERED], 2);
	counter_add(&counters[1].outcome[OUTCOME_NXDOMAIN], 1);
	counter_add(&counters[0].tx_dropped, 5);
	counter_add(&counters[1].tx_dropped, 6);
	counter_add(&counters[0].received, 60);
	counter_add(&counters[0].returned, 3);
	counter_add(&counters[0].segmented, 1);
	counter_add(&counters[0].sent, 55);
	counter_add(&counters[0].bursts, 4);
	counter_add(&counters[0].tx_backlog, 9);
	counter_add(&counters[1].tx_backlog, 7);
	counter_add(&counters[1].tx_paused, 2);
	counter_add(&counters[0].sleeps, 8);
	counter_add(&counters[0].busy_cycles, 1000);
	counter_add(&counters[0].asleep_cycles, 2000);
	memset(&listener, 0, sizeof(listener));
	counter_add(&listener.messages.outcome[OUTCOME_ANSWERED], 1000);
	counter_add(&listener.messages.tx_dropped, 20);
	counter_add(&listener.punted[OUTCOME_NOTIMP], 30);
	counter_add(&listener.punt_replied, 29);
	_Atomic(uint64_t) *const each[] = {&listener.udp_queries, &listener.tcp_queries,
		&listener.bytes_in, &listener.bytes_out, &listener.tcp_accepted,
		&listener.tcp_clients, &listener.closed_idle, &listener.closed_slow,
		&listener.closed_limit, &listener.closed_memory, &listener.closed_malformed,
		&listener.refused_per_network, &listener.refused_no_resources};
	for (unsigned i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		counter_add(each[i], 500 + i);
	return facts;
}

static json_int_t number(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static double real(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	assert_true(json_is_real(value));
	return json_real_value(value);
}

static void status(void **state)
{
	struct report_facts facts = sample();
	json_t *status = report_status(&facts), *worker, *port;

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
	assert_int_equal(number(status, "addresses"), 12);
	assert_string_equal(json_string_value(json_object_get(status, "steering")), "draining");
	assert_int_equal(json_array_size(json_object_get(status, "workers")), 2);
	worker = json_array_get(json_object_get(status, "workers"), 1);
	assert_string_equal(json_string_value(json_object_get(worker, "port")), "vs");
	assert_int_equal(number(worker, "queue"), 1);
	assert_int_equal(number(worker, "core"), 2);
	assert_int_equal(json_array_size(json_object_get(status, "ports")), 1);
	port = json_array_get(json_object_get(status, "ports"), 0);
	assert_string_equal(json_string_value(json_object_get(port, "port")), "0000:3b:00.0");
	assert_string_equal(json_string_value(json_object_get(port, "link")), "up");
	assert_int_equal(number(port, "speed_mbps"), 25000);
	assert_int_equal(number(port, "mtu"), 1500);
	json_decref(status);
}

static void links_that_are_down_or_gone(void **state)
{
	static const char *const wanted[] = {"down", "gone"};
	struct report_facts facts = sample();

	(void)state;
	facts.ports[1].link_up = false;
	for (unsigned i = 0; i < 2; i++) {
		facts.ports[1].removed = i == 1;
		json_t *status = report_status(&facts), *stats = report_stats(&facts, false);
		json_t *port = json_array_get(json_object_get(status, "ports"), 0);

		assert_string_equal(json_string_value(json_object_get(port, "link")), wanted[i]);
		port = json_array_get(json_object_get(stats, "ports"), 1);
		assert_int_equal(number(port, "link_up"), 0);
		json_decref(status);
		json_decref(stats);
	}
}

static void the_moment_of_stats(void **state)
{
	struct report_facts facts = sample();
	json_t *stats = report_stats(&facts, false);

	(void)state;
	assert_null(json_object_get(stats, "start_id"));
	assert_null(json_object_get(stats, "time_ms"));
	json_decref(stats);
	facts.start_id = "0123456789abcdef";
	facts.started_ms = 1000;
	facts.time_ms = 9000;
	facts.monotonic_ms = 70;
	facts.tsc_hz = 2000000000;
	stats = report_stats(&facts, false);
	assert_string_equal(
		json_string_value(json_object_get(stats, "start_id")), "0123456789abcdef");
	assert_int_equal(number(stats, "started_ms"), 1000);
	assert_int_equal(number(stats, "time_ms"), 9000);
	assert_int_equal(number(stats, "monotonic_ms"), 70);
	assert_int_equal(number(stats, "tsc_hz"), 2000000000);
	assert_int_equal(number(stats, "seq"), 11);
	assert_null(json_object_get(stats, "resident_bytes"));
	json_decref(stats);
	facts.resident_bytes = 4096;
	stats = report_stats(&facts, false);
	assert_int_equal(number(stats, "resident_bytes"), 4096);
	json_decref(stats);
}

static void stats(void **state)
{
	struct report_facts facts = sample();
	json_t *stats = report_stats(&facts, false), *worker, *port, *verdicts;

	(void)state;
	assert_int_equal(json_object_size(json_object_get(stats, "outcomes")), OUTCOMES);
	assert_int_equal(number(json_object_get(stats, "outcomes"), "answered"), 1042);
	assert_int_equal(number(json_object_get(stats, "outcomes"), "nxdomain"), 1);
	assert_int_equal(number(stats, "tx_dropped"), 31);
	worker = json_array_get(json_object_get(stats, "workers"), 1);
	assert_int_equal(number(json_object_get(worker, "outcomes"), "answered"), 2);
	assert_int_equal(number(worker, "tx_dropped"), 6);
	port = json_array_get(json_object_get(stats, "ports"), 0);
	assert_int_equal(number(port, "rx_packets"), 10);
	assert_int_equal(number(port, "tx_packets"), 9);
	assert_int_equal(number(port, "rx_missed"), 8);
	assert_int_equal(number(port, "rx_no_buffer"), 7);
	assert_int_equal(number(port, "tx_errors"), 6);
	assert_null(json_object_get(port, "link_up"));
	port = json_array_get(json_object_get(stats, "ports"), 1);
	assert_int_equal(number(port, "link_up"), 1);
	assert_int_equal(number(port, "speed_mbps"), 25000);
	assert_int_equal(number(port, "mtu"), 1500);
	verdicts = json_object_get(json_array_get(json_object_get(stats, "steer"), 0), "verdicts");
	assert_int_equal(json_object_size(verdicts), STEER_VERDICTS);
	assert_int_equal(number(verdicts, "redirected"), 100);
	assert_int_equal(number(verdicts, "pass-no-socket"), 100 + STEER_PASS_NO_SOCKET);
	assert_int_equal(number(json_object_get(stats, "table"), "empty_nonterminals"), 4);
	assert_null(json_object_get(stats, "explain"));
	json_decref(stats);
}

static void what_workers_do(void **state)
{
	struct report_facts facts = sample();
	json_t *stats = report_stats(&facts, false), *first, *second;

	(void)state;
	first = json_array_get(json_object_get(stats, "workers"), 0);
	second = json_array_get(json_object_get(stats, "workers"), 1);
	assert_int_equal(number(first, "received"), 60);
	assert_int_equal(number(first, "returned"), 3);
	assert_int_equal(number(first, "segmented"), 1);
	assert_int_equal(number(first, "sent"), 55);
	assert_int_equal(number(first, "sleeps"), 8);
	assert_int_equal(number(first, "cycles"), 4000);
	assert_float_equal(real(first, "busy_ratio"), 0.25, 1e-9);
	assert_float_equal(real(first, "asleep_ratio"), 0.5, 1e-9);
	assert_float_equal(real(first, "frames_a_burst"), 15, 1e-9);
	assert_float_equal(real(first, "cycles_a_frame"), 1000.0 / 63, 1e-9);
	assert_int_equal(number(first, "tx_backlog"), 9);
	assert_int_equal(number(second, "tx_paused"), 2);
	assert_float_equal(real(second, "frames_a_burst"), 0, 0);
	assert_int_equal(number(stats, "tx_backlog"), 9);
	assert_int_equal(number(stats, "cycles"), 5000);
	assert_float_equal(real(stats, "busy_ratio"), 0.2, 1e-9);
	json_decref(stats);
}

/* Of a worker, and of all of them and the listener. */
static void rate_limits(void **state)
{
	static const char *const names[RATELIMIT_CLASSES] = {
		NULL, "answers", "nxdomain", "errors", "referrals"};
	struct report_facts facts = sample();
	json_t *stats, *sum, *second;

	(void)state;
	for (unsigned c = RATELIMIT_NONE + 1; c < RATELIMIT_CLASSES; c++) {
		counter_add(&counters[0].rate_limited[c], c);
		counter_add(&counters[1].rate_limited[c], 10 * c);
		counter_add(&listener.messages.rate_limited[c], 100 * c);
	}
	counter_add(&counters[1].rate_exempt_cookie, 7);
	counter_add(&listener.messages.rate_exempt_cookie, 70);
	counter_add(&counters[1].rate_exempt_prefix, 8);
	counter_add(&listener.messages.rate_exempt_prefix, 80);
	stats = report_stats(&facts, false);
	sum = json_object_get(stats, "rate_limit");
	second =
		json_object_get(json_array_get(json_object_get(stats, "workers"), 1), "rate_limit");
	assert_int_equal(json_object_size(json_object_get(sum, "limited")), RATELIMIT_CLASSES - 1);
	for (unsigned c = RATELIMIT_NONE + 1; c < RATELIMIT_CLASSES; c++) {
		assert_int_equal(number(json_object_get(sum, "limited"), names[c]), 111 * c);
		assert_int_equal(number(json_object_get(second, "limited"), names[c]), 10 * c);
	}
	assert_int_equal(number(sum, "exempt_cookie"), 77);
	assert_int_equal(number(sum, "exempt_prefix"), 88);
	assert_int_equal(number(second, "exempt_cookie"), 7);
	assert_int_equal(number(second, "exempt_prefix"), 8);
	json_decref(stats);
}

static void what_is_observed(void **state)
{
	struct report_facts facts = sample();
	json_t *stats = report_stats(&facts, false), *observe = json_object_get(stats, "observe");
	json_t *rings = json_object_get(observe, "rings"), *worker = json_array_get(rings, 0);
	json_t *own = json_array_get(rings, 1);

	(void)state;
	assert_int_equal(number(observe, "one_in"), 64);
	assert_int_equal(number(observe, "seen"), 520);
	assert_int_equal(number(observe, "dropped"), 4);
	assert_int_equal(json_array_size(rings), 2);
	assert_string_equal(json_string_value(json_object_get(worker, "ring")), "worker.0");
	assert_int_equal(number(worker, "seen"), 500);
	assert_int_equal(number(worker, "dropped"), 1);
	assert_string_equal(json_string_value(json_object_get(own, "ring")), "listener");
	assert_int_equal(number(own, "seen"), 20);
	assert_int_equal(number(own, "dropped"), 3);
	json_decref(stats);
	facts.listener_ring = NULL;
	stats = report_stats(&facts, false);
	assert_null(json_object_get(stats, "observe"));
	json_decref(stats);
}

static void ways_to_the_kernel(void **state)
{
	static const char *const names[] = {"to_kernel", "from_kernel", "ring_full", "device_full",
		"no_buffer", "to_throttled", "from_throttled"};
	struct report_facts facts = sample();
	json_t *stats = report_stats(&facts, false), *ports = json_object_get(stats, "ports");
	json_t *kernel = json_object_get(json_array_get(ports, 1), "kernel");

	(void)state;
	assert_null(json_object_get(json_array_get(ports, 0), "kernel"));
	assert_string_equal(json_string_value(json_object_get(kernel, "interface")), "arpad0");
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(number(kernel, names[i]), i + 1);
	json_decref(stats);
}

static void the_listener(void **state)
{
	static const char *const names[] = {"udp_queries", "tcp_queries", "bytes_in", "bytes_out",
		"tcp_accepted", "tcp_clients", "closed_idle", "closed_slow", "closed_limit",
		"closed_memory", "closed_malformed", "refused_per_network", "refused_no_resources"};
	struct report_facts facts = sample();
	json_t *stats = report_stats(&facts, false), *status = report_status(&facts);
	json_t *own = json_object_get(stats, "listener");

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(number(own, names[i]), 500 + i);
	assert_int_equal(json_object_size(json_object_get(own, "outcomes")), OUTCOMES);
	assert_int_equal(number(json_object_get(own, "outcomes"), "answered"), 1000);
	assert_int_equal(number(own, "tx_dropped"), 20);
	assert_int_equal(number(own, "tcp_clients_max"), 100);
	assert_int_equal(number(json_object_get(own, "punted"), "notimp"), 30);
	assert_int_equal(number(own, "punt_replied"), 29);
	assert_int_equal(number(json_object_get(stats, "outcomes"), "notimp"), 0);
	assert_int_equal(number(status, "tcp_clients"), 505);
	assert_int_equal(number(status, "tcp_clients_max"), 100);
	json_decref(stats);
	json_decref(status);
	facts.listener = NULL;
	stats = report_stats(&facts, false);
	assert_null(json_object_get(stats, "listener"));
	assert_int_equal(number(json_object_get(stats, "outcomes"), "answered"), 42);
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
	explain = json_object_get(stats, "explain_steer");
	assert_int_equal(json_object_size(explain), STEER_VERDICTS);
	assert_non_null(
		strstr(json_string_value(json_object_get(explain, "pass-fragment")), "fragment"));
	json_decref(stats);
}

/* What limits hold; nothing at all where nobody told. */
static void the_limits(void **state)
{
	struct report_facts facts = sample();
	json_t *status = report_status(&facts), *told;

	(void)state;
	assert_null(json_object_get(status, "privileges"));
	json_decref(status);
	facts.user = "arpad";
	facts.capabilities = "net_bind_service";
	facts.seccomp_off = "";
	facts.landlock_off = "too old";
	facts.landlock_abi = 4;
	status = report_status(&facts);
	told = json_object_get(status, "privileges");
	assert_string_equal(json_string_value(json_object_get(told, "user")), "arpad");
	assert_string_equal(
		json_string_value(json_object_get(told, "capabilities")), "net_bind_service");
	assert_true(json_is_true(json_object_get(json_object_get(told, "seccomp"), "on")));
	assert_null(json_object_get(json_object_get(told, "seccomp"), "why"));
	assert_true(json_is_false(json_object_get(json_object_get(told, "landlock"), "on")));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(told, "landlock"), "why")),
		"too old");
	assert_int_equal(json_integer_value(json_object_get(told, "landlock_abi")), 4);
	json_decref(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status),
		cmocka_unit_test(links_that_are_down_or_gone),
		cmocka_unit_test(the_moment_of_stats),
		cmocka_unit_test(stats),
		cmocka_unit_test(what_workers_do),
		cmocka_unit_test(rate_limits),
		cmocka_unit_test(what_is_observed),
		cmocka_unit_test(ways_to_the_kernel),
		cmocka_unit_test(the_listener),
		cmocka_unit_test(stats_with_sentences),
		cmocka_unit_test(the_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
