/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the XDP program takes for a frame, in the kernel (BPF_PROG_TEST_RUN, repeated): each object
 * that is named by turns, the median of fifteen rounds, in CPU time. The kernel's own loop is part
 * of each figure; compare objects, and frames of one object, in one run.
 */
#include "tests/bpf/frames.h"
#include "tests/bpf/judge.h"

#include <bpf/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { ROUNDS = 15, REPEAT = 300000, CASES = 8, OBJECTS_MAX = 4 };

struct bench_case {
	const char *name;
	struct frames_frame frame;
};

static int object_count;
static char **objects;
static double ns[OBJECTS_MAX][CASES][ROUNDS];

static void make_cases(struct bench_case cases[static CASES])
{
	cases[0] = (struct bench_case){"IPv4 to us", frames_make(4, &frames_tags[0])};
	cases[1] = (struct bench_case){"IPv6 to us", frames_make(6, &frames_tags[0])};
	cases[2] = (struct bench_case){"IPv4 to us, one tag", frames_make(4, &frames_tags[1])};
	cases[3] = (struct bench_case){"IPv4 to us, two tags", frames_make(4, &frames_tags[2])};
	cases[4] = (struct bench_case){"IPv4, another address", frames_make(4, &frames_tags[0])};
	cases[4].frame.bytes[cases[4].frame.udp - 1] ^= 3;
	cases[5] = (struct bench_case){"IPv4, another port", frames_make(4, &frames_tags[0])};
	frames_put16(cases[5].frame.bytes + cases[5].frame.udp + 2, 443);
	cases[6] = (struct bench_case){"TCP over IPv4", frames_make(4, &frames_tags[0])};
	cases[6].frame.bytes[cases[6].frame.ip + 9] = 6;
	cases[7] = (struct bench_case){"ARP", frames_make(4, &frames_tags[0])};
	frames_put16(cases[7].frame.bytes + 12, 0x0806);
}

static double measure(const struct frames_frame *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes,
		.data_size_in = (uint32_t)frame->length, .repeat = REPEAT);
	struct timespec before, after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	assert_int_equal(bpf_prog_test_run_opts(judge_program.program_fd, &run), 0);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return ((double)(after.tv_sec - before.tv_sec) * 1e9 +
		       (double)(after.tv_nsec - before.tv_nsec)) /
		REPEAT;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void bench(void **state)
{
	struct bench_case cases[CASES];

	(void)state;
	make_cases(cases);
	for (int round = 0; round < ROUNDS; round++)
		for (int object = 0; object < object_count; object++) {
			judge_object_path = objects[object];
			judge_load(NULL);
			int fd = judge_add_socket(0);
			for (int i = 0; i < CASES; i++)
				ns[object][i][round] = measure(&cases[i].frame);
			judge_remove_socket(0, fd);
			judge_unload(NULL);
		}
	for (int object = 0; object < object_count; object++) {
		printf("%s\n", objects[object]);
		for (int i = 0; i < CASES; i++) {
			qsort(ns[object][i], ROUNDS, sizeof(double), compare);
			printf("  %-24s %6.1f ns (%.1f to %.1f)\n", cases[i].name,
				ns[object][i][ROUNDS / 2], ns[object][i][0],
				ns[object][i][ROUNDS - 1]);
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bench)};

	if (argc < 2 || argc > OBJECTS_MAX + 1) {
		fprintf(stderr, "usage: %s OBJECT...   (steer.bpf.o, at most %d)\n", argv[0],
			OBJECTS_MAX);
		return EXIT_FAILURE;
	}
	objects = argv + 1;
	object_count = argc - 1;
	if (!support_enter_namespace())
		return TEST_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
