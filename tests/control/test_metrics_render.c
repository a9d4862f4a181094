/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page: every line of it is of a family that said what it is, once; no sample is there twice;
 * and each number is where it belongs.
 */
#include "control/metrics/render.h"

#include "control/health/readiness.h"
#include "control/metrics/request_counts.h"
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 4000, CYCLES_NOW = 10000 };

static struct counters workers[2];
static struct dns_listener_counters listener;
static struct request_counts requests;
static struct update_measures measures;
static struct metrics_zone zones[2] = {{"192.0.2.0/24", 7, 3}, {"a\"b", 4294967295u, 0}};
static struct metrics_facts facts;
static struct http_counters http;
static const struct usage_facts usage = {.cpu_ns = 1500000000,
	.start_ns = UINT64_C(1700000000250000000),
	.resident_bytes = 4096,
	.virtual_bytes = 8192,
	.files = 9,
	.files_max = 1024};
static struct metrics_view view = {
	.facts = &facts, .usage = &usage, .http = &http, .dpdk = "22.11", .cycles = CYCLES_NOW};
static struct text page;
static char *lines[LINES_MAX];
static unsigned line_count;

static void fill(void)
{
	facts.report = (struct report_facts){
		.zones = 2,
		.addresses = 3,
		.waiting = 1,
		.table = {.owners = 5, .empty_nonterminals = 4, .bytes = 1000},
		.worker_count = 2,
		.workers = {{&workers[0], "vs", 0, 1, -1, 0, NULL},
			{&workers[1], "vs", 1, 2, -1, 0, NULL}},
		.port_count = 2,
		.ports = {{.port = "vs", .rx_packets = 10, .rx_missed = 8, .tx_bytes = 77},
			{.port = "0000:3b:00.0", .owned = true, .link_up = true}},
		.kernels = {[1] = {"arpad0", {1, 2, 3, 4, 5, 6, 7}}},
		.steer_count = 1,
		.steers = {{.interface = "vs", .verdicts = {[0] = 100}}},
		.listener = &listener,
		.tcp_clients_max = 100,
	};
	facts.store = (struct store_status){.sequence = 11, .behind_bytes = 12, .refuses = true};
	facts.records[1] = 99;
	facts.control_clients = 2;
	facts.measures = &measures;
	facts.requests = &requests;
	facts.zones = zones;
	facts.zone_count = 2;
	facts.each_zone = true;
}

static int set_up(void **state)
{
	(void)state;
	fill();
	counter_add(&workers[0].outcome[OUTCOME_ANSWERED], 40);
	counter_add(&workers[1].outcome[OUTCOME_ANSWERED], 2);
	counter_add(&workers[1].outcome[OUTCOME_NXDOMAIN], 1);
	counter_add(&workers[1].outcome[OUTCOME_NODATA], 5);
	counter_add(&workers[1].outcome[OUTCOME_UDP_CHECKSUM], 6);
	counter_add(&workers[1].outcome[OUTCOME_PUNTED], 8);
	counter_add(&workers[0].tx_dropped, 3);
	counter_add(&workers[0].family[1], 45);
	counter_add(&workers[1].query_type[QUERY_TYPE_ANY], 4);
	counter_add(&workers[0].start_cycles, 4000);
	counter_add(&workers[0].busy_cycles, 1000);
	counter_add(&workers[0].received, 70);
	counter_add(&workers[0].burst_size[0], 6);
	counter_add(&workers[1].burst_size[6], 1);
	counter_add(&workers[0].delay[2], 64);
	counter_add(&workers[0].delay[COUNTERS_DELAYS - 1], 6);
	counter_add(&workers[0].delay_quarter_us, 8);
	counter_add(&listener.messages.outcome[OUTCOME_ANSWERED], 1000);
	counter_add(&listener.punted[OUTCOME_NOTIMP], 8);
	counter_add(&listener.queries[1][0], 17);
	counter_add(&listener.tcp_clients, 5);
	counter_add(&requests.count[0][REQUEST_COUNTS_FAILED], 1);
	latency_add(&measures.commit, 100);
	latency_add(&measures.commit, 20000000);
	counter_add(&measures.failed, 3);
	counter_add(&http.late, 21);
	view.reasons = 1u << READINESS_DRAINING;
	view.silent_ms = 1250;
	metrics_render(&view, &page);
	text_add(&page, "", 1);
	assert_false(page.failed);
	for (char *line = strtok(page.octets, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(line_count < LINES_MAX);
		lines[line_count++] = line;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	text_free(&page);
	return 0;
}

static void has(const char *line)
{
	for (unsigned i = 0; i < line_count; i++)
		if (strcmp(lines[i], line) == 0)
			return;
	fail_msg("there is no line %s", line);
}

static void numbers_are_where_they_belong(void **state)
{
	(void)state;
	has("arpad_build_info{version=\"" ARPAD_VERSION "\",dpdk=\"22.11\"} 1");
	has("arpad_ready 0");
	has("arpad_draining 1");
	has("arpad_not_ready{reason=\"draining\"} 1");
	has("arpad_not_ready{reason=\"starting\"} 0");
	has("arpad_control_silent_seconds 1.25");
	has("arpad_queries_total{family=\"6\",transport=\"udp\",path=\"fast\"} 45");
	has("arpad_queries_total{family=\"4\",transport=\"tcp\",path=\"slow\"} 17");
	has("arpad_queries_by_type_total{type=\"ANY\"} 4");
	has("arpad_responses_total{rcode=\"NOERROR\"} 1047");
	has("arpad_responses_total{rcode=\"NXDOMAIN\"} 1");
	has("arpad_responses_total{rcode=\"NOTIMP\"} 8");
	has("arpad_answers_total{source=\"record\"} 1042");
	has("arpad_answers_total{source=\"nodata\"} 5");
	has("arpad_outcomes_total{outcome=\"punted\",path=\"fast\"} 8");
	has("arpad_outcomes_total{outcome=\"notimp\",path=\"punted\"} 8");
	has("arpad_dropped_total{reason=\"udp-checksum\"} 6");
	has("arpad_dropped_total{reason=\"tx-full\"} 3");
	has("arpad_lcore_cycles_total{port=\"vs\",queue=\"0\",lcore=\"1\"} 6000");
	has("arpad_lcore_cycles_total{port=\"vs\",queue=\"1\",lcore=\"2\"} 0");
	has("arpad_lcore_busy_cycles_total{port=\"vs\",queue=\"0\",lcore=\"1\"} 1000");
	has("arpad_rx_burst_packets_bucket{le=\"1\"} 6");
	has("arpad_rx_burst_packets_bucket{le=\"64\"} 7");
	has("arpad_rx_burst_packets_sum 70");
	has("arpad_response_seconds_bucket{le=\"0.0000005\"} 0");
	has("arpad_response_seconds_bucket{le=\"0.000001\"} 64");
	has("arpad_response_seconds_bucket{le=\"0.016384\"} 64");
	has("arpad_response_seconds_count 70");
	has("arpad_response_seconds_sum 0.000002");
	has("arpad_nic_rx_missed_total{port=\"vs\"} 8");
	has("arpad_nic_tx_bytes_total{port=\"vs\"} 77");
	has("arpad_nic_link_up{port=\"0000:3b:00.0\"} 1");
	has("arpad_kernel_path_packets_total{interface=\"arpad0\",direction=\"to\"} 1");
	has("arpad_zone_serial{zone=\"192.0.2.0/24\"} 7");
	has("arpad_zone_serial{zone=\"a\\\"b\"} 4294967295");
	has("arpad_zone_records{zone=\"192.0.2.0/24\"} 3");
	has("arpad_records{family=\"6\"} 99");
	has("arpad_store_sequence 11");
	has("arpad_store_refusing 1");
	has("arpad_store_commit_seconds_bucket{le=\"0.000064\"} 0");
	has("arpad_store_commit_seconds_bucket{le=\"0.000128\"} 1");
	has("arpad_store_commit_seconds_bucket{le=\"16.777216\"} 1");
	has("arpad_store_commit_seconds_bucket{le=\"+Inf\"} 2");
	has("arpad_store_commit_seconds_sum 20.0001");
	has("arpad_store_commit_failures_total 3");
	has("arpad_tcp_clients 5");
	has("arpad_control_clients{socket=\"control\"} 2");
	has("arpad_http_requests_total{result=\"late\"} 21");
	has("process_start_time_seconds 1700000000.25");
	has("process_cpu_seconds_total 1.5");
}

static size_t family_bytes(const char *line)
{
	static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
	size_t bytes = strcspn(line, "{ ");

	for (unsigned i = 0; i < 3; i++) {
		size_t suffix = strlen(suffixes[i]);

		/* Only a histogram's: families of ours do not end so. */
		if (bytes > suffix && strncmp(line + bytes - suffix, suffixes[i], suffix) == 0)
			return bytes - suffix;
	}
	return bytes;
}

static bool is_help_of(const char *line, const char *family)
{
	size_t bytes = strlen(family);

	return strncmp(line, "# HELP ", 7) == 0 && strncmp(line + 7, family, bytes) == 0 &&
		line[7 + bytes] == ' ';
}

static void each_family_is_told_once_and_samples_follow_it(void **state)
{
	char family[80] = "";
	unsigned families = 0;

	(void)state;
	for (unsigned i = 0; i < line_count; i++) {
		char name[80], kind[20];

		if (strncmp(lines[i], "# HELP ", 7) == 0) {
			assert_int_equal(sscanf(lines[i], "# HELP %79s ", family), 1);
			assert_int_equal(sscanf(lines[++i], "# TYPE %79s %19s", name, kind), 2);
			assert_string_equal(name, family);
			if (strcmp(kind, "counter") == 0)
				assert_string_equal(family + strlen(family) - 6, "_total");
			families++;
			for (unsigned j = 0; j < i - 1; j++)
				assert_false(is_help_of(lines[j], family));
			continue;
		}
		assert_int_equal(family_bytes(lines[i]), strlen(family));
		assert_memory_equal(lines[i], family, strlen(family));
	}
	assert_true(families > 60);
}

static size_t key_bytes(const char *line)
{
	return (size_t)(strrchr(line, ' ') - line);
}

static void no_sample_is_there_twice(void **state)
{
	(void)state;
	for (unsigned i = 0; i < line_count; i++)
		for (unsigned j = 0; j < i && lines[i][0] != '#'; j++)
			if (key_bytes(lines[i]) == key_bytes(lines[j]) &&
				memcmp(lines[i], lines[j], key_bytes(lines[i])) == 0)
				fail_msg("twice: %s", lines[i]);
}

static void before_the_first_facts_there_is_a_page_too(void **state)
{
	struct metrics_view early = view;
	struct text text = {.octets = NULL};

	(void)state;
	early.facts = NULL;
	metrics_render(&early, &text);
	text_add(&text, "", 1);
	assert_false(text.failed);
	assert_non_null(strstr(text.octets, "\narpad_ready 0\n"));
	assert_null(strstr(text.octets, "arpad_queries_total"));
	text_free(&text);
}

static void whose_fault_it_was(void **state)
{
	(void)state;
	assert_int_equal(request_counts_result_of(FAILURE_NONE), REQUEST_COUNTS_DONE);
	assert_int_equal(request_counts_result_of(FAILURE_QUOTA), REQUEST_COUNTS_REFUSED);
	assert_int_equal(request_counts_result_of(FAILURE_NOT_FOUND), REQUEST_COUNTS_REFUSED);
	assert_int_equal(request_counts_result_of(FAILURE_STORE_ERROR), REQUEST_COUNTS_FAILED);
	assert_int_equal(request_counts_result_of(FAILURE_BUSY), REQUEST_COUNTS_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_where_they_belong),
		cmocka_unit_test(each_family_is_told_once_and_samples_follow_it),
		cmocka_unit_test(no_sample_is_there_twice),
		cmocka_unit_test(before_the_first_facts_there_is_a_page_too),
		cmocka_unit_test(whose_fault_it_was),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
