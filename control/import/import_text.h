/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CSV or NDJSON, fed in pieces of any size, becomes objects. The text is untrusted. Memory is
 * bounded by the longest line.
 */
#ifndef ARPAD_CONTROL_IMPORT_TEXT_H
#define ARPAD_CONTROL_IMPORT_TEXT_H

#include "control/import/import_object.h"

#include <stddef.h>
#include <stdint.h>

enum import_format { IMPORT_CSV, IMPORT_NDJSON };

struct import_text;
struct import_text *import_text_new(
	enum import_format format, import_visit *visit, void *context); /* NULL: no memory */
void import_text_free(struct import_text *text);			/* takes NULL */

/*
 * Reads the next piece. -1: the failure's text starts with "line N: "; it is then of no further
 * use. Empty lines, a byte order mark and line ends of CR LF are read over. An object has an
 * address, 1 to 10 names, a TTL of 1..2147483647, and details as details_settle wants them.
 */
int import_text_feed(
	struct import_text *text, const char *octets, size_t bytes, struct failure *failure);

/* The end: the last line may lack its line end. */
int import_text_finish(struct import_text *text, struct failure *failure);

/* The line being read, from 1. */
uint64_t import_text_line(const struct import_text *text);

#endif
