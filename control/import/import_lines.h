/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pieces of a text become lines, each in memory that may be changed. A byte order mark is read
 * over, and so is an empty line.
 */
#ifndef ARPAD_CONTROL_IMPORT_LINES_H
#define ARPAD_CONTROL_IMPORT_LINES_H

#include "control/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line without its '\n'. 0 to go on, -1 to stop. */
typedef int import_lines_read(void *context, char *line, size_t bytes, struct failure *failure);

/* The members are import_lines.c's but for `line`, the one being read, from 1. */
struct import_lines {
	uint64_t line;
	import_lines_read *read;
	void *context;
	bool failed;
	size_t bytes, room; /* of a line that has not ended; the longest one */
	char *kept;
};

/* Lines are at most `room` octets. 0, or -ENOMEM. */
int import_lines_init(
	struct import_lines *lines, size_t room, import_lines_read *read, void *context);
void import_lines_fini(struct import_lines *lines);

/* -1: the failure's text starts with "line N: ", and so will every later one. */
int import_lines_feed(
	struct import_lines *lines, const char *octets, size_t bytes, struct failure *failure);

/* The end: the last line may lack its line end. */
int import_lines_finish(struct import_lines *lines, struct failure *failure);

#endif
