/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds the $INCLUDE directives of a zone file that is read in pieces, without parsing the rest, so
 * that who may open files can put the other text in their place. Pure; the text is untrusted.
 */
#ifndef ARPAD_CONTROL_ZONEFILE_SCAN_H
#define ARPAD_CONTROL_ZONEFILE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZONEFILE_SCAN_LINE_BYTES = 8192 }; /* a directive: a path of 4096, escaped, and a name */

/* What is found, in order. Each returns 0 to go on, anything else to stop. */
struct zonefile_scan_sink {
	/* Text to pass on as it is. */
	int (*text)(void *context, const char *text, size_t bytes);
	/* A directive: the file's name without quotes and escapes, the origin as written or NULL.
	 */
	int (*include)(void *context, const char *file, const char *origin);
	/* A directive that is none: why. `line` counts from 1. */
	int (*refuse)(void *context, uint64_t line, const char *rule);
	void *context;
};

/* All of it is the scan's own; zonefile_scan_init begins a text. */
struct zonefile_scan {
	struct zonefile_scan_sink sink;
	uint64_t line;
	unsigned depth; /* of parentheses */
	bool line_start, mark_past, directive, quoted, escaped, comment;
	size_t held; /* octets of `text` that may become or are a directive */
	char text[ZONEFILE_SCAN_LINE_BYTES + 1];
};

void zonefile_scan_init(struct zonefile_scan *scan, const struct zonefile_scan_sink *sink);

/*
 * Scans the next piece. What is passed on is the piece without the directives and without a
 * byte order mark; the ends of lines stay, so that they are counted alike. Returns 0, or what a
 * sink's function returned.
 */
int zonefile_scan_feed(struct zonefile_scan *scan, const char *text, size_t bytes);

/* The end of the text: a directive may lack its line end. */
int zonefile_scan_finish(struct zonefile_scan *scan);

#endif
