/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One lock for all queues, held for a copy. The observer's thread looks at a word first, so that
 * what no trace wants costs it a load. A trace has a bit of the filters as long as it is open.
 */
#include "control/observer/trace.h"

#include "control/observer/trace_row.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct trace {
	struct traces *all;
	unsigned slot;
	struct trace_want want;
	struct observe_filters alone; /* its own filter, to look again */
	int64_t deadline_ms;
	uint64_t missed_before;

	/* Under the lock. */
	struct trace_entry *entries;
	uint64_t put, taken, dropped;
	bool stopped; /* nothing more comes in */
};

struct traces {
	struct trace_server server;
	struct observe_filters filters;
	pthread_mutex_t lock; /* of `slot` and of what is in them */
	struct trace *slot[OBSERVE_FILTERS_MAX];
	_Atomic(uint32_t) filtered, sampled; /* which slots have a trace that takes, by bit */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct traces *traces_new(const struct trace_server *server)
{
	struct traces *traces = calloc(1, sizeof(*traces));

	if (!traces)
		return NULL;
	traces->server = *server;
	pthread_mutex_init(&traces->lock, NULL);
	return traces;
}

void traces_free(struct traces *traces)
{
	if (!traces)
		return;
	pthread_mutex_destroy(&traces->lock);
	free(traces);
}

/* ---- The observer's thread ---- */

/*
 * Whether it fits indeed. A slot may be another trace's by now than when a worker looked at its
 * filter, and what is somebody else's must not be shown.
 */
static bool fits(const struct trace *trace, const struct observation *seen)
{
	size_t name_bytes;
	const uint8_t *name = trace_row_question(seen, &name_bytes);
	struct prefix prefix;
	bool named = name && arpa_parse(name, name_bytes, &prefix) != ARPA_NONE;

	if (trace->want.sampled)
		return seen->why & OBSERVE_SAMPLED;
	return seen->family &&
		observe_match(&trace->alone, named ? &prefix : NULL, seen->client, seen->family);
}

static void put(struct trace *trace, const struct observation *seen, uint64_t when_ns)
{
	struct trace_entry *entry;

	if (trace->stopped || trace->put == trace->want.count || !fits(trace, seen))
		return;
	if (trace->put - trace->taken == TRACE_QUEUE) {
		trace->dropped++;
		return;
	}
	entry = &trace->entries[trace->put++ % TRACE_QUEUE];
	entry->seen = *seen;
	entry->when_ns = when_ns;
}

void traces_take(void *context, const struct observation *seen, uint64_t when_ns)
{
	struct traces *traces = context;
	/* Only hints: what a slot holds is read under the lock. */
	uint32_t wanted =
		atomic_load_explicit(&traces->filtered, memory_order_relaxed) & seen->filters;

	if (seen->why & OBSERVE_SAMPLED)
		wanted |= atomic_load_explicit(&traces->sampled, memory_order_relaxed);
	if (!wanted)
		return;
	pthread_mutex_lock(&traces->lock);
	for (; wanted; wanted &= wanted - 1) {
		struct trace *trace = traces->slot[__builtin_ctz(wanted)];

		if (trace)
			put(trace, seen, when_ns);
	}
	pthread_mutex_unlock(&traces->lock);
}

/* ---- The control thread ---- */

static bool publish(struct traces *traces, const struct observe_filters *filters)
{
	const struct trace_server *server = &traces->server;

	if (server->publish && !server->publish(server->context, filters))
		return false;
	traces->filters = *filters;
	return true;
}

static uint64_t missed(const struct traces *traces)
{
	return traces->server.missed ? traces->server.missed(traces->server.context) : 0;
}

static struct trace *trace_new(struct traces *traces, const struct trace_want *want)
{
	struct trace *trace = aligned_alloc(alignof(struct trace), sizeof(*trace));

	if (!trace)
		return NULL;
	memset(trace, 0, sizeof(*trace));
	trace->all = traces;
	trace->want = *want;
	trace->deadline_ms = now_ms() + (int64_t)want->seconds * 1000;
	trace->missed_before = missed(traces);
	if (!want->sampled)
		observe_filters_set(&trace->alone, 0, &want->filter);
	trace->entries = aligned_alloc(
		alignof(struct trace_entry), TRACE_QUEUE * sizeof(struct trace_entry));
	if (trace->entries)
		return trace;
	free(trace);
	return NULL;
}

static int find_slot(const struct traces *traces, const struct trace_want *want, unsigned *slot,
	struct failure *failure)
{
	unsigned tenants = 0, free_slots = 0;

	for (unsigned i = OBSERVE_FILTERS_MAX; i-- > 0;) {
		if (traces->slot[i]) {
			tenants += traces->slot[i]->want.tenant;
			continue;
		}
		*slot = i;
		free_slots++;
	}
	if (want->tenant && tenants >= TRACE_TENANTS_MAX)
		return failure_set(failure, FAILURE_BUSY,
			"%d traces of tenants are under way, which is the limit; try again later",
			TRACE_TENANTS_MAX);
	if (!free_slots)
		return failure_set(failure, FAILURE_BUSY,
			"%d traces are under way, which is the limit; end one and try again",
			OBSERVE_FILTERS_MAX);
	return 0;
}

static bool samples(const struct traces *traces)
{
	return !traces->server.samples || traces->server.samples(traces->server.context);
}

/* Puts the trace where the observer's thread sees it, and has it fed. */
static bool start(struct traces *traces, struct trace *trace)
{
	const uint32_t bit = 1u << trace->slot;
	struct observe_filters filters = traces->filters;
	bool done = true;

	pthread_mutex_lock(&traces->lock);
	traces->slot[trace->slot] = trace;
	pthread_mutex_unlock(&traces->lock);
	atomic_fetch_or_explicit(trace->want.sampled ? &traces->sampled : &traces->filtered, bit,
		memory_order_relaxed);
	if (!trace->want.sampled) {
		observe_filters_set(&filters, trace->slot, &trace->want.filter);
		done = publish(traces, &filters);
	}
	return done;
}

/* Nothing more comes in; what is in the queue stays. */
static void stop(struct trace *trace)
{
	struct traces *traces = trace->all;
	const uint32_t bit = 1u << trace->slot;
	struct observe_filters filters = traces->filters;

	pthread_mutex_lock(&traces->lock);
	trace->stopped = true;
	pthread_mutex_unlock(&traces->lock);
	if (!(filters.used & bit))
		return;
	observe_filters_set(&filters, trace->slot, NULL);
	publish(traces, &filters); /* without memory it stays, and costs until the next one */
}

struct trace *trace_open(
	struct traces *traces, const struct trace_want *want, struct failure *failure)
{
	struct trace *trace;
	unsigned slot = 0;

	if (want->sampled && !samples(traces)) {
		failure_set(failure, FAILURE_INVALID,
			"nothing is sampled: observe.sample in the configuration is off");
		return NULL;
	}
	if (find_slot(traces, want, &slot, failure) != 0)
		return NULL;
	trace = trace_new(traces, want);
	if (!trace) {
		failure_set(failure, FAILURE_STORE_FULL, "out of memory");
		return NULL;
	}
	trace->slot = slot;
	if (!start(traces, trace)) {
		trace_close(trace);
		failure_set(failure, FAILURE_STORE_FULL, "out of memory");
		return NULL;
	}
	if (traces->server.opened)
		traces->server.opened(traces->server.context);
	return trace;
}

void trace_close(struct trace *trace)
{
	struct traces *traces;

	if (!trace)
		return;
	traces = trace->all;
	stop(trace);
	atomic_fetch_and_explicit(&traces->filtered, ~(1u << trace->slot), memory_order_relaxed);
	atomic_fetch_and_explicit(&traces->sampled, ~(1u << trace->slot), memory_order_relaxed);
	pthread_mutex_lock(&traces->lock);
	traces->slot[trace->slot] = NULL;
	pthread_mutex_unlock(&traces->lock);
	free(trace->entries);
	free(trace);
}

bool trace_next(struct trace *trace, struct trace_entry *entry)
{
	bool found;

	pthread_mutex_lock(&trace->all->lock);
	found = trace->taken != trace->put;
	if (found)
		*entry = trace->entries[trace->taken++ % TRACE_QUEUE];
	pthread_mutex_unlock(&trace->all->lock);
	return found;
}

enum trace_state trace_state(struct trace *trace)
{
	enum trace_state state = TRACE_RUNS;

	pthread_mutex_lock(&trace->all->lock);
	if (trace->put == trace->want.count)
		state = TRACE_HAS_COUNT;
	pthread_mutex_unlock(&trace->all->lock);
	if (state == TRACE_RUNS && now_ms() >= trace->deadline_ms)
		state = TRACE_HAS_TIME;
	if (state != TRACE_RUNS)
		stop(trace);
	return state;
}

struct trace_totals trace_totals(struct trace *trace)
{
	struct trace_totals totals;

	pthread_mutex_lock(&trace->all->lock);
	totals = (struct trace_totals){.rows = trace->taken, .dropped = trace->dropped};
	pthread_mutex_unlock(&trace->all->lock);
	totals.missed = missed(trace->all) - trace->missed_before;
	return totals;
}

bool traces_tick(struct traces *traces)
{
	bool any = false;

	for (unsigned i = 0; i < OBSERVE_FILTERS_MAX; i++) {
		struct trace *trace = traces->slot[i]; /* which only this thread changes */

		if (!trace)
			continue;
		any = true;
		trace_state(trace);
	}
	return any;
}

unsigned traces_count(const struct traces *traces)
{
	unsigned count = 0;

	for (unsigned i = 0; i < OBSERVE_FILTERS_MAX; i++)
		count += traces->slot[i] != NULL;
	return count;
}
