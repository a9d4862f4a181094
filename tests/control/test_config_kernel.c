/* SPDX-License-Identifier: BSD-3-Clause */
/* The section "ports[].kernel": defaults, every key, and the whole sentence for every rule. */
#include "control/config/config_report.h"
#include "tests/control/config_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define BASE \
	"listen:\n" \
	"  addresses: [192.0.2.53]\n" \
	"ports:\n" \
	"  - device: net_ring0\n"
#define KERNEL BASE "    kernel:\n      "

static void none_unless_asked_for(void **state)
{
	struct config *config = config_fixture_load(BASE);

	(void)state;
	assert_int_equal(config->ports[0].kernel.device, DATAPLANE_KERNEL_NONE);
	config_free(config);
}

static void defaults(void **state)
{
	struct config *config = config_fixture_load(BASE "    kernel: {}\n  - device: net_ring1\n"
							 "    kernel: {}\n");

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(config->ports[i].kernel.device, DATAPLANE_KERNEL_TAP);
		assert_string_equal(config->ports[i].kernel.interface, i ? "arpad1" : "arpad0");
		assert_int_equal(config->ports[i].kernel.rate, 100000);
		assert_int_equal(config->kernels[i].address_count, 0);
		assert_int_equal(config->kernels[i].gateway_count, 0);
	}
	config_free(config);
}

static void every_key(void **state)
{
	struct config *config =
		config_fixture_load(BASE "    kernel:\n      device: virtio-user\n"
					 "      interface: dns0\n      rate: 1\n"
					 "      addresses: [198.18.0.1/24, '2001:db8::1/64', "
					 "fe80::1/128]\n"
					 "      gateways: ['fe80::ff', 198.18.0.254]\n");
	const struct config_kernel *kernel = &config->kernels[0];

	(void)state;
	assert_int_equal(config->ports[0].kernel.device, DATAPLANE_KERNEL_VIRTIO_USER);
	assert_string_equal(config->ports[0].kernel.interface, "dns0");
	assert_int_equal(config->ports[0].kernel.rate, 1);
	assert_int_equal(kernel->address_count, 3);
	assert_int_equal(kernel->addresses[0].address.family, 4);
	assert_memory_equal(kernel->addresses[0].address.bytes, "\xc6\x12\x00\x01\0", 5);
	assert_int_equal(kernel->addresses[0].bits, 24);
	assert_int_equal(kernel->addresses[1].address.family, 6);
	assert_int_equal(kernel->addresses[1].address.bytes[15], 1);
	assert_int_equal(kernel->addresses[1].bits, 64);
	assert_int_equal(kernel->addresses[2].bits, 128);
	assert_int_equal(kernel->gateway_count, 2);
	assert_int_equal(kernel->gateways[0].family, 6);
	assert_int_equal(kernel->gateways[1].bytes[3], 254);
	config_free(config);
}

static void port_and_interface_rules(void **state)
{
	(void)state;
	config_fixture_refuse(
		"listen: {addresses: [192.0.2.53]}\nports:\n  - interface: vs\n    kernel: {}\n",
		":4: ports[0].kernel: the kernel has vs already; only a port with a device can "
		"have this");
	config_fixture_refuse(KERNEL "device: tun\n",
		":6: ports[0].kernel.device: \"tun\" is not one of: tap, virtio-user");
	config_fixture_refuse(KERNEL "interface: sixteen-letters-\n",
		":6: ports[0].kernel.interface: \"sixteen-letters-\" is not the name of a network "
		"interface (at most 15 characters)");
	config_fixture_refuse(KERNEL "interface: a,b\n",
		":6: ports[0].kernel.interface: \"a,b\" is not the name of a network interface (at "
		"most 15 characters)");
	config_fixture_refuse(KERNEL "interface: vs\n  - interface: vs\n",
		":6: ports[0].kernel.interface: vs is another port's already");
	config_fixture_refuse(KERNEL "interface: arpad1\n  - device: net_ring1\n    kernel: {}\n",
		":8: ports[1].kernel.interface: arpad1 is another port's already");
	config_fixture_refuse(KERNEL "rate: 0\n",
		":6: ports[0].kernel.rate: \"0\" is not a whole number from 1 to 10000000");
	config_fixture_refuse(
		KERNEL "mtu: 9000\n", ":6: ports[0].kernel.mtu: there is no such key");
}

static void address_rules(void **state)
{
	static const char *const wrong[] = {"192.0.2.1", "192.0.2.1/", "192.0.2.1/0",
		"192.0.2.1/33", "192.0.2.1/24/8", "0.0.0.0/8", "127.0.0.1/8", "224.0.0.1/4",
		"2001:db8::1/129", "ff02::1/64", "::/64", "::1/128", "host/24",
		"2001:db8:0000:0000:0000:0000:0000:0000:0001:0002/64"};
	char text[512], message[512];

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text),
			KERNEL "addresses:\n        - 192.0.2.9/24\n        - '%s'\n", wrong[i]);
		snprintf(message, sizeof(message),
			":8: ports[0].kernel.addresses[1]: \"%s\" is not the address of a host "
			"with its network's length, such as 192.0.2.53/24",
			wrong[i]);
		config_fixture_refuse(text, message);
	}
	config_fixture_refuse(KERNEL "addresses: ['2001:db8::1/64', '2001:DB8:0::1/128']\n",
		":6: ports[0].kernel.addresses[1]: 2001:DB8:0::1/128 is in the list twice");
	config_fixture_refuse(KERNEL "gateways: [192.0.2.0/24]\n",
		":6: ports[0].kernel.gateways[0]: \"192.0.2.0/24\" is neither the IPv4 nor the "
		"IPv6 address of a router");
	config_fixture_refuse(KERNEL "gateways: [192.0.2.1, 192.0.2.2]\n",
		":6: ports[0].kernel.gateways[1]: 192.0.2.2 is the second gateway of its family, "
		"and there can be one");
}

static void what_a_restart_is_for(void **state)
{
	static const char *const texts[] = {BASE, KERNEL "rate: 5\n", KERNEL "rate: 6\n",
		KERNEL "device: virtio-user\n      rate: 5\n",
		KERNEL "interface: a\n      rate: 5\n",
		KERNEL "addresses: [192.0.2.1/24]\n      rate: 5\n",
		KERNEL "gateways: [192.0.2.1]\n      rate: 5\n"};
	enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

	(void)state;
	for (unsigned i = 0; i < TEXTS; i++)
		for (unsigned j = 0; j < TEXTS; j++) {
			struct config *a = config_fixture_load(texts[i]),
				      *b = config_fixture_load(texts[j]);

			json_t *rows = config_report_diff(a, a, b);

			assert_int_equal(json_array_size(json_object_get(rows, "applied")), 0);
			assert_int_equal(
				json_array_size(json_object_get(rows, "restart")) == 0, i == j);
			json_decref(rows);
			config_free(a);
			config_free(b);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_unless_asked_for),
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_key),
		cmocka_unit_test(port_and_interface_rules),
		cmocka_unit_test(address_rules),
		cmocka_unit_test(what_a_restart_is_for),
	};

	return cmocka_run_group_tests(tests, config_fixture_open, config_fixture_close);
}
