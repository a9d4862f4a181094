/* SPDX-License-Identifier: BSD-3-Clause */
/* Landlock: which files and networks the calling thread may still reach. */
#ifndef ARPAD_CONTROL_SANDBOX_LANDLOCK_H
#define ARPAD_CONTROL_SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

enum sandbox_access {
	SANDBOX_READ,	/* files below are read */
	SANDBOX_WRITE,	/* files below are read, written, made, renamed and removed */
	SANDBOX_REMOVE, /* files below are removed */
};

struct sandbox_path {
	const char *path; /* a directory, or a file for SANDBOX_READ */
	enum sandbox_access access;
};

/* The version of Landlock that the running kernel speaks, or -errno: ENOSYS, EOPNOTSUPP. */
int sandbox_landlock_abi(void);

/*
 * From here on the calling thread opens nothing but what `paths` allow, connects to no TCP port
 * (and with `bind` binds none), and reaches no process outside. What is open stays open. A kernel
 * of an older version holds less. 0 or -errno; -ENOENT: a path does not exist.
 */
int sandbox_landlock(const struct sandbox_path *paths, size_t count, bool bind);

#endif
