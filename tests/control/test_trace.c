/* SPDX-License-Identifier: BSD-3-Clause */
/* Queues of traces: what gets in, what bounds them, and both threads at once. */
#include "control/observer/trace.h"

#include "tests/control/observation_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* What the server was told and asked. */
static struct {
	struct observe_filters filters;
	unsigned opened, published;
	uint64_t missed;
	bool samples, no_memory;
} server;

static bool publish(void *context, const struct observe_filters *filters)
{
	(void)context;
	if (server.no_memory)
		return false;
	server.filters = *filters;
	server.published++;
	return true;
}

static void opened(void *context)
{
	(void)context;
	server.opened++;
}

static uint64_t missed(void *context)
{
	(void)context;
	return server.missed;
}

static bool samples(void *context)
{
	(void)context;
	return server.samples;
}

static struct traces *traces;

static int begin(void **state)
{
	const struct trace_server needs = {publish, opened, missed, samples, NULL};

	(void)state;
	memset(&server, 0, sizeof(server));
	server.samples = true;
	traces = traces_new(&needs);
	return traces ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	traces_free(traces);
	return 0;
}

/* Of the PTRs below 192.0.2.0/`bits`. */
static struct trace_want of_names(uint8_t bits)
{
	return (struct trace_want){.filter = {.names = {.high = UINT64_C(0xc000020000000000),
						      .family = 4,
						      .bits = bits},
					   .by_name = true},
		.count = TRACE_COUNT_MAX,
		.seconds = 60};
}

static struct trace *open_trace(const struct trace_want *want)
{
	struct failure failure;
	struct trace *trace = trace_open(traces, want, &failure);

	if (!trace)
		fail_msg("%s", failure.text);
	return trace;
}

/* As a worker would that has the filters which are published. */
static void see(uint8_t host, unsigned why, uint16_t filters)
{
	struct observation seen;

	observation_make(&seen, OBSERVE_KERNEL_UDP, 4, host);
	seen.why = (uint8_t)why;
	seen.filters = filters;
	traces_take(traces, &seen, OBSERVATION_WHEN);
}

static void test_rows_come_in_order(void **state)
{
	struct trace_want want = of_names(24);
	struct trace *trace = open_trace(&want);
	struct trace_entry entry;

	(void)state;
	assert_int_equal(server.filters.used, 1);
	assert_int_equal(server.opened, 1);
	assert_false(trace_next(trace, &entry));
	for (uint8_t host = 1; host < 4; host++)
		see(host, OBSERVE_TRACED, 1);
	for (uint8_t host = 1; host < 4; host++) {
		struct observation wanted;

		observation_make(&wanted, OBSERVE_KERNEL_UDP, 4, host);
		assert_true(trace_next(trace, &entry));
		assert_memory_equal(entry.seen.query, wanted.query, wanted.query_kept);
		assert_true(entry.when_ns == OBSERVATION_WHEN);
	}
	assert_false(trace_next(trace, &entry));
	assert_int_equal(trace_state(trace), TRACE_RUNS);
	assert_int_equal(trace_totals(trace).rows, 3);
	trace_close(trace);
	assert_int_equal(server.filters.used, 0);
	assert_false(traces_tick(traces));
}

static void test_what_does_not_fit_is_never_shown(void **state)
{
	/* 192.0.2.0/31: hosts 0 and 1. The bit may be that of a trace which is gone. */
	struct trace_want want = of_names(31);
	struct trace *trace = open_trace(&want);
	struct trace_entry entry;
	struct observation seen;

	(void)state;
	see(1, OBSERVE_TRACED, 1);
	see(2, OBSERVE_TRACED, 1);
	see(1, OBSERVE_TRACED, 2);
	see(1, OBSERVE_SAMPLED, 0);
	observation_make(&seen, OBSERVE_KERNEL_UDP, 4, 1);
	seen.why = OBSERVE_TRACED;
	seen.filters = 1;
	seen.query_kept = 11; /* no header, no name */
	traces_take(traces, &seen, 0);
	seen.query_kept = (uint16_t)seen.query_bytes;
	seen.family = 0;
	traces_take(traces, &seen, 0);
	assert_true(trace_next(trace, &entry));
	assert_false(trace_next(trace, &entry));
	trace_close(trace);
}

static void test_client_and_name_must_both_fit(void **state)
{
	struct trace_want want = of_names(24);
	struct trace *trace;
	struct trace_entry entry;
	struct observation seen;

	(void)state;
	want.filter.by_client = true;
	want.filter.clients =
		(struct prefix){.high = UINT64_C(0xc633640000000000), .family = 4, .bits = 24};
	trace = open_trace(&want);
	see(1, OBSERVE_TRACED, 1);
	assert_true(trace_next(trace, &entry));
	observation_make(&seen, OBSERVE_KERNEL_UDP, 6, 1);
	seen.why = OBSERVE_TRACED;
	seen.filters = 1;
	traces_take(traces, &seen, 0);
	assert_false(trace_next(trace, &entry));
	trace_close(trace);
}

static void test_samples_go_to_captures_alone(void **state)
{
	struct trace_want capture = {.sampled = true, .count = 10, .seconds = 60};
	struct trace *trace = open_trace(&capture);
	struct trace_entry entry;

	(void)state;
	assert_int_equal(server.filters.used, 0);
	see(1, OBSERVE_TRACED, 1);
	assert_false(trace_next(trace, &entry));
	see(2, OBSERVE_SAMPLED, 0);
	assert_true(trace_next(trace, &entry));
	trace_close(trace);
}

static void test_the_number_bounds_it(void **state)
{
	struct trace_want want = of_names(24);
	struct trace_entry entry;
	struct trace *trace;

	(void)state;
	want.count = 3;
	trace = open_trace(&want);
	for (unsigned i = 0; i < 10; i++)
		see(1, OBSERVE_TRACED, 1);
	assert_int_equal(trace_state(trace), TRACE_HAS_COUNT);
	assert_int_equal(server.filters.used, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_true(trace_next(trace, &entry));
	assert_false(trace_next(trace, &entry));
	assert_int_equal(trace_totals(trace).dropped, 0);
	trace_close(trace);
}

static void test_the_queue_bounds_its_memory(void **state)
{
	struct trace_want want = of_names(24);
	struct trace *trace = open_trace(&want);
	struct trace_entry entry;
	unsigned rows = 0;

	(void)state;
	server.missed = 5;
	for (unsigned i = 0; i < TRACE_QUEUE + 7; i++)
		see(1, OBSERVE_TRACED, 1);
	assert_int_equal(trace_totals(trace).dropped, 7);
	assert_int_equal(trace_totals(trace).missed, 5);
	while (trace_next(trace, &entry))
		rows++;
	assert_int_equal(rows, TRACE_QUEUE);
	see(1, OBSERVE_TRACED, 1);
	assert_true(trace_next(trace, &entry));
	trace_close(trace);
}

static void test_time_ends_it_without_its_reader(void **state)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	struct trace_want want = of_names(24);
	struct trace *trace;
	struct trace_entry entry;

	(void)state;
	want.seconds = 1;
	trace = open_trace(&want);
	for (unsigned i = 0; i < 500 && server.filters.used; i++) {
		assert_true(traces_tick(traces));
		nanosleep(&pause, NULL);
	}
	assert_int_equal(server.filters.used, 0);
	assert_int_equal(trace_state(trace), TRACE_HAS_TIME);
	see(1, OBSERVE_TRACED, 1);
	assert_false(trace_next(trace, &entry));
	trace_close(trace);
}

static void test_places_are_few(void **state)
{
	struct trace_want want = of_names(24), tenants = of_names(24);
	struct trace *all[OBSERVE_FILTERS_MAX];
	struct failure failure;
	unsigned count = 0;

	(void)state;
	tenants.tenant = true;
	while (count < TRACE_TENANTS_MAX)
		all[count++] = open_trace(&tenants);
	assert_null(trace_open(traces, &tenants, &failure));
	assert_int_equal(failure.code, FAILURE_BUSY);
	while (count < OBSERVE_FILTERS_MAX)
		all[count++] = open_trace(&want);
	assert_int_equal(traces_count(traces), OBSERVE_FILTERS_MAX);
	assert_null(trace_open(traces, &want, &failure));
	assert_int_equal(failure.code, FAILURE_BUSY);
	trace_close(all[3]);
	all[3] = open_trace(&want);
	while (count > 0)
		trace_close(all[--count]);
	assert_int_equal(server.filters.used, 0);
}

static void test_a_failure_leaves_nothing(void **state)
{
	struct trace_want want = of_names(24),
			  capture = {.sampled = true, .count = 1, .seconds = 1};
	struct failure failure;

	(void)state;
	server.no_memory = true;
	assert_null(trace_open(traces, &want, &failure));
	server.no_memory = server.samples = false;
	assert_null(trace_open(traces, &capture, &failure));
	assert_non_null(strstr(failure.text, "observe.sample"));
	assert_int_equal(traces_count(traces), 0);
}

/* ---- Both threads ---- */

static atomic_bool stop;

static void *produce(void *context)
{
	uint64_t made = 0;

	(void)context;
	while (!atomic_load(&stop)) {
		struct observation seen;

		observation_make(&seen, OBSERVE_KERNEL_UDP, 4, 1);
		seen.why = OBSERVE_TRACED | OBSERVE_SAMPLED;
		seen.filters = UINT16_MAX;
		seen.cycles = ++made;
		traces_take(traces, &seen, made);
	}
	return NULL;
}

static void test_traces_come_and_go_under_load(void **state)
{
	struct trace_want want = of_names(24);
	pthread_t producer;

	(void)state;
	atomic_store(&stop, false);
	assert_int_equal(pthread_create(&producer, NULL, produce, NULL), 0);
	for (unsigned round = 0; round < 200; round++) {
		struct trace *first = open_trace(&want), *second;
		struct trace_entry entry;
		uint64_t last = 0;

		want.sampled = round & 1;
		second = open_trace(&want);
		want.sampled = false;
		for (unsigned rows = 0; rows < 20;) {
			if (!trace_next(first, &entry))
				continue;
			assert_true(entry.when_ns > last && entry.seen.cycles == entry.when_ns);
			last = entry.when_ns;
			rows++;
		}
		trace_close(first);
		trace_close(second);
	}
	atomic_store(&stop, true);
	pthread_join(producer, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows_come_in_order, begin, end),
		cmocka_unit_test_setup_teardown(test_what_does_not_fit_is_never_shown, begin, end),
		cmocka_unit_test_setup_teardown(test_client_and_name_must_both_fit, begin, end),
		cmocka_unit_test_setup_teardown(test_samples_go_to_captures_alone, begin, end),
		cmocka_unit_test_setup_teardown(test_the_number_bounds_it, begin, end),
		cmocka_unit_test_setup_teardown(test_the_queue_bounds_its_memory, begin, end),
		cmocka_unit_test_setup_teardown(test_time_ends_it_without_its_reader, begin, end),
		cmocka_unit_test_setup_teardown(test_places_are_few, begin, end),
		cmocka_unit_test_setup_teardown(test_a_failure_leaves_nothing, begin, end),
		cmocka_unit_test_setup_teardown(test_traces_come_and_go_under_load, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
