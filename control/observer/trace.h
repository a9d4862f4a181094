/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Traces: what a client of ours wants to see of the traffic, live. The observer's thread puts what
 * fits a trace into its queue, the control thread takes it out. Each is bounded in number, time and
 * memory, and so is how many there are; what finds no room is counted. All but traces_take is the
 * control thread's.
 */
#ifndef ARPAD_CONTROL_OBSERVER_TRACE_H
#define ARPAD_CONTROL_OBSERVER_TRACE_H

#include "control/failure.h"
#include "dataplane/observe.h"

enum {
	TRACE_QUEUE = 1024, /* rows of one trace that wait, of some 2 KiB */
	TRACE_COUNT = 1000,
	TRACE_COUNT_MAX = 1000000,
	TRACE_SECONDS = 60,
	TRACE_SECONDS_MAX = 86400,
	/* Of all tenants together, so that an operator finds a place. */
	TRACE_TENANTS_MAX = OBSERVE_FILTERS_MAX / 2,
	/* How soon after it was seen a row leaves, and a trace that is over ends. */
	TRACE_PERIOD_MS = 50,
};

/* What of the rest of the server traces need. Every function may be NULL. */
struct trace_server {
	/* Has workers and listener see these filters from now on; none: used is 0. False: no
	 * memory. */
	bool (*publish)(void *context, const struct observe_filters *filters);
	void (*opened)(
		void *context); /* call traces_tick every TRACE_PERIOD_MS, until it says no */
	uint64_t (*missed)(void *context); /* observations that found no room in a ring, so far */
	bool (*samples)(void *context);	   /* whether sampling is on */
	void *context;
};

struct trace_want {
	bool sampled; /* what is sampled, whatever it is; else what the filter lets through */
	struct observe_filter filter;
	uint64_t count;
	unsigned seconds;
	bool tenant; /* it is a tenant's */
};

enum trace_state { TRACE_RUNS, TRACE_HAS_COUNT, TRACE_HAS_TIME };

struct trace_totals {
	uint64_t rows;	  /* taken out */
	uint64_t dropped; /* for which the queue had no room */
	uint64_t missed;  /* observations of any kind that the rings had no room for meanwhile */
};

struct trace_entry {
	struct observation seen;
	uint64_t when_ns; /* since 1970 */
};

struct traces;
struct trace;

struct traces *traces_new(const struct trace_server *server); /* NULL: no memory */
void traces_free(struct traces *traces);		      /* no trace is left; takes NULL */

/* Begins one. NULL: the failure says why. */
struct trace *trace_open(
	struct traces *traces, const struct trace_want *want, struct failure *failure);
void trace_close(struct trace *trace); /* takes NULL */

/* Takes the oldest row out of the queue. False: it is empty. */
bool trace_next(struct trace *trace, struct trace_entry *entry);

/* Whether more rows may come than are in the queue; if not, workers need not look for them now. */
enum trace_state trace_state(struct trace *trace);
struct trace_totals trace_totals(struct trace *trace);

/* Ends those whose time is over. Whether there is a trace left to look after. */
bool traces_tick(struct traces *traces);
unsigned traces_count(const struct traces *traces);

/* The observer's thread: a sink (observer.h) with the traces as its context. */
void traces_take(void *traces, const struct observation *seen, uint64_t when_ns);

#endif
