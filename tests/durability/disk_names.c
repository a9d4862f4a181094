/* SPDX-License-Identifier: BSD-3-Clause */
/* The shim's calls that make, rename and remove names, and those that it could not note. */
#include "tests/durability/disk_core.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of a path that an `at` call was given: `buffer` has PATH_MAX octets. */
static const char *resolve(int directory, const char *path, char *buffer)
{
	char link[64];
	ssize_t length;

	if (path[0] == '/' || directory == AT_FDCWD)
		return path;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", directory);
	length = readlink(link, buffer, PATH_MAX / 2);
	if (length < 0)
		return path;
	snprintf(buffer + length, PATH_MAX / 2, "/%s", path);
	return buffer;
}

/* ---- Names ---- */

static void note_open(int fd, const char *name, bool existed, int flags)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return;
	pthread_mutex_lock(&disk_lock);
	disk_learn(status.st_ino);
	if (!existed)
		disk_note(DISK_CREATE, status.st_ino, 0, name, strlen(name));
	else if (flags & O_TRUNC)
		disk_note(DISK_RESIZE, status.st_ino, 0, NULL, 0);
	pthread_mutex_unlock(&disk_lock);
}

static int open_file(int directory, const char *path, int flags, mode_t mode)
{
	char buffer[PATH_MAX];
	const char *full = resolve(directory, path, buffer), *name = disk_below(full);
	bool existed;
	int fd;

	if (name == NULL || (flags & O_TMPFILE) == O_TMPFILE)
		return (int)syscall(SYS_openat, directory, path, flags, mode);
	existed = syscall(SYS_faccessat, AT_FDCWD, full, F_OK) == 0;
	if (!existed && flags & O_CREAT && disk_write_fails())
		return -1;
	fd = (int)syscall(SYS_openat, directory, path, flags, mode);
	if (fd >= 0)
		note_open(fd, name, existed, flags);
	return fd;
}

#define MODE_OF(flags, mode) \
	do { \
		va_list rest; \
		va_start(rest, flags); \
		mode = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
		va_end(rest); \
	} while (0)

int open(const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(flags, mode);
	return open_file(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(flags, mode);
	return open_file(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(flags, mode);
	return open_file(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(flags, mode);
	return open_file(directory, path, flags, mode);
}

/* An operation on a name: done by `call`, then noted. */
#define NAMED(name, kind, text, bytes, call) \
	do { \
		bool last; \
		int done; \
		if ((name) == NULL) \
			return (int)(call); \
		pthread_mutex_lock(&disk_lock); \
		last = disk_is_last(); \
		done = disk_write_fails() ? -1 : (int)(call); \
		if (done == 0) \
			disk_note(kind, 0, 0, text, bytes); \
		if (last) \
			disk_die(); \
		pthread_mutex_unlock(&disk_lock); \
		return done; \
	} while (0)

int unlinkat(int directory, const char *path, int flags)
{
	char buffer[PATH_MAX];
	const char *name = disk_below(resolve(directory, path, buffer));

	NAMED(name, DISK_UNLINK, name, strlen(name), syscall(SYS_unlinkat, directory, path, flags));
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int mkdirat(int directory, const char *path, mode_t mode)
{
	char buffer[PATH_MAX];
	const char *name = disk_below(resolve(directory, path, buffer));

	NAMED(name, DISK_MAKE, name, strlen(name), syscall(SYS_mkdirat, directory, path, mode));
}

int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

int renameat(int from, const char *old, int to, const char *new)
{
	char buffers[2][PATH_MAX], both[2 * PATH_MAX];
	const char *a = disk_below(resolve(from, old, buffers[0]));
	const char *b = disk_below(resolve(to, new, buffers[1]));
	int bytes = snprintf(both, sizeof(both), "%s%c%s", a ? a : "", 0, b ? b : "");

	if ((a == NULL) != (b == NULL))
		disk_give_up("a file is renamed into or out of the directory");
	NAMED(a, DISK_RENAME, both, (size_t)bytes, syscall(SYS_renameat, from, old, to, new));
}

int rename(const char *old, const char *new)
{
	return renameat(AT_FDCWD, old, AT_FDCWD, new);
}

/* ---- What leaves no trace ---- */

void *mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	if (fd >= 0 && protection & PROT_WRITE && flags & MAP_SHARED && disk_watching()) {
		ino_t inode = disk_watched(fd);

		if (inode != 0) {
			pthread_mutex_lock(&disk_lock);
			disk_note(DISK_MAPPED, inode, 0, NULL, 0);
			pthread_mutex_unlock(&disk_lock);
		}
	}
	return (void *)syscall(SYS_mmap, address, bytes, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t bytes, int protection, int flags, int fd, off64_t offset)
{
	return mmap(address, bytes, protection, flags, fd, offset);
}

ssize_t copy_file_range(
	int from, off64_t *from_at, int to, off64_t *to_at, size_t bytes, unsigned flags)
{
	if (disk_watched(to) != 0)
		disk_give_up("copy_file_range");
	return syscall(SYS_copy_file_range, from, from_at, to, to_at, bytes, flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t bytes)
{
	if (disk_watched(to) != 0)
		disk_give_up("sendfile");
	return syscall(SYS_sendfile, to, from, offset, bytes);
}

int link(const char *old, const char *new)
{
	if (disk_below(new) != NULL)
		disk_give_up("link");
	return (int)syscall(SYS_link, old, new);
}
