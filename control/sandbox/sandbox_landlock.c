/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Raw system calls, since the C library has no wrappers; the interface is the kernel's
 * userspace-api/landlock. Numbers that headers of Linux 6.1 lack are given here.
 */
#include "control/sandbox/sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	ABI_TRUNCATE = 3,
	ABI_NETWORK = 4,
	ABI_IOCTL = 5,
	ABI_SCOPE = 6,
};

/* By ABI: all rights over files of version 1, then what came later. */
static const uint64_t files_v1 = (1ULL << 13) - 1, right_refer = 1ULL << 13,
		      right_truncate = 1ULL << 14, right_ioctl = 1ULL << 15;
static const uint64_t net_bind_tcp = 1, net_connect_tcp = 2;
static const uint64_t scope_abstract_sockets = 1, scope_signals = 2;

/* As version 6 has it; earlier ones take a prefix. */
struct ruleset {
	uint64_t files, network, scoped;
};

int sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? -errno : (int)abi;
}

static int ruleset_open(int abi, bool bind)
{
	struct ruleset ruleset = {.files = files_v1};
	size_t bytes = sizeof(ruleset.files);
	long fd;

	if (abi >= 2)
		ruleset.files |= right_refer;
	if (abi >= ABI_TRUNCATE)
		ruleset.files |= right_truncate;
	if (abi >= ABI_NETWORK) {
		ruleset.network = net_connect_tcp | (bind ? net_bind_tcp : 0);
		bytes = 2 * sizeof(uint64_t);
	}
	if (abi >= ABI_IOCTL)
		ruleset.files |= right_ioctl;
	if (abi >= ABI_SCOPE) {
		ruleset.scoped = scope_abstract_sockets | scope_signals;
		bytes = sizeof(ruleset);
	}
	fd = syscall(SYS_landlock_create_ruleset, &ruleset, bytes, 0);
	return fd < 0 ? -errno : (int)fd;
}

static uint64_t rights(enum sandbox_access access, int abi, bool directory)
{
	switch (access) {
	case SANDBOX_READ:
		return LANDLOCK_ACCESS_FS_READ_FILE;
	case SANDBOX_REMOVE:
		return LANDLOCK_ACCESS_FS_REMOVE_FILE;
	default:
		return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
			(directory ? LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
						LANDLOCK_ACCESS_FS_REMOVE_FILE
				   : 0) |
			(abi >= ABI_TRUNCATE ? right_truncate : 0);
	}
}

static int add_path(int ruleset, const struct sandbox_path *path, int abi)
{
	struct landlock_path_beneath_attr rule = {
		.parent_fd = open(path->path, O_PATH | O_CLOEXEC)};
	struct stat about;
	int rc;

	if (rule.parent_fd < 0)
		return -errno;
	rc = fstat(rule.parent_fd, &about) != 0 ? -errno : 0;
	if (!rc) {
		rule.allowed_access = rights(path->access, abi, S_ISDIR(about.st_mode));
		rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)
			? -errno
			: 0;
	}
	close(rule.parent_fd);
	return rc;
}

int sandbox_landlock(const struct sandbox_path *paths, size_t count, bool bind)
{
	int abi = sandbox_landlock_abi(), rc = 0, ruleset;

	if (abi < 0)
		return abi;
	ruleset = ruleset_open(abi, bind);
	if (ruleset < 0)
		return ruleset;
	for (size_t i = 0; i < count && !rc; i++)
		rc = add_path(ruleset, &paths[i], abi);
	if (!rc && syscall(SYS_landlock_restrict_self, ruleset, 0))
		rc = -errno;
	close(ruleset);
	return rc;
}
