/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The XDP program, frame by frame, in the kernel (BPF_PROG_TEST_RUN). Every frame must end in
 * exactly one verdict, and only a match with a socket behind it may leave the kernel's path.
 */
#include "bpf/steer_map.h"
#include "tests/bpf/support.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	ETHERNET_BYTES = 14,
	VLAN_BYTES = 4,
	IPV4_BYTES = 20,
	IPV6_BYTES = 40,
	UDP_BYTES = 8,
	PAYLOAD_BYTES = 20,
	PORT = 53,
};

struct frame {
	uint8_t bytes[256];
	size_t length;
	size_t ip, udp; /* offsets */
};

static const char *object_path;
static struct loaded steer;

static const uint8_t ours_ipv4[4] = {198, 18, 0, 1};
static const uint8_t ours_ipv6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* A UDP datagram to our address and port, with `tags` 802.1Q tags. */
static struct frame make_frame(unsigned family, unsigned tags)
{
	struct frame frame = {.ip = ETHERNET_BYTES + tags * VLAN_BYTES};
	uint8_t *ip = frame.bytes + frame.ip;

	for (unsigned tag = 0; tag < tags; tag++)
		put16(frame.bytes + 12 + tag * VLAN_BYTES, 0x8100);
	put16(ip - 2, family == 4 ? 0x0800 : 0x86dd);
	frame.udp = frame.ip + (family == 4 ? IPV4_BYTES : IPV6_BYTES);
	frame.length = frame.udp + UDP_BYTES + PAYLOAD_BYTES;
	if (family == 4) {
		ip[0] = 0x45;
		put16(ip + 2, (unsigned)(frame.length - frame.ip));
		put16(ip + 6, 0x4000); /* DF, as every modern stack sets it */
		ip[8] = 64;
		ip[9] = IPPROTO_UDP;
		memcpy(ip + 16, ours_ipv4, sizeof(ours_ipv4));
	} else {
		ip[0] = 0x60;
		put16(ip + 4, UDP_BYTES + PAYLOAD_BYTES);
		ip[6] = IPPROTO_UDP;
		ip[7] = 64;
		memcpy(ip + 24, ours_ipv6, sizeof(ours_ipv6));
	}
	put16(frame.bytes + frame.udp, 40000);
	put16(frame.bytes + frame.udp + 2, PORT);
	put16(frame.bytes + frame.udp + 4, UDP_BYTES + PAYLOAD_BYTES);
	return frame;
}

static uint64_t verdict_count(uint32_t verdict)
{
	static uint64_t per_cpu[1024];
	int cpus = libbpf_num_possible_cpus();
	uint64_t sum = 0;

	assert_in_range(cpus, 1, 1024);
	assert_int_equal(
		bpf_map_lookup_elem(support_map(&steer, STEER_VERDICTS_NAME), &verdict, per_cpu),
		0);
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += per_cpu[cpu];
	return sum;
}

/* Runs the program and returns its verdict, having checked that it acts as the verdict says. */
static uint32_t judge(const struct frame *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes,
		.data_size_in = (uint32_t)frame->length);
	uint64_t before[STEER_VERDICTS];
	uint32_t found = STEER_VERDICTS;

	for (uint32_t i = 0; i < STEER_VERDICTS; i++)
		before[i] = verdict_count(i);
	assert_int_equal(bpf_prog_test_run_opts(steer.program_fd, &run), 0);
	for (uint32_t i = 0; i < STEER_VERDICTS; i++) {
		uint64_t more = verdict_count(i) - before[i];

		assert_in_range(more, 0, 1);
		if (!more)
			continue;
		assert_int_equal(found, STEER_VERDICTS);
		found = i;
	}
	assert_int_equal(run.retval, found == STEER_REDIRECTED ? XDP_REDIRECT : XDP_PASS);
	return found;
}

static void write_settings(uint32_t enabled)
{
	const struct steer_settings settings = {.enabled = enabled, .port_be = htons(PORT)};
	const uint32_t first = 0;

	assert_int_equal(bpf_map_update_elem(support_map(&steer, STEER_SETTINGS_NAME), &first,
				 &settings, BPF_ANY),
		0);
}

static void add_address(uint8_t family, const uint8_t *bytes, size_t count)
{
	struct steer_address address = {.family = family};
	const uint8_t present = 1;

	memcpy(address.bytes, bytes, count);
	assert_int_equal(bpf_map_update_elem(support_map(&steer, STEER_ADDRESSES_NAME), &address,
				 &present, BPF_ANY),
		0);
}

static int load(void **state)
{
	(void)state;
	steer = support_load(object_path);
	write_settings(1);
	add_address(4, ours_ipv4, sizeof(ours_ipv4));
	add_address(6, ours_ipv6, sizeof(ours_ipv6));
	return 0;
}

static int unload(void **state)
{
	(void)state;
	bpf_object__close(steer.object);
	return 0;
}

static void test_matches_without_socket_pass(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2)
		for (unsigned tags = 0; tags <= 1; tags++) {
			struct frame frame = make_frame(family, tags);

			assert_int_equal(judge(&frame), STEER_PASS_NO_SOCKET);
		}
}

static void test_matches_with_socket_are_redirected(void **state)
{
	const uint32_t queue = 0;
	int map = support_map(&steer, STEER_XSKS_NAME);
	int fd = socket(AF_XDP, SOCK_RAW, 0);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(bpf_map_update_elem(map, &queue, &fd, BPF_ANY), 0);
	for (unsigned family = 4; family <= 6; family += 2)
		for (unsigned tags = 0; tags <= 1; tags++) {
			struct frame frame = make_frame(family, tags);

			assert_int_equal(judge(&frame), STEER_REDIRECTED);
			put16(frame.bytes + frame.udp + 2, 22);
			assert_int_equal(judge(&frame), STEER_PASS_PORT);
		}
	assert_int_equal(bpf_map_delete_elem(map, &queue), 0);
	close(fd);
}

static void test_disabled_passes_all(void **state)
{
	struct frame frame = make_frame(4, 0);

	(void)state;
	write_settings(0);
	assert_int_equal(judge(&frame), STEER_PASS_DISABLED);
	write_settings(1);
	assert_int_equal(judge(&frame), STEER_PASS_NO_SOCKET);
}

static void test_other_addresses_pass(void **state)
{
	struct frame ipv4 = make_frame(4, 0), ipv6 = make_frame(6, 0);

	(void)state;
	ipv4.bytes[ipv4.ip + 19] ^= 3;
	assert_int_equal(judge(&ipv4), STEER_PASS_ADDRESS);
	ipv6.bytes[ipv6.ip + 39] ^= 3;
	assert_int_equal(judge(&ipv6), STEER_PASS_ADDRESS);
	/* 198.18.0.1 followed by zeros is no IPv6 address of ours: the family is in the key. */
	memset(ipv6.bytes + ipv6.ip + 24, 0, 16);
	memcpy(ipv6.bytes + ipv6.ip + 24, ours_ipv4, sizeof(ours_ipv4));
	assert_int_equal(judge(&ipv6), STEER_PASS_ADDRESS);
}

static void test_other_ports_pass(void **state)
{
	static const unsigned ports[] = {0, 52, 54, 5353, 53 << 8, 65535};

	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		for (unsigned family = 4; family <= 6; family += 2) {
			struct frame frame = make_frame(family, 0);

			put16(frame.bytes + frame.udp + 2, ports[i]);
			/* A source port of 53 is a reply to somebody, not a query to us. */
			put16(frame.bytes + frame.udp, PORT);
			assert_int_equal(judge(&frame), STEER_PASS_PORT);
		}
}

static void test_other_protocols_pass(void **state)
{
	(void)state;
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		struct frame ipv4 = make_frame(4, 0), ipv6 = make_frame(6, 0);

		if (protocol == IPPROTO_UDP)
			continue;
		ipv4.bytes[ipv4.ip + 9] = (uint8_t)protocol;
		assert_int_equal(judge(&ipv4), STEER_PASS_OTHER);
		/* This includes every IPv6 extension header. */
		ipv6.bytes[ipv6.ip + 6] = (uint8_t)protocol;
		assert_int_equal(judge(&ipv6), STEER_PASS_OTHER);
	}
}

static void test_fragments_pass(void **state)
{
	static const unsigned fields[] = {0x2000, 0x6000, 0x0001, 0x2001, 0x1fff, 0x3fff};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct frame frame = make_frame(4, 0);

		put16(frame.bytes + frame.ip + 6, fields[i]);
		assert_int_equal(judge(&frame), STEER_PASS_OTHER);
	}
	struct frame frame = make_frame(4, 0);
	put16(frame.bytes + frame.ip + 6, 0); /* neither DF nor MF: whole as well */
	assert_int_equal(judge(&frame), STEER_PASS_NO_SOCKET);
}

static void test_every_ipv4_first_byte_but_45_passes(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		struct frame frame = make_frame(4, 0);

		frame.bytes[frame.ip] = (uint8_t)first;
		assert_int_equal(
			judge(&frame), first == 0x45 ? STEER_PASS_NO_SOCKET : STEER_PASS_OTHER);
	}
}

static void test_ipv6_version_is_checked(void **state)
{
	struct frame frame = make_frame(6, 0);

	(void)state;
	frame.bytes[frame.ip] = 0x45;
	assert_int_equal(judge(&frame), STEER_PASS_OTHER);
	frame.bytes[frame.ip] = 0x6f; /* the traffic class is nobody's business */
	assert_int_equal(judge(&frame), STEER_PASS_NO_SOCKET);
}

static void test_other_ether_types_pass(void **state)
{
	/* ARP, LLDP, 802.1ad, a length (802.3), IPv4 and IPv6 in the wrong byte order. */
	static const unsigned types[] = {0x0806, 0x88cc, 0x88a8, 0x0020, 0x0008, 0xdd86};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct frame frame = make_frame(4, 0);

		put16(frame.bytes + 12, types[i]);
		assert_int_equal(judge(&frame), STEER_PASS_OTHER);
	}
	struct frame two_tags = make_frame(4, 2);
	assert_int_equal(judge(&two_tags), STEER_PASS_OTHER);
	struct frame mismatch = make_frame(4, 0);
	put16(mismatch.bytes + 12, 0x86dd);
	assert_int_equal(judge(&mismatch), STEER_PASS_OTHER);
}

/* The kernel itself refuses to run a frame shorter than an Ethernet header. */
static void test_every_cut(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2)
		for (unsigned tags = 0; tags <= 1; tags++) {
			struct frame frame = make_frame(family, tags);
			size_t whole = frame.length;
			size_t headers = frame.udp + UDP_BYTES;

			for (frame.length = ETHERNET_BYTES; frame.length <= whole; frame.length++)
				assert_int_equal(judge(&frame),
					frame.length < headers ? STEER_PASS_OTHER
							       : STEER_PASS_NO_SOCKET);
		}
}

static void test_other_queue_has_no_socket(void **state)
{
	const uint32_t other_queue = 1;
	int map = support_map(&steer, STEER_XSKS_NAME);
	int fd = socket(AF_XDP, SOCK_RAW, 0);
	struct frame frame = make_frame(4, 0); /* the test run arrives on queue 0 */

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(bpf_map_update_elem(map, &other_queue, &fd, BPF_ANY), 0);
	assert_int_equal(judge(&frame), STEER_PASS_NO_SOCKET);
	assert_int_equal(bpf_map_delete_elem(map, &other_queue), 0);
	close(fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches_without_socket_pass),
		cmocka_unit_test(test_matches_with_socket_are_redirected),
		cmocka_unit_test(test_disabled_passes_all),
		cmocka_unit_test(test_other_addresses_pass),
		cmocka_unit_test(test_other_ports_pass),
		cmocka_unit_test(test_other_protocols_pass),
		cmocka_unit_test(test_fragments_pass),
		cmocka_unit_test(test_every_ipv4_first_byte_but_45_passes),
		cmocka_unit_test(test_ipv6_version_is_checked),
		cmocka_unit_test(test_other_ether_types_pass),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_other_queue_has_no_socket),
	};

	if (argc != 2)
		return EXIT_FAILURE;
	object_path = argv[1];
	if (!support_enter_namespace())
		return TEST_SKIPPED;
	return cmocka_run_group_tests(tests, load, unload);
}
