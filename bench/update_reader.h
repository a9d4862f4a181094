/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker's stand-in: a thread on a CPU of its own that answers queries at full speed, checks
 * what it answered, and measures itself. Every burst begins with the same query, so that the
 * moment is known from which on a new record is seen.
 */
#ifndef ARPAD_BENCH_UPDATE_READER_H
#define ARPAD_BENCH_UPDATE_READER_H

#include "bench/frames.h"
#include "bench/histogram.h"
#include "dataplane/dpdk/grace.h"

#include <pthread.h>
#include <stdatomic.h>

/* What one run of it came to. */
struct reader_result {
	uint64_t frames, cpu_ns;
	/* Time of each burst: answering it and the quiescent state. `undisturbed` leaves out those
	 * in which the kernel ran someone else. */
	struct histogram burst, undisturbed;
	const char *wrong; /* NULL, or what was wrong with a reply */
};

struct reader {
	/* Set by the caller, unchanged while it runs. */
	struct frames *frames;
	const struct serving *serving;
	struct grace_periods *grace; /* it is reader 0 */
	int cpu;
	double tick_ns;

	/* The version that the first query's answer had, and when (cycles_now) that was first so.
	 */
	_Atomic(uint64_t) seen_at;
	_Atomic(unsigned) seen_version; /* released after seen_at */

	_Atomic(int) id; /* the thread's, to the kernel */
	_Atomic(bool) stop;
	pthread_t thread;
	struct reader_result result;
	uint32_t reply_grows;
};

/* Makes every burst of the pool begin with its first frame; returns whom that asks for. */
struct prefix reader_prepare(struct frames *frames);

/* Starts it: false and a sentence on standard error when there is no thread to be had. */
bool reader_start(struct reader *reader);

/* Waits until it has answered another burst, at most a second. Another thread. */
bool reader_wait_for_burst(const struct reader *reader);

/* Ends it; the result is in reader->result. */
void reader_stop(struct reader *reader);

#endif
