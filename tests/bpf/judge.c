/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bpf/judge.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

const char *judge_object_path;
struct loaded judge_program;

static void read_counts(uint64_t counts[static STEER_VERDICTS])
{
	static uint64_t per_cpu[1024];
	int cpus = libbpf_num_possible_cpus();
	int map = support_map(&judge_program, STEER_VERDICTS_NAME);

	assert_in_range(cpus, 1, 1024);
	for (uint32_t verdict = 0; verdict < STEER_VERDICTS; verdict++) {
		assert_int_equal(bpf_map_lookup_elem(map, &verdict, per_cpu), 0);
		counts[verdict] = 0;
		for (int cpu = 0; cpu < cpus; cpu++)
			counts[verdict] += per_cpu[cpu];
	}
}

enum steer_verdict judge_frame(const uint8_t *frame, size_t length)
{
	uint8_t after[512];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = (uint32_t)length,
		.data_out = after, .data_size_out = sizeof(after));
	uint64_t before[STEER_VERDICTS], now[STEER_VERDICTS];
	enum steer_verdict found = STEER_VERDICTS;

	read_counts(before);
	assert_int_equal(bpf_prog_test_run_opts(judge_program.program_fd, &run), 0);
	read_counts(now);
	for (unsigned i = 0; i < STEER_VERDICTS; i++) {
		if (now[i] == before[i])
			continue;
		assert_int_equal(now[i], before[i] + 1);
		assert_int_equal(found, STEER_VERDICTS);
		found = i;
	}
	assert_int_not_equal(found, STEER_VERDICTS);
	assert_int_equal(run.retval,
		found == STEER_REDIRECTED || found == STEER_REDIRECTED_TAGGED ? XDP_REDIRECT
									      : XDP_PASS);
	assert_int_equal(run.data_size_out, length);
	assert_memory_equal(after, frame, length);
	return found;
}

void judge_set_state(enum steer_state state)
{
	struct steer_settings settings = {.state = state, .port_be = htons(FRAMES_PORT)};
	const uint32_t first = 0;

	memcpy(&settings.mac_first, frames_mac, 2);
	memcpy(&settings.mac_rest, frames_mac + 2, 4);
	assert_int_equal(bpf_map_update_elem(support_map(&judge_program, STEER_SETTINGS_NAME),
				 &first, &settings, BPF_ANY),
		0);
}

static void add_address(uint8_t family, const uint8_t *bytes, size_t count)
{
	struct steer_address address = {.family = family};
	const uint8_t present = 1;

	memcpy(address.bytes, bytes, count);
	assert_int_equal(bpf_map_update_elem(support_map(&judge_program, STEER_ADDRESSES_NAME),
				 &address, &present, BPF_ANY),
		0);
}

int judge_load(void **state)
{
	(void)state;
	judge_program = support_load(judge_object_path);
	judge_set_state(STEER_ON);
	add_address(4, frames_ipv4, sizeof(frames_ipv4));
	add_address(6, frames_ipv6, sizeof(frames_ipv6));
	return 0;
}

int judge_unload(void **state)
{
	(void)state;
	bpf_object__close(judge_program.object);
	return 0;
}

int judge_add_socket(uint32_t queue)
{
	int fd = socket(AF_XDP, SOCK_RAW, 0);

	assert_true(fd >= 0);
	assert_int_equal(bpf_map_update_elem(support_map(&judge_program, STEER_XSKS_NAME), &queue,
				 &fd, BPF_ANY),
		0);
	return fd;
}

void judge_remove_socket(uint32_t queue, int fd)
{
	assert_int_equal(
		bpf_map_delete_elem(support_map(&judge_program, STEER_XSKS_NAME), &queue), 0);
	close(fd);
}
