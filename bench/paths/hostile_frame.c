/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/paths/hostile_frame.h"

#include "bench/query_frame.h"
#include "dataplane/dns/wire.h"

#include <string.h>

enum {
	MESSAGE_MAX = 512,
	IP = 14,
	UDP_4 = IP + 20,
	UDP_6 = IP + 40,
	ODD = 0x9e3779b1, /* an odd factor permutes the numbers modulo a power of two */
};

/* The finalizer of splitmix64: any seed will do. */
static uint32_t draw(uint64_t *seed, uint32_t below)
{
	uint64_t bits = *seed += 0x9e3779b97f4a7c15;

	bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
	bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
	return (uint32_t)(bits >> 32) % below;
}

static void fill(uint8_t *bytes, size_t count, uint64_t *seed)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)draw(seed, 256);
}

/* ---- Messages ---- */

static size_t ask_address(uint64_t *seed, uint8_t *message)
{
	struct prefix owner = {.family = ARPA_FAMILY_IPV4, .bits = 32};

	owner.high = (uint64_t)(10u << 24 | draw(seed, 1 << 24)) << 32;
	return query_message(&owner, draw(seed, 2), (uint16_t)draw(seed, 1 << 16), message);
}

static size_t ask_labels(uint64_t *seed, const char *suffix, size_t suffix_bytes, uint8_t *message)
{
	size_t at = WIRE_HEADER_BYTES;

	memset(message, 0, WIRE_HEADER_BYTES);
	wire_put16(message + WIRE_ID, (uint16_t)draw(seed, 1 << 16));
	wire_put16(message + WIRE_QDCOUNT, 1);
	for (unsigned labels = 1 + draw(seed, 6); labels > 0; labels--) {
		unsigned octets = 1 + draw(seed, 32);

		message[at++] = (uint8_t)octets;
		fill(message + at, octets, seed);
		at += octets;
	}
	memcpy(message + at, suffix, suffix_bytes);
	at += suffix_bytes;
	wire_put16(message + at, (uint16_t)draw(seed, 260));
	wire_put16(message + at + 2, WIRE_CLASS_IN);
	return at + WIRE_QUESTION_FIXED;
}

static size_t mutate(uint64_t *seed, uint8_t *message)
{
	size_t bytes = ask_address(seed, message);

	switch (draw(seed, 4)) {
	case 0: /* cut off */
		return draw(seed, (uint32_t)bytes);
	case 1: /* something behind it */
		fill(message + bytes, 200, seed);
		return bytes + 1 + draw(seed, 200);
	case 2: /* counts, flags or opcode */
		fill(message + WIRE_FLAGS, WIRE_HEADER_BYTES - WIRE_FLAGS, seed);
		return bytes;
	default: /* anything behind the header, most of it in the name */
		for (unsigned changes = 1 + draw(seed, 4); changes > 0; changes--)
			fill(message + WIRE_HEADER_BYTES +
					draw(seed, (uint32_t)bytes - WIRE_HEADER_BYTES),
				1, seed);
		return bytes;
	}
}

static size_t write_message(enum hostile_kind kind, uint64_t *seed, uint8_t *message)
{
	static const char ours[] = "\00210\7in-addr\4arpa", other[] = "\7invalid";
	size_t bytes;

	switch (kind) {
	case HOSTILE_NAME:
		return ask_labels(seed, ours, sizeof(ours), message);
	case HOSTILE_ELSEWHERE:
		return ask_labels(seed, other, sizeof(other), message);
	case HOSTILE_MUTATED:
		return mutate(seed, message);
	case HOSTILE_NOISE:
		bytes = draw(seed, MESSAGE_MAX);
		fill(message, bytes, seed);
		return bytes;
	default:
		return ask_address(seed, message);
	}
}

/* ---- Packets ---- */

/* RFC 1624, equation 3: the checksum once `count` octets, which begin evenly, have changed. */
static void mend(uint8_t *checksum, const uint8_t *was, const uint8_t *is, size_t count)
{
	uint32_t sum = (uint16_t)~wire_get16(checksum);

	for (size_t i = 0; i < count; i += 2)
		sum += (uint16_t)~wire_get16(was + i) + (uint32_t)wire_get16(is + i);
	sum = query_checksum(NULL, 0, sum);
	wire_put16(checksum, (uint16_t)(sum ? sum : 0xffff)); /* 0 would mean "none" (RFC 768) */
}

static void replace(uint8_t *at, const uint8_t *with, size_t count, uint8_t *first, uint8_t *second)
{
	if (first)
		mend(first, at, with, count);
	if (second)
		mend(second, at, with, count);
	memcpy(at, with, count);
}

/* A wrong length, checksum or port in a packet that is otherwise right. */
static void spoil(uint8_t *udp, uint64_t *seed)
{
	switch (draw(seed, 4)) {
	case 0:
		wire_put16(udp + 4, (uint16_t)(wire_get16(udp + 4) + 1 + draw(seed, 1000)));
		break;
	case 1:
		wire_put16(udp + 4, (uint16_t)draw(seed, 8));
		break;
	case 2:
		udp[6] ^= 0x55;
		break;
	default:
		wire_put16(udp, 0);
	}
}

/* Makes of an IPv4 packet one that is the kernel's. */
static size_t turn_to_kernel(enum hostile_kind kind, uint64_t *seed, uint8_t *frame, size_t bytes)
{
	static const uint16_t ports[] = {22, 53, 179};
	static const uint8_t discard[2] = {0, 9};
	uint8_t *ip = frame + IP, *next = frame + UDP_4;
	uint8_t addresses[8];
	uint16_t sum;

	memcpy(addresses, ip + 12, sizeof(addresses));
	switch (kind) {
	case HOSTILE_SYN:
		ip[9] = 6;
		wire_put16(ip + 2, 40);
		memset(next, 0, 20);
		wire_put16(next, (uint16_t)(1024 + draw(seed, 60000)));
		wire_put16(next + 2, ports[draw(seed, 3)]);
		fill(next + 4, 4, seed);
		next[12] = 5 << 4;
		next[13] = 2;
		wire_put16(next + 14, 65535);
		sum = (uint16_t)~query_checksum(addresses, sizeof(addresses), 6 + 20);
		wire_put16(next + 16, query_checksum(next, 20, sum));
		bytes = UDP_4 + 20;
		break;
	case HOSTILE_DATAGRAM:
		replace(next + 2, discard, sizeof(discard), next + 6, NULL);
		break;
	default:
		wire_put16(ip + 6, (uint16_t)(1 + draw(seed, 1000)));
	}
	wire_put16(ip + 10, 0);
	wire_put16(ip + 10, query_checksum(ip, 20, 0));
	return bytes;
}

size_t hostile_frame(
	enum hostile_kind kind, bool ipv6, uint64_t *seed, uint8_t frame[static HOSTILE_FRAME_MAX])
{
	uint8_t message[MESSAGE_MAX];
	size_t bytes = write_message(kind, seed, message);
	bool kernel = kind >= HOSTILE_DNS_KINDS;
	uint8_t family = ipv6 && !kernel ? ARPA_FAMILY_IPV6 : ARPA_FAMILY_IPV4;

	bytes = query_frame_around(family, message, bytes, (uint16_t)draw(seed, 1 << 16), frame);
	if (kernel)
		return turn_to_kernel(kind, seed, frame, bytes);
	if (kind == HOSTILE_PACKET)
		spoil(frame + (family == ARPA_FAMILY_IPV6 ? UDP_6 : UDP_4), seed);
	return bytes;
}

/* ---- Sources ---- */

void hostile_spoof(uint8_t *frame, uint32_t n)
{
	uint32_t number = n * (uint32_t)ODD;

	if (frame[IP] >> 4 == 6) {
		uint8_t network[4] = {
			(uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number, 0};

		replace(frame + IP + 12, network, 4, frame + UDP_6 + 6, NULL);
		return;
	}
	uint8_t host[2] = {(uint8_t)(number >> 8), (uint8_t)number};
	uint8_t *upper = NULL;
	bool fragment = wire_get16(frame + IP + 6) & 0x1fff;

	if (!fragment)
		upper = frame + UDP_4 + (frame[IP + 9] == 6 ? 16 : 6);
	replace(frame + IP + 14, host, 2, frame + IP + 10, upper);
}
