/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When a worker that finds nothing to do may sleep, and how long. Pure: it is told what a poll
 * brought and says what to do; whoever sleeps is offline to the grace periods meanwhile.
 */
#ifndef ARPAD_DATAPLANE_IDLE_H
#define ARPAD_DATAPLANE_IDLE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	/*
	 * Empty polls before the first sleep, over AF_XDP some 130 us of them: more than the gaps
	 * between bursts of a worker that has work, so that such a worker never sleeps.
	 */
	IDLE_POLLS = 4096,
	IDLE_FIRST_US = 10, /* the first sleep; each one after it is twice as long, to the bound */
};

struct idle {
	uint32_t most_us; /* the longest sleep; 0: none ever, the worker polls */
	uint32_t polls;	  /* empty ones in a row, up to IDLE_POLLS */
	uint32_t next_us; /* the next sleep */
};

/* After a poll that brought something. */
static inline void idle_busy(struct idle *idle)
{
	idle->polls = 0;
	idle->next_us = IDLE_FIRST_US;
}

/* `most_us` of 0: idle_empty never says sleep. */
static inline void idle_init(struct idle *idle, uint32_t most_us)
{
	idle->most_us = most_us;
	idle_busy(idle);
}

/* After a poll that brought nothing: how many microseconds to sleep, or 0. */
static inline uint32_t idle_empty(struct idle *idle)
{
	uint32_t us = idle->next_us;

	if (!idle->most_us || ++idle->polls < IDLE_POLLS)
		return 0;
	idle->polls = IDLE_POLLS - 1; /* from now on after each empty poll */
	idle->next_us = us * 2;
	if (us >= idle->most_us)
		us = idle->next_us = idle->most_us;
	return us;
}

#endif
