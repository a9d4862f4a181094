/* SPDX-License-Identifier: BSD-3-Clause */
/* All that is wrong with a configuration: each with its line, and the key that was meant. */
#include "control/config/config.h"
#include "control/config/config_problems.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* The least that is valid. */
#define BASE \
	"listen:\n" \
	"  addresses: [192.0.2.53]\n" \
	"ports:\n" \
	"  - interface: vs\n"

/* The one problem of the text, as ":LINE: SENTENCE". */
static void expect(const char *text, const char *message)
{
	struct config_problems problems;
	struct config *config;
	struct failure failure;
	char said[1024];

	assert_int_equal(config_parse(text, strlen(text), &config, &problems, &failure), -1);
	assert_int_equal(problems.count, 1);
	config_problem_write(&problems.list[0], "", said, sizeof(said));
	assert_string_equal(said, message);
}

static void wrong_shapes(void **state)
{
	(void)state;
	expect(BASE "log: [info]\n", ":5: log: this must be keys with values");
	expect(BASE "tcp:\n", ":5: tcp: the section is empty; give it a key, or leave it out");
	expect(BASE "dpdk: {extra-args: a}\n", ":5: dpdk.extra-args: this must be a list");
	expect(BASE "log: {level: [info]}\n", ":5: log.level: this must be one value, not a list");
	expect(BASE "log: {level: {a: b}}\n", ":5: log.level: this must be one value, not keys");
	expect(BASE "log: {[a]: b}\n", ":5: log: a key must be a word");
	expect(BASE "answers: {nsid: \"a\\0b\"}\n",
		":5: answers.nsid: the text holds a control character");
	expect(BASE "control: {access: []}\n",
		":5: control.access: the list has 0 entries, and may have from 1 to 1024");
}

static void misplaced_keys(void **state)
{
	(void)state;
	expect(BASE "udp-size: 512\n",
		":5: udp-size: there is no such key here; it belongs in answers");
	expect(BASE "log: {sandbox: no}\n",
		":5: log.sandbox: there is no such key here; it belongs in privileges");
	expect(BASE "log: {tenants: []}\n",
		":5: log.tenants: there is no such key here; it belongs in control");
	expect(BASE "log: {zones: []}\n",
		":5: log.zones: there is no such key here; it belongs in the top level");
	expect(BASE "log: {buffer-byte: 1}\n",
		":5: log.buffer-byte: there is no such key here; did you mean tcp.buffer-bytes?");
	expect(BASE "port: 53\n",
		":5: port: there is no such key; did you mean ports, or the port of listen?");
	expect(BASE "log: {device: a}\n",
		":5: log.device: there is no such key here; it belongs in ports[] or "
		"ports[].kernel");
	expect(BASE "journal:\n  size: 1\n",
		":6: journal.size: there is no such key; did you mean size-mib?");
	expect(BASE "log: {xyzzy: 1}\n", ":5: log.xyzzy: there is no such key");
	expect(BASE "log: {'': 1}\n", ":5: log.: there is no such key");
}

/* All that is wrong with the text, a line each. */
static void expect_all(const char *text, const char *expected)
{
	struct config_problems problems;
	struct config *config;
	struct failure failure;
	char said[8192] = "";

	assert_int_equal(config_parse(text, strlen(text), &config, &problems, &failure), -1);
	assert_null(config);
	for (unsigned i = 0; i < problems.count; i++) {
		config_problem_write(
			&problems.list[i], NULL, said + strlen(said), sizeof(said) - strlen(said));
		strcat(said, "\n");
	}
	assert_string_equal(said, expected);
}

static void all_that_is_wrong_is_said(void **state)
{
	(void)state;
	expect_all("listen: {addresses: [192.0.2.1, x], port: y, prot: 1}\n"
		   "ports:\n"
		   "  - {interface: vs, queues: 0, buffers: 1}\n"
		   "  - {queue: 1}\n"
		   "dpdk: {idle: z, memory-mib: q, worker-cores: [0]}\n"
		   "tcp: {clients: 0, idle-ms: 1}\n"
		   "zones: {ns: [a..b], ttl: 0}\n"
		   "control: {mode: 9, access: [{user: 0}, {role: admin}], tenants: [{name: a}]}\n"
		   "rate-limit: {mode: yes, slip: 101, exempt: [a]}\n",
		"line 1: listen.prot: there is no such key; did you mean port?\n"
		"line 1: listen.port: \"y\" is not a whole number from 1 to 65535\n"
		"line 1: listen.addresses[1]: \"x\" is neither an IPv4 nor an IPv6 address\n"
		"line 3: ports[0].queues: \"0\" is not a whole number from 1 to 64\n"
		"line 3: ports[0].buffers: \"1\" is not a whole number from 16383 to 16777215\n"
		"line 4: ports[1].queue: there is no such key; did you mean queues?\n"
		"line 5: dpdk.idle: \"z\" is not one of: poll, adaptive\n"
		"line 5: dpdk.memory-mib: \"q\" is not a whole number from 0 to 1048576\n"
		"line 6: tcp.clients: \"0\" is not a whole number from 1 to 1000000\n"
		"line 6: tcp.idle-ms: \"1\" is not a whole number from 100 to 3600000\n"
		"line 7: zones.ns[0]: the name \"a..b\" has an empty label\n"
		"line 7: zones.ttl: \"0\" is not a whole number from 1 to 2147483647\n"
		"line 8: control.mode: \"9\" is not an octal mode from 0000 to 0777\n"
		"line 8: control.tenants[0]: the tenant needs prefixes, those that it may change\n"
		"line 8: control.access[0].role: a role is needed: viewer, tenant, operator, admin "
		"or none\n"
		"line 8: control.access[1]: there must be either a user or a group\n"
		"line 9: rate-limit.mode: \"yes\" is not one of: off, log, on\n"
		"line 9: rate-limit.slip: \"101\" is not a whole number from 0 to 100\n"
		"line 9: rate-limit.exempt[0]: \"a\" is no address; write it like 192.0.2.7 or "
		"2001:db8::7\n");
}

/* A key that was refused may be the one that is then missing: that is not said. */
static void what_follows_is_not_said(void **state)
{
	(void)state;
	expect_all("listen: {adresses: [192.0.2.1]}\n",
		"line 1: listen.adresses: there is no such key; did you mean addresses?\n");
	expect_all("tcp: {clients: 0}\nlisten-on: [192.0.2.1]\n",
		"line 1: tcp.clients: \"0\" is not a whole number from 1 to 1000000\n"
		"line 2: listen-on: there is no such key\n");
	expect_all("listen: {addresses: 192.0.2.1}\n",
		"line 1: listen.addresses: this must be a list\n");
	expect_all("listen: {addresses: [[a], 192.0.2.1]}\n",
		"line 1: listen.addresses[0]: this must be one value, not a list\n");
	expect_all("listen: {addresses: [192.0.2.1]}\nports: [{interfac: vs}]\n"
		   "dpdk: {worker-cores: [0, 0]}\n",
		"line 2: ports[0].interfac: there is no such key; did you mean interface?\n");
}

static void more_than_anybody_reads(void **state)
{
	char text[4096] = "listen: {addresses: [192.0.2.1";
	struct config_problems problems;
	struct config *config;
	struct failure failure;

	(void)state;
	for (unsigned i = 0; i < CONFIG_PROBLEMS_MAX + 3; i++)
		strcat(text, ", x");
	strcat(text, "]}\n");
	assert_int_equal(config_parse(text, strlen(text), &config, &problems, &failure), -1);
	assert_int_equal(problems.count, CONFIG_PROBLEMS_MAX);
	assert_int_equal(problems.more, 3);
	assert_string_equal(failure.text,
		"line 1: listen.addresses[1]: \"x\" is neither an IPv4 nor an IPv6 address; and "
		"34 more, which \"arpad --check\" shows");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_shapes),
		cmocka_unit_test(misplaced_keys),
		cmocka_unit_test(all_that_is_wrong_is_said),
		cmocka_unit_test(what_follows_is_not_said),
		cmocka_unit_test(more_than_anybody_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
