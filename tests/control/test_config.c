/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration: every default, and for every rule the whole sentence a person reads. */
#include "control/config/config.h"
#include "dataplane/ratelimit.h"
#include "tests/control/config_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The least that is valid; rules are tried on top of it. */
#define BASE \
	"listen:\n" \
	"  addresses: [192.0.2.53]\n" \
	"ports:\n" \
	"  - interface: vs\n"

static void defaults(void **state)
{
	struct config *config = config_fixture_load(BASE);

	(void)state;
	assert_string_equal(config->store_directory, "/var/lib/arpad");
	assert_string_equal(config->control_socket, "/run/arpad/arpad.sock");
	assert_int_equal(config->control_mode, 0600);
	assert_int_equal(config->log_level, LOG_INFO);
	assert_int_equal(config->address_count, 1);
	assert_int_equal(config->addresses[0].address.family, 4);
	assert_memory_equal(config->addresses[0].address.bytes, "\xc0\x00\x02\x35\0\0", 6);
	assert_int_equal(config->addresses[0].port, 53);
	assert_int_equal(config->port_count, 1);
	assert_string_equal(config->ports[0].interface, "vs");
	assert_null(config->ports[0].device);
	assert_int_equal(config->ports[0].queues, 1);
	assert_int_equal(config->ports[0].buffers, 16383);
	assert_int_equal(config->worker_count, 1);
	assert_int_equal(config->hugepages, HUGEPAGES_AUTO);
	assert_int_equal(config->idle_us, 0);
	assert_int_equal(config->memory_mib, 0);
	assert_int_equal(config->extra_arg_count, 0);
	assert_int_equal(config->zones.ns_count, 0);
	assert_null(config->zones.mname);
	assert_string_equal(config->zones.rname, "hostmaster.invalid.");
	assert_int_equal(config->zones.refresh, 3600);
	assert_int_equal(config->zones.retry, 900);
	assert_int_equal(config->zones.expire, 1209600);
	assert_int_equal(config->zones.minimum, 300);
	assert_int_equal(config->zones.ttl, 3600);
	assert_int_equal(config->name_syntax, NAME_SYNTAX_WARN);
	assert_int_equal(config->tcp.tcp_clients, 1024);
	assert_int_equal(config->tcp.tcp_clients_per_network, 64);
	assert_int_equal(config->tcp.idle_ms, 10000);
	assert_int_equal(config->tcp.receive_ms, 5000);
	assert_int_equal(config->tcp.send_ms, 5000);
	assert_int_equal(config->tcp.buffer_bytes, 64 << 20);
	assert_int_equal(config->policy.udp_bytes, 1232);
	assert_false(config->policy.any_whole);
	assert_int_equal(config->policy.cookies, POLICY_COOKIES_ON);
	assert_int_equal(config->policy.secrets.count, 0);
	assert_int_equal(config->policy.nsid_bytes, 0);
	assert_int_equal(config->policy.identity.bytes, 0);
	assert_int_equal(config->policy.version.bytes, 0);
	assert_null(config->privileges.user);
	assert_true(config->privileges.sandbox);
	config_free(config);
}

static void tcp_and_answers(void **state)
{
	struct config *config = config_fixture_load(
		BASE "tcp: {clients: 10, clients-per-network: 2, idle-ms: 100, "
		     "receive-ms: 200, send-ms: 300, buffer-bytes: 262144}\n"
		     "answers:\n  udp-size: 4096\n  any: all\n  nsid: lab-1\n"
		     "  identity: here\n  version: none of yours\n  cookies: enforce\n"
		     "  cookie-secrets: [000102030405060708090a0b0c0d0e0f,\n"
		     "    'FFffffffffffffffffffffffffffffff']\n");
	static const uint8_t first[SIPHASH_KEY_BYTES] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

	(void)state;
	assert_int_equal(config->tcp.tcp_clients, 10);
	assert_int_equal(config->tcp.tcp_clients_per_network, 2);
	assert_int_equal(config->tcp.idle_ms, 100);
	assert_int_equal(config->tcp.receive_ms, 200);
	assert_int_equal(config->tcp.send_ms, 300);
	assert_int_equal(config->tcp.buffer_bytes, 262144);
	assert_int_equal(config->policy.udp_bytes, 4096);
	assert_true(config->policy.any_whole);
	assert_int_equal(config->policy.nsid_bytes, 5);
	assert_memory_equal(config->policy.nsid, "lab-1", 5);
	assert_int_equal(config->policy.identity.bytes, 4);
	assert_memory_equal(config->policy.identity.text, "here", 4);
	assert_int_equal(config->policy.version.bytes, 13);
	assert_int_equal(config->policy.cookies, POLICY_COOKIES_ENFORCE);
	assert_int_equal(config->policy.secrets.count, 2);
	assert_memory_equal(config->policy.secrets.key[0], first, sizeof(first));
	assert_int_equal(config->policy.secrets.key[1][0], 0xff);
	config_free(config);
}

static void without_ports(void **state)
{
	struct config *config =
		config_fixture_load("listen:\n  port: 5300\n  addresses: [127.0.0.1@5301, "
				    "\"::1@5302\", 127.0.0.1, '::', 0.0.0.0@1]\n");

	(void)state;
	assert_int_equal(config->port_count, 0);
	assert_int_equal(config->worker_count, 0);
	assert_int_equal(config->address_count, 5);
	assert_int_equal(config->addresses[0].port, 5301);
	assert_int_equal(config->addresses[1].port, 5302);
	assert_int_equal(config->addresses[1].address.family, 6);
	assert_int_equal(config->addresses[1].address.bytes[15], 1);
	assert_int_equal(config->addresses[2].port, 5300);
	assert_int_equal(config->addresses[4].port, 1);
	config_free(config);
}

static void every_key(void **state)
{
	struct config *config = config_fixture_load(
		"listen:\n  addresses: [192.0.2.1, '2001:db8::1']\n  port: 5353\n"
		"ports:\n  - interface: vs\n  - device: 'net_ring0,a=b'\n    queues: 2\n    "
		"buffers: 65535\n"
		"store: {directory: /s}\ncontrol: {socket: /c/s, mode: 0660}\n"
		"log: {level: debug}\n"
		"dpdk:\n  control-core: 0\n  worker-cores: [0, 0, 0]\n"
		"  hugepages: no\n  memory-mib: 64\n  extra-args: [--foo, bar]\n"
		"zones:\n  ns: [a.example, b.example.]\n  mname: m.example\n"
		"  rname: r.example\n  refresh: 1\n  retry: 2\n  expire: 3\n"
		"  minimum: 4\n  ttl: 2147483647\n");

	(void)state;
	assert_int_equal(config->address_count, 2);
	assert_int_equal(config->addresses[1].address.family, 6);
	assert_int_equal(config->addresses[0].port, 5353);
	assert_int_equal(config->addresses[1].port, 5353);
	assert_int_equal(config->port_count, 2);
	assert_string_equal(config->ports[1].device, "net_ring0,a=b");
	assert_int_equal(config->ports[1].buffers, 65535);
	assert_int_equal(config->worker_count, 3);
	assert_string_equal(config->store_directory, "/s");
	assert_string_equal(config->control_socket, "/c/s");
	assert_int_equal(config->control_mode, 0660);
	assert_int_equal(config->log_level, LOG_DEBUG);
	assert_int_equal(config->hugepages, HUGEPAGES_NO);
	assert_int_equal(config->memory_mib, 64);
	assert_int_equal(config->extra_arg_count, 2);
	assert_string_equal(config->extra_args[1], "bar");
	assert_int_equal(config->zones.ns_count, 2);
	assert_string_equal(config->zones.ns[1], "b.example.");
	assert_string_equal(config->zones.mname, "m.example");
	assert_int_equal(config->zones.minimum, 4);
	assert_int_equal(config->zones.ttl, 2147483647);
	config_free(config);
}

static void what_is_no_configuration(void **state)
{
	(void)state;
	config_fixture_refuse("", ": the file has no keys");
	config_fixture_refuse("# only a comment\n", ": the file has no keys");
	config_fixture_refuse("foo\n", ":1: the file has no keys, such as \"listen:\"");
	config_fixture_refuse("- listen\n", ":1: the file has no keys, such as \"listen:\"");
	config_fixture_refuse(BASE "\tlog: {level: info}\n",
		":5: this is not YAML: found a tab character that violates indentation");
	config_fixture_refuse(
		"listen: [\n", ":2: this is not YAML: did not find expected node content");
	config_fixture_refuse("listen: &a\n  addresses: [192.0.2.1]\nports: *a\n",
		":3: ports: YAML aliases are not supported");
}

static void unknown_and_double_keys(void **state)
{
	(void)state;
	config_fixture_refuse(BASE "lissten: {port: 1}\n",
		":5: lissten: there is no such key; did you mean listen?");
	config_fixture_refuse("listen:\n  addresses: [192.0.2.1]\n  prot: 53\n",
		":3: listen.prot: there is no such key; did you mean port?");
	config_fixture_refuse(BASE "    queue: 2\n",
		":5: ports[0].queue: there is no such key; did you mean queues?");
	config_fixture_refuse(
		BASE "log: {level: info}\nlog: {level: info}\n", ":6: log: the key is given twice");
}

static void followed_interfaces(void **state)
{
	struct config *config = config_fixture_load(
		"listen: {interfaces: [lo, eth0], port: 5353}\nports: [{interface: vs}]\n");

	(void)state;
	assert_int_equal(config->address_count, 0);
	assert_int_equal(config->port, 5353);
	assert_int_equal(config->interface_count, 2);
	assert_string_equal(config->interfaces[1], "eth0");
	config_free(config);
	/* With workers there is one port, and what the addresses say goes before listen.port. */
	config = config_fixture_load("listen: {addresses: [192.0.2.1@5300], interfaces: [lo]}\n"
				     "ports: [{interface: vs}]\n");
	assert_int_equal(config->port, 5300);
	config_free(config);
	config = config_fixture_load("listen: {addresses: [192.0.2.1@5300], interfaces: [lo]}\n");
	assert_int_equal(config->port, 53);
	config_free(config);
	config = config_fixture_load(BASE);
	assert_int_equal(config->interface_count, 0);
	assert_int_equal(config->port, 53);
	config_free(config);
	config_fixture_refuse("listen: {interfaces: [lo, lo]}\n",
		":1: listen.interfaces[1]: lo is in the list twice");
	config_fixture_refuse("listen: {interfaces: [a-name-too-long0]}\n",
		":1: listen.interfaces[0]: \"a-name-too-long0\" is not the name of a network "
		"interface (at most 15 characters)");
	config_fixture_refuse("listen: {addresses: ['::'], interfaces: [lo]}\n",
		":1: listen.interfaces: listen.addresses has one that means every address, which "
		"is more than those of interfaces; leave one of the two out");
}

static void listen_rules(void **state)
{
	(void)state;
	config_fixture_refuse("ports: [{interface: vs}]\n",
		": listen.addresses: at least one address to answer on is needed, such as "
		"[192.0.2.53], or an interface in listen.interfaces");
	config_fixture_refuse("listen:\n  port: 53\n",
		":1: listen.addresses: at least one address to answer on is needed, such as "
		"[192.0.2.53], or an interface in listen.interfaces");
	config_fixture_refuse("listen:\n  addresses:\n    - 192.0.2.1\n    - 192.0.2.256\n",
		":4: listen.addresses[1]: \"192.0.2.256\" is neither an IPv4 nor an IPv6 address");
	config_fixture_refuse("listen:\n  addresses: [0.0.0.0]\nports: [{interface: vs}]\n",
		":2: listen.addresses[0]: 0.0.0.0 is not the address of one host; name each "
		"address to answer on");
	config_fixture_refuse("listen:\n  addresses: ['ff02::1']\n",
		":2: listen.addresses[0]: ff02::1 is not the address of one host; name each "
		"address to answer on");
	config_fixture_refuse("listen:\n  addresses: ['2001:db8::1', '2001:DB8:0::1']\n",
		":2: listen.addresses[1]: 2001:DB8:0::1 is in the list twice");
	config_fixture_refuse("listen:\n  addresses: [192.0.2.1@53, 192.0.2.1]\n",
		":2: listen.addresses[1]: 192.0.2.1 is in the list twice");
	config_fixture_refuse("listen:\n  addresses: [192.0.2.1@]\n",
		":2: listen.addresses[0]: \"192.0.2.1@\": what follows the @ is not a port from 1 "
		"to 65535");
	config_fixture_refuse("listen:\n  addresses: [192.0.2.1@65536]\n",
		":2: listen.addresses[0]: \"192.0.2.1@65536\": what follows the @ is not a port "
		"from 1 to 65535");
	config_fixture_refuse("listen:\n  addresses: [192.0.2.1@5@3]\n",
		":2: listen.addresses[0]: \"192.0.2.1@5@3\": what follows the @ is not a port "
		"from 1 to 65535");
	config_fixture_refuse("listen:\n  addresses: ['@53']\n",
		":2: listen.addresses[0]: \"@53\" is neither an IPv4 nor an IPv6 address");
	config_fixture_refuse(
		"listen:\n  addresses: [192.0.2.1, 192.0.2.2@54]\nports: [{interface: vs}]\n",
		":2: listen.addresses[1]: 192.0.2.2@54 has port 54 and the first address 53; with "
		"\"ports\" all addresses have one port");
	config_fixture_refuse("listen:\n  addresses: [192.0.2.1]\n  port: 65536\n",
		":3: listen.port: \"65536\" is not a whole number from 1 to 65535");
	config_fixture_refuse("listen:\n  addresses: [192.0.2.1]\n  port: 53x\n",
		":3: listen.port: \"53x\" is not a whole number from 1 to 65535");
	config_fixture_refuse("listen:\n  addresses: [192.0.2.1]\n  port: -53\n",
		":3: listen.port: \"-53\" is not a whole number from 1 to 65535");
	config_fixture_refuse(
		"listen:\n  addresses: [192.0.2.1]\n  port: 99999999999999999999999\n",
		":3: listen.port: \"99999999999999999999999\" is not a whole number from 1 to "
		"65535");
}

static void port_rules(void **state)
{
	(void)state;
	config_fixture_refuse("listen: {addresses: [192.0.2.1]}\nports: [{queues: 1}]\n",
		":2: ports[0]: a port has either an interface (for AF_XDP) or a device (for DPDK)");
	config_fixture_refuse(BASE "    device: net_null0\n",
		":4: ports[0]: a port has either an interface (for AF_XDP) or a device (for DPDK)");
	config_fixture_refuse(BASE "  - interface: a,b\n",
		":5: ports[1].interface: \"a,b\" is not the name of a network interface (at most "
		"15 characters)");
	config_fixture_refuse(BASE "  - interface: sixteen-letters-\n",
		":5: ports[1].interface: \"sixteen-letters-\" is not the name of a network "
		"interface (at most 15 characters)");
	config_fixture_refuse(
		BASE "  - interface: vs\n", ":5: ports[1].interface: vs is in the list twice");
	config_fixture_refuse(BASE "    queues: 0\n",
		":5: ports[0].queues: \"0\" is not a whole number from 1 to 64");
	config_fixture_refuse(BASE "    buffers: 1000\n",
		":5: ports[0].buffers: \"1000\" is not a whole number from 16383 to 16777215");
	config_fixture_refuse(BASE "    queues: 40\n  - interface: b\n    queues: 25\n",
		":3: ports: 65 queues in all are more than the 64 workers there can be");
}

static void dpdk_rules(void **state)
{
	struct config *config;
	struct failure failure;

	(void)state;
	config_fixture_refuse(BASE "dpdk:\n  worker-cores: [0, 0]\n",
		":6: dpdk.worker-cores: 2 cores for 1 queues; one core for each queue of the "
		"ports is needed");
	config_fixture_refuse(BASE "dpdk:\n  control-core: two\n",
		":6: dpdk.control-core: \"two\" is not a whole number from 0 to 1023");
	config_fixture_write(BASE "dpdk:\n  worker-cores: [1023]\n");
	assert_int_equal(config_load(config_fixture_path, &config, &failure), -1);
	assert_non_null(strstr(
		failure.text, ":6: dpdk.worker-cores[0]: this process can't run on CPU 1023"));
	config_fixture_refuse(BASE "dpdk:\n  hugepages: maybe\n",
		":6: dpdk.hugepages: \"maybe\" is not one of: auto, yes, no");
	config_fixture_refuse(BASE "dpdk:\n  idle: never\n",
		":6: dpdk.idle: \"never\" is not one of: poll, adaptive");
	config_fixture_refuse(BASE "dpdk:\n  idle-us: 10001\n",
		":6: dpdk.idle-us: \"10001\" is not a whole number from 1 to 10000");
	config_fixture_refuse(BASE "dpdk:\n  memory-mib: 2000000\n",
		":6: dpdk.memory-mib: \"2000000\" is not a whole number from 0 to 1048576");
}

static void workers_may_sleep(void **state)
{
	static const struct {
		const char *text;
		unsigned us;
	} cases[] = {
		{BASE "dpdk: {idle: poll, idle-us: 500}\n", 0},
		{BASE "dpdk: {idle: adaptive}\n", DATAPLANE_IDLE_US},
		{BASE "dpdk: {idle: adaptive, idle-us: 1}\n", 1},
		{BASE "dpdk: {idle: adaptive, idle-us: 10000}\n", 10000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = config_fixture_load(cases[i].text);

		assert_int_equal(config->idle_us, cases[i].us);
		config_free(config);
	}
}

static void tcp_rules(void **state)
{
	(void)state;
	config_fixture_refuse(BASE "tcp:\n  clients: 0\n",
		":6: tcp.clients: \"0\" is not a whole number from 1 to 1000000");
	config_fixture_refuse(BASE "tcp:\n  idle-ms: 99\n",
		":6: tcp.idle-ms: \"99\" is not a whole number from 100 to 3600000");
	config_fixture_refuse(BASE "tcp:\n  buffer-bytes: 65536\n",
		":6: tcp.buffer-bytes: \"65536\" is not a whole number from 262144 to "
		"1099511627776");
}

static void answer_rules(void **state)
{
	char text[600] = BASE "answers:\n  nsid: ";
	size_t length = strlen(text);

	(void)state;
	config_fixture_refuse(BASE "answers:\n  udp-size: 511\n",
		":6: answers.udp-size: \"511\" is not a whole number from 512 to 4096");
	config_fixture_refuse(BASE "answers:\n  any: none\n",
		":6: answers.any: \"none\" is not one of: minimal, all");
	config_fixture_refuse(BASE "answers:\n  cookies: yes\n",
		":6: answers.cookies: \"yes\" is not one of: off, on, enforce");
	config_fixture_refuse(BASE "answers:\n  cookie-secrets: [0011]\n",
		":6: answers.cookie-secrets[0]: a secret is 32 hexadecimal digits, as \"openssl "
		"rand -hex 16\" makes them");
	config_fixture_refuse(BASE
		"answers:\n  cookie-secrets: [0001020304050607 8090a0b0c0d0e0f]\n",
		":6: answers.cookie-secrets[0]: a secret is 32 hexadecimal digits, as \"openssl "
		"rand -hex 16\" makes them");
	memset(text + length, 'n', 129);
	strcpy(text + length + 129, "\n");
	config_fixture_refuse(text, ":6: answers.nsid: the text has 129 octets and may have 128");
}

static void rate_limits(void **state)
{
	struct config *config = config_fixture_load(BASE);
	const struct ratelimit_policy *rate = &config->policy.rate;

	(void)state;
	assert_int_equal(rate->mode, RATELIMIT_OFF);
	assert_int_equal(rate->interval_us[RATELIMIT_ANSWERS], 5000);
	assert_int_equal(rate->interval_us[RATELIMIT_NXDOMAIN], 5000);
	assert_int_equal(rate->interval_us[RATELIMIT_ERRORS], 50000);
	assert_int_equal(rate->interval_us[RATELIMIT_REFERRALS], 5000);
	assert_int_equal(rate->ipv4_bits, 24);
	assert_int_equal(rate->ipv6_bits, 56);
	assert_int_equal(rate->slip, 1);
	assert_int_equal(rate->burst_us, 2000000);
	assert_int_equal(rate->exempt_count, 0);
	assert_int_equal(config->limiter_entries, RATELIMIT_ENTRIES);
	config_free(config);

	config = config_fixture_load(
		BASE "rate-limit:\n  mode: log\n  answers: 0\n  nxdomain: 1\n  errors: 2\n"
		     "  referrals: 100000\n  ipv4-prefix: 32\n  ipv6-prefix: 48\n  slip: 0\n"
		     "  burst: 60\n  entries: 1024\n"
		     "  exempt: ['2001:db8::/32', 198.18.5.5, 198.18.0.0/15, '::/0', 192.0.2.1]\n");
	rate = &config->policy.rate;
	assert_int_equal(rate->mode, RATELIMIT_LOG);
	assert_int_equal(rate->interval_us[RATELIMIT_ANSWERS], 0);
	assert_int_equal(rate->interval_us[RATELIMIT_NXDOMAIN], 1000000);
	assert_int_equal(rate->interval_us[RATELIMIT_ERRORS], 500000);
	assert_int_equal(rate->interval_us[RATELIMIT_REFERRALS], 10);
	assert_int_equal(rate->ipv4_bits, 32);
	assert_int_equal(rate->ipv6_bits, 48);
	assert_int_equal(rate->slip, 0);
	assert_int_equal(rate->burst_us, 60000000);
	assert_int_equal(config->limiter_entries, 1024);
	assert_int_equal(rate->exempt_count, 1);
	config_free(config);

	config = config_fixture_load(
		BASE "rate-limit: {mode: on, exempt: ['2001:db8::/32', 198.18.5.5, 192.0.2.1, "
		     "198.18.0.0/15, '2001:db8::7']}\n");
	rate = &config->policy.rate;
	assert_int_equal(rate->mode, RATELIMIT_ON);
	assert_int_equal(rate->exempt_count, 3);
	assert_int_equal(rate->exempt[0].first[1], 0xffffc0000201);
	assert_int_equal(rate->exempt[0].last[1], 0xffffc0000201);
	assert_int_equal(rate->exempt[1].first[1], 0xffffc6120000);
	assert_int_equal(rate->exempt[1].last[1], 0xffffc613ffff);
	assert_int_equal(rate->exempt[2].first[0], 0x20010db800000000);
	assert_int_equal(rate->exempt[2].last[0], 0x20010db8ffffffff);
	assert_int_equal(rate->exempt[2].last[1], UINT64_MAX);
	config_free(config);

	config_fixture_refuse(BASE "rate-limit:\n  mode: maybe\n",
		":6: rate-limit.mode: \"maybe\" is not one of: off, log, on");
	config_fixture_refuse(BASE "rate-limit:\n  answers: 100001\n",
		":6: rate-limit.answers: \"100001\" is not a whole number from 0 to 100000");
	config_fixture_refuse(BASE "rate-limit:\n  ipv6-prefix: 65\n",
		":6: rate-limit.ipv6-prefix: \"65\" is not a whole number from 1 to 64");
	config_fixture_refuse(BASE "rate-limit:\n  entries: 3000\n",
		":6: rate-limit.entries: 3000 is not a power of two, such as 262144");
	config_fixture_refuse(BASE "rate-limit:\n  exempt: [192.0.2.1/24]\n",
		":6: rate-limit.exempt[0]: \"192.0.2.1/24\" has host bits set past its length; the "
		"prefix is 192.0.2.0/24");
}

static void other_rules(void **state)
{
	struct config *config;

	(void)state;
	config_fixture_refuse(BASE "store:\n  directory: var/lib\n",
		":6: store.directory: \"var/lib\" is not an absolute path (one that starts with "
		"/)");
	config_fixture_refuse(BASE "control:\n  socket: run/sock\n",
		":6: control.socket: \"run/sock\" is not an absolute path (one that starts with "
		"/)");
	config_fixture_refuse(BASE
		"control:\n  socket: "
		"/0123456789012345678901234567890123456789012345678901234567890123456789012345"
		"6789012345678901234567890123456\n",
		":6: control.socket: the path is longer than the 107 bytes that the kernel allows");
	config_fixture_refuse(BASE "control:\n  mode: 0680\n",
		":6: control.mode: \"0680\" is not an octal mode from 0000 to 0777");
	config_fixture_refuse(BASE "control:\n  mode: 01777\n",
		":6: control.mode: \"01777\" is not an octal mode from 0000 to 0777");
	config_fixture_refuse(BASE "log:\n  level: loud\n",
		":6: log.level: \"loud\" is not one of: error, warning, info, debug");
	config_fixture_refuse(BASE "names:\n  syntax: strict\n",
		":6: names.syntax: \"strict\" is not one of: off, warn, enforce");
	config = config_fixture_load(BASE "names:\n  syntax: enforce\n");
	assert_int_equal(config->name_syntax, NAME_SYNTAX_ENFORCE);
	config_free(config);
	config_fixture_refuse(BASE "zones:\n  ttl: 0\n",
		":6: zones.ttl: \"0\" is not a whole number from 1 to 2147483647");
	config_fixture_refuse(BASE "zones:\n  retry: 2147483648\n",
		":6: zones.retry: \"2147483648\" is not a whole number from 1 to 2147483647");
}

static void privilege_rules(void **state)
{
	struct config *config =
		config_fixture_load(BASE "privileges: {user: dns-server_2.x, sandbox: no}\n");

	(void)state;
	assert_string_equal(config->privileges.user, "dns-server_2.x");
	assert_false(config->privileges.sandbox);
	config_free(config);
	config_fixture_refuse(BASE "privileges:\n  sandbox: maybe\n",
		":6: privileges.sandbox: \"maybe\" is not one of: no, yes");
	config_fixture_refuse(BASE "privileges:\n  user: -x\n",
		":6: privileges.user: \"-x\" is not the name of a user (at most 32 letters, "
		"digits, _ . and -)");
	config_fixture_refuse(BASE "privileges:\n  user: a b\n",
		":6: privileges.user: \"a b\" is not the name of a user (at most 32 letters, "
		"digits, _ . and -)");
	config_fixture_refuse(BASE "privileges:\n  user: abcdefghijklmnopqrstuvwxyz0123456\n",
		":6: privileges.user: \"abcdefghijklmnopqrstuvwxyz0123456\" is not the name of a "
		"user (at most 32 letters, digits, _ . and -)");
}

/* A reload may not be allowed to read what the start could. */
static void a_file_that_may_not_be_read(void **state)
{
	struct config *config;
	struct failure failure;
	bool root = geteuid() == 0;

	(void)state;
	config_fixture_write(BASE);
	assert_int_equal(chmod(config_fixture_path, 0), 0);
	assert_int_equal(chmod(config_fixture_folder, 0755), 0);
	assert_int_equal(root ? seteuid(65534) : 0, 0);
	assert_int_equal(config_load(config_fixture_path, &config, &failure), -1);
	assert_int_equal(root ? seteuid(0) : 0, 0);
	assert_non_null(strstr(failure.text, "may not be read by the user that arpad serves as"));
	assert_int_equal(chmod(config_fixture_path, 0600), 0);
}

static void names_are_checked(void **state)
{
	struct config *config;
	struct failure failure;

	(void)state;
	config_fixture_write(BASE "zones:\n  ns:\n    - good.example.\n    - bad..example.\n");
	assert_int_equal(config_load(config_fixture_path, &config, &failure), -1);
	assert_non_null(strstr(failure.text, ":8: zones.ns[1]: "));
}

static void files_that_are_none(void **state)
{
	struct config *config;
	struct failure failure;
	char other[80];

	(void)state;
	assert_int_equal(config_load("/nonexistent/x", &config, &failure), -1);
	assert_string_equal(
		failure.text, "/nonexistent/x can't be opened: No such file or directory");
	assert_int_equal(config_load(config_fixture_folder, &config, &failure), -1);
	assert_non_null(strstr(failure.text, " is not a regular file"));
	snprintf(other, sizeof(other), "%s/fifo", config_fixture_folder);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(config_load(other, &config, &failure), -1);
	assert_non_null(strstr(failure.text, " is not a regular file"));
	unlink(other);
	config_fixture_write(BASE);
	assert_int_equal(truncate(config_fixture_path, (1 << 20) + 1), 0);
	assert_int_equal(config_load(config_fixture_path, &config, &failure), -1);
	assert_non_null(strstr(failure.text, " is larger than 1 MiB"));
}

/* Cut anywhere, a good file is valid or refused with a sentence; nothing else. */
static void cut_at_every_octet(void **state)
{
	static const char whole[] = BASE "zones:\n  ns: [\"a.example\"]\n  ttl: 5\n";
	char part[sizeof(whole)];

	(void)state;
	for (size_t length = 0; length < sizeof(whole); length++) {
		struct config *config;
		struct failure failure = {.text = ""};

		memcpy(part, whole, length);
		part[length] = '\0';
		config_fixture_write(part);
		if (config_load(config_fixture_path, &config, &failure) != 0)
			assert_non_null(strstr(failure.text, config_fixture_path));
		config_free(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_key),
		cmocka_unit_test(tcp_and_answers),
		cmocka_unit_test(without_ports),
		cmocka_unit_test(what_is_no_configuration),
		cmocka_unit_test(unknown_and_double_keys),
		cmocka_unit_test(followed_interfaces),
		cmocka_unit_test(listen_rules),
		cmocka_unit_test(port_rules),
		cmocka_unit_test(dpdk_rules),
		cmocka_unit_test(workers_may_sleep),
		cmocka_unit_test(tcp_rules),
		cmocka_unit_test(answer_rules),
		cmocka_unit_test(rate_limits),
		cmocka_unit_test(other_rules),
		cmocka_unit_test(privilege_rules),
		cmocka_unit_test(a_file_that_may_not_be_read),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(files_that_are_none),
		cmocka_unit_test(cut_at_every_octet),
	};

	return cmocka_run_group_tests(tests, config_fixture_open, config_fixture_close);
}
