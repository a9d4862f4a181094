/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether one thread goes on: by a count that grows as it works, and by the queries that we ask
 * ourselves through it. Pure: the times are the caller's, in milliseconds of any clock that does
 * not go back. Who looks, or the whole process, may have been held up for long, so nothing is
 * judged by the time alone: only by several looks.
 */
#ifndef ARPAD_CONTROL_HEALTH_LIVENESS_H
#define ARPAD_CONTROL_HEALTH_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LIVENESS_STUCK_MS = 3000,   /* a thread that still stands so long is stuck; far longer
				       than one on a busy machine waits */
	LIVENESS_PATIENCE_MS = 500, /* a query without an answer so long counts as missed */
	LIVENESS_MISSES_MAX = 3,    /* in a row; then what clients get is in doubt */
	LIVENESS_LOOKS = 3,	    /* that have seen nothing, before a thread is judged */
};

struct liveness {
	uint64_t count;	   /* as it was last seen */
	uint64_t moved_ms; /* when that was new; 0: never looked */
	unsigned still;	   /* looks since */
	bool asked;	   /* a query is under way */
	uint64_t asked_ms;
	unsigned waited; /* looks since that found it late */
	unsigned misses; /* queries without a right answer since the last right one */
	uint64_t right;	 /* answers, in all */
};

/* What the count is now. */
void liveness_see(struct liveness *liveness, uint64_t count, uint64_t now_ms);

/* The count has stood still for so long. */
bool liveness_is_still(const struct liveness *liveness, uint64_t now_ms, uint64_t ms);

/* A query has been put to the thread; none may be under way. */
void liveness_ask(struct liveness *liveness, uint64_t now_ms);

/* Its answer has come. */
void liveness_answer(struct liveness *liveness, bool right);

/* Looks whether it is late; a late one counts as missed each time. */
void liveness_wait(struct liveness *liveness, uint64_t now_ms);

/* The query under way has had no answer for too long. */
bool liveness_is_silent(const struct liveness *liveness, uint64_t now_ms);

/* Too many queries in a row had no right answer. */
bool liveness_is_wrong(const struct liveness *liveness);

#endif
