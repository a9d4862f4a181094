/* SPDX-License-Identifier: BSD-3-Clause */
/* What arpactl makes of two readings: rates, shares, and what changed, whatever happened between.
 */
#include "control/ctl/rate.h"
#include "control/ctl/sample_rates.h"
#include "control/ctl/stats_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

static void expect_near(double value, double wanted)
{
	if (fabs(value - wanted) > 1e-6)
		fail_msg("%f is not %f", value, wanted);
}

static void counters_grow_wrap_and_start_again(void **state)
{
	(void)state;
	assert_int_equal(rate_growth(5, 5), 0);
	assert_int_equal(rate_growth(5, 12), 7);
	assert_int_equal(rate_growth(UINT64_MAX - 9, 5), 15);
	assert_int_equal(rate_growth(UINT64_MAX, 0), 1);
	assert_int_equal(rate_growth(1000000, 3), 3);
	assert_int_equal(rate_growth(1000000, 0), 0);
	assert_true(rate_growth(0, UINT64_MAX) == UINT64_MAX);
	expect_near(rate_per_second(100, 350, 2.5), 100);
	expect_near(rate_per_second(100, 350, 0), 0);
	expect_near(rate_per_second(100, 350, -1), 0);
	expect_near(rate_ratio(3, 4), 0.75);
	expect_near(rate_ratio(3, 0), 0);
}

/* JSON with ' for ". */
static json_t *json(const char *text)
{
	char copy[4096];
	json_t *value;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(copy, 0, NULL);
	assert_non_null(value);
	return value;
}

static struct sample sample_of(const char *stats)
{
	json_t *value = json(stats);
	struct sample sample;

	assert_true(sample_read(NULL, value, &sample));
	json_decref(value);
	return sample;
}

static const char early[] =
	"{'start_id':'a','time_ms':10000,'monotonic_ms':1000,'seq':5,'outcomes':{'answered':100,"
	"'nxdomain':10,'punted':1,'rate-dropped':5,'udp-checksum':7,'to-kernel':3,'neighbor':9},"
	"'workers':[{'port':'vs','queue':0,'core':3,'received':1000,'returned':0,'sent':900,"
	"'bursts':100,'empty_polls':50,'busy_cycles':1000,'asleep_cycles':0,'cycles':10000,"
	"'tx_dropped':4}],'listener':{'udp_queries':10,'tcp_queries':2,'punt_replied':1,"
	"'tx_dropped':0},'ports':[{'port':'vs','rx_packets':1,'rx_missed':100,'rx_no_buffer':0,"
	"'kernel':{'interface':'arpad0','to_kernel':3,'ring_full':1}}]}";
static const char late[] =
	"{'start_id':'a','time_ms':12000,'monotonic_ms':3000,'seq':9,'outcomes':{'answered':300,"
	"'nxdomain':30,'punted':2,'rate-dropped':15,'udp-checksum':9,'to-kernel':13,"
	"'neighbor':29},'workers':[{'port':'vs','queue':0,'core':3,'received':3000,'returned':10,"
	"'sent':2900,'bursts':150,'empty_polls':200,'busy_cycles':202000,'asleep_cycles':102500,"
	"'cycles':412000,'tx_dropped':10}],'listener':{'udp_queries':30,'tcp_queries':4,"
	"'punt_replied':2,'tx_dropped':2},'ports':[{'port':'vs','rx_packets':2001,'rx_missed':120,"
	"'rx_no_buffer':4,'kernel':{'interface':'arpad0','to_kernel':13,'ring_full':2,"
	"'device_full':1}}]}";

static void two_samples_have_rates(void **state)
{
	struct sample before = sample_of(early), now = sample_of(late);
	struct sample_rates rates;

	(void)state;
	sample_rates(&before, &now, &rates);
	assert_true(rates.known);
	expect_near(rates.seconds, 2);
	/* answered, nxdomain, punted and rate-dropped were to us; checksums and neighbours not. */
	expect_near(rates.queries, 100 + 10 + 0.5 + 5);
	expect_near(rates.replies, 100 + 10 + 0.5);
	expect_near(rates.answered, 221.0 / 231);
	expect_near(rates.dropped, 5 + 1);
	expect_near(rates.updates, 2);
	expect_near(rates.tcp, 1);
	expect_near(rates.sockets, 11);
	expect_near(rates.lost, 1 + 3 + 10 + 2);
	expect_near(rates.outcome[OUTCOME_ANSWERED], 100);
	expect_near(rates.workers[0].packets, 1000);
	expect_near(rates.workers[0].sent, 1000);
	expect_near(rates.workers[0].burst, 40);
	expect_near(rates.workers[0].cycles, 201000.0 / 2010);
	expect_near(rates.workers[0].busy, 201000.0 / 402000);
	expect_near(rates.workers[0].asleep, 102500.0 / 402000);
	expect_near(rates.workers[0].empty, 0.75);
	expect_near(rates.workers[0].lost, 3);
	expect_near(rates.ports[0].received, 1000);
	expect_near(rates.ports[0].missed, 10);
	expect_near(rates.ports[0].to_kernel, 5);
	expect_near(rates.ports[0].kernel_lost, 1);
}

static void one_sample_no_time_and_a_restart_have_none(void **state)
{
	struct sample before = sample_of(early), now = sample_of(late);
	struct sample_rates rates;

	(void)state;
	sample_rates(NULL, &now, &rates);
	assert_false(rates.known);
	sample_rates(&now, &now, &rates);
	assert_false(rates.known);
	sample_rates(&now, &before, &rates);
	assert_false(rates.known);
	strcpy(before.start_id, "b");
	sample_rates(&before, &now, &rates);
	assert_false(rates.known);
	expect_near(rates.queries, 0);
	assert_false(sample_same_start(&before, &now));
}

static void a_worker_that_began_in_between_is_counted_from_nothing(void **state)
{
	struct sample before = sample_of(early), now = sample_of(late);
	struct sample_rates rates;

	(void)state;
	before.worker_count = 0;
	sample_rates(&before, &now, &rates);
	assert_true(rates.known);
	expect_near(rates.workers[0].packets, 0);
}

static void nothing_asked_is_all_answered(void **state)
{
	struct sample before = sample_of(early), now = before;
	struct sample_rates rates;

	(void)state;
	now.monotonic_ms++;
	sample_rates(&before, &now, &rates);
	assert_true(rates.known);
	expect_near(rates.answered, 1);
	expect_near(rates.queries, 0);
	/* The reply to what was punted before. */
	now.punt_replied++;
	sample_rates(&before, &now, &rates);
	expect_near(rates.answered, 1);
}

static void what_is_no_stats_is_no_sample(void **state)
{
	static const char *const others[] = {"{}", "{'outcomes':{}}", "{'start_id':'a'}",
		"{'start_id':5,'outcomes':{}}", "{'start_id':'a','outcomes':[]}"};
	struct sample sample;

	(void)state;
	assert_false(sample_read(NULL, NULL, &sample));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		json_t *value = json(others[i]);

		assert_false(sample_read(NULL, value, &sample));
		json_decref(value);
	}
}

static void a_sample_is_bounded_and_clean(void **state)
{
	json_t *stats = json(early), *workers = json_object_get(stats, "workers");
	json_t *status =
		json("{'version':'1\\u001b[31m','pid':7,'ready':false,'reasons':['a','b']}");
	struct sample sample;

	(void)state;
	for (int i = 0; i < 2 * SAMPLE_WORKERS_MAX; i++)
		json_array_append_new(workers,
			json_pack("{s:s}", "port",
				"0123456789012345678901"
				"2345678901234567890"));
	assert_true(sample_read(status, stats, &sample));
	assert_int_equal(sample.worker_count, SAMPLE_WORKERS_MAX);
	assert_int_equal(strlen(sample.workers[9].port), SAMPLE_NAME_BYTES - 1);
	assert_string_equal(sample.version, "1?[31m");
	assert_string_equal(sample.reasons, "a, b");
	json_decref(stats);
	json_decref(status);
}

static void rates_as_json(void **state)
{
	struct sample before = sample_of(early), now = sample_of(late);
	struct sample_rates rates;
	json_t *value, *worker;

	(void)state;
	sample_rates(&before, &now, &rates);
	value = sample_rates_json(&now, &rates);
	assert_non_null(value);
	expect_near(json_real_value(json_object_get(value, "queries")), 115.5);
	expect_near(
		json_real_value(json_object_get(json_object_get(value, "outcomes"), "nxdomain")),
		10);
	worker = json_array_get(json_object_get(value, "workers"), 0);
	expect_near(json_real_value(json_object_get(worker, "busy_ratio")), 0.5);
	assert_int_equal(json_integer_value(json_object_get(worker, "core")), 3);
	json_decref(value);
}

/* ---- Rows ---- */

static void expect_row(const struct stats_rows *rows, const char *name, enum stats_kind kind,
	uint64_t value, const char *sentence)
{
	const struct stats_row *row = stats_rows_find(rows, name, 0);

	if (!row)
		fail_msg("there is no row %s", name);
	assert_int_equal(row->kind, kind);
	assert_int_equal(row->value, value);
	assert_string_equal(row->sentence, sentence);
}

static void every_number_has_a_name(void **state)
{
	json_t *value =
		json("{'start_id':'a','time_ms':5,'outcomes':{'answered':3},'tx_backlog':9,"
		     "'busy_ratio':0.5,'table':{'bytes':8},'workers':[{'port':'vs','queue':0,"
		     "'received':4,'outcomes':{'answered':2},'burst_size':[7,8]}],'dnstap':{'open':"
		     "true},"
		     "'listener':{'punted':{'nodata':1}},'ports':[{'port':'vs','rx_missed':6,"
		     "'kernel':{'interface':'arpad0','to_kernel':12}}],"
		     "'steer':[{'interface':'vs','verdicts':{'redirected':11}}],"
		     "'explain':{'answered':'It was.'},'explain_steer':{'redirected':'To us.'}}");
	struct stats_rows rows;

	(void)state;
	stats_rows_read(value, &rows);
	assert_false(rows.failed);
	assert_string_equal(rows.row[0].name, "outcome.answered");
	expect_row(&rows, "outcome.answered", STATS_COUNTER, 3, "It was.");
	expect_row(&rows, "time_ms", STATS_GAUGE, 5, "");
	expect_row(&rows, "tx_backlog", STATS_GAUGE, 9, "");
	expect_row(&rows, "busy_ratio", STATS_RATIO, 0, "");
	expect_row(&rows, "table.bytes", STATS_GAUGE, 8, "");
	expect_row(&rows, "worker.0.received", STATS_COUNTER, 4, "");
	expect_row(&rows, "worker.0.outcome.answered", STATS_COUNTER, 2, "");
	expect_row(&rows, "worker.0.burst_size.1", STATS_COUNTER, 8, "");
	expect_row(&rows, "listener.punted.nodata", STATS_COUNTER, 1, "");
	expect_row(&rows, "port.vs.rx_missed", STATS_COUNTER, 6, "");
	expect_row(&rows, "port.vs.kernel.to_kernel", STATS_COUNTER, 12, "");
	expect_row(&rows, "steer.vs.redirected", STATS_COUNTER, 11, "To us.");
	expect_row(&rows, "dnstap.open", STATS_GAUGE, 1, "");
	assert_int_equal(rows.count, 15);
	assert_null(stats_rows_find(&rows, "outcome.refused", 3));
	stats_rows_release(&rows);
	stats_rows_read(NULL, &rows);
	assert_int_equal(rows.count, 0);
	stats_rows_release(&rows);
	json_decref(value);
}

static void ratios_are_of_the_time_between(void **state)
{
	json_t *one = json(early), *other = json(late);
	struct stats_rows before, now;
	const struct stats_row *row;

	(void)state;
	json_object_set_new(
		json_array_get(json_object_get(other, "workers"), 0), "busy_ratio", json_real(0.1));
	json_object_set_new(json_array_get(json_object_get(other, "workers"), 0), "cycles_a_frame",
		json_real(9));
	json_object_set_new(other, "other_ratio", json_real(9));
	stats_rows_read(one, &before);
	stats_rows_read(other, &now);
	row = stats_rows_find(&now, "worker.0.busy_ratio", 0);
	expect_near(stats_ratio_since(&before, &now, row), 0.5);
	row = stats_rows_find(&now, "worker.0.cycles_a_frame", 0);
	expect_near(stats_ratio_since(&before, &now, row), 100);
	row = stats_rows_find(&now, "other_ratio", 0);
	expect_near(stats_ratio_since(&before, &now, row), -1);
	stats_rows_release(&before);
	stats_rows_release(&now);
	json_decref(one);
	json_decref(other);
}

static void expect_span(const char *one, const char *other, bool restarted, double seconds)
{
	json_t *before = json(one), *now = json(other);
	struct stats_span span;
	const char *wrong;

	assert_true(stats_span_of(before, now, &span, &wrong));
	assert_null(wrong);
	assert_int_equal(span.restarted, restarted);
	expect_near(span.seconds, seconds);
	json_decref(before);
	json_decref(now);
}

static void expect_no_span(const char *one, const char *other, const char *why)
{
	json_t *before = json(one), *now = json(other);
	struct stats_span span;
	const char *wrong;

	assert_false(stats_span_of(before, now, &span, &wrong));
	assert_non_null(strstr(wrong, why));
	json_decref(before);
	json_decref(now);
}

static void spans_know_restarts_and_nonsense(void **state)
{
	(void)state;
	expect_span(early, late, false, 2);
	expect_span("{'start_id':'b','outcomes':{},'monotonic_ms':9000}",
		"{'start_id':'c','outcomes':{},'monotonic_ms':100,'started_ms':4000,"
		"'time_ms':5500}",
		true, 1.5);
	/* The wall clock was set back. */
	expect_span("{'start_id':'b','outcomes':{},'monotonic_ms':9000}",
		"{'start_id':'c','outcomes':{},'monotonic_ms':100,'started_ms':4000,"
		"'time_ms':3500}",
		true, 0);
	expect_no_span(late, early, "a later one");
	expect_no_span(late, late, "this moment");
	expect_no_span("[]", late, "is not what");
	expect_no_span("{'outcomes':{}}", late, "is not what");
	expect_no_span(early, "{'outcomes':{}}", "another version");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_grow_wrap_and_start_again),
		cmocka_unit_test(two_samples_have_rates),
		cmocka_unit_test(one_sample_no_time_and_a_restart_have_none),
		cmocka_unit_test(a_worker_that_began_in_between_is_counted_from_nothing),
		cmocka_unit_test(nothing_asked_is_all_answered),
		cmocka_unit_test(what_is_no_stats_is_no_sample),
		cmocka_unit_test(a_sample_is_bounded_and_clean),
		cmocka_unit_test(rates_as_json),
		cmocka_unit_test(every_number_has_a_name),
		cmocka_unit_test(ratios_are_of_the_time_between),
		cmocka_unit_test(spans_know_restarts_and_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
