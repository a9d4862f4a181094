/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The XDP program, frame by frame, in the kernel (BPF_PROG_TEST_RUN). Every frame must end in
 * exactly one verdict, and only a match with a socket behind it may leave the kernel's path.
 */
#include "tests/bpf/judge.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A header's edit and the verdict that it makes; ip and udp are the headers of a frame for us. */
struct edit {
	const char *name;
	unsigned family; /* 0: both */
	void (*apply)(struct frames_frame *frame);
	enum steer_verdict verdict;
};

static void nothing(struct frames_frame *frame)
{
	(void)frame;
}

static void other_port(struct frames_frame *frame)
{
	frames_put16(frame->bytes + frame->udp + 2, 5353);
}

static void from_our_port(struct frames_frame *frame)
{
	/* A source port of 53 is a reply to somebody, not a query to us. */
	frames_put16(frame->bytes + frame->udp, FRAMES_PORT);
	frames_put16(frame->bytes + frame->udp + 2, 40000);
}

static void other_address(struct frames_frame *frame)
{
	frame->bytes[frame->udp - 1] ^= 3;
}

/* 198.18.0.1 followed by zeros is no IPv6 address of ours: the family is in the key. */
static void ipv4_bytes(struct frames_frame *frame)
{
	memset(frame->bytes + frame->udp - 16, 0, 16);
	memcpy(frame->bytes + frame->udp - 16, frames_ipv4, sizeof(frames_ipv4));
}

static void tcp_4(struct frames_frame *frame)
{
	frame->bytes[frame->ip + 9] = IPPROTO_TCP;
}

static void tcp_6(struct frames_frame *frame)
{
	frame->bytes[frame->ip + 6] = IPPROTO_TCP;
}

static void icmp_4(struct frames_frame *frame)
{
	frame->bytes[frame->ip + 9] = IPPROTO_ICMP;
}

static void icmp_6(struct frames_frame *frame)
{
	frame->bytes[frame->ip + 6] = IPPROTO_ICMPV6;
}

static void first_fragment(struct frames_frame *frame)
{
	frames_put16(frame->bytes + frame->ip + 6, 0x2000);
}

static void fragment_header(struct frames_frame *frame)
{
	frame->bytes[frame->ip + 6] = IPPROTO_FRAGMENT;
}

static void options(struct frames_frame *frame)
{
	frame->bytes[frame->ip] = 0x46;
}

static void hop_by_hop(struct frames_frame *frame)
{
	frame->bytes[frame->ip + 6] = IPPROTO_HOPOPTS;
}

static void wrong_version(struct frames_frame *frame)
{
	frame->bytes[frame->ip] ^= 0x10;
}

static void short_header(struct frames_frame *frame)
{
	frame->bytes[frame->ip] = 0x44;
}

static void arp(struct frames_frame *frame)
{
	frames_put16(frame->bytes + frame->ip - 2, 0x0806);
}

static void cut(struct frames_frame *frame)
{
	frame->length = frame->udp + FRAMES_UDP_BYTES - 1;
}

static void broadcast(struct frames_frame *frame)
{
	memset(frame->bytes, 0xff, 6);
}

static void multicast(struct frames_frame *frame)
{
	frame->bytes[0] |= 1;
}

static void other_mac(struct frames_frame *frame)
{
	frame->bytes[5] ^= 1;
}

static void other_mac_first(struct frames_frame *frame)
{
	frame->bytes[0] ^= 4;
}

static const struct edit edits[] = {
	{"as it is", 0, nothing, STEER_PASS_NO_SOCKET},
	{"another port", 0, other_port, STEER_PASS_PORT},
	{"from our port", 0, from_our_port, STEER_PASS_PORT},
	{"another address", 0, other_address, STEER_PASS_ADDRESS},
	{"IPv4's octets in IPv6", 6, ipv4_bytes, STEER_PASS_ADDRESS},
	{"TCP", 4, tcp_4, STEER_PASS_TCP},
	{"TCP", 6, tcp_6, STEER_PASS_TCP},
	{"ICMP", 4, icmp_4, STEER_PASS_PROTOCOL},
	{"ICMPv6", 6, icmp_6, STEER_PASS_PROTOCOL},
	{"a first fragment", 4, first_fragment, STEER_PASS_FRAGMENT},
	{"a fragment header", 6, fragment_header, STEER_PASS_FRAGMENT},
	{"options", 4, options, STEER_PASS_OPTIONS},
	{"hop-by-hop options", 6, hop_by_hop, STEER_PASS_OPTIONS},
	{"another version", 0, wrong_version, STEER_PASS_IP_HEADER},
	{"too short a header", 4, short_header, STEER_PASS_IP_HEADER},
	{"ARP", 0, arp, STEER_PASS_ETHER_TYPE},
	{"cut in UDP", 0, cut, STEER_PASS_SHORT},
	{"broadcast", 0, broadcast, STEER_PASS_GROUP},
	{"multicast", 0, multicast, STEER_PASS_GROUP},
	{"another MAC address", 0, other_mac, STEER_PASS_OTHER_MAC},
	{"another MAC address, first octets", 0, other_mac_first, STEER_PASS_OTHER_MAC},
};

enum { EDITS = sizeof(edits) / sizeof(edits[0]) };

static enum steer_verdict expected(
	const struct edit *edit, const struct frames_tags *tags, bool socket)
{
	if (edit->verdict == STEER_PASS_GROUP || edit->verdict == STEER_PASS_OTHER_MAC)
		return edit->verdict;
	if (!tags->ours)
		return STEER_PASS_TAGS;
	if (edit->verdict != STEER_PASS_NO_SOCKET || !socket)
		return edit->verdict;
	return tags->count ? STEER_REDIRECTED_TAGGED : STEER_REDIRECTED;
}

static void judge_all(bool socket)
{
	for (size_t e = 0; e < EDITS; e++)
		for (size_t t = 0; t < frames_tags_count; t++)
			for (unsigned family = 4; family <= 6; family += 2) {
				const struct edit *edit = &edits[e];
				struct frames_frame frame = frames_make(family, &frames_tags[t]);
				enum steer_verdict wanted = expected(edit, &frames_tags[t], socket);

				if (edit->family && edit->family != family)
					continue;
				edit->apply(&frame);
				if (judge_frame(frame.bytes, frame.length) != wanted)
					fail_msg("IPv%u, %s, %s: not verdict %u", family,
						frames_tags[t].name, edit->name, wanted);
				/* The second opinion is an opinion on these too. */
				assert_int_equal(
					frames_judge(frame.bytes, frame.length, socket), wanted);
			}
}

static void every_verdict_family_and_tag(void **state)
{
	(void)state;
	judge_all(false);
}

static void every_verdict_with_a_socket(void **state)
{
	int fd = judge_add_socket(0);

	(void)state;
	judge_all(true);
	judge_remove_socket(0, fd);
}

/* Off or draining, nothing else is even looked at. */
static void no_steering(void **state)
{
	int fd = judge_add_socket(0);

	(void)state;
	for (size_t e = 0; e < EDITS; e++)
		for (unsigned family = 4; family <= 6; family += 2) {
			struct frames_frame frame = frames_make(family, &frames_tags[0]);

			edits[e].apply(&frame);
			judge_set_state(STEER_OFF);
			assert_int_equal(
				judge_frame(frame.bytes, frame.length), STEER_PASS_DISABLED);
			judge_set_state(STEER_DRAINING);
			assert_int_equal(
				judge_frame(frame.bytes, frame.length), STEER_PASS_DRAINING);
		}
	judge_set_state(STEER_ON);
	judge_remove_socket(0, fd);
}

static void every_protocol_and_extension_header(void **state)
{
	static const uint8_t extensions[] = {0, 43, 50, 51, 60, 135, 139, 140, 253, 254};

	(void)state;
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		struct frames_frame ipv4 = frames_make(4, &frames_tags[0]),
				    ipv6 = frames_make(6, &frames_tags[0]);
		enum steer_verdict plain = protocol == IPPROTO_UDP ? STEER_PASS_NO_SOCKET
			: protocol == IPPROTO_TCP		   ? STEER_PASS_TCP
								   : STEER_PASS_PROTOCOL;

		ipv4.bytes[ipv4.ip + 9] = (uint8_t)protocol;
		assert_int_equal(judge_frame(ipv4.bytes, ipv4.length), plain);
		if (protocol == IPPROTO_FRAGMENT)
			plain = STEER_PASS_FRAGMENT;
		if (memchr(extensions, (int)protocol, sizeof(extensions)))
			plain = STEER_PASS_OPTIONS;
		ipv6.bytes[ipv6.ip + 6] = (uint8_t)protocol;
		assert_int_equal(judge_frame(ipv6.bytes, ipv6.length), plain);
	}
}

/* DF and the reserved bit are no fragment; MF and any bit of the offset are. */
static void every_fragment_bit(void **state)
{
	(void)state;
	for (unsigned high = 0; high < 8; high++)
		for (unsigned offset = 0; offset < 0x2000; offset = offset ? offset * 2 : 1) {
			struct frames_frame frame = frames_make(4, &frames_tags[0]);

			frames_put16(frame.bytes + frame.ip + 6, high << 13 | offset);
			assert_int_equal(judge_frame(frame.bytes, frame.length),
				high & 1 || offset ? STEER_PASS_FRAGMENT : STEER_PASS_NO_SOCKET);
		}
}

static void every_first_octet(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		struct frames_frame ipv4 = frames_make(4, &frames_tags[0]),
				    ipv6 = frames_make(6, &frames_tags[0]);
		enum steer_verdict verdict = STEER_PASS_NO_SOCKET;

		if (first >> 4 != 4 || (first & 15) < 5)
			verdict = STEER_PASS_IP_HEADER;
		else if ((first & 15) > 5)
			verdict = STEER_PASS_OPTIONS;
		ipv4.bytes[ipv4.ip] = (uint8_t)first;
		assert_int_equal(judge_frame(ipv4.bytes, ipv4.length), verdict);
		/* The traffic class is nobody's business. */
		ipv6.bytes[ipv6.ip] = (uint8_t)first;
		assert_int_equal(judge_frame(ipv6.bytes, ipv6.length),
			first >> 4 == 6 ? STEER_PASS_NO_SOCKET : STEER_PASS_IP_HEADER);
	}
}

static void every_port_bit(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 16; bit++)
		for (unsigned family = 4; family <= 6; family += 2) {
			struct frames_frame frame = frames_make(family, &frames_tags[0]);

			frames_put16(frame.bytes + frame.udp + 2, FRAMES_PORT ^ 1u << bit);
			assert_int_equal(judge_frame(frame.bytes, frame.length), STEER_PASS_PORT);
		}
}

static void every_address_and_mac_bit(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2)
		for (unsigned bit = 0; bit < (family == 4 ? 32 : 128); bit++) {
			struct frames_frame frame = frames_make(family, &frames_tags[0]);

			frame.bytes[frame.udp - 1 - bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(
				judge_frame(frame.bytes, frame.length), STEER_PASS_ADDRESS);
		}
	for (unsigned bit = 0; bit < 48; bit++) {
		struct frames_frame frame = frames_make(4, &frames_tags[0]);

		frame.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(judge_frame(frame.bytes, frame.length),
			bit ? STEER_PASS_OTHER_MAC : STEER_PASS_GROUP);
	}
}

static void other_ether_types(void **state)
{
	/* ARP, LLDP, MPLS, PPPoE, a length (802.3), IPv4 and IPv6 in the wrong byte order. */
	static const unsigned types[] = {
		0x0806, 0x88cc, 0x8847, 0x8864, 0x0020, 0x0008, 0xdd86, 0x0081, 0x9100, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		for (size_t t = 0; t < frames_tags_count; t++) {
			struct frames_frame frame = frames_make(4, &frames_tags[t]);

			frames_put16(frame.bytes + frame.ip - 2, types[i]);
			assert_int_equal(judge_frame(frame.bytes, frame.length),
				frames_tags[t].ours ? STEER_PASS_ETHER_TYPE : STEER_PASS_TAGS);
		}
	for (unsigned family = 4; family <= 6; family += 2) {
		struct frames_frame frame = frames_make(family, &frames_tags[0]);

		frames_put16(frame.bytes + frame.ip - 2, family == 4 ? 0x86dd : 0x0800);
		assert_int_equal(judge_frame(frame.bytes, frame.length), STEER_PASS_IP_HEADER);
	}
}

/* The kernel itself refuses to run a frame shorter than an Ethernet header. */
static void every_cut(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2)
		for (size_t t = 0; t < frames_tags_count; t++) {
			struct frames_frame frame = frames_make(family, &frames_tags[t]);
			size_t whole = frame.length, headers = frame.udp + FRAMES_UDP_BYTES;

			for (size_t n = FRAMES_ETHERNET_BYTES; n <= whole; n++) {
				enum steer_verdict verdict = judge_frame(frame.bytes, n);

				assert_int_equal(verdict, frames_judge(frame.bytes, n, false));
				if (frames_tags[t].ours)
					assert_int_equal(verdict,
						n < headers ? STEER_PASS_SHORT
							    : STEER_PASS_NO_SOCKET);
			}
		}
}

static void other_queue_has_no_socket(void **state)
{
	struct frames_frame frame = frames_make(4, &frames_tags[0]);
	int fd = judge_add_socket(1); /* the test run arrives on queue 0 */

	(void)state;
	assert_int_equal(judge_frame(frame.bytes, frame.length), STEER_PASS_NO_SOCKET);
	judge_remove_socket(1, fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_family_and_tag),
		cmocka_unit_test(every_verdict_with_a_socket),
		cmocka_unit_test(no_steering),
		cmocka_unit_test(every_protocol_and_extension_header),
		cmocka_unit_test(every_fragment_bit),
		cmocka_unit_test(every_first_octet),
		cmocka_unit_test(every_port_bit),
		cmocka_unit_test(every_address_and_mac_bit),
		cmocka_unit_test(other_ether_types),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(other_queue_has_no_socket),
	};

	if (argc != 2)
		return EXIT_FAILURE;
	judge_object_path = argv[1];
	if (!support_enter_namespace())
		return TEST_SKIPPED;
	return cmocka_run_group_tests(tests, judge_load, judge_unload);
}
