/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions of the C library by these names are ours: for the store and for LMDB. */
#include "tests/control/disk_shim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	SECTOR = 512,
	EVENTS_MAX = 4096,
	NAME_BYTES = 32,
	FEW = 7,    /* so many sectors are tried in every combination */
	SOME = 32,  /* so many each alone, and all but each */
	PARTS = 30, /* of more, so many random ones */
	FILE_MAX = 16 << 20,
};

struct event {
	char file[NAME_BYTES];
	bool is_sync, is_size;
	off_t at;
	size_t bytes;
	uint8_t *octets;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char watched[PATH_MAX];
static size_t calls, failing;
static int fault;
static bool recording, lying;
static struct event event[EVENTS_MAX];
static size_t events;

void disk_shim_watch(const char *directory)
{
	pthread_mutex_lock(&mutex);
	snprintf(watched, sizeof(watched), "%s", directory != NULL ? directory : "");
	calls = failing = 0;
	pthread_mutex_unlock(&mutex);
}

void disk_shim_fail(size_t number, int error)
{
	pthread_mutex_lock(&mutex);
	failing = number;
	fault = error;
	pthread_mutex_unlock(&mutex);
}

size_t disk_shim_calls(void)
{
	return calls;
}

/* The name in the watched directory; false: it is none of its files, or a lock. */
static bool find_file(int fd, char file[static NAME_BYTES])
{
	char link[32], path[PATH_MAX];
	size_t bytes = strlen(watched);
	ssize_t length;

	if (bytes == 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	if (strncmp(path, watched, bytes) != 0)
		return false;
	if (path[bytes] == '\0') {
		strcpy(file, ".");
		return true;
	}
	snprintf(file, NAME_BYTES, "%.31s", path + bytes + 1);
	return strstr(file, "lock") == NULL;
}

static struct event *add_event(const char *file)
{
	struct event *added = &event[events++];

	if (events == EVENTS_MAX)
		abort();
	*added = (struct event){.is_sync = false};
	snprintf(added->file, sizeof(added->file), "%s", file);
	return added;
}

static void note_write(const char *file, const void *octets, size_t bytes, off_t at)
{
	struct event *added;

	if (!recording)
		return;
	added = add_event(file);
	added->at = at;
	added->bytes = bytes;
	added->octets = malloc(bytes);
	memcpy(added->octets, octets, bytes);
}

static void note_sync(const char *file)
{
	if (recording && !(lying && strncmp(file, "log.", 4) == 0))
		add_event(file)->is_sync = true;
}

static void note_size(const char *file, off_t bytes)
{
	struct event *added;

	if (!recording)
		return;
	added = add_event(file);
	added->is_size = true;
	added->at = bytes;
}

/* Whether this call is the one that fails. */
static bool fails(void)
{
	return ++calls == failing;
}

static ssize_t write_some(int fd, const void *octets, size_t bytes, off_t at)
{
	return syscall(SYS_pwrite64, fd, octets, bytes, at);
}

static ssize_t shim_pwrite(int fd, const void *octets, size_t bytes, off_t at)
{
	char file[NAME_BYTES];
	ssize_t written;

	pthread_mutex_lock(&mutex);
	if (!find_file(fd, file)) {
		pthread_mutex_unlock(&mutex);
		return write_some(fd, octets, bytes, at);
	}
	if (fails() && fault != 0) {
		pthread_mutex_unlock(&mutex);
		errno = fault;
		return -1;
	}
	written = write_some(fd, octets, calls == failing && bytes > 1 ? bytes - 1 : bytes, at);
	if (written > 0)
		note_write(file, octets, (size_t)written, at);
	if (fcntl(fd, F_GETFL) & O_DSYNC)
		note_sync(file);
	pthread_mutex_unlock(&mutex);
	return written;
}

static ssize_t shim_pwritev(int fd, const struct iovec *vector, int count, off_t at)
{
	size_t bytes = 0, used = 0;
	uint8_t *octets;
	ssize_t written;

	for (int i = 0; i < count; i++)
		bytes += vector[i].iov_len;
	octets = malloc(bytes);
	for (int i = 0; i < count; used += vector[i++].iov_len)
		memcpy(octets + used, vector[i].iov_base, vector[i].iov_len);
	written = shim_pwrite(fd, octets, bytes, at);
	free(octets);
	return written;
}

/* The disk of these tests is the page cache. */
static int shim_sync(int fd)
{
	char file[NAME_BYTES];

	pthread_mutex_lock(&mutex);
	if (!find_file(fd, file)) {
		pthread_mutex_unlock(&mutex);
		return 0;
	}
	if (fails() && fault != 0) {
		pthread_mutex_unlock(&mutex);
		errno = fault;
		return -1;
	}
	note_sync(file);
	pthread_mutex_unlock(&mutex);
	return 0;
}

static int shim_ftruncate(int fd, off_t bytes)
{
	char file[NAME_BYTES];
	int result;

	pthread_mutex_lock(&mutex);
	result = (int)syscall(SYS_ftruncate, fd, bytes);
	if (result == 0 && find_file(fd, file))
		note_size(file, bytes);
	pthread_mutex_unlock(&mutex);
	return result;
}

/* By both names that there are of each. */
ssize_t plain_pwrite(int fd, const void *octets, size_t bytes, off_t at) __asm__("pwrite");
ssize_t large_pwrite(int fd, const void *octets, size_t bytes, off_t at) __asm__("pwrite64");
ssize_t plain_pwritev(int fd, const struct iovec *vector, int count, off_t at) __asm__("pwritev");
ssize_t large_pwritev(int fd, const struct iovec *vector, int count, off_t at) __asm__("pwritev64");
int plain_ftruncate(int fd, off_t bytes) __asm__("ftruncate");
int large_ftruncate(int fd, off_t bytes) __asm__("ftruncate64");

ssize_t plain_pwrite(int fd, const void *octets, size_t bytes, off_t at)
{
	return shim_pwrite(fd, octets, bytes, at);
}

ssize_t large_pwrite(int fd, const void *octets, size_t bytes, off_t at)
{
	return shim_pwrite(fd, octets, bytes, at);
}

ssize_t plain_pwritev(int fd, const struct iovec *vector, int count, off_t at)
{
	return shim_pwritev(fd, vector, count, at);
}

ssize_t large_pwritev(int fd, const struct iovec *vector, int count, off_t at)
{
	return shim_pwritev(fd, vector, count, at);
}

int plain_ftruncate(int fd, off_t bytes)
{
	return shim_ftruncate(fd, bytes);
}

int large_ftruncate(int fd, off_t bytes)
{
	return shim_ftruncate(fd, bytes);
}

/* LMDB seeks and then writes. */
ssize_t writev(int fd, const struct iovec *vector, int count)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t written;

	if (at < 0) /* standard output */
		return syscall(SYS_writev, fd, vector, count);
	written = shim_pwritev(fd, vector, count, at);
	if (written > 0)
		lseek(fd, at + written, SEEK_SET);
	return written;
}

int fdatasync(int fd)
{
	return shim_sync(fd);
}

int fsync(int fd)
{
	return shim_sync(fd);
}

/* ---- Copies and images ---- */

static void join(char path[static PATH_MAX], const char *directory, const char *file)
{
	snprintf(path, PATH_MAX, "%s/%s", directory, file);
}

static size_t read_file(const char *directory, const char *file, uint8_t *octets)
{
	char path[PATH_MAX];
	ssize_t bytes;
	int fd;

	join(path, directory, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	bytes = read(fd, octets, FILE_MAX);
	close(fd);
	return bytes < 0 ? 0 : (size_t)bytes;
}

static void write_file(const char *directory, const char *file, const uint8_t *octets, size_t bytes)
{
	char path[PATH_MAX];
	int fd;

	join(path, directory, file);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, octets, bytes) != (ssize_t)bytes)
		abort();
	close(fd);
}

static void empty(const char *directory)
{
	DIR *files = opendir(directory);
	struct dirent *file;

	while ((file = readdir(files)) != NULL)
		unlinkat(dirfd(files), file->d_name, 0);
	closedir(files);
}

void disk_shim_copy(const char *from, const char *to)
{
	DIR *files = opendir(from);
	uint8_t *octets = malloc(FILE_MAX);
	struct dirent *file;

	empty(to);
	while ((file = readdir(files)) != NULL)
		if (file->d_type == DT_REG && strstr(file->d_name, "lock") == NULL)
			write_file(to, file->d_name, octets, read_file(from, file->d_name, octets));
	closedir(files);
	free(octets);
}

void disk_shim_record(const char *base, bool lies)
{
	disk_shim_copy(watched, base);
	for (size_t i = 0; i < events; i++)
		free(event[i].octets);
	events = 0;
	lying = lies;
	recording = true;
}

void disk_shim_stop(void)
{
	recording = false;
}

bool disk_shim_is_last(size_t limit)
{
	return limit == events || event[limit].is_sync;
}

size_t disk_shim_events(void)
{
	size_t now;

	pthread_mutex_lock(&mutex);
	now = events;
	pthread_mutex_unlock(&mutex);
	return now;
}

/* Whether a later event before `limit` synced the file. */
static bool is_synced(size_t index, size_t limit)
{
	for (size_t i = index + 1; i < limit; i++)
		if (event[i].is_sync && strcmp(event[i].file, event[index].file) == 0)
			return true;
	return false;
}

static size_t sectors_of(const struct event *written)
{
	size_t first = (size_t)written->at / SECTOR;

	return (written->at + written->bytes + SECTOR - 1) / SECTOR - first;
}

/* Whether the image has this one of the sectors that were not synced. */
static bool has_sector(size_t number, size_t sector, size_t all)
{
	uint64_t random;

	if (number < 2)
		return number == 1;
	if (all <= FEW)
		return (number - 1) >> sector & 1;
	if (all <= SOME && number - 2 < all)
		return sector == number - 2;
	if (all <= SOME && number - 2 < 2 * all)
		return sector != number - 2 - all;
	random = (number * 1000003 + sector) * 0x9e3779b97f4a7c15;
	return (random >> 40) & 1;
}

static size_t images_of(size_t sectors)
{
	if (sectors == 0)
		return 1;
	if (sectors <= FEW)
		return (size_t)1 << sectors;
	return 2 + (sectors <= SOME ? 2 * sectors : 0) + PARTS;
}

static void apply(const struct event *written, uint8_t *octets, size_t *bytes, bool synced,
	size_t number, size_t *sector, size_t all)
{
	size_t at = (size_t)written->at, end = at + written->bytes;

	while (at < end) {
		size_t stop = (at / SECTOR + 1) * SECTOR;

		if (stop > end)
			stop = end;
		if (synced || has_sector(number, (*sector)++, all)) {
			memcpy(octets + at, written->octets + (at - (size_t)written->at),
				stop - at);
			if (stop > *bytes)
				*bytes = stop;
		}
		at = stop;
	}
}

static void make_file(const char *base, const char *image, const char *file, size_t limit,
	size_t number, size_t all)
{
	uint8_t *octets = calloc(1, FILE_MAX);
	size_t bytes = read_file(base, file, octets), sector = 0;

	for (size_t i = 0; i < limit; i++) {
		bool same = strcmp(event[i].file, file) == 0, synced;

		if (event[i].is_sync)
			continue;
		synced = is_synced(i, limit);
		if (same && event[i].is_size) {
			if ((size_t)event[i].at < bytes)
				memset(octets + event[i].at, 0, bytes - (size_t)event[i].at);
			bytes = (size_t)event[i].at;
		} else if (same) {
			apply(&event[i], octets, &bytes, synced, number, &sector, all);
		} else if (!event[i].is_size && !synced) {
			sector += sectors_of(&event[i]);
		}
	}
	if (bytes > 0)
		write_file(image, file, octets, bytes);
	free(octets);
}

size_t disk_shim_image(const char *base, const char *image, size_t limit, size_t number)
{
	size_t all = 0;

	for (size_t i = 0; i < limit; i++)
		if (!event[i].is_sync && !event[i].is_size && !is_synced(i, limit))
			all += sectors_of(&event[i]);
	disk_shim_copy(base, image);
	for (size_t i = 0; i < limit; i++) {
		bool first = true;

		for (size_t j = 0; j < i && first; j++)
			first = strcmp(event[j].file, event[i].file) != 0;
		if (first && strcmp(event[i].file, ".") != 0)
			make_file(base, image, event[i].file, limit, number, all);
	}
	return images_of(all);
}
