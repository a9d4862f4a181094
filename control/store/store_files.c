/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The directory and its lock. The lock is flock's, so the kernel drops it with the process, and a
 * process id left in the file is information only.
 */
#include "control/store/store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORY_MODE = 0750, FILE_MODE = 0600 };

static int refuse(const char *directory, const char *action, struct failure *failure)
{
	return failure_set(failure, errno == ENOSPC ? FAILURE_STORE_FULL : FAILURE_STORE_ERROR,
		"can't %s the store directory %s: %s", action, directory, strerror(errno));
}

static int make_directory(const char *directory, struct failure *failure)
{
	struct stat status;

	if (mkdir(directory, DIRECTORY_MODE) == 0)
		return 0;
	if (errno == ENOENT)
		return failure_set(failure, FAILURE_STORE_ERROR,
			"the store directory %s can't be made: the directory above it does not "
			"exist; "
			"make that first",
			directory);
	if (errno != EEXIST)
		return refuse(directory, "make", failure);
	if (stat(directory, &status) != 0)
		return refuse(directory, "use", failure);
	if (!S_ISDIR(status.st_mode))
		return failure_set(failure, FAILURE_STORE_ERROR,
			"%s is no directory; name a directory for the store", directory);
	return 0;
}

/* Who holds the lock, as far as the file tells. */
static int refuse_second(const char *directory, int lock, struct failure *failure)
{
	char digits[16] = "";
	ssize_t bytes = pread(lock, digits, sizeof(digits) - 1, 0);
	long holder;

	digits[bytes > 0 ? bytes : 0] = '\0';
	holder = strtol(digits, NULL, 10);
	if (holder > 0)
		return failure_set(failure, FAILURE_BUSY,
			"the store %s is in use by process %ld; stop that one, or give this one a "
			"directory of its own",
			directory, holder);
	return failure_set(failure, FAILURE_BUSY,
		"the store %s is in use by another process; stop that one, or give this one a "
		"directory of its own",
		directory);
}

static void write_holder(int lock)
{
	char digits[16];
	int bytes = snprintf(digits, sizeof(digits), "%ld\n", (long)getpid());

	/* Only a help for people: a full disk must not stop a start that needs no room. */
	if (ftruncate(lock, 0) != 0 || pwrite(lock, digits, bytes, 0) != bytes)
		errno = 0;
}

int store_files_lock(const char *directory, struct failure *failure)
{
	char path[PATH_MAX];
	int lock;

	if (snprintf(path, sizeof(path), "%s/arpad.lock", directory) >= (int)sizeof(path))
		return failure_set(failure, FAILURE_INVALID,
			"the name of the store directory is too long: %.100s...", directory);
	if (make_directory(directory, failure) != 0)
		return -1;
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (lock < 0)
		return refuse(directory, "write to", failure);
	if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			refuse_second(directory, lock, failure);
		else
			refuse(directory, "lock", failure);
		close(lock);
		return -1;
	}
	write_holder(lock);
	return lock;
}

static bool sync_directory(const char *path)
{
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = directory >= 0 && fsync(directory) == 0;
	int error = errno;

	if (directory >= 0)
		close(directory);
	errno = error;
	return synced;
}

int store_files_sync(const char *directory, struct failure *failure)
{
	char copy[PATH_MAX];

	if (!sync_directory(directory))
		return refuse(directory, "sync", failure);
	/* The parent may be one we can't open; then it is not one in which we made a directory. */
	snprintf(copy, sizeof(copy), "%s", directory);
	if (!sync_directory(dirname(copy)) && errno != EACCES)
		return refuse(directory, "sync the parent of", failure);
	return 0;
}
