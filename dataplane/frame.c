/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames: checked header by header from the outside in; each refusal has its own outcome. */
#include "dataplane/frame.h"

#include "dataplane/dns/wire.h"

#include "dataplane/hot.h"

enum {
	ETHERNET_BYTES = 14,
	VLAN_BYTES = 4, /* IEEE 802.1Q */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	IPV4_BYTES = 20,
	IPV4_MORE_OR_OFFSET = 0x3fff, /* MF and the fragment offset, RFC 791 3.1 */
	IPV4_DONT_FRAGMENT = 0x4000,
	IPV6_BYTES = 40,
	UDP_BYTES = 8,
	DNS_PORT = 53,		/* RFC 1035 4.2.1 */
	FIRST_USER_PORT = 1024, /* RFC 6335 6 */
	PROTOCOL_UDP = 17,
	HOP_LIMIT = 64, /* RFC 1700's default for what we send */
	GROUP_BIT = 1,	/* of a MAC address's first octet: multicast or broadcast */
};

/*
 * One's complement sum of 16-bit words (RFC 1071), in the processor's byte order, which its section
 * 2 B allows: only the folded result is swapped. An odd byte is padded with zero.
 */
static uint64_t sum_words(const uint8_t *bytes, size_t count, uint64_t sum)
{
	uint64_t word;

	for (; count >= 8; bytes += 8, count -= 8) {
		memcpy(&word, bytes, 8);
		sum += word;
		sum += sum < word; /* the carry comes round */
	}
	if (count == 0)
		return sum;
	word = 0;
	memcpy(&word, bytes, count);
	sum += word;
	return sum + (sum < word);
}

/* To the 16 bits that stand in a header, in host order. */
static uint16_t sum_fold(uint64_t sum)
{
	uint32_t half;

	/* Added to itself with its halves exchanged, the upper half is both, the carry included. */
	sum += sum << 32 | sum >> 32;
	half = (uint32_t)(sum >> 32);
	half += half << 16 | half >> 16;
	return __builtin_bswap16((uint16_t)(half >> 16));
}

/* Over the pseudo-header (RFC 768, RFC 8200 8.1), the UDP header and the payload. */
static uint16_t udp_sum(const uint8_t *frame, const struct frame_view *view, size_t udp_bytes)
{
	const uint8_t *ip = frame + view->ip;
	uint64_t sum =
		(uint64_t)__builtin_bswap16(PROTOCOL_UDP) + __builtin_bswap16((uint16_t)udp_bytes);

	sum = view->family == 4 ? sum_words(ip + 12, 8, sum) : sum_words(ip + 8, 32, sum);
	return sum_fold(sum_words(frame + view->udp, udp_bytes, sum));
}

/* 0/8, 127/8, multicast, class E and broadcast are no one's to be answered (RFC 1122 3.2.1.3). */
static bool ipv4_source_bad(const uint8_t *source)
{
	return source[0] == 0 || source[0] == 127 || source[0] >= 224;
}

/* The unspecified, the loopback and IPv4-mapped addresses, and multicast (RFC 4291 2.5, 2.7). */
static bool ipv6_source_bad(const uint8_t *source)
{
	static const uint8_t zero[10];

	if (source[0] == 0xff)
		return true;
	if (memcmp(source, zero, 10) != 0)
		return false;
	if (source[10] == 0xff && source[11] == 0xff)
		return true;
	return memcmp(source + 10, zero, 5) == 0 && source[15] <= 1;
}

/*
 * 0 is no port (RFC 768). Below 1024 only another DNS server asks; the rest are services that may
 * answer an answer (echo, chargen), or a forged source that aims at one.
 */
static bool source_port_bad(uint16_t port)
{
	return port < FIRST_USER_PORT && port != DNS_PORT;
}

/* After the IP header: `udp_room` is what the IP length leaves. */
static enum outcome open_udp(const uint8_t *frame, size_t udp_room, const struct addresses *ours,
	struct frame_view *view)
{
	const uint8_t *udp = frame + view->udp;
	size_t udp_bytes;

	if (udp_room < UDP_BYTES)
		return OUTCOME_UDP_LENGTH;
	if (wire_get16(udp + 2) != addresses_port(ours))
		return OUTCOME_NOT_OURS;
	if (source_port_bad(wire_get16(udp)))
		return OUTCOME_BAD_SOURCE;
	udp_bytes = wire_get16(udp + 4);
	if (udp_bytes < UDP_BYTES || udp_bytes > udp_room)
		return OUTCOME_UDP_LENGTH;
	/* 0 means "none" over IPv4 (RFC 768) and is illegal over IPv6 (RFC 8200 8.1). */
	if (view->family == 6 && wire_get16(udp + 6) == 0)
		return OUTCOME_UDP_CHECKSUM;
	if (wire_get16(udp + 6) != 0 && udp_sum(frame, view, udp_bytes) != 0xffff)
		return OUTCOME_UDP_CHECKSUM;
	view->payload = view->udp + UDP_BYTES;
	view->payload_bytes = (uint16_t)(udp_bytes - UDP_BYTES);
	return OUTCOMES;
}

static enum outcome open_ipv4(
	const uint8_t *frame, size_t length, const struct addresses *ours, struct frame_view *view)
{
	const uint8_t *ip = frame + view->ip;
	size_t room = length - view->ip, header, total;

	if (room < IPV4_BYTES)
		return OUTCOME_FRAME_SHORT;
	header = (size_t)(ip[0] & 0x0f) * 4;
	total = wire_get16(ip + 2);
	if (ip[0] >> 4 != 4 || header < IPV4_BYTES || total < header || total > room)
		return OUTCOME_IP_HEADER;
	if (header != IPV4_BYTES || ip[9] != PROTOCOL_UDP ||
		(wire_get16(ip + 6) & IPV4_MORE_OR_OFFSET) != 0)
		return OUTCOME_NOT_UDP;
	if (sum_fold(sum_words(ip, IPV4_BYTES, 0)) != 0xffff)
		return OUTCOME_IP_CHECKSUM;
	if (!addresses_hold(ours, 4, ip + 16))
		return OUTCOME_NOT_OURS;
	if (ipv4_source_bad(ip + 12) || addresses_hold(ours, 4, ip + 12))
		return OUTCOME_BAD_SOURCE;
	view->family = 4;
	view->udp = view->ip + IPV4_BYTES;
	return open_udp(frame, total - IPV4_BYTES, ours, view);
}

static enum outcome open_ipv6(
	const uint8_t *frame, size_t length, const struct addresses *ours, struct frame_view *view)
{
	const uint8_t *ip = frame + view->ip;
	size_t room = length - view->ip, payload;

	if (room < IPV6_BYTES)
		return OUTCOME_FRAME_SHORT;
	payload = wire_get16(ip + 4);
	if (ip[0] >> 4 != 6 || payload > room - IPV6_BYTES)
		return OUTCOME_IP_HEADER;
	if (ip[6] != PROTOCOL_UDP)
		return OUTCOME_NOT_UDP;
	if (!addresses_hold(ours, 6, ip + 24))
		return OUTCOME_NOT_OURS;
	if (ipv6_source_bad(ip + 8) || addresses_hold(ours, 6, ip + 8))
		return OUTCOME_BAD_SOURCE;
	view->family = 6;
	view->udp = view->ip + IPV6_BYTES;
	return open_udp(frame, payload, ours, view);
}

enum outcome frame_open(
	const uint8_t *frame, size_t length, const struct addresses *ours, struct frame_view *view)
{
	size_t ip = ETHERNET_BYTES;
	uint16_t type;

	if (length < ETHERNET_BYTES + VLAN_BYTES)
		return OUTCOME_FRAME_SHORT;
	if (frame[0] & GROUP_BIT)
		return OUTCOME_NOT_OURS;
	if (frame[6] & GROUP_BIT)
		return OUTCOME_BAD_SOURCE;
	type = wire_get16(frame + 12);
	if (type == ETHERTYPE_VLAN) {
		type = wire_get16(frame + 16);
		ip += VLAN_BYTES;
	}
	view->ip = (uint16_t)ip;
	if (type == ETHERTYPE_IPV4)
		return open_ipv4(frame, length, ours, view);
	if (type == ETHERTYPE_IPV6)
		return open_ipv6(frame, length, ours, view);
	return OUTCOME_NOT_IP;
}

static void swap(uint8_t *a, uint8_t *b, size_t bytes)
{
	uint8_t kept[16];

	memcpy(kept, a, bytes);
	memcpy(a, b, bytes);
	memcpy(b, kept, bytes);
}

static void close_ipv4(uint8_t *ip, size_t bytes)
{
	swap(ip + 12, ip + 16, 4);
	ip[1] = 0; /* DSCP default, not ECN capable */
	wire_put16(ip + 2, (uint16_t)bytes);
	wire_put16(ip + 4, 0); /* never fragmented, so the ID has no meaning (RFC 6864 4.1) */
	wire_put16(ip + 6, IPV4_DONT_FRAGMENT);
	ip[8] = HOP_LIMIT;
	wire_put16(ip + 10, 0);
	wire_put16(ip + 10, (uint16_t)~sum_fold(sum_words(ip, IPV4_BYTES, 0)));
}

static void close_ipv6(uint8_t *ip, size_t bytes)
{
	swap(ip + 8, ip + 24, 16);
	wire_put32(ip, 6u << 28); /* traffic class and flow label 0 */
	wire_put16(ip + 4, (uint16_t)(bytes - IPV6_BYTES));
	ip[7] = HOP_LIMIT;
}

size_t frame_close(uint8_t *frame, const struct frame_view *view, size_t payload_bytes)
{
	size_t udp_bytes = UDP_BYTES + payload_bytes;
	size_t end = view->udp + udp_bytes;
	uint8_t *udp = frame + view->udp;
	uint16_t sum;

	swap(frame, frame + 6, 6);
	if (view->family == 4)
		close_ipv4(frame + view->ip, end - view->ip);
	else
		close_ipv6(frame + view->ip, end - view->ip);
	swap(udp, udp + 2, 2);
	wire_put16(udp + 4, (uint16_t)udp_bytes);
	wire_put16(udp + 6, 0);
	sum = (uint16_t)~udp_sum(frame, view, udp_bytes);
	wire_put16(udp + 6, sum ? sum : 0xffff); /* 0 would mean "no checksum" */
	return end;
}
