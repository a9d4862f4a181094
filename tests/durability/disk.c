/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shim: every call by which arpad changes a file below one directory is done, then noted in
 * the trace, so that a test can build what any power cut would have left. An entry is written
 * before the call returns, so what the caller does next stands behind it. Faults come from the
 * page that the test shares. Calls that it could not note end the process: no silent gap.
 */
#include "tests/durability/disk_core.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { INODES_MAX = 65536, LATE_MAX = 65536 };

static struct {
	struct disk_control *control;
	const char *directory;
	size_t directory_length;
	int trace;
	uint64_t syncs;
	ino_t inodes[INODES_MAX];
	unsigned inode_count;
} disk = {.trace = -1};

pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;

_Noreturn void disk_give_up(const char *what)
{
	fprintf(stderr, "disk shim: %s\n", what);
	_exit(99);
}

__attribute__((constructor)) static void begin(void)
{
	const char *control = getenv("DISK_CONTROL"), *trace = getenv("DISK_TRACE");
	void *page;
	int fd;

	disk.directory = getenv("DISK_DIRECTORY");
	if (disk.directory == NULL || control == NULL || trace == NULL)
		return;
	disk.directory_length = strlen(disk.directory);
	fd = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDWR | O_CLOEXEC);
	page = mmap(NULL, sizeof(*disk.control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	disk.trace = (int)syscall(
		SYS_openat, AT_FDCWD, trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (page == MAP_FAILED || disk.trace < 0)
		disk_give_up("can't open what the environment names");
	disk.control = page;
}

bool disk_watching(void)
{
	return disk.control != NULL;
}

/* ---- The trace ---- */

static void note_data(enum disk_kind kind, ino_t inode, uint64_t offset, const struct iovec *pieces,
	int count, size_t bytes)
{
	struct disk_entry entry = {kind, (uint32_t)bytes, inode, offset};
	struct iovec all[IOV_MAX];
	size_t left = bytes;
	int n = 1;

	all[0] = (struct iovec){&entry, sizeof(entry)};
	for (int i = 0; i < count && left > 0 && n < IOV_MAX; i++) {
		all[n] = pieces[i];
		if (all[n].iov_len > left)
			all[n].iov_len = left;
		left -= all[n++].iov_len;
	}
	if (left > 0 || syscall(SYS_writev, disk.trace, all, n) != (long)(sizeof(entry) + bytes))
		disk_give_up("can't write the trace");
}

void disk_note(enum disk_kind kind, ino_t inode, uint64_t offset, const char *text, size_t bytes)
{
	const struct iovec piece = {(void *)(uintptr_t)text, bytes};

	note_data(kind, inode, offset, &piece, 1, bytes);
}

/* ---- Which files ---- */

/* The path below the directory that is watched, or NULL. */
const char *disk_below(const char *path)
{
	if (disk.control == NULL || strncmp(path, disk.directory, disk.directory_length) != 0 ||
		(path[disk.directory_length] != '/' && path[disk.directory_length] != '\0'))
		return NULL;
	return path + disk.directory_length + (path[disk.directory_length] == '/');
}

static bool is_known(ino_t inode)
{
	unsigned count = __atomic_load_n(&disk.inode_count, __ATOMIC_ACQUIRE);

	for (unsigned i = 0; i < count; i++)
		if (disk.inodes[i] == inode)
			return true;
	return false;
}

void disk_learn(ino_t inode)
{
	if (is_known(inode))
		return;
	if (disk.inode_count == INODES_MAX)
		disk_give_up("too many files");
	disk.inodes[disk.inode_count] = inode;
	__atomic_store_n(&disk.inode_count, disk.inode_count + 1, __ATOMIC_RELEASE);
}

/* The inode of a descriptor whose file is watched, or 0. */
ino_t disk_watched(int fd)
{
	struct stat status;

	if (disk.control == NULL || fstat(fd, &status) != 0 ||
		(!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
		return 0;
	return is_known(status.st_ino) ? status.st_ino : 0;
}

/* ---- Faults ---- */

_Noreturn void disk_die(void)
{
	syscall(SYS_kill, getpid(), SIGKILL);
	disk_give_up("outlived SIGKILL");
}

/* Counts an operation; true when it is the one to be killed in. Dies if that is before it. */
bool disk_is_last(void)
{
	uint64_t number = __atomic_add_fetch(&disk.control->operations, 1, __ATOMIC_RELAXED);
	uint64_t last = __atomic_load_n(&disk.control->kill_at, __ATOMIC_RELAXED);

	if (last == 0 || number < last)
		return false;
	if (disk.control->moment == DISK_BEFORE)
		disk_die();
	return true;
}

/* True when a write must fail now; errno is set. */
bool disk_write_fails(void)
{
	errno = (int)__atomic_load_n(&disk.control->write_error, __ATOMIC_RELAXED);
	return errno != 0;
}

/* ---- Writes ---- */

static ssize_t do_write(int fd, const struct iovec *pieces, int count, off_t offset)
{
	return offset < 0 ? syscall(SYS_writev, fd, pieces, count)
			  : syscall(SYS_pwritev, fd, pieces, count, offset, 0L);
}

static void tear(int fd, ino_t inode, const struct iovec *pieces, off_t offset)
{
	struct iovec half = {pieces[0].iov_base, pieces[0].iov_len / 2};

	if (half.iov_len > 0 && do_write(fd, &half, 1, offset) > 0)
		disk_note(DISK_WRITE, inode, (uint64_t)offset, half.iov_base, half.iov_len);
	disk_die();
}

/* `offset` -1: where the descriptor is. */
static ssize_t write_pieces(int fd, const struct iovec *pieces, int count, off_t offset)
{
	ino_t inode = disk_watched(fd);
	off_t at = offset;
	bool last;
	int flags;
	ssize_t done;

	if (inode == 0)
		return do_write(fd, pieces, count, offset);
	flags = fcntl(fd, F_GETFL);
	if (at < 0)
		at = lseek(fd, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
	pthread_mutex_lock(&disk_lock);
	last = disk_is_last();
	if (last && disk.control->moment == DISK_HALF)
		tear(fd, inode, pieces, at);
	if (disk_write_fails()) {
		pthread_mutex_unlock(&disk_lock);
		return -1;
	}
	done = do_write(fd, pieces, count, offset);
	if (done > 0)
		note_data(flags & O_DSYNC && disk.control->sync == DISK_SYNC_HONEST
				? DISK_WRITE_SAFE
				: DISK_WRITE,
			inode, (uint64_t)at, pieces, count, (size_t)done);
	if (last)
		disk_die();
	pthread_mutex_unlock(&disk_lock);
	return done;
}

ssize_t write(int fd, const void *data, size_t bytes)
{
	const struct iovec piece = {(void *)(uintptr_t)data, bytes};

	return write_pieces(fd, &piece, 1, -1);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
	return write_pieces(fd, pieces, count, -1);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
	const struct iovec piece = {(void *)(uintptr_t)data, bytes};

	return write_pieces(fd, &piece, 1, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset)
{
	return pwrite(fd, data, bytes, offset);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset)
{
	return write_pieces(fd, pieces, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t offset)
{
	return write_pieces(fd, pieces, count, offset);
}

ssize_t pwritev2(int fd, const struct iovec *pieces, int count, off_t offset, int flags)
{
	if (flags != 0 && disk_watched(fd) != 0)
		disk_give_up("pwritev2 with flags");
	return write_pieces(fd, pieces, count, offset);
}

/* ---- Sizes ---- */

static int resize(int fd, off_t bytes, int (*change)(int fd, off_t bytes))
{
	ino_t inode = disk_watched(fd);
	bool last;
	int done;

	if (inode == 0)
		return change(fd, bytes);
	pthread_mutex_lock(&disk_lock);
	last = disk_is_last();
	done = disk_write_fails() ? -1 : change(fd, bytes);
	if (done == 0)
		disk_note(DISK_RESIZE, inode, (uint64_t)bytes, NULL, 0);
	if (last)
		disk_die();
	pthread_mutex_unlock(&disk_lock);
	return done;
}

static int truncate_to(int fd, off_t bytes)
{
	return (int)syscall(SYS_ftruncate, fd, bytes);
}

static int allocate_to(int fd, off_t bytes)
{
	return (int)syscall(SYS_fallocate, fd, 0, 0L, bytes);
}

int ftruncate(int fd, off_t bytes)
{
	return resize(fd, bytes, truncate_to);
}

int ftruncate64(int fd, off64_t bytes)
{
	return resize(fd, bytes, truncate_to);
}

int fallocate(int fd, int mode, off_t offset, off_t bytes)
{
	struct stat status;

	if (disk_watched(fd) == 0)
		return (int)syscall(SYS_fallocate, fd, mode, offset, bytes);
	if (mode != 0)
		disk_give_up("fallocate with a mode");
	if (fstat(fd, &status) == 0 && status.st_size > offset + bytes)
		return (int)syscall(SYS_fallocate, fd, mode, offset, bytes);
	return resize(fd, offset + bytes, allocate_to);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t bytes)
{
	return fallocate(fd, mode, offset, bytes);
}

int posix_fallocate(int fd, off_t offset, off_t bytes)
{
	return fallocate(fd, 0, offset, bytes) == 0 ? 0 : errno;
}

int posix_fallocate64(int fd, off64_t offset, off64_t bytes)
{
	return posix_fallocate(fd, offset, bytes);
}

/* ---- Syncs ---- */

static uint64_t note_sync_begin(ino_t inode, bool *last)
{
	uint64_t number;

	pthread_mutex_lock(&disk_lock);
	*last = disk_is_last();
	number = ++disk.syncs;
	disk_note(DISK_SYNC_BEGIN, inode, number, NULL, 0);
	pthread_mutex_unlock(&disk_lock);
	return number;
}

static void note_sync_end(enum disk_kind kind, ino_t inode, uint64_t number)
{
	pthread_mutex_lock(&disk_lock);
	disk_note(kind, inode, number, NULL, 0);
	pthread_mutex_unlock(&disk_lock);
}

struct late {
	ino_t inode;
	uint64_t number;
};

static void *sync_late(void *context)
{
	struct late *late = context;

	usleep(disk.control->late_ms * 1000);
	note_sync_end(DISK_SYNC_END, late->inode, late->number);
	free(late);
	return NULL;
}

static void begin_late(ino_t inode, uint64_t number)
{
	struct late *late = malloc(sizeof(*late));
	pthread_t thread;

	if (late == NULL)
		disk_give_up("no memory");
	*late = (struct late){inode, number};
	if (pthread_create(&thread, NULL, sync_late, late) != 0)
		disk_give_up("no thread");
	pthread_detach(thread);
}

static int sync_file(int fd, long call)
{
	ino_t inode = disk_watched(fd);
	uint64_t number;
	bool last;
	int error;

	if (inode == 0)
		return (int)syscall(call, fd);
	number = note_sync_begin(inode, &last);
	error = (int)__atomic_load_n(&disk.control->sync_error, __ATOMIC_RELAXED);
	if (error == 0 && disk.control->sync == DISK_SYNC_LIE)
		return 0;
	if (error == 0 && disk.control->sync == DISK_SYNC_LATE) {
		begin_late(inode, number);
		return 0;
	}
	if (error == 0 && syscall(call, fd) != 0)
		error = errno;
	note_sync_end(error == 0 ? DISK_SYNC_END : DISK_SYNC_FAIL, inode, number);
	if (last)
		disk_die();
	errno = error;
	return error == 0 ? 0 : -1;
}

int fsync(int fd)
{
	return sync_file(fd, SYS_fsync);
}

int fdatasync(int fd)
{
	return sync_file(fd, SYS_fdatasync);
}
