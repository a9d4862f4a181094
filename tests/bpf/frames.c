/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bpf/frames.h"

#include <netinet/in.h>
#include <string.h>

enum { IPV4_BYTES = 20, IPV6_BYTES = 40, PAYLOAD_BYTES = 20, TAG_Q = 0x8100, TAG_AD = 0x88a8 };

const struct frames_tags frames_tags[] = {
	{"untagged", 0, {0}, true},
	{"802.1Q", 1, {TAG_Q}, true},
	{"802.1Q in 802.1ad", 2, {TAG_AD, TAG_Q}, true},
	{"802.1Q in 802.1Q", 2, {TAG_Q, TAG_Q}, true},
	{"802.1ad alone", 1, {TAG_AD}, false},
	{"802.1ad in 802.1Q", 2, {TAG_Q, TAG_AD}, false},
	{"802.1ad in 802.1ad", 2, {TAG_AD, TAG_AD}, false},
	{"three 802.1Q", 3, {TAG_Q, TAG_Q, TAG_Q}, false},
	{"802.1ad and two 802.1Q", 3, {TAG_AD, TAG_Q, TAG_Q}, false},
};
const size_t frames_tags_count = sizeof(frames_tags) / sizeof(frames_tags[0]);

const uint8_t frames_mac[6] = {0x02, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5};
const uint8_t frames_ipv4[4] = {198, 18, 0, 1};
const uint8_t frames_ipv6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

void frames_put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_ip(uint8_t *ip, unsigned family, size_t bytes)
{
	if (family == 4) {
		ip[0] = 0x45;
		frames_put16(ip + 2, (unsigned)bytes);
		frames_put16(ip + 6, 0x4000); /* DF, as every modern stack sets it */
		ip[8] = 64;
		ip[9] = IPPROTO_UDP;
		memcpy(ip + 16, frames_ipv4, sizeof(frames_ipv4));
	} else {
		ip[0] = 0x60;
		frames_put16(ip + 4, FRAMES_UDP_BYTES + PAYLOAD_BYTES);
		ip[6] = IPPROTO_UDP;
		ip[7] = 64;
		memcpy(ip + 24, frames_ipv6, sizeof(frames_ipv6));
	}
}

struct frames_frame frames_make(unsigned family, const struct frames_tags *tags)
{
	struct frames_frame frame = {.ip = FRAMES_ETHERNET_BYTES + tags->count * FRAMES_TAG_BYTES};

	memcpy(frame.bytes, frames_mac, sizeof(frames_mac));
	for (unsigned tag = 0; tag < tags->count; tag++) {
		uint8_t *at = frame.bytes + 12 + tag * FRAMES_TAG_BYTES;

		frames_put16(at, tags->type[tag]);
		frames_put16(at + 2, 0x6000 | (100 + tag)); /* a priority, and the VLAN */
	}
	frames_put16(frame.bytes + frame.ip - 2, family == 4 ? 0x0800 : 0x86dd);
	frame.udp = frame.ip + (family == 4 ? IPV4_BYTES : IPV6_BYTES);
	frame.length = frame.udp + FRAMES_UDP_BYTES + PAYLOAD_BYTES;
	put_ip(frame.bytes + frame.ip, family, frame.length - frame.ip);
	frames_put16(frame.bytes + frame.udp, 40000);
	frames_put16(frame.bytes + frame.udp + 2, FRAMES_PORT);
	frames_put16(frame.bytes + frame.udp + 4, FRAMES_UDP_BYTES + PAYLOAD_BYTES);
	return frame;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static enum steer_verdict judge_protocol(unsigned family, uint8_t protocol)
{
	static const uint8_t extensions[] = {0, 43, 50, 51, 60, 135, 139, 140, 253, 254};

	if (protocol == 6)
		return STEER_PASS_TCP;
	if (family == 6 && protocol == 44)
		return STEER_PASS_FRAGMENT;
	if (family == 6 && memchr(extensions, protocol, sizeof(extensions)))
		return STEER_PASS_OPTIONS;
	return STEER_PASS_PROTOCOL;
}

static enum steer_verdict judge_ip(const uint8_t *ip, size_t left, unsigned family, bool socket)
{
	size_t header = family == 4 ? IPV4_BYTES : IPV6_BYTES;

	if (left < header)
		return STEER_PASS_SHORT;
	if (ip[0] >> 4 != family || (family == 4 && (ip[0] & 15) < 5))
		return STEER_PASS_IP_HEADER;
	if (family == 4 && get16(ip + 6) & 0x3fff)
		return STEER_PASS_FRAGMENT;
	if (family == 4 && (ip[0] & 15) > 5)
		return STEER_PASS_OPTIONS;
	if (ip[family == 4 ? 9 : 6] != IPPROTO_UDP)
		return judge_protocol(family, ip[family == 4 ? 9 : 6]);
	if (left < header + FRAMES_UDP_BYTES)
		return STEER_PASS_SHORT;
	if (get16(ip + header + 2) != FRAMES_PORT)
		return STEER_PASS_PORT;
	if (family == 4 ? memcmp(ip + 16, frames_ipv4, sizeof(frames_ipv4))
			: memcmp(ip + 24, frames_ipv6, sizeof(frames_ipv6)))
		return STEER_PASS_ADDRESS;
	return socket ? STEER_REDIRECTED : STEER_PASS_NO_SOCKET;
}

enum steer_verdict frames_judge(const uint8_t *frame, size_t length, bool socket)
{
	size_t ip = FRAMES_ETHERNET_BYTES;
	unsigned first = get16(frame + 12), type = first;
	enum steer_verdict verdict;

	if (frame[0] & 1)
		return STEER_PASS_GROUP;
	if (memcmp(frame, frames_mac, sizeof(frames_mac)) != 0)
		return STEER_PASS_OTHER_MAC;
	if (first == TAG_Q || first == TAG_AD) {
		if (length < ip + FRAMES_TAG_BYTES)
			return STEER_PASS_SHORT;
		type = get16(frame + 16);
		ip += FRAMES_TAG_BYTES;
	}
	if (ip > FRAMES_ETHERNET_BYTES && (type == TAG_Q || type == TAG_AD)) {
		if (length < ip + FRAMES_TAG_BYTES)
			return STEER_PASS_SHORT;
		if (type == TAG_AD)
			return STEER_PASS_TAGS;
		type = get16(frame + 20);
		ip += FRAMES_TAG_BYTES;
	} else if (first == TAG_AD) {
		return STEER_PASS_TAGS;
	}
	if (type == TAG_Q || type == TAG_AD)
		return STEER_PASS_TAGS;
	if (type != 0x0800 && type != 0x86dd)
		return STEER_PASS_ETHER_TYPE;
	verdict = judge_ip(frame + ip, length - ip, type == 0x0800 ? 4 : 6, socket);
	return verdict == STEER_REDIRECTED && ip > FRAMES_ETHERNET_BYTES ? STEER_REDIRECTED_TAGGED
									 : verdict;
}
