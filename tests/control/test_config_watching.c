/* SPDX-License-Identifier: BSD-3-Clause */
/* The sections of what looks at the server: health, dnstap, journal, observe, metrics. */
#include "control/config/config_metrics.h"
#include "tests/control/config_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* The least that is valid; rules are tried on top of it. */
#define BASE \
	"listen:\n" \
	"  addresses: [192.0.2.53]\n" \
	"ports:\n" \
	"  - interface: vs\n"

static void the_drain(void **state)
{
	struct config *config = config_fixture_load(BASE);

	(void)state;
	assert_int_equal(config->drain_delay_ms, 0);
	config_free(config);
	config = config_fixture_load(BASE "health: {drain-delay-ms: 600000}\n");
	assert_int_equal(config->drain_delay_ms, 600000);
	config_free(config);
	config_fixture_refuse(BASE "health:\n  drain-delay-ms: 600001\n",
		":6: health.drain-delay-ms: \"600001\" is not a whole number from 0 to 600000");
	config_fixture_refuse(
		BASE "health:\n  delay: 1\n", ":6: health.delay: there is no such key");
}

static void dnstap(void **state)
{
	struct config *config;

	(void)state;
	config = config_fixture_load(BASE);
	assert_null(config->dnstap.socket);
	assert_null(config->dnstap.file);
	config_free(config);
	config = config_fixture_load(
		BASE "dnstap: {socket: /run/tap, identity: ns1, responses: no}\n");
	assert_string_equal(config->dnstap.socket, "/run/tap");
	assert_string_equal(config->dnstap.source.identity, "ns1");
	assert_string_equal(config->dnstap.source.version, "arpad " ARPAD_VERSION);
	assert_true(config->dnstap.queries);
	assert_false(config->dnstap.responses);
	config_free(config);
	config = config_fixture_load(
		BASE "dnstap: {file: /var/tap, file-mib: 7, version: x, queries: no}\n");
	assert_string_equal(config->dnstap.file, "/var/tap");
	assert_true(config->dnstap.file_max_bytes == 7 << 20);
	assert_string_equal(config->dnstap.source.version, "x");
	assert_false(config->dnstap.queries);
	config_free(config);
	config_fixture_refuse(BASE "dnstap:\n  socket: tap\n",
		":6: dnstap.socket: \"tap\" is not an absolute path of at most 107 bytes");
	config_fixture_refuse(BASE "dnstap:\n  file: /\n",
		":6: dnstap.file: \"/\" is not an absolute path of at most 4091 bytes");
	config_fixture_refuse(BASE "dnstap:\n  socket: /a\n  file: /b\n",
		":7: dnstap.file: there is a socket too, and only one of them can be; leave one "
		"out");
	config_fixture_refuse(BASE "dnstap:\n  file-mib: 0\n",
		":6: dnstap.file-mib: \"0\" is not a whole number from 1 to 1048576");
	config_fixture_refuse(BASE "dnstap:\n  queries: no\n  responses: no\n",
		":7: dnstap.responses: neither queries nor responses are to be told; leave dnstap "
		"out instead");
}

static void the_journal(void **state)
{
	struct config *config = config_fixture_load(BASE);

	(void)state;
	assert_int_equal(config->journal.keep_seconds, 30 * 86400);
	assert_true(config->journal.size_bytes == UINT64_C(1) << 30);
	config_free(config);
	config = config_fixture_load(BASE "journal: {keep-days: 36500, size-mib: 1048576}\n");
	assert_int_equal(config->journal.keep_seconds, UINT32_C(3153600000));
	assert_true(config->journal.size_bytes == UINT64_C(1) << 40);
	config_free(config);
	config = config_fixture_load(BASE "journal: {keep-days: 0, size-mib: 1}\n");
	assert_int_equal(config->journal.keep_seconds, 0);
	config_free(config);
	config_fixture_refuse(BASE "journal:\n  keep-days: 36501\n",
		":6: journal.keep-days: \"36501\" is not a whole number from 0 to 36500");
	config_fixture_refuse(BASE "journal:\n  size-mib: 0\n",
		":6: journal.size-mib: \"0\" is not a whole number from 1 to 1048576");
}

static void what_is_observed(void **state)
{
	static const char *const wrong[] = {"0", "1000000001", "yes", "1/64", "-1", "64x"};
	struct config *config = config_fixture_load(BASE);
	char text[2048], why[256];

	(void)state;
	assert_true(config->observe.automatic);
	config_free(config);
	config = config_fixture_load(BASE "observe: {sample: auto}\n");
	assert_true(config->observe.automatic);
	config_free(config);
	config = config_fixture_load(BASE "observe: {sample: off}\n");
	assert_false(config->observe.automatic);
	assert_int_equal(config->observe.one_in, 0);
	config_free(config);
	config = config_fixture_load(BASE "observe: {sample: 1000000000}\n");
	assert_false(config->observe.automatic);
	assert_int_equal(config->observe.one_in, 1000000000);
	config_free(config);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "%sobserve:\n  sample: %s\n", BASE, wrong[i]);
		snprintf(why, sizeof(why),
			":6: observe.sample: \"%s\" is none of auto, off and a whole number from 1 "
			"to 1000000000 (one query of so many)",
			wrong[i]);
		config_fixture_refuse(text, why);
	}
	config_fixture_refuse(BASE "observe:\n  rate: 1\n",
		":6: observe.rate: there is no such key here; it belongs in ports[].kernel");
}

static void where_counters_are_told(void **state)
{
	struct config *config = config_fixture_load(BASE);

	(void)state;
	assert_null(config->metrics.listen);
	assert_false(config->metrics.zones);
	assert_false(config->metrics.dpdk_telemetry);
	assert_true(config_metrics_is_local(&config->metrics));
	config_free(config);
	config = config_fixture_load(
		BASE "metrics: {listen: 127.0.0.9@10153, zones: yes, dpdk-telemetry: yes}\n");
	assert_null(config->metrics.path);
	assert_int_equal(config->metrics.address.port, 10153);
	assert_int_equal(config->metrics.address.address.bytes[3], 9);
	assert_true(config->metrics.zones);
	assert_true(config->metrics.dpdk_telemetry);
	assert_true(config_metrics_is_local(&config->metrics));
	config_free(config);
	config = config_fixture_load(BASE "metrics: {listen: /run/arpad/metrics.sock}\n");
	assert_string_equal(config->metrics.path, "/run/arpad/metrics.sock");
	assert_true(config_metrics_is_local(&config->metrics));
	config_free(config);
	config = config_fixture_load(BASE "metrics: {listen: \"::1@10153\"}\n");
	assert_true(config_metrics_is_local(&config->metrics));
	config_free(config);
	config = config_fixture_load(BASE "metrics: {listen: 0.0.0.0@10153}\n");
	assert_false(config_metrics_is_local(&config->metrics));
	config_free(config);
	config = config_fixture_load(BASE "metrics: {listen: \"2001:db8::1@10153\"}\n");
	assert_false(config_metrics_is_local(&config->metrics));
	config_free(config);
	config_fixture_refuse(BASE "metrics:\n  listen: 127.0.0.1\n",
		":6: metrics.listen: \"127.0.0.1\" is neither an address and a port, such as "
		"127.0.0.1@10153, nor an absolute path");
	config_fixture_refuse(BASE "metrics:\n  listen: metrics.sock\n",
		":6: metrics.listen: \"metrics.sock\" is neither an address and a port, such as "
		"127.0.0.1@10153, nor an absolute path");
	config_fixture_refuse(BASE "metrics:\n  listen: 127.0.0.1@0\n",
		":6: metrics.listen: \"127.0.0.1@0\": what follows the @ is not a port "
		"from 1 to 65535");
	config_fixture_refuse(BASE "metrics:\n  listen: 224.0.0.1@10153\n",
		":6: metrics.listen: 224.0.0.1@10153 is not the address of one host");
	config_fixture_refuse(BASE "metrics:\n  zones: some\n",
		":6: metrics.zones: \"some\" is not one of: no, yes");
	config_fixture_refuse(BASE "metrics:\n  port: 1\n",
		":6: metrics.port: there is no such key here; it belongs in listen");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_drain),
		cmocka_unit_test(dnstap),
		cmocka_unit_test(the_journal),
		cmocka_unit_test(what_is_observed),
		cmocka_unit_test(where_counters_are_told),
	};

	return cmocka_run_group_tests(tests, config_fixture_open, config_fixture_close);
}
