/* SPDX-License-Identifier: BSD-3-Clause */
/* A query is written as the reply to its opposite, so that frame_close does all the sums. */
#include "dataplane/probe.h"

#include "dataplane/checksum.h"
#include "dataplane/dns/wire.h"
#include "dataplane/frame.h"

#include <string.h>

enum {
	ETHERNET_BYTES = 14,
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	IPV4_BYTES = 20,
	IPV6_BYTES = 40,
	UDP_BYTES = 8,
	NEXT_HEADER_UDP = 17,
	CLIENT_PORT = 32767, /* any port that a client may have */
};

/* On no wire, and so no host's: IPv4's dummy address (RFC 7600) and discard-only (RFC 6666). */
static const uint8_t client_ipv4[4] = {192, 0, 0, 8};
static const uint8_t client_ipv6[16] = {0x01, 0x00, [15] = 1};

/* Locally administered, as any network card in front of us could have. */
static const uint8_t client_mac[LINK_MAC_BYTES] = {0x02, 'p', 'r', 'o', 'b', 'e'};

static void write_ends(uint8_t *ip, const struct ip_address *to)
{
	if (to->family == 4) {
		memcpy(ip + 12, to->bytes, 4);
		memcpy(ip + 16, client_ipv4, 4);
		return;
	}
	ip[6] = NEXT_HEADER_UDP;
	memcpy(ip + 8, to->bytes, 16);
	memcpy(ip + 24, client_ipv6, 16);
}

uint32_t probe_write(uint8_t frame[static PROBE_FRAME_BYTES], const struct link *link,
	const struct ip_address *to, uint16_t port, const uint8_t *message, size_t length)
{
	uint64_t mac = atomic_load_explicit(&link->mac_word, memory_order_relaxed);
	uint16_t udp = ETHERNET_BYTES + (to->family == 4 ? IPV4_BYTES : IPV6_BYTES);
	const struct frame_view view = {.ip = ETHERNET_BYTES,
		.udp = udp,
		.payload = (uint16_t)(udp + UDP_BYTES),
		.payload_bytes = (uint16_t)length,
		.family = to->family};

	memset(frame, 0, PROBE_FRAME_BYTES);
	memcpy(frame, client_mac, LINK_MAC_BYTES);
	memcpy(frame + LINK_MAC_BYTES, &mac, LINK_MAC_BYTES);
	wire_put16(frame + ETHERNET_BYTES - 2, to->family == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
	write_ends(frame + view.ip, to);
	wire_put16(frame + view.udp, port);
	wire_put16(frame + view.udp + 2, CLIENT_PORT);
	memcpy(frame + view.payload, message, length);
	return (uint32_t)frame_close(frame, &view, length);
}

/* Over addresses, protocol, length and datagram (RFC 768, RFC 8200 8.1). */
static bool sum_is_right(const uint8_t *ip, unsigned family, const uint8_t *udp, size_t bytes)
{
	const uint8_t *ends = family == 4 ? ip + 12 : ip + 8;
	uint64_t sum = checksum_bytes(ends, family == 4 ? 8 : 32, 0);

	sum = checksum_add(sum, __builtin_bswap16(NEXT_HEADER_UDP));
	sum = checksum_add(sum, __builtin_bswap16((uint16_t)bytes));
	return checksum_good(checksum_bytes(udp, bytes, sum));
}

size_t probe_read(const uint8_t *frame, uint32_t length, const uint8_t **message)
{
	const uint8_t *ip = frame + ETHERNET_BYTES;
	unsigned family = wire_get16(ip - 2) == ETHERTYPE_IPV4 ? 4 : 6;
	const uint8_t *udp = ip + (family == 4 ? IPV4_BYTES : IPV6_BYTES);
	const uint8_t *end = frame + length;
	size_t bytes;

	if (length > PROBE_FRAME_BYTES || udp + UDP_BYTES + WIRE_HEADER_BYTES > end ||
		memcmp(frame, client_mac, sizeof(client_mac)) != 0)
		return 0;
	if (family == 4 ? memcmp(ip + 16, client_ipv4, sizeof(client_ipv4))
			: memcmp(ip + 24, client_ipv6, sizeof(client_ipv6)))
		return 0;
	bytes = wire_get16(udp + 4);
	if (wire_get16(udp + 2) != CLIENT_PORT || bytes != (size_t)(end - udp) ||
		!sum_is_right(ip, family, udp, bytes))
		return 0;
	*message = udp + UDP_BYTES;
	return bytes - UDP_BYTES;
}
