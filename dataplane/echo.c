/* SPDX-License-Identifier: BSD-3-Clause */
/* Echo: all is checked before the first byte is written, and the data is never looked at. */
#include "dataplane/echo.h"

#include "dataplane/dns/wire.h"
#include "dataplane/source.h"

#include "dataplane/hot.h"

enum {
	ECHO_BYTES = 8, /* the ICMP header */
	ICMP_ECHO = 8,
	ICMP_ECHO_REPLY = 0,
	ICMPV6_ECHO = 128,
	ICMPV6_ECHO_REPLY = 129,
	HOP_LIMIT = 64,	      /* as DNS replies have */
	DSCP = 0xfc,	      /* of the octet that it shares with ECN (RFC 3168 5) */
	FRAGMENT = 0x3fff,    /* MF and the offset */
	DONT_FRAGMENT = 0x40, /* of the header's seventh octet */
};

static void swap_macs(uint8_t *frame)
{
	uint8_t mac[LINK_MAC_BYTES];

	memcpy(mac, frame, LINK_MAC_BYTES);
	memcpy(frame, frame + LINK_MAC_BYTES, LINK_MAC_BYTES);
	memcpy(frame + LINK_MAC_BYTES, mac, LINK_MAC_BYTES);
}

static void swap_addresses(uint8_t *source, size_t bytes)
{
	uint8_t kept[16];

	memcpy(kept, source, bytes);
	memcpy(source, source + bytes, bytes);
	memcpy(source + bytes, kept, bytes);
}

/* Writes the type of the reply, and of the checksum what that changes (RFC 1624 3). */
static void turn(uint8_t *icmp, uint8_t type)
{
	uint16_t sum;
	uint64_t now;

	memcpy(&sum, icmp + 2, 2);
	/* Code and checksum are words of their own: only the first word changes. */
	now = (uint64_t)(uint16_t)~sum + (uint16_t) ~(uint16_t)icmp[0] + type;
	sum = (uint16_t)~checksum_fold(now);
	/* Both zeros are right, but that of a message that is all zero must be this one. */
	sum = sum != 0 ? sum : 0xffff;
	icmp[0] = type;
	memcpy(icmp + 2, &sum, 2);
}

static bool is_bad_source(const struct packet *packet, uint8_t family, const uint8_t *source)
{
	return (family == 4 ? source_ipv4_bad(source) : source_ipv6_bad(source)) ||
		addresses_hold(packet->ours, family, source);
}

static bool exceeds_mtu(const struct packet *packet, size_t bytes)
{
	return bytes > atomic_load_explicit(&packet->link->mtu_bytes, memory_order_relaxed);
}

static void close_ipv4(uint8_t *ip)
{
	uint16_t sum;

	swap_addresses(ip + 12, 4);
	ip[1] &= DSCP;
	memset(ip + 4, 0, 8); /* ID, fragment, hop limit, protocol, checksum */
	ip[6] = DONT_FRAGMENT;
	ip[8] = HOP_LIMIT;
	ip[9] = PACKET_ICMP;
	sum = (uint16_t)~checksum_fold(checksum_bytes(ip, PACKET_IPV4_BYTES, 0));
	memcpy(ip + 10, &sum, 2);
}

enum outcome echo_answer_ipv4(const struct packet *packet, uint32_t *length)
{
	uint8_t *ip = packet->frame + packet->net, *icmp = ip + PACKET_IPV4_BYTES;
	size_t total;

	if (packet->room < PACKET_IPV4_BYTES)
		return OUTCOME_FRAME_SHORT;
	total = wire_get16(ip + 2);
	if (ip[0] >> 4 != 4 || (ip[0] & 0x0f) < 5 || total < PACKET_IPV4_BYTES ||
		total > packet->room)
		return OUTCOME_IP_HEADER;
	if (packet_to_group(packet) || ip[0] != 0x45 || ip[9] != PACKET_ICMP ||
		(wire_get16(ip + 6) & FRAGMENT) != 0 || exceeds_mtu(packet, total) ||
		!addresses_hold(packet->ours, 4, ip + 16))
		return OUTCOME_TO_KERNEL;
	if (total < PACKET_IPV4_BYTES + ECHO_BYTES)
		return OUTCOME_FRAME_SHORT;
	if (icmp[0] != ICMP_ECHO || icmp[1] != 0)
		return OUTCOME_TO_KERNEL;
	if (!checksum_good(checksum_bytes(ip, PACKET_IPV4_BYTES, 0)))
		return OUTCOME_IP_CHECKSUM;
	if (is_bad_source(packet, 4, ip + 12))
		return OUTCOME_BAD_SOURCE;
	if (!checksum_good(checksum_bytes(icmp, total - PACKET_IPV4_BYTES, 0)))
		return OUTCOME_ICMP_CHECKSUM;
	swap_macs(packet->frame);
	close_ipv4(ip);
	turn(icmp, ICMP_ECHO_REPLY);
	*length = (uint32_t)(packet->net + total); /* padding is not echoed */
	return OUTCOME_ECHO;
}

static void close_ipv6(uint8_t *ip)
{
	uint8_t class = (uint8_t)(ip[0] << 4 | ip[1] >> 4) & DSCP;

	swap_addresses(ip + 8, 16);
	wire_put32(ip, 6u << 28 | (uint32_t) class << 20); /* flow label 0 */
	ip[7] = HOP_LIMIT;
}

/* Version and lengths are right: neighbor_answer looked. */
enum outcome echo_answer_ipv6(const struct packet *packet, uint32_t *length)
{
	uint8_t *ip = packet->frame + packet->net, *icmp = ip + PACKET_IPV6_BYTES;
	size_t bytes = wire_get16(ip + 4);

	if (packet_to_group(packet) || exceeds_mtu(packet, PACKET_IPV6_BYTES + bytes) ||
		!addresses_hold(packet->ours, 6, ip + 24))
		return OUTCOME_TO_KERNEL;
	if (bytes < ECHO_BYTES)
		return OUTCOME_FRAME_SHORT;
	if (icmp[1] != 0)
		return OUTCOME_TO_KERNEL;
	if (is_bad_source(packet, 6, ip + 8))
		return OUTCOME_BAD_SOURCE;
	if (!checksum_good(packet_icmpv6_sum(ip, bytes)))
		return OUTCOME_ICMP_CHECKSUM;
	swap_macs(packet->frame);
	close_ipv6(ip);
	turn(icmp, ICMPV6_ECHO_REPLY);
	*length = (uint32_t)(packet->net + PACKET_IPV6_BYTES + bytes);
	return OUTCOME_ECHO;
}
