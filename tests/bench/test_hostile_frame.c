/* SPDX-License-Identifier: BSD-3-Clause */
/* The hostile frames of bench/paths: whole kinds of them, and as many sources as are claimed. */
#include "bench/paths/hostile_frame.h"
#include "bench/query_frame.h"
#include "dataplane/dns/wire.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

enum { IP = 14, UDP_4 = 34, UDP_6 = 54, EACH = 2000 };

static bool checksums_are_right(const uint8_t *frame)
{
	const uint8_t *ip = frame + IP;
	bool ipv6 = ip[0] >> 4 == 6;
	size_t addresses = ipv6 ? 32 : 8, bytes = wire_get16(frame + (ipv6 ? UDP_6 : UDP_4) + 4);
	uint8_t protocol = ipv6 ? ip[6] : ip[9];

	if (!ipv6 && query_checksum(ip, 20, 0) != 0)
		return false;
	if (protocol == 6)
		bytes = 20;
	uint16_t sum = (uint16_t)~query_checksum(
		ip + (ipv6 ? 8 : 12), addresses, (uint32_t)(protocol + bytes));
	return query_checksum(frame + (ipv6 ? UDP_6 : UDP_4), bytes, sum) == 0;
}

static bool is_a_source_of_ours(const uint8_t *ip)
{
	static const uint8_t network_6[4] = {0x20, 0x01, 0x0d, 0xb8};

	if (ip[0] >> 4 == 6)
		return memcmp(ip + 8, network_6, 4) == 0;
	return ip[12] == 198 && (ip[13] & 0xfe) == 18;
}

static void checksums_survive_spoofing(void **state)
{
	static const enum hostile_kind right[] = {HOSTILE_ADDRESS, HOSTILE_NAME, HOSTILE_MUTATED,
		HOSTILE_NOISE, HOSTILE_SYN, HOSTILE_DATAGRAM};
	uint64_t seed = 1;

	(void)state;
	for (size_t kind = 0; kind < sizeof(right) / sizeof(right[0]); kind++)
		for (uint32_t i = 0; i < EACH; i++) {
			uint8_t frame[HOSTILE_FRAME_MAX];

			assert_in_range(hostile_frame(right[kind], i % 2, &seed, frame), IP + 28,
				HOSTILE_FRAME_MAX);
			hostile_spoof(frame, i * 65537);
			hostile_spoof(frame, i);
			assert_true(checksums_are_right(frame));
			assert_true(is_a_source_of_ours(frame + IP));
		}
}

static void spoiled_packets_stay_spoiled(void **state)
{
	uint64_t seed = 2;
	unsigned wrong = 0;

	(void)state;
	for (uint32_t i = 0; i < EACH; i++) {
		uint8_t frame[HOSTILE_FRAME_MAX];
		size_t bytes = hostile_frame(HOSTILE_PACKET, i % 2, &seed, frame);
		const uint8_t *udp = frame + (i % 2 ? UDP_6 : UDP_4);
		bool fits = wire_get16(udp + 4) == bytes - (size_t)(udp - frame);

		hostile_spoof(frame, i);
		wrong += !fits || wire_get16(udp) == 0 || !checksums_are_right(frame);
	}
	assert_int_equal(wrong, EACH);
}

static void every_network_is_a_source_once(void **state)
{
	uint8_t *seen = calloc(HOSTILE_SOURCES_6 / 8, 1), frame[HOSTILE_FRAME_MAX];
	uint64_t seed = 3;

	(void)state;
	assert_non_null(seen);
	hostile_frame(HOSTILE_ADDRESS, true, &seed, frame);
	for (uint32_t n = 0; n < HOSTILE_SOURCES_6; n++) {
		const uint8_t *network = frame + IP + 8 + 4;

		hostile_spoof(frame, n);
		uint32_t which = (uint32_t)(network[0] << 16 | network[1] << 8 | network[2]);
		assert_int_equal(seen[which / 8] >> which % 8 & 1, 0);
		seen[which / 8] |= (uint8_t)(1 << which % 8);
	}
	free(seen);
}

static void fragments_are_of_no_use_to_a_worker(void **state)
{
	uint64_t seed = 4;
	uint8_t frame[HOSTILE_FRAME_MAX];

	(void)state;
	for (uint32_t i = 0; i < EACH; i++) {
		hostile_frame(HOSTILE_FRAGMENT, true, &seed, frame);
		hostile_spoof(frame, i);
		assert_int_not_equal(wire_get16(frame + IP + 6) & 0x1fff, 0);
		assert_int_equal(query_checksum(frame + IP, 20, 0), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksums_survive_spoofing),
		cmocka_unit_test(spoiled_packets_stay_spoiled),
		cmocka_unit_test(every_network_is_a_source_once),
		cmocka_unit_test(fragments_are_of_no_use_to_a_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
