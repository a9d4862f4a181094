/* SPDX-License-Identifier: BSD-3-Clause */
/* Every BPF test runs in a network namespace of its own, which goes away with the process. */
#include "tests/bpf/support.h"

#include "bpf/steer_map.h"

#include <bpf/bpf.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

bool support_enter_namespace(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 4, 1, NULL);

	if (fd < 0)
		return false;
	close(fd);
	return !unshare(CLONE_NEWNET);
}

struct loaded support_load(const char *path)
{
	struct loaded loaded = {.object = bpf_object__open_file(path, NULL)};

	assert_non_null(loaded.object);
	assert_int_equal(bpf_object__load(loaded.object), 0);
	const struct bpf_program *program =
		bpf_object__find_program_by_name(loaded.object, STEER_PROGRAM_NAME);
	assert_non_null(program);
	loaded.program_fd = bpf_program__fd(program);
	return loaded;
}

int support_map(const struct loaded *loaded, const char *name)
{
	int fd = bpf_object__find_map_fd_by_name(loaded->object, name);

	assert_true(fd >= 0);
	return fd;
}
