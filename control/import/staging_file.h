/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Octets that are added one behind the other and read afterwards: few in memory, many in a file
 * without a name in the store's directory, so that their memory is the kernel's to write out, and
 * a full disk is an error like any other. Not durable; gone with the process.
 */
#ifndef ARPAD_CONTROL_STAGING_FILE_H
#define ARPAD_CONTROL_STAGING_FILE_H

#include "control/failure.h"

#include <stddef.h>
#include <stdint.h>

enum { STAGING_FILE_PIECE_MAX_BYTES = 1 << 18 }; /* what is added at once */

/* The members are staging_file.c's. */
struct staging_file {
	const char *directory; /* borrowed */
	int descriptor;	       /* -1: all is in the buffer */
	uint8_t *buffer;
	size_t buffered; /* octets in it */
	size_t written;	 /* octets in the file, before those in the buffer */
	uint8_t *map;	 /* of the file as it was when it was last read */
	size_t mapped;
};

void staging_file_init(struct staging_file *file, const char *directory);

/* Room for `bytes` more, at most STAGING_FILE_PIECE_MAX_BYTES; good until the next call. NULL. */
uint8_t *staging_file_add(struct staging_file *file, size_t bytes, struct failure *failure);

/* How much was added. */
static inline size_t staging_file_bytes(const struct staging_file *file)
{
	return file->written + file->buffered;
}

/* All that was added, from its start; good until the next staging_file_add. NULL: the failure. */
const uint8_t *staging_file_read(struct staging_file *file, struct failure *failure);

void staging_file_fini(struct staging_file *file);

/* An array of zeros that lives as the octets above do. NULL: the failure. Free it with its size. */
void *staging_file_array(const char *directory, size_t bytes, struct failure *failure);
void staging_file_array_free(void *array, size_t bytes); /* takes NULL */

#endif
