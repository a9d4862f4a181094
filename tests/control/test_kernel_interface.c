/* SPDX-License-Identifier: BSD-3-Clause */
/* A TAP in a network namespace of its own, set up and then looked at by other means than netlink.
 */
#include "control/address/kernel_interface.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NAME "arpad-test0"

static struct config config; /* zeroed; large for a stack */
static struct dns_listener_address listened[3];
static const struct dataplane_kernel_link link_of_port = {
	.mac = {0x02, 1, 2, 3, 4, 5}, .mtu_bytes = 1400};
static bool namespaced;
static int tap = -1;

static void make_tap(void)
{
	struct ifreq request = {.ifr_name = NAME, .ifr_flags = IFF_TAP | IFF_NO_PI};

	tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (tap >= 0 && ioctl(tap, TUNSETIFF, &request) != 0) {
		close(tap);
		tap = -1;
	}
}

static int enter_namespace(void **state)
{
	(void)state;
	namespaced = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
	return 0;
}

static struct ip_address address(const char *text)
{
	struct ip_address made = {.family = strchr(text, ':') ? 6 : 4};

	assert_int_equal(inet_pton(made.family == 4 ? AF_INET : AF_INET6, text, made.bytes), 1);
	return made;
}

static int make_interface(void **state)
{
	(void)state;
	memset(&config, 0, sizeof(config));
	config.port_count = 1;
	config.ports[0].kernel.interface = NAME;
	config.addresses = listened;
	if (namespaced)
		make_tap();
	return 0;
}

static int remove_interface(void **state)
{
	(void)state;
	if (tap >= 0)
		close(tap);
	tap = -1;
	return 0;
}

static void configure(void)
{
	struct config_kernel *kernel = &config.kernels[0];

	kernel->addresses[0] = (struct config_kernel_address){address("198.18.0.1"), 24};
	kernel->addresses[1] = (struct config_kernel_address){address("2001:db8::1"), 64};
	kernel->address_count = 2;
	kernel->gateways[0] = address("198.18.0.254");
	kernel->gateways[1] = address("2001:db8::fe");
	kernel->gateway_count = 2;
	listened[0].address = address("198.18.0.1");
	listened[1].address = address("192.0.2.53");
	listened[2].address = address("2001:db8:53::53");
	config.address_count = 3;
}

/* How many addresses the interface has that are `text`, in a network of `bits`. */
static unsigned has(const char *text, unsigned bits)
{
	struct ip_address wanted = address(text);
	struct ifaddrs *list;
	unsigned found = 0;

	assert_int_equal(getifaddrs(&list), 0);
	for (struct ifaddrs *i = list; i; i = i->ifa_next) {
		const uint8_t *bytes, *mask;
		unsigned length = 0, size = wanted.family == 4 ? 4 : 16;

		if (strcmp(i->ifa_name, NAME) != 0 || !i->ifa_addr ||
			i->ifa_addr->sa_family != (size == 4 ? AF_INET : AF_INET6))
			continue;
		bytes = size == 4 ? (uint8_t *)&((struct sockaddr_in *)i->ifa_addr)->sin_addr
				  : (uint8_t *)&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr;
		mask = size == 4 ? (uint8_t *)&((struct sockaddr_in *)i->ifa_netmask)->sin_addr
				 : (uint8_t *)&((struct sockaddr_in6 *)i->ifa_netmask)->sin6_addr;
		for (unsigned b = 0; b < size; b++)
			length += (unsigned)__builtin_popcount(mask[b]);
		found += memcmp(bytes, wanted.bytes, size) == 0 && length == bits;
	}
	freeifaddrs(list);
	return found;
}

/* Whether a line of the file has all words. */
static bool told(const char *path, const char *first, const char *second, const char *third)
{
	FILE *file = fopen(path, "r");
	char line[512];
	bool found = false;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		found = found ||
			(strstr(line, first) && strstr(line, second) && strstr(line, third));
	fclose(file);
	return found;
}

static short flags_of(int file, struct ifreq *request)
{
	assert_int_equal(ioctl(file, SIOCGIFFLAGS, request), 0);
	return request->ifr_flags;
}

static void all_of_it(void **state)
{
	struct ifreq request = {.ifr_name = NAME};
	struct failure failure;
	char accepts = 0;

	(void)state;
	if (tap < 0)
		skip();
	configure();
	if (kernel_interface_set_up(&config, 0, &link_of_port, &failure) != 0)
		fail_msg("%s", failure.text);
	assert_int_equal(has("198.18.0.1", 24), 1);
	assert_int_equal(has("198.18.0.1", 32), 0);
	assert_int_equal(has("192.0.2.53", 32), 1);
	assert_int_equal(has("2001:db8::1", 64), 1);
	assert_int_equal(has("2001:db8:53::53", 128), 1);
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(flags_of(any, &request) & IFF_UP);
	assert_int_equal(ioctl(any, SIOCGIFMTU, &request), 0);
	assert_int_equal(request.ifr_mtu, 1400);
	assert_int_equal(ioctl(any, SIOCGIFHWADDR, &request), 0);
	assert_memory_equal(request.ifr_hwaddr.sa_data, link_of_port.mac, 6);
	close(any);
	/* Gateway 198.18.0.254 in the kernel's order, metric 1024; and 2001:db8::fe, 0x400. */
	assert_true(
		told("/proc/thread-self/net/route", NAME "\t00000000\tFE0012C6", "\t1024\t", ""));
	assert_true(told("/proc/thread-self/net/ipv6_route",
		"20010db80000000000000000000000fe 00000400", NAME,
		"00000000000000000000000000000000 00 "));
	FILE *file = fopen("/proc/sys/net/ipv6/conf/" NAME "/accept_ra", "r");
	if (file) {
		accepts = (char)fgetc(file);
		fclose(file);
		assert_int_equal(accepts, '0');
	}
}

/* No address is tentative, so that sockets can be bound at once. */
static void addresses_can_be_bound_at_once(void **state)
{
	struct sockaddr_in6 where = {.sin6_family = AF_INET6, .sin6_port = htons(5353)};
	struct failure failure;

	(void)state;
	if (tap < 0)
		skip();
	configure();
	assert_int_equal(kernel_interface_set_up(&config, 0, &link_of_port, &failure), 0);
	int bound = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET6, "2001:db8:53::53", &where.sin6_addr);
	assert_int_equal(bind(bound, (struct sockaddr *)&where, sizeof(where)), 0);
	close(bound);
}

static void what_the_kernel_refuses_is_named(void **state)
{
	struct failure failure;

	(void)state;
	if (tap < 0)
		skip();
	configure();
	config.kernels[0].gateways[1] = address("198.18.0.253");
	assert_int_equal(kernel_interface_set_up(&config, 0, &link_of_port, &failure), -1);
	assert_string_equal(
		failure.text, NAME ": the kernel refuses the gateway 198.18.0.253 (File exists)");
	assert_int_equal(kernel_interface_set_up(&config, 0, &link_of_port, &failure), -1);
	assert_string_equal(
		failure.text, NAME ": the kernel refuses the address 198.18.0.1 (File exists)");
}

static void no_such_interface(void **state)
{
	struct failure failure;

	(void)state;
	config.ports[0].kernel.interface = "arpad-nosuch";
	assert_int_equal(kernel_interface_set_up(&config, 0, &link_of_port, &failure), -1);
	assert_string_equal(failure.text,
		"the kernel can't be asked about the interface arpad-nosuch: No such device");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_of_it, make_interface, remove_interface),
		cmocka_unit_test_setup_teardown(
			addresses_can_be_bound_at_once, make_interface, remove_interface),
		cmocka_unit_test_setup_teardown(
			what_the_kernel_refuses_is_named, make_interface, remove_interface),
		cmocka_unit_test_setup_teardown(
			no_such_interface, make_interface, remove_interface),
	};

	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
