/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether others should send us queries, and why not: one word of reasons. The control thread is
 * the only writer; any thread reads it without a lock.
 */
#ifndef ARPAD_CONTROL_HEALTH_READINESS_H
#define ARPAD_CONTROL_HEALTH_READINESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Bit, name in replies and metrics, sentence for a person. */
/* clang-format off */
#define READINESS_LIST(X) \
	X(STARTING, "starting", "arpad has not begun to serve.") \
	X(DRAINING, "draining", "An operator has asked for a drain; \"arpactl undrain\" ends it.") \
	X(STOPPING, "stopping", "arpad is about to end.") \
	X(WORKER_STUCK, "worker-stuck", "A worker has not come round its loop for some seconds.") \
	X(SELF_QUERY, "self-query", "Queries that arpad asked itself, through a worker or the listener's thread, had no right answer.") \
	X(LISTENER_STUCK, "listener-stuck", "The thread that answers over TCP and kernel sockets has not come round for some seconds.")
/* clang-format on */

enum readiness_reason {
#define X(name, label, sentence) READINESS_##name,
	READINESS_LIST(X)
#undef X
		READINESS_REASONS,
};

struct readiness {
	_Atomic(uint32_t) reasons; /* a bit for each that holds; 0: ready */
};

/* As replies and metrics name it, and for a person. */
const char *readiness_name(enum readiness_reason reason);
const char *readiness_sentence(enum readiness_reason reason);

/* Control thread. Returns whether that changed anything. */
static inline bool readiness_set(
	struct readiness *readiness, enum readiness_reason reason, bool holds)
{
	uint32_t before = atomic_load_explicit(&readiness->reasons, memory_order_relaxed);
	uint32_t after = holds ? before | 1u << reason : before & ~(1u << reason);

	/* Pairs with the acquire in readiness_reasons. */
	atomic_store_explicit(&readiness->reasons, after, memory_order_release);
	return after != before;
}

/* Any thread. */
static inline uint32_t readiness_reasons(const struct readiness *readiness)
{
	return atomic_load_explicit(&readiness->reasons, memory_order_acquire);
}

#endif
