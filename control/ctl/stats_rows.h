/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * server.stats as rows "NAME VALUE", so that a line can be cut out by its name, and what changed
 * between two of them. Pure.
 */
#ifndef ARPAD_CONTROL_CTL_STATS_ROWS_H
#define ARPAD_CONTROL_CTL_STATS_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stats_kind {
	STATS_COUNTER, /* only grows */
	STATS_GAUGE,   /* is what it is now */
	STATS_RATIO,   /* of counters */
};

enum { STATS_NAME_BYTES = 256 };

struct stats_row {
	char name[STATS_NAME_BYTES];
	enum stats_kind kind;
	uint64_t value; /* but of a ratio */
	double ratio;
	const char *sentence; /* borrowed from the result; "": none */
};

struct stats_rows {
	struct stats_row *row;
	size_t count, room;
	bool failed; /* no memory */
};

/* Every number of the result, those of lists under their names or places; release it in any case.
 */
void stats_rows_read(json_t *result, struct stats_rows *rows);
void stats_rows_release(struct stats_rows *rows);

/* The row of this name, or NULL; `near` is where it is likely to be. */
const struct stats_row *stats_rows_find(
	const struct stats_rows *rows, const char *name, size_t near);

/* Between two results. */
struct stats_span {
	bool restarted; /* arpad was, and the earlier one counts for nothing */
	double seconds;
};

/* False: *wrong says why the two can't be compared. */
bool stats_span_of(json_t *before, json_t *now, struct stats_span *span, const char **wrong);

/*
 * A ratio over the span in place of all the time: of what the counters that it is made of have
 * grown by. -1: it is made of others than we know.
 */
double stats_ratio_since(const struct stats_rows *before, const struct stats_rows *now,
	const struct stats_row *ratio);

#endif
