/* SPDX-License-Identifier: BSD-3-Clause */
/* What both BPF suites need: the object loaded, a verdict read, a way to skip without rights. */
#ifndef ARPAD_TESTS_BPF_SUPPORT_H
#define ARPAD_TESTS_BPF_SUPPORT_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

enum { TEST_SKIPPED = 77 }; /* the exit status by which meson counts a test as skipped */

struct loaded {
	struct bpf_object *object;
	int program_fd;
};

/* Whether this process may load BPF programs and make network namespaces; if so, it is in one. */
bool support_enter_namespace(void);

/* Loads the program from `path` as the driver does; fails the test when it cannot. */
struct loaded support_load(const char *path);

/* A map of the program by name, borrowed; fails the test when there is none. */
int support_map(const struct loaded *loaded, const char *name);

#endif
