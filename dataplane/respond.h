/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The same stages for one DNS message without a frame round it: for kernel sockets, fuzzing and
 * differential tests. It calls the scalar functions that pipeline_run calls, so they agree.
 */
#ifndef ARPAD_DATAPLANE_RESPOND_H
#define ARPAD_DATAPLANE_RESPOND_H

#include "dataplane/answer.h"
#include "dataplane/counters.h"
#include "dataplane/outcome.h"
#include "dataplane/ratelimit.h"
#include "dataplane/serving.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Answers the message of `length` bytes in place and returns the reply's length, 0 for silence.
 * `capacity` bytes are writable; under WIRE_UDP_PLAIN_BYTES there is no reply (OUTCOME_NO_ROOM).
 * `*outcome` says why. The caller is registered as a reader; records are borrowed only until it
 * returns.
 */
size_t respond(const struct serving *serving, const struct client *client, uint8_t *message,
	size_t length, size_t capacity, enum outcome *outcome);

/* The rate limiting of one thread, for one moment. */
struct respond_limit {
	struct ratelimit *limiter; /* the thread's own; NULL: no limit */
	/* Likewise: where its decisions and the type of the query are counted, not the outcome. */
	struct counters *counters;
	uint64_t now_us; /* any clock that does not go back */
};

/*
 * The same, limited as the policy says if it is over UDP. `limit` may be NULL: no limit, and
 * nothing is counted.
 */
size_t respond_limited(const struct serving *serving, const struct respond_limit *limit,
	const struct client *client, uint8_t *message, size_t length, size_t capacity,
	enum outcome *outcome);

#endif
