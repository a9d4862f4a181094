/* SPDX-License-Identifier: BSD-3-Clause */
/* What the shim's calls share. All but disk_watching and disk_below under disk_lock. */
#ifndef TESTS_DURABILITY_DISK_CORE_H
#define TESTS_DURABILITY_DISK_CORE_H

#include "tests/durability/disk.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

extern pthread_mutex_t disk_lock;

/* Whether the environment asked for anything. */
bool disk_watching(void);

/* Ends the process with a sentence: this shim can't do what is asked of it. */
_Noreturn void disk_give_up(const char *what);

/* Ends the process as kill -9 does. */
_Noreturn void disk_die(void);

/* The part of `path` below the directory that is watched, or NULL. */
const char *disk_below(const char *path);

/* Files of this inode are watched from here on. */
void disk_learn(ino_t inode);

/* The inode of a descriptor whose file is watched, or 0; needs no lock. */
ino_t disk_watched(int fd);

/* Counts an operation; true when it is the one to be killed in. Dies if that is before it. */
bool disk_is_last(void);

/* True when a write must fail now; errno is set. */
bool disk_write_fails(void);

/* Appends an entry to the trace. */
void disk_note(enum disk_kind kind, ino_t inode, uint64_t offset, const char *text, size_t bytes);

#pragma GCC visibility pop

#endif
