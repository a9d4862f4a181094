/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports that a kernel shares: what it tells of an interface. No EAL, no right. */
#include "dataplane/dpdk/shared.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const uint8_t old_mac[LINK_MAC_BYTES] = {2, 1, 2, 3, 4, 5};

static void open_link(struct port *port, const char *name)
{
	*port = (struct port){.link = {.mtu_bytes = 1400}};
	snprintf(port->name, sizeof(port->name), "%s", name);
	link_set_mac(&port->link, old_mac);
	assert_memory_equal(port->link.mac, old_mac, sizeof(old_mac));
}

static unsigned loopback_mtu(void)
{
	FILE *file = fopen("/sys/class/net/lo/mtu", "re");
	unsigned mtu = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%u", &mtu), 1);
	fclose(file);
	return mtu;
}

static void mac_and_mtu_are_the_interfaces(void **state)
{
	static const uint8_t none[LINK_MAC_BYTES];
	struct port port;
	unsigned mtu = loopback_mtu(); /* 65,536, mostly: one more than an IP packet may have */

	(void)state;
	open_link(&port, "lo");
	assert_int_equal(shared_follow(&port), 0);
	assert_memory_equal(port.link.mac, none, sizeof(none));
	assert_int_equal(port.link.mtu_bytes, mtu < UINT16_MAX ? mtu : UINT16_MAX);
}

static void an_interface_that_is_gone_leaves_what_was_known(void **state)
{
	struct port port;

	(void)state;
	open_link(&port, "no-such-link");
	assert_int_equal(shared_follow(&port), -ENODEV);
	assert_memory_equal(port.link.mac, old_mac, sizeof(old_mac));
	assert_int_equal(port.link.mtu_bytes, 1400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mac_and_mtu_are_the_interfaces),
		cmocka_unit_test(an_interface_that_is_gone_leaves_what_was_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
