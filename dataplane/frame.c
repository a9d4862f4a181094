/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames: checked header by header from the outside in; each refusal has its own outcome. */
#include "dataplane/frame.h"

#include "dataplane/checksum.h"
#include "dataplane/dns/wire.h"
#include "dataplane/source.h"

#include "dataplane/hot.h"

enum {
	ETHERNET_BYTES = 14,
	TAG_BYTES =
		4, /* IEEE 802.1Q 9.4: a TPID, which stands where an EtherType would, and a TCI */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_CUSTOMER_TAG = 0x8100, /* IEEE 802.1Q 9.5 */
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_SERVICE_TAG = 0x88a8, /* likewise; 802.1ad brought it */
	VID_MASK = 0x0fff,		/* of a TCI; above are priority and drop eligibility */
	VID_RESERVED = 0x0fff,		/* IEEE 802.1Q 9.6: never transmitted in a tag */
	IPV4_BYTES = 20,
	IPV6_BYTES = 40,
	UDP_BYTES = 8,
	HEADERS_BYTES = UDP_BYTES + WIRE_HEADER_BYTES,
	DNS_PORT = 53,		/* RFC 1035 4.2.1 */
	FIRST_USER_PORT = 1024, /* RFC 6335 6 */
	PROTOCOL_UDP = 17,
	HOP_LIMIT = 64, /* RFC 1700's default for what we send */
};

/*
 * What of the pseudo-header (RFC 768, RFC 8200 8.1) and the ports is the same both ways: all but
 * the length.
 */
static inline uint64_t sum_of_ends(const uint8_t *frame, const struct frame_view *view)
{
	const uint8_t *ip = frame + view->ip, *udp = frame + view->udp;
	uint64_t sum = __builtin_bswap16(PROTOCOL_UDP) + (uint64_t)checksum_load32(udp);

	if (view->family == 4)
		return checksum_add(sum, checksum_load(ip + 12));
	sum = checksum_add(sum, checksum_load(ip + 8));
	sum = checksum_add(sum, checksum_load(ip + 16));
	sum = checksum_add(sum, checksum_load(ip + 24));
	return checksum_add(sum, checksum_load(ip + 32));
}

/* Adds what a reply writes anew: the UDP length, twice, the checksum, and the DNS header. */
static inline uint64_t sum_of_headers(uint32_t length_and_sum, const uint8_t *dns, uint64_t sum)
{
	sum = checksum_add(sum, (uint64_t)checksum_load32(dns) << 32 | length_and_sum);
	sum = checksum_add(sum, checksum_load(dns + 4));
	return checksum_add(sum, (uint16_t)length_and_sum);
}

/*
 * Sums the datagram, and keeps apart what a reply leaves as it is (RFC 1624): the ends, and the
 * message behind its header.
 */
static inline uint64_t datagram_sum(const uint8_t *frame, size_t udp_bytes, struct frame_view *view)
{
	const uint8_t *udp = frame + view->udp;
	uint64_t sum = sum_of_ends(frame, view);

	if (udp_bytes > HEADERS_BYTES) {
		sum = checksum_bytes(udp + HEADERS_BYTES, udp_bytes - HEADERS_BYTES, sum);
		view->kept_sum = sum;
		return sum_of_headers(checksum_load32(udp + 4), udp + UDP_BYTES, sum);
	}
	/* No question, so no reply keeps anything. The ports are in the ends. */
	sum = checksum_bytes(udp + 4, udp_bytes - 4, sum);
	return checksum_add(sum, __builtin_bswap16((uint16_t)udp_bytes));
}

/*
 * 0 is no port (RFC 768). Below 1024 only another DNS server asks; the rest are services that may
 * answer an answer (echo, chargen: CVE-2024-2169), or a forged source that aims at one. From 1024
 * on any port may be a resolver's (RFC 6056 3.2).
 */
static bool source_port_bad(uint16_t port)
{
	return port < FIRST_USER_PORT && port != DNS_PORT;
}

/* After the IP header: `udp_room` is what the IP length leaves. */
static inline enum outcome open_udp(const uint8_t *frame, size_t udp_room,
	const struct addresses *ours, struct frame_view *view)
{
	const uint8_t *udp = frame + view->udp;
	size_t udp_bytes;
	uint64_t sum;

	if (udp_room < UDP_BYTES)
		return OUTCOME_UDP_LENGTH;
	if (wire_get16(udp + 2) != addresses_port(ours))
		return OUTCOME_NOT_OURS;
	if (source_port_bad(wire_get16(udp)))
		return OUTCOME_BAD_SOURCE;
	udp_bytes = wire_get16(udp + 4);
	if (udp_bytes < UDP_BYTES || udp_bytes > udp_room)
		return OUTCOME_UDP_LENGTH;
	sum = datagram_sum(frame, udp_bytes, view);
	/* 0 means "none" over IPv4 (RFC 768) and is illegal over IPv6 (RFC 8200 8.1). */
	if (wire_get16(udp + 6) == 0 ? view->family == 6 : !checksum_good(sum))
		return OUTCOME_UDP_CHECKSUM;
	view->kept_bytes = 0;
	view->payload = view->udp + UDP_BYTES;
	view->payload_bytes = (uint16_t)(udp_bytes - UDP_BYTES);
	return OUTCOMES;
}

/* What of it is wrong that open_ipv4 saw. */
static __attribute__((noinline)) enum outcome ipv4_refused(const uint8_t *ip, size_t room)
{
	size_t header = (size_t)(ip[0] & 0x0f) * 4, total = wire_get16(ip + 2);

	if (ip[0] >> 4 != 4 || header < IPV4_BYTES || total < header || total > room)
		return OUTCOME_IP_HEADER;
	return ip[8] == 0 ? OUTCOME_HOP_LIMIT : OUTCOME_NOT_UDP;
}

static inline enum outcome open_ipv4(
	const uint8_t *frame, size_t length, const struct addresses *ours, struct frame_view *view)
{
	/* Version 4 and 20 bytes of header, MF and the fragment offset 0 (RFC 791 3.1). */
	static const uint8_t plain[8] = {0x45}, plain_mask[8] = {0xff, [6] = 0x3f, 0xff};
	const uint8_t *ip = frame + view->ip;
	size_t room = length - view->ip, total;
	uint64_t sum;

	if (room < IPV4_BYTES)
		return OUTCOME_FRAME_SHORT;
	total = wire_get16(ip + 2);
	if ((checksum_load(ip) & checksum_load(plain_mask)) != checksum_load(plain) ||
		total < IPV4_BYTES || total > room || ip[9] != PROTOCOL_UDP || ip[8] == 0)
		return ipv4_refused(ip, room);
	sum = checksum_add(checksum_load(ip), checksum_load(ip + 8));
	if (!checksum_good(checksum_add(sum, checksum_load32(ip + 16))))
		return OUTCOME_IP_CHECKSUM;
	if (!addresses_first(ours, ip + 16) && !addresses_hold(ours, 4, ip + 16))
		return OUTCOME_NOT_OURS;
	if (source_ipv4_bad(ip + 12) || addresses_hold(ours, 4, ip + 12))
		return OUTCOME_BAD_SOURCE;
	view->family = 4;
	view->udp = view->ip + IPV4_BYTES;
	return open_udp(frame, total - IPV4_BYTES, ours, view);
}

static __attribute__((noinline)) enum outcome open_ipv6(
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
	if (ip[7] == 0)
		return OUTCOME_HOP_LIMIT;
	if (!addresses_hold(ours, 6, ip + 24))
		return OUTCOME_NOT_OURS;
	if (source_ipv6_bad(ip + 8) || addresses_hold(ours, 6, ip + 8))
		return OUTCOME_BAD_SOURCE;
	view->family = 6;
	view->udp = view->ip + IPV6_BYTES;
	return open_udp(frame, payload, ours, view);
}

static bool is_tag(uint16_t type)
{
	return type == ETHERTYPE_CUSTOMER_TAG || type == ETHERTYPE_SERVICE_TAG;
}

/*
 * A customer's or a provider's, or either and a customer's within, which is 802.1ad, and what was
 * usual before it. A provider's alone is what its bridge makes of a frame that came without a tag
 * (IEEE 802.1Q 15.3).
 */
__attribute__((noinline)) enum outcome frame_pass_tags(
	const uint8_t *frame, size_t length, struct frame_view *view)
{
	uint16_t type = wire_get16(frame + ETHERNET_BYTES - 2);
	size_t ip = ETHERNET_BYTES;

	for (unsigned tags = 0; is_tag(type); tags++) {
		if (tags == 2 || (tags == 1 && type == ETHERTYPE_SERVICE_TAG))
			return OUTCOME_VLAN_TAGS;
		ip += TAG_BYTES;
		if (length < ip)
			return OUTCOME_FRAME_SHORT;
		if ((wire_get16(frame + ip - 4) & VID_MASK) == VID_RESERVED)
			return OUTCOME_VLAN_TAGS;
		type = wire_get16(frame + ip - 2);
	}
	view->ip = (uint16_t)ip;
	return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ? OUTCOMES : OUTCOME_NOT_IP;
}

/* A MAC address without the two bytes behind it, which must be readable. */
static inline uint64_t mac_word(const uint8_t *bytes)
{
	return checksum_load(bytes) << 16;
}

/* What mac_word gives for the port's own. */
static inline uint64_t link_mac(const struct link *link)
{
	/* Pairs with nothing: a burst may still go by the address that was. */
	return atomic_load_explicit(&link->mac_word, memory_order_relaxed) << 16;
}

/* Zero, a group (IEEE 802 8.2.2: the first octet's lowest bit) or our own. */
static inline bool source_mac_bad(const uint8_t *source, uint64_t ours)
{
	uint64_t mac = mac_word(source);

	return (source[0] & 1) || mac == 0 || mac == ours;
}

static inline enum outcome open_ethernet(const uint8_t *frame, size_t length, uint64_t mac,
	const struct addresses *ours, struct frame_view *view)
{
	uint16_t type;

	if (length < ETHERNET_BYTES + TAG_BYTES)
		return OUTCOME_FRAME_SHORT;
	if (mac_word(frame) != mac)
		return OUTCOME_NOT_OUR_MAC;
	if (source_mac_bad(frame + LINK_MAC_BYTES, mac))
		return OUTCOME_BAD_SOURCE;
	view->ip = ETHERNET_BYTES;
	type = wire_get16(frame + ETHERNET_BYTES - 2);
	if (__builtin_expect(type != ETHERTYPE_IPV4, 0)) {
		enum outcome outcome =
			type == ETHERTYPE_IPV6 ? OUTCOMES : frame_pass_tags(frame, length, view);

		if (outcome != OUTCOMES)
			return outcome;
		if (wire_get16(frame + view->ip - 2) == ETHERTYPE_IPV6)
			return open_ipv6(frame, length, ours, view);
	}
	return open_ipv4(frame, length, ours, view);
}

enum outcome frame_open(const uint8_t *frame, size_t length, const struct link *link,
	const struct addresses *ours, struct frame_view *view)
{
	return open_ethernet(frame, length, link_mac(link), ours, view);
}

/* Flat: with so much to inline the compiler would else call what every frame needs. */
__attribute__((flatten)) void frame_open_bulk(uint8_t *const *frames, const uint32_t *lengths,
	unsigned n, const struct link *link, const struct addresses *ours, struct frame_view *views,
	enum outcome *outcomes)
{
	uint64_t mac = link_mac(link);

	for (unsigned i = 0; i < n; i++)
		outcomes[i] = open_ethernet(frames[i], lengths[i], mac, ours, &views[i]);
}

uint64_t frame_behind(const uint8_t *frame, const struct frame_view *view, size_t bytes)
{
	size_t rest = view->payload_bytes - bytes;
	uint64_t sum = checksum_bytes(frame + view->payload + bytes, rest, 0);

	return bytes % 2 ? checksum_odd(sum) : sum;
}

/* The two MAC addresses, in one shuffle with the four bytes behind them. */
static inline void swap_ethernet(uint8_t *frame)
{
	uint8_t head __attribute__((vector_size(16)));

	memcpy(&head, frame, sizeof(head));
	head = __builtin_shufflevector(
		head, head, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15);
	memcpy(frame, &head, sizeof(head));
}

/*
 * DSCP default, not ECN capable; never fragmented, so the ID may be any (RFC 6864 4.1). All but
 * length, checksum and addresses is the same in every header that we send.
 */
static inline void close_ipv4(uint8_t *ip, size_t bytes)
{
	static const uint8_t first[8] = {0x45, [6] = 0x40}, next[4] = {HOP_LIMIT, PROTOCOL_UDP};
	uint64_t head = checksum_load(first) | (uint64_t)__builtin_bswap16((uint16_t)bytes) << 16;
	uint64_t addresses = checksum_load(ip + 12);
	uint32_t tail = checksum_load32(next);
	uint16_t sum = checksum_fold(checksum_add(addresses, head + tail));

	tail |= (uint32_t)(uint16_t)~sum << 16;
	addresses = addresses << 32 | addresses >> 32;
	memcpy(ip, &head, 8);
	memcpy(ip + 8, &tail, 4);
	memcpy(ip + 12, &addresses, 8);
}

static inline void close_ipv6(uint8_t *ip, size_t bytes)
{
	uint8_t source[16];

	memcpy(source, ip + 8, 16);
	memcpy(ip + 8, ip + 24, 16);
	memcpy(ip + 24, source, 16);
	wire_put32(ip, 6u << 28); /* traffic class and flow label 0 */
	wire_put16(ip + 4, (uint16_t)(bytes - IPV6_BYTES));
	ip[7] = HOP_LIMIT;
}

/*
 * The UDP checksum of a reply; the ends may still be the query's, for the sum does not know which
 * is which.
 */
static inline uint16_t reply_sum(
	const uint8_t *frame, const struct frame_view *view, size_t payload_bytes)
{
	const uint8_t *payload = frame + view->payload;
	bool kept = view->kept_bytes != 0 && view->kept_bytes <= payload_bytes;
	size_t from = kept ? view->kept_bytes : WIRE_HEADER_BYTES;
	uint64_t sum = kept ? view->kept_sum : sum_of_ends(frame, view), added;
	uint16_t folded;

	sum = sum_of_headers(
		__builtin_bswap16((uint16_t)(UDP_BYTES + payload_bytes)), payload, sum);
	if (payload_bytes > from) {
		added = checksum_bytes(payload + from, payload_bytes - from, 0);
		sum = checksum_add(sum, from % 2 ? checksum_odd(added) : added);
	}
	folded = (uint16_t)~checksum_fold(sum);
	return folded ? folded : 0xffff; /* 0 would mean "no checksum" */
}

static inline size_t close_ethernet(
	uint8_t *frame, const struct frame_view *view, size_t payload_bytes)
{
	size_t udp_bytes = UDP_BYTES + payload_bytes;
	size_t end = view->udp + udp_bytes;
	uint8_t *udp = frame + view->udp;
	uint64_t ports = checksum_load32(udp), sum = reply_sum(frame, view, payload_bytes);

	swap_ethernet(frame);
	if (view->family == 4)
		close_ipv4(frame + view->ip, end - view->ip);
	else
		close_ipv6(frame + view->ip, end - view->ip);
	ports = (uint32_t)(ports << 16 | ports >> 16);
	ports |= (uint64_t)__builtin_bswap16((uint16_t)udp_bytes) << 32 | sum << 48;
	memcpy(udp, &ports, UDP_BYTES);
	return end;
}

size_t frame_close(uint8_t *frame, const struct frame_view *view, size_t payload_bytes)
{
	return close_ethernet(frame, view, payload_bytes);
}

void frame_close_bulk(
	uint8_t *const *frames, const struct frame_view *views, uint32_t *lengths, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (lengths[i] != 0)
			lengths[i] = (uint32_t)close_ethernet(frames[i], &views[i], lengths[i]);
}
