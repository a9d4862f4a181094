/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a frame on a port that no kernel shares: a reply has right checksums and lengths, is
 * not longer than it may be and is ours; what is not answered is as it came; nothing else is
 * touched.
 */
#include "dataplane/dns/wire.h"
#include "dataplane/neighbor.h"

#include "tests/fuzz/fuzz_fixture.h"

#include <stdlib.h>
#include <string.h>

enum {
	FRAME_BYTES = 1518,
	ROOM = 2048,
	BEHIND = 0xa5, /* what stands behind the frame */
	ARP = 0x0806,
	IPV4 = 0x0800,
	IPV6 = 0x86dd,
};

static const struct link alone = {
	.mac = {2, 0, 0, 0, 0, 10}, .alone = true, .mtu_bytes = LINK_MTU_BYTES};

/* RFC 1071 as it is written. */
static uint16_t plain_sum(const uint8_t *bytes, size_t count, uint16_t sum)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t more = sum + (uint32_t)(i % 2 ? bytes[i] : bytes[i] << 8);

		sum = (uint16_t)((more & 0xffff) + (more >> 16));
	}
	return sum;
}

/* Where the reply's tags end; they must be the request's. */
static size_t skip_tags(const uint8_t *reply, const uint8_t *request)
{
	size_t at = 12;

	for (; wire_get16(reply + at) == 0x8100 || wire_get16(reply + at) == 0x88a8; at += 4)
		must(memcmp(reply + at, request + at, 4) == 0, "another tag");
	must(at <= 20, "more than two tags");
	must(memcmp(reply + at, request + at, 2) == 0, "another EtherType");
	return at + 2;
}

static void check_arp(const uint8_t *arp, const uint8_t *asked, size_t bytes)
{
	must(bytes == 28, "the length of ARP's reply");
	must(memcmp(arp, "\0\1\10\0\6\4\0\2", 8) == 0, "no ARP reply");
	must(memcmp(arp + 8, alone.mac, 6) == 0, "not our MAC address");
	must(addresses_hold(fuzz_fixture.addresses, 4, arp + 14), "not our IPv4 address");
	must(memcmp(arp + 14, asked + 24, 4) == 0, "not the address that was asked for");
	must(memcmp(arp + 18, asked + 8, 10) == 0, "not to the sender");
}

static void check_ipv4(const uint8_t *ip, const uint8_t *asked, size_t bytes)
{
	must(bytes >= 28 && wire_get16(ip + 2) == bytes, "the IPv4 length is not the frame's");
	must(plain_sum(ip, 20, 0) == 0xffff, "the IPv4 checksum is wrong");
	must(plain_sum(ip + 20, bytes - 20, 0) == 0xffff, "the ICMP checksum is wrong");
	must(addresses_hold(fuzz_fixture.addresses, 4, ip + 12), "not from our address");
	must(memcmp(ip + 16, asked + 12, 4) == 0, "not to the sender");
	must(ip[20] == 0 && memcmp(ip + 24, asked + 24, bytes - 24) == 0, "another echo");
}

static void check_ipv6(const uint8_t *ip, const uint8_t *asked, size_t bytes)
{
	uint8_t pseudo[4] = {0, 58, ip[4], ip[5]};
	uint16_t sum = plain_sum(ip + 8, 32, plain_sum(pseudo, 4, 0));

	must(bytes >= 48 && wire_get16(ip + 4) == bytes - 40, "the IPv6 length is not the frame's");
	must(plain_sum(ip + 40, bytes - 40, sum) == 0xffff, "the ICMPv6 checksum is wrong");
	must(addresses_hold(fuzz_fixture.addresses, 6, ip + 8), "not from our address");
	if (ip[40] == 129) {
		must(memcmp(ip + 44, asked + 44, bytes - 44) == 0, "another echo");
		must(memcmp(ip + 24, asked + 8, 16) == 0, "not to the sender");
		return;
	}
	must(ip[40] == 136 && ip[7] == 255, "no advertisement");
	must(bytes == 64 || bytes == 72, "the length of an advertisement");
	must(memcmp(ip + 48, asked + 48, 16) == 0, "another target");
	must(bytes == 64 || memcmp(ip + 66, alone.mac, 6) == 0, "not our MAC address");
}

static void check_reply(const uint8_t *reply, size_t length, const uint8_t *request, size_t size)
{
	size_t net = skip_tags(reply, request), grown = length > size ? length - size : 0;
	unsigned type = wire_get16(reply + net - 2);

	must(!(request[6] & 1), "to a group that asked");
	must(memcmp(reply + 6, alone.mac, 6) == 0, "not from our MAC address");
	must(grown == 0 ||
			(type == IPV6 && reply[net + 40] == 136 && grown <= NEIGHBOR_GROWTH_BYTES),
		"longer than the request");
	if (type == ARP)
		check_arp(reply + net, request + net, length - net);
	else if (type == IPV4)
		check_ipv4(reply + net, request + net, length - net);
	else
		check_ipv6(reply + net, request + net, length - net);
}

/* The first octet chooses how much room is behind the frame. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t behind[ROOM];
	enum outcome outcome;
	uint32_t length, room;
	uint8_t *frame;

	if (size < 1 || size > FRAME_BYTES)
		return 0;
	length = (uint32_t)--size;
	room = length + *data++ % 16;
	memset(behind, BEHIND, sizeof(behind));
	frame = malloc(room + 1); /* one that is no one's, so that none is not asked for */
	must(frame, "no memory");
	memset(frame, BEHIND, room + 1);
	memcpy(frame, data, size);
	outcome = neighbor_answer(frame, &length, room, fuzz_fixture.addresses, &alone);
	must(outcome < OUTCOMES, "no outcome");
	if (outcome == OUTCOME_NEIGHBOR || outcome == OUTCOME_ECHO) {
		must(length <= room, "longer than the buffer");
		check_reply(frame, length, data, size);
	} else {
		must(outcome < OUTCOME_REPLIED_FIRST, "a reply of another kind");
		must(length == size && memcmp(frame, data, size) == 0, "not as it came");
	}
	if (length < size)
		length = (uint32_t)size;
	must(memcmp(frame + length, behind, room + 1 - length) == 0, "written past the reply");
	free(frame);
	return 0;
}
