/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbours: what a frame asks is decided first, on untouched bytes; then the reply is written
 * over it. Whom a reply goes to is what the packet says (RFC 826, RFC 4861 7.2.4), for a host may
 * ask by another MAC address than its own, as VRRP's do.
 */
#include "dataplane/neighbor.h"

#include "dataplane/dns/wire.h"
#include "dataplane/echo.h"
#include "dataplane/packet.h"
#include "dataplane/source.h"

#include "dataplane/hot.h"

enum {
	ETHERNET_BYTES = 14,
	ETHERNET_MIN_BYTES = 60, /* IEEE 802.3, without the FCS: not every port pads */
	VLAN_BYTES = 4,
	VLAN_TAGS_MAX = 2, /* IEEE 802.1ad: one of the provider, one of the customer */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_PROVIDER = 0x88a8,
};

/* RFC 826, of Ethernet and IPv4. */
enum {
	ARP_BYTES = 28,
	ARP_OPERATION = 6,
	ARP_SENDER_MAC = 8,
	ARP_SENDER = 14,
	ARP_TARGET_MAC = 18,
	ARP_TARGET = 24,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
};

static const uint8_t arp_ethernet_ipv4[6] = {0, 1, 8, 0, 6, 4};

/* RFC 4861 4.3, 4.4, 4.6; offsets are from the ICMP header. */
enum {
	ND_BYTES = 24, /* a solicitation or advertisement without options */
	ND_TARGET = 8,
	ND_OPTION_BYTES =
		8, /* of a link-layer address on Ethernet, RFC 2464 6; the least there is */
	ND_SOLICITATION = 135,
	ND_ADVERTISEMENT = 136,
	ND_SOURCE_MAC = 1,
	ND_TARGET_MAC = 2,
	ND_HOP_LIMIT = 255, /* no router has passed it on, RFC 4861 3.1 */
	ND_SOLICITED = 0x40,
	ND_OVERRIDE = 0x20,
	ICMPV6_ECHO = 128,
};

static const uint8_t unspecified[16];
static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
static const uint8_t all_nodes_mac[LINK_MAC_BYTES] = {0x33, 0x33, 0, 0, 0, 1};
static const uint8_t broadcast_mac[LINK_MAC_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t solicited_node[13] = {0xff, 2, [11] = 1, 0xff}; /* RFC 4291 2.7.1 */

static bool is_mac(const uint8_t *mac, const uint8_t *other)
{
	return memcmp(mac, other, LINK_MAC_BYTES) == 0;
}

/* Whether it can be one host's: no group, and not zero. */
static bool is_host_mac(const uint8_t *mac)
{
	static const uint8_t zero[LINK_MAC_BYTES];

	return !(mac[0] & PACKET_GROUP) && !is_mac(mac, zero);
}

/* Ours, and one that has a place on a link. */
static bool holds_ipv4(const struct packet *packet, const uint8_t *address)
{
	return addresses_hold(packet->ours, 4, address) && !source_ipv4_bad(address);
}

static bool holds_ipv6(const struct packet *packet, const uint8_t *address)
{
	return addresses_hold(packet->ours, 6, address) && !source_ipv6_bad(address);
}

static enum outcome answer_arp(const struct packet *packet, uint32_t *length)
{
	const uint8_t *our_mac = packet->link->mac;
	uint8_t *frame = packet->frame, *arp = frame + packet->net;
	uint8_t target[4];

	if (packet->room < ARP_BYTES)
		return OUTCOME_FRAME_SHORT;
	if (memcmp(arp, arp_ethernet_ipv4, sizeof(arp_ethernet_ipv4)) != 0 ||
		!is_host_mac(arp + ARP_SENDER_MAC))
		return OUTCOME_NEIGHBOR_BAD;
	if (is_mac(arp + ARP_SENDER_MAC, our_mac))
		return OUTCOME_BAD_SOURCE;
	/* Who announces or uses an address of ours is not told that it is ours (RFC 5227 2.4). */
	if (holds_ipv4(packet, arp + ARP_SENDER))
		return OUTCOME_ADDRESS_CONFLICT;
	if (wire_get16(arp + ARP_OPERATION) != ARP_REQUEST || !holds_ipv4(packet, arp + ARP_TARGET))
		return OUTCOME_TO_KERNEL;
	/* 0.0.0.0 asks whether the address is free (RFC 5227 2.1.1). */
	if (source_ipv4_bad(arp + ARP_SENDER) && memcmp(arp + ARP_SENDER, unspecified, 4) != 0)
		return OUTCOME_BAD_SOURCE;
	memcpy(target, arp + ARP_TARGET, 4);
	wire_put16(arp + ARP_OPERATION, ARP_REPLY);
	memcpy(arp + ARP_TARGET_MAC, arp + ARP_SENDER_MAC, LINK_MAC_BYTES + 4);
	memcpy(arp + ARP_SENDER_MAC, our_mac, LINK_MAC_BYTES);
	memcpy(arp + ARP_SENDER, target, 4);
	memcpy(frame, arp + ARP_TARGET_MAC, LINK_MAC_BYTES);
	memcpy(frame + LINK_MAC_BYTES, our_mac, LINK_MAC_BYTES);
	*length = (uint32_t)(packet->net + ARP_BYTES); /* padding is not sent back */
	return OUTCOME_NEIGHBOR;
}

/* ---- Neighbour discovery ---- */

/*
 * Reads the options; *mac becomes the link-layer address of the first of `type`, NULL: none.
 * Whether each has a length that fits (RFC 4861 7.1).
 */
static bool read_options(const uint8_t *option, size_t bytes, unsigned type, const uint8_t **mac)
{
	*mac = NULL;
	while (bytes != 0) {
		size_t size = bytes < ND_OPTION_BYTES ? 0 : (size_t)option[1] * 8;

		if (size == 0 || size > bytes)
			return false;
		if (option[0] == type && !*mac) {
			if (size != ND_OPTION_BYTES || !is_host_mac(option + 2))
				return false;
			*mac = option + 2;
		}
		option += size;
		bytes -= size;
	}
	return true;
}

/* The checks that RFC 4861 7.1.1 and 7.1.2 have in common. OUTCOMES: it passes. */
static enum outcome check_message(
	const uint8_t *ip, size_t bytes, unsigned type, const uint8_t **mac)
{
	const uint8_t *icmp = ip + PACKET_IPV6_BYTES;

	if (ip[7] != ND_HOP_LIMIT || icmp[1] != 0 ||
		!read_options(icmp + ND_BYTES, bytes - ND_BYTES, type, mac))
		return OUTCOME_NEIGHBOR_BAD;
	return checksum_good(packet_icmpv6_sum(ip, bytes)) ? OUTCOMES : OUTCOME_ICMP_CHECKSUM;
}

/* An advertisement of `target`, from and about it, with the option or without; returns its length.
 */
static size_t write_advertisement(uint8_t *ip, const uint8_t *target, const uint8_t *to,
	uint8_t flags, const uint8_t *option_mac)
{
	size_t bytes = ND_BYTES + (option_mac ? ND_OPTION_BYTES : 0u);
	uint8_t *icmp = ip + PACKET_IPV6_BYTES;
	uint16_t sum;

	wire_put32(ip, 6u << 28);
	wire_put16(ip + 4, (uint16_t)bytes);
	ip[6] = PACKET_ICMPV6;
	ip[7] = ND_HOP_LIMIT;
	memcpy(ip + 8, target, 16);
	memcpy(ip + 24, to, 16);
	memset(icmp, 0, ND_TARGET);
	icmp[0] = ND_ADVERTISEMENT;
	icmp[4] = flags;
	memcpy(icmp + ND_TARGET, target, 16);
	if (option_mac) {
		icmp[ND_BYTES] = ND_TARGET_MAC;
		icmp[ND_BYTES + 1] = 1;
		memcpy(icmp + ND_BYTES + 2, option_mac, LINK_MAC_BYTES);
	}
	sum = (uint16_t)~checksum_fold(packet_icmpv6_sum(ip, bytes));
	memcpy(icmp + 2, &sum, 2);
	return PACKET_IPV6_BYTES + bytes;
}

/* What a valid solicitation asks, copied, since the reply is written over it. */
struct solicitation {
	uint8_t target[16], source[16], source_mac[LINK_MAC_BYTES];
	bool probe;	/* whether the address is free: from the unspecified address */
	bool to_group;	/* to the target's solicited-node address */
	bool named_mac; /* the sender's MAC address is in it */
};

/* RFC 4861 7.1.1 and 7.2.3. OUTCOMES: `asked` is filled. */
static enum outcome read_solicitation(
	const struct packet *packet, size_t bytes, struct solicitation *asked)
{
	const uint8_t *ip = packet->frame + packet->net, *source = ip + 8, *to = ip + 24, *mac;
	const uint8_t *target = ip + PACKET_IPV6_BYTES + ND_TARGET;
	enum outcome bad = check_message(ip, bytes, ND_SOURCE_MAC, &mac);

	asked->probe = memcmp(source, unspecified, 16) == 0;
	asked->to_group = memcmp(to, solicited_node, 13) == 0;
	asked->named_mac = mac != NULL;
	if (bad != OUTCOMES)
		return bad;
	if (asked->probe && (!asked->to_group || mac))
		return OUTCOME_NEIGHBOR_BAD;
	if ((mac && is_mac(mac, packet->link->mac)) ||
		(!asked->probe &&
			(source_ipv6_bad(source) || addresses_hold(packet->ours, 6, source))))
		return OUTCOME_BAD_SOURCE;
	/* To a group by both addresses, or to us by both; and the group must be the target's. */
	if (asked->to_group != packet_to_group(packet) ||
		(asked->to_group ? memcmp(to + 13, target + 13, 3) != 0 : !holds_ipv6(packet, to)))
		return OUTCOME_TO_KERNEL;
	memcpy(asked->target, target, 16);
	memcpy(asked->source, source, 16);
	memcpy(asked->source_mac, mac ? mac : packet->frame + LINK_MAC_BYTES, LINK_MAC_BYTES);
	return OUTCOMES;
}

/*
 * RFC 4861 7.2.4. A probe is answered to all nodes, as is defending the address (RFC 4862 5.4.3).
 * The option may be left out only in a reply to what was sent to us alone.
 */
static enum outcome answer_solicitation(const struct packet *packet, size_t bytes, uint32_t *length)
{
	const uint8_t *our_mac = packet->link->mac, *option_mac;
	uint8_t *frame = packet->frame;
	struct solicitation asked;
	enum outcome bad = read_solicitation(packet, bytes, &asked);

	if (bad != OUTCOMES)
		return bad;
	option_mac = asked.to_group || asked.named_mac ? our_mac : NULL;
	if (option_mac && packet->capacity < PACKET_IPV6_BYTES + ND_BYTES + ND_OPTION_BYTES)
		return OUTCOME_NO_ROOM;
	memcpy(frame, asked.probe ? all_nodes_mac : asked.source_mac, LINK_MAC_BYTES);
	memcpy(frame + LINK_MAC_BYTES, our_mac, LINK_MAC_BYTES);
	*length = (uint32_t)(packet->net +
		write_advertisement(frame + packet->net, asked.target,
			asked.probe ? all_nodes : asked.source,
			asked.probe ? ND_OVERRIDE : ND_SOLICITED | ND_OVERRIDE, option_mac));
	return OUTCOME_NEIGHBOR;
}

/* Another that advertises an address of ours (RFC 4862 5.4.4). */
static enum outcome judge_advertisement(const struct packet *packet, size_t bytes)
{
	const uint8_t *mac;
	enum outcome bad = check_message(packet->frame + packet->net, bytes, ND_TARGET_MAC, &mac);

	if (bad != OUTCOMES)
		return bad;
	return mac && is_mac(mac, packet->link->mac) ? OUTCOME_TO_KERNEL : OUTCOME_ADDRESS_CONFLICT;
}

static enum outcome answer_ipv6(const struct packet *packet, uint32_t *length)
{
	uint8_t *ip = packet->frame + packet->net, *icmp = ip + PACKET_IPV6_BYTES;
	size_t bytes;

	if (packet->room < PACKET_IPV6_BYTES)
		return OUTCOME_FRAME_SHORT;
	bytes = wire_get16(ip + 4);
	if (ip[0] >> 4 != 6 || bytes > packet->room - PACKET_IPV6_BYTES)
		return OUTCOME_IP_HEADER;
	if (ip[6] != PACKET_ICMPV6)
		return OUTCOME_TO_KERNEL;
	if (bytes < 4)
		return OUTCOME_FRAME_SHORT;
	if (icmp[0] == ICMPV6_ECHO)
		return echo_answer_ipv6(packet, length);
	if ((icmp[0] != ND_SOLICITATION && icmp[0] != ND_ADVERTISEMENT) || bytes < ND_BYTES ||
		!holds_ipv6(packet, icmp + ND_TARGET))
		return OUTCOME_TO_KERNEL;
	return icmp[0] == ND_SOLICITATION ? answer_solicitation(packet, bytes, length)
					  : judge_advertisement(packet, bytes);
}

/* Behind how many tags it is, and of which type; a tag too many is a type that nobody knows here.
 */
static unsigned find_network(struct packet *packet, size_t length)
{
	size_t at = ETHERNET_BYTES - 2;

	for (unsigned tags = 0; tags < VLAN_TAGS_MAX && at + 2 + VLAN_BYTES <= length; tags++) {
		unsigned type = wire_get16(packet->frame + at);

		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_PROVIDER)
			break;
		at += VLAN_BYTES;
	}
	packet->net = at + 2;
	packet->room = length - packet->net;
	return wire_get16(packet->frame + at);
}

enum outcome neighbor_answer(uint8_t *frame, uint32_t *length, uint32_t capacity,
	const struct addresses *ours, const struct link *link)
{
	struct packet packet = {.frame = frame, .ours = ours, .link = link};
	unsigned type;

	if (*length < ETHERNET_BYTES)
		return OUTCOME_FRAME_SHORT;
	if (!(frame[0] & PACKET_GROUP) && !is_mac(frame, link->mac))
		return OUTCOME_NOT_OURS;
	/* Our own, come back by a loop. */
	if ((frame[6] & PACKET_GROUP) || is_mac(frame + LINK_MAC_BYTES, link->mac))
		return OUTCOME_BAD_SOURCE;
	type = find_network(&packet, *length);
	packet.capacity = capacity - packet.net;
	if (type == ETHERTYPE_ARP)
		return answer_arp(&packet, length);
	if (type == ETHERTYPE_IPV4)
		return echo_answer_ipv4(&packet, length);
	if (type == ETHERTYPE_IPV6)
		return answer_ipv6(&packet, length);
	return OUTCOME_TO_KERNEL;
}

/* ---- Announcements ---- */

void neighbor_group_mac(const uint8_t *address, uint8_t mac[static LINK_MAC_BYTES])
{
	mac[0] = mac[1] = 0x33;
	mac[2] = 0xff;
	memcpy(mac + 3, address + 13, 3);
}

static void write_ethernet(uint8_t *frame, const uint8_t *to, const uint8_t *from, unsigned type)
{
	memcpy(frame, to, LINK_MAC_BYTES);
	memcpy(frame + LINK_MAC_BYTES, from, LINK_MAC_BYTES);
	wire_put16(frame + 12, (uint16_t)type);
}

static size_t announce_ipv4(const uint8_t *address, const uint8_t *mac, uint8_t *frame)
{
	uint8_t *arp = frame + ETHERNET_BYTES;

	memset(frame, 0, ETHERNET_MIN_BYTES);
	write_ethernet(frame, broadcast_mac, mac, ETHERTYPE_ARP);
	memcpy(arp, arp_ethernet_ipv4, sizeof(arp_ethernet_ipv4));
	wire_put16(arp + ARP_OPERATION, ARP_REQUEST); /* RFC 5227 3 */
	memcpy(arp + ARP_SENDER_MAC, mac, LINK_MAC_BYTES);
	memcpy(arp + ARP_SENDER, address, 4);
	memcpy(arp + ARP_TARGET, address, 4);
	return ETHERNET_MIN_BYTES;
}

size_t neighbor_announce(const struct ip_address *address, const uint8_t *mac,
	uint8_t frame[static NEIGHBOR_ANNOUNCE_BYTES])
{
	const uint8_t *bytes = address->bytes;

	if (address->family == 4 ? source_ipv4_bad(bytes) : source_ipv6_bad(bytes))
		return 0;
	if (address->family == 4)
		return announce_ipv4(bytes, mac, frame);
	write_ethernet(frame, all_nodes_mac, mac, ETHERTYPE_IPV6);
	return ETHERNET_BYTES +
		write_advertisement(frame + ETHERNET_BYTES, bytes, all_nodes, ND_OVERRIDE, mac);
}
