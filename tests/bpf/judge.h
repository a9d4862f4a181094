/* SPDX-License-Identifier: BSD-3-Clause */
/* The XDP program in the kernel, asked about one frame (BPF_PROG_TEST_RUN). */
#ifndef ARPAD_TESTS_BPF_JUDGE_H
#define ARPAD_TESTS_BPF_JUDGE_H

#include "tests/bpf/frames.h"
#include "tests/bpf/support.h"

/* The loaded program, on for frames_mac, frames_ipv4, frames_ipv6 and FRAMES_PORT. */
extern struct loaded judge_program;

/* Set-up and tear-down of a group of tests; the object's path is set before. */
extern const char *judge_object_path;
int judge_load(void **state);
int judge_unload(void **state);

void judge_set_state(enum steer_state state);

/*
 * Runs the program on the frame, as received on queue 0, and returns its verdict, having checked
 * that it counted this one alone, acts as it says, and left the frame as it was.
 */
enum steer_verdict judge_frame(const uint8_t *frame, size_t length);

/* Puts an AF_XDP socket behind queue 0, or `queue`, and takes it away. */
int judge_add_socket(uint32_t queue);
void judge_remove_socket(uint32_t queue, int fd);

#endif
