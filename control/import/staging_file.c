/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Written with pwrite and read through a mapping: a mapping that is written would end the process
 * where the disk is full.
 */
#include "control/import/staging_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	BUFFER_BYTES = 1 << 20,
	ARRAY_MEMORY_BYTES = 1 << 20, /* a larger one is a file */
	PATH_BYTES = 4096,
	FILE_MODE = 0600,
};

static int refuse(const char *directory, int error, struct failure *failure)
{
	if (error == ENOSPC || error == EDQUOT || error == EFBIG)
		return failure_set(failure, FAILURE_STORE_FULL,
			"the disk of %s has no room for the import; free some and try again",
			directory);
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the import can't be kept in the directory %s: %s", directory, strerror(error));
}

/* A file that has no name, or none for long where the filesystem can't do without. */
static int open_file(const char *directory)
{
	char path[PATH_BYTES];
	int descriptor = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, FILE_MODE);

	if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return descriptor;
	if (snprintf(path, sizeof(path), "%s/import.XXXXXX", directory) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	descriptor = mkostemp(path, O_CLOEXEC);
	if (descriptor >= 0)
		unlink(path);
	return descriptor;
}

/* 0, or the error. */
static int write_all(int descriptor, const uint8_t *octets, size_t bytes, size_t at)
{
	while (bytes > 0) {
		ssize_t done = pwrite(descriptor, octets, bytes, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? errno : ENOSPC;
		octets += done;
		bytes -= (size_t)done;
		at += (size_t)done;
	}
	return 0;
}

void staging_file_init(struct staging_file *file, const char *directory)
{
	*file = (struct staging_file){.directory = directory, .descriptor = -1};
}

static void unmap(struct staging_file *file)
{
	if (file->map != NULL)
		munmap(file->map, file->mapped);
	file->map = NULL;
	file->mapped = 0;
}

void staging_file_fini(struct staging_file *file)
{
	unmap(file);
	if (file->descriptor >= 0)
		close(file->descriptor);
	free(file->buffer);
	staging_file_init(file, file->directory);
}

static int write_buffer(struct staging_file *file, struct failure *failure)
{
	int error;

	if (file->descriptor < 0)
		file->descriptor = open_file(file->directory);
	if (file->descriptor < 0)
		return refuse(file->directory, errno, failure);
	error = write_all(file->descriptor, file->buffer, file->buffered, file->written);
	if (error != 0)
		return refuse(file->directory, error, failure);
	file->written += file->buffered;
	file->buffered = 0;
	return 0;
}

uint8_t *staging_file_add(struct staging_file *file, size_t bytes, struct failure *failure)
{
	if (file->buffer == NULL) {
		file->buffer = malloc(BUFFER_BYTES);
		if (file->buffer == NULL) {
			failure_set(failure, FAILURE_STORE_FULL, "no memory to stage the import");
			return NULL;
		}
	}
	if (BUFFER_BYTES - file->buffered < bytes && write_buffer(file, failure) != 0)
		return NULL;
	file->buffered += bytes;
	return file->buffer + file->buffered - bytes;
}

const uint8_t *staging_file_read(struct staging_file *file, struct failure *failure)
{
	static const uint8_t nothing[1];
	void *map;

	if (file->descriptor < 0)
		return file->buffer != NULL ? file->buffer : nothing;
	if (file->buffered > 0 && write_buffer(file, failure) != 0)
		return NULL;
	if (file->mapped == file->written)
		return file->map;
	unmap(file);
	map = mmap(NULL, file->written, PROT_READ, MAP_SHARED, file->descriptor, 0);
	if (map == MAP_FAILED) {
		refuse(file->directory, errno, failure);
		return NULL;
	}
	file->map = map;
	file->mapped = file->written;
	return file->map;
}

/* Blocks are given to the file before it is mapped, so that no write through the map can fail. */
static int fill(int descriptor, size_t bytes)
{
	uint8_t *zeros = calloc(1, BUFFER_BYTES);
	int error = zeros != NULL ? 0 : ENOMEM;

	for (size_t at = 0; at < bytes && error == 0; at += BUFFER_BYTES)
		error = write_all(descriptor, zeros,
			bytes - at < BUFFER_BYTES ? bytes - at : BUFFER_BYTES, at);
	free(zeros);
	return error;
}

void *staging_file_array(const char *directory, size_t bytes, struct failure *failure)
{
	bool in_memory = bytes <= ARRAY_MEMORY_BYTES;
	int descriptor = in_memory ? -1 : open_file(directory), error = 0;
	void *array = MAP_FAILED;

	if (!in_memory)
		error = descriptor < 0 ? errno : fill(descriptor, bytes);
	if (error == 0) {
		array = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			in_memory ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, descriptor, 0);
		error = array == MAP_FAILED ? errno : 0;
	}
	if (descriptor >= 0)
		close(descriptor);
	if (error == 0)
		return array;
	refuse(directory, error, failure);
	return NULL;
}

void staging_file_array_free(void *array, size_t bytes)
{
	if (array != NULL)
		munmap(array, bytes);
}
