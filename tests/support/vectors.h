/* SPDX-License-Identifier: BSD-3-Clause */
/* The files of tests/vectors/ in memory. */
#ifndef ARPAD_TESTS_SUPPORT_VECTORS_H
#define ARPAD_TESTS_SUPPORT_VECTORS_H

#include "dataplane/outcome.h"

#include <stddef.h>
#include <stdint.h>

struct vector {
	char *name;
	enum outcome outcome;
	uint8_t *query, *reply;
	size_t query_bytes, reply_bytes; /* reply_bytes 0: silence */
};

struct vectors {
	struct vector *vector;
	size_t count;
};

/* Reads `file` ("frames.txt"); aborts with a sentence when a line is not a vector. */
void vectors_open(struct vectors *vectors, const char *file);
void vectors_close(struct vectors *vectors);

#endif
