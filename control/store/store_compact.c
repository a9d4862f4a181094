/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the copy's first page and the change of names nothing else writes to LMDB: the thread
 * that would is busy with the copy, and a bulk batch waits. So the copy lacks nothing.
 */
#include "control/store/store_compact.h"

#include "control/store/store_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char copy_name[] = "compact.mdb", name[] = "data.mdb", lock_name[] = "lock.mdb";

static int write_copy(struct store_compact *compact)
{
	int fd = openat(compact->directory, copy_name,
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat about;
	int error;

	if (fd < 0)
		return errno;
	error = mdb_env_copyfd2(compact->environment, fd, MDB_CP_COMPACT);
	if (error == 0 && (fsync(fd) != 0 || fstat(fd, &about) != 0))
		error = errno;
	if (error == 0)
		compact->after = (uint64_t)about.st_size;
	close(fd);
	return error;
}

/* In the store's thread. */
static void copy(void *context)
{
	struct store_compact *compact = context;

	compact->error = write_copy(compact);
}

static int close_directory(struct store_compact *compact)
{
	close(compact->directory);
	compact->running = false;
	return -1;
}

int store_compact_begin(struct store *store, struct failure *failure)
{
	struct store_compact *compact = &store->compact;
	struct statvfs disk;
	struct stat about;

	if (compact->running || store->snapshots > 0)
		return failure_set(failure, FAILURE_BUSY,
			"the store %s is being compacted, checked or backed up; try again when "
			"that is over",
			store->directory);
	*compact = (struct store_compact){.running = true};
	compact->directory = open(store->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (compact->directory < 0) {
		compact->running = false;
		return store_refuse(store, errno, "compact it", failure);
	}
	if (fstatat(compact->directory, name, &about, 0) != 0 ||
		fstatvfs(compact->directory, &disk) != 0) {
		store_refuse(store, errno, "compact it", failure);
		return close_directory(compact);
	}
	compact->before = (uint64_t)about.st_size;
	if (disk.f_bavail * (uint64_t)disk.f_frsize < (uint64_t)about.st_blocks * 512) {
		failure_set(failure, FAILURE_STORE_FULL,
			"compacting the store %s needs room for a copy of it, %llu MiB; make room "
			"on its disk",
			store->directory, (unsigned long long)about.st_blocks / 2048);
		return close_directory(compact);
	}
	store_flush_settle(store, false);
	return 0;
}

bool store_compact_start(struct store *store)
{
	struct store_compact *compact = &store->compact;

	if (!compact->running || compact->started)
		return false;
	compact->started = true;
	compact->environment = store->environment;
	store_thread_give(store->thread, copy, compact);
	return true;
}

/* The old file until the new name is durable, the new one from then on: each is whole. */
static int change_names(struct store *store)
{
	struct store_compact *compact = &store->compact;
	int error = 0;

	store_reader_drop(store);
	mdb_env_close(store->environment);
	store->environment = NULL;
	if (renameat(compact->directory, copy_name, compact->directory, name) != 0 ||
		fsync(compact->directory) != 0)
		error = errno;
	/* It counts the old file's transactions; a tool that reads that one has it open. */
	if (error == 0)
		unlinkat(compact->directory, lock_name, 0);
	store->suspect = store_environment_reopen(store) != 0;
	return error;
}

void store_compact_end(struct store *store)
{
	struct store_compact *compact = &store->compact;

	if (!compact->running || !compact->started)
		return;
	if (compact->error == 0)
		compact->error = change_names(store);
	if (compact->error != 0)
		unlinkat(compact->directory, copy_name, 0);
	close_directory(compact);
}

int store_compact_result(
	struct store *store, uint64_t *before, uint64_t *after, struct failure *failure)
{
	const struct store_compact *compact = &store->compact;

	store_flush_settle(store, false);
	if (compact->running)
		return 1;
	*before = compact->before;
	*after = compact->after;
	return compact->error == 0 ? 0 : store_refuse(store, compact->error, "compact it", failure);
}

void store_compact_clean(const struct store *store)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", store->directory, copy_name);
	unlink(path);
}
