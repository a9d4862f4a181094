/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shim between arpad and its disk, loaded with LD_PRELOAD: what it takes from the environment,
 * the page that it shares with a test, and the trace that it leaves. `disk.py` reads and writes the
 * same layouts; all numbers are little-endian.
 *
 *   DISK_DIRECTORY  files below it are watched: an absolute path without links
 *   DISK_CONTROL    a file of at least sizeof(struct disk_control), mapped and shared
 *   DISK_TRACE      a file that the trace is appended to
 */
#ifndef TESTS_DURABILITY_DISK_H
#define TESTS_DURABILITY_DISK_H

#include <stdint.h>

enum disk_sync {
	DISK_SYNC_HONEST,
	DISK_SYNC_LIE,	/* a sync returns at once and nothing is ever safe */
	DISK_SYNC_LATE, /* a sync returns at once and is done late_ms later */
};

enum disk_moment { DISK_BEFORE, DISK_HALF, DISK_AFTER }; /* half: of a write, else before */

/* What a test may change at any time; 0 everywhere is a disk without faults. */
struct disk_control {
	uint32_t sync; /* enum disk_sync */
	uint32_t late_ms;
	uint32_t write_error; /* errno of every write, truncation and allocation; 0: none */
	uint32_t sync_error;  /* errno of every sync; 0: none */
	uint64_t operations;  /* how many were begun, counted by the shim */
	uint64_t kill_at;     /* SIGKILL in this operation, from 1, or a later one; 0: never */
	uint32_t moment;      /* enum disk_moment: when in that operation */
	uint32_t unused;
};

/* An entry of the trace: this head, then `bytes` octets: data, or a path below DISK_DIRECTORY. */
enum disk_kind {
	DISK_CREATE = 1, /* path: this inode is new and has this name */
	DISK_RENAME,	 /* old path, NUL, new path */
	DISK_UNLINK,	 /* path */
	DISK_MAKE,	 /* path of a directory */
	DISK_WRITE,	 /* data at `offset` */
	DISK_WRITE_SAFE, /* the same by O_DSYNC: safe before the write returned */
	DISK_RESIZE,	 /* to `offset` octets */
	DISK_SYNC_BEGIN, /* of this inode; what is above in the trace is meant */
	DISK_SYNC_END,	 /* `offset`: which begin, counted from 1 */
	DISK_SYNC_FAIL,	 /* the same, and what was meant may never be safe */
	DISK_MAPPED,	 /* mapped for writing, which leaves no trace */
};

struct disk_entry {
	uint32_t kind, bytes;
	uint64_t inode, offset;
};

#endif
