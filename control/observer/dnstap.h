/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sampled queries and replies as dnstap, to a collector or a file. The observer's thread encodes
 * and hands over, libfstrm's own thread connects and writes; what finds no room between them, or
 * nobody to take it, is counted.
 */
#ifndef ARPAD_CONTROL_OBSERVER_DNSTAP_H
#define ARPAD_CONTROL_OBSERVER_DNSTAP_H

#include "control/failure.h"
#include "control/observer/dnstap_message.h"

struct dnstap_settings {
	const char *socket, *file; /* where to: one of the two, absolute, or neither: no dnstap */
	uint64_t file_max_bytes;
	struct dnstap_source source;
	bool queries, responses;
};

struct dnstap_counts {
	uint64_t sent, dropped; /* messages */
	bool open;		/* a collector takes them, or the file is open */
};

struct dnstap;

/*
 * Makes a thread that waits to begin. It is to be made early: what the control thread gives up for
 * itself later, all threads that it makes then lack too. `settings` and what they point to outlive
 * it. NULL: the failure says why. Control thread, as all of these.
 */
struct dnstap *dnstap_new(const struct dnstap_settings *settings, struct failure *failure);

/*
 * Begins. libfstrm's thread inherits what `enter` (may be NULL) does to the thread that it is
 * called in: its sandbox, its CPUs. -1: the failure says why.
 */
int dnstap_start(struct dnstap *dnstap, void (*enter)(void *context), void *context,
	struct failure *failure);

/* Writes what waits, and ends; within some seconds. Takes NULL, and one that was not started. */
void dnstap_free(struct dnstap *dnstap);

/* The observer's thread: a sink (observer.h). */
void dnstap_take(void *dnstap, const struct observation *seen, uint64_t when_ns);

/* Any thread. */
struct dnstap_counts dnstap_counts(struct dnstap *dnstap);

/* Once a second: logs that it found its collector, or lost it, and why. */
void dnstap_second(struct dnstap *dnstap);

#endif
