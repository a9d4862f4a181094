/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The XDP program against a second writing of its rule, on frames that are nearly ours: each field
 * that the rule looks at is as it should be, mostly, and the rest is noise.
 */
#include "tests/bpf/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FRAMES = 50000 };

static uint64_t seed = 0x9e3779b97f4a7c15;

/* xorshift64: the same frames every time. */
static uint32_t draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % below;
}

/* One octet in a place that decides something, or anywhere. */
static void disturb(struct frames_frame *frame)
{
	static const uint8_t protocols[] = {0, 1, 6, 17, 43, 44, 50, 51, 58, 59, 60, 135, 253};
	static const uint16_t types[] = {0x0800, 0x86dd, 0x8100, 0x88a8, 0x0806};
	uint8_t *ip = frame->bytes + frame->ip;

	switch (draw(8)) {
	case 0:
		frame->bytes[draw(6)] ^= (uint8_t)(1 << draw(8));
		break;
	case 1:
		frames_put16(frame->bytes + 12 + 4 * draw(4), types[draw(5)]);
		break;
	case 2:
		ip[0] = (uint8_t)((4 + draw(3)) << 4 | draw(16));
		break;
	case 3:
		ip[draw(2) ? 6 : 9] = protocols[draw(sizeof(protocols))];
		break;
	case 4:
		frames_put16(ip + 6, draw(0x10000));
		break;
	case 5:
		frame->bytes[frame->udp - 1 - draw(16)] ^= (uint8_t)(1 << draw(8));
		break;
	case 6:
		frame->length = FRAMES_ETHERNET_BYTES + draw((uint32_t)frame->length - 13);
		break;
	default:
		frame->bytes[draw(sizeof(frame->bytes))] = (uint8_t)draw(256);
	}
}

static void as_the_reference_says(void **state)
{
	unsigned seen[STEER_VERDICTS] = {0};
	int fd = judge_add_socket(0);

	(void)state;
	for (unsigned i = 0; i < FRAMES; i++) {
		struct frames_frame frame = frames_make(
			draw(2) ? 4 : 6, &frames_tags[draw((uint32_t)frames_tags_count)]);
		enum steer_verdict verdict;

		for (uint32_t edits = draw(4); edits; edits--)
			disturb(&frame);
		verdict = judge_frame(frame.bytes, frame.length);
		seen[verdict]++;
		if (verdict == frames_judge(frame.bytes, frame.length, true))
			continue;
		for (size_t at = 0; at < frame.length; at++)
			fprintf(stderr, "%02x", frame.bytes[at]);
		fail_msg("frame %u: verdict %u", i, verdict);
	}
	/* Every verdict that a frame can make was met. */
	for (unsigned verdict = 0; verdict < STEER_VERDICTS; verdict++)
		if (verdict != STEER_PASS_DISABLED && verdict != STEER_PASS_DRAINING &&
			verdict != STEER_PASS_NO_SOCKET)
			assert_int_not_equal(seen[verdict], 0);
	judge_remove_socket(0, fd);
}

static void noise(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FRAMES / 4; i++) {
		uint8_t frame[200];
		size_t length = FRAMES_ETHERNET_BYTES + draw(sizeof(frame) - 14);

		for (size_t at = 0; at < length; at++)
			frame[at] = (uint8_t)draw(256);
		if (i % 2)
			memcpy(frame, frames_mac, sizeof(frames_mac));
		assert_int_equal(judge_frame(frame, length), frames_judge(frame, length, false));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_reference_says),
		cmocka_unit_test(noise),
	};

	if (argc != 2)
		return EXIT_FAILURE;
	judge_object_path = argv[1];
	if (!support_enter_namespace())
		return TEST_SKIPPED;
	return cmocka_run_group_tests(tests, judge_load, judge_unload);
}
