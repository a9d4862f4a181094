/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A page of text as cells: what is put beyond its edges is cut, so that no line ever wraps. Only
 * printable ASCII is kept. Pure.
 */
#ifndef ARPAD_CONTROL_CTL_SCREEN_H
#define ARPAD_CONTROL_CTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum screen_look {
	SCREEN_PLAIN,
	SCREEN_STRONG, /* headings */
	SCREEN_GOOD,
	SCREEN_WARN,
	SCREEN_BAD,
	SCREEN_DIM,
	SCREEN_LOOKS,
};

enum { SCREEN_ROWS_MAX = 1000, SCREEN_COLUMNS_MAX = 1000 };

struct screen {
	unsigned rows, columns;
	unsigned used; /* rows that have something */
	char *cells;   /* rows * columns */
	uint8_t *looks;
};

/* Blank, of this size or the largest. False: no memory. */
bool screen_init(struct screen *screen, unsigned rows, unsigned columns);
void screen_fini(struct screen *screen);

/*
 * Puts text at a place; returns the column behind it, as if there were no edge. What is cut there
 * ends in ">".
 */
unsigned screen_put(struct screen *screen, unsigned row, unsigned column, enum screen_look look,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same with its end at `end`, the column behind its last character; nothing if that is beyond
 * the edge, for half a number is none. */
void screen_put_right(struct screen *screen, unsigned row, unsigned end, enum screen_look look,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * The row as text into `to`, without blanks at its end, with ANSI colours if `color`; returns its
 * length. `to` has room for screen_row_bytes.
 */
size_t screen_row(const struct screen *screen, unsigned row, bool color, char *to);
size_t screen_row_bytes(const struct screen *screen);

/* Numbers for people, into `to`: "1,234,567", and "3.2" of what is under 10 and no whole one. */
enum { SCREEN_NUMBER_BYTES = 40 };
const char *screen_number(double value, char to[static SCREEN_NUMBER_BYTES]);
/* "17.2 MiB" */
const char *screen_bytes(uint64_t bytes, char to[static SCREEN_NUMBER_BYTES]);
/* "3 days 4 h", "12 min 5 s" */
const char *screen_duration(uint64_t seconds, char to[static SCREEN_NUMBER_BYTES]);
/* "99.98"; never "100.00" of less than all, nor "0.00" of more than nothing. */
const char *screen_percent(double share, unsigned figures, char to[static SCREEN_NUMBER_BYTES]);

#endif
