/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Grace periods by the book, in C11 atomics without fences, which ThreadSanitizer understands: the
 * reference beside the data plane's own. Readers are online from before the writer's first change
 * until they leave for good, so that going online needs no ordering of its own.
 */
#ifndef ARPAD_TESTS_STRESS_QSBR_H
#define ARPAD_TESTS_STRESS_QSBR_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { QSBR_READERS_MAX = 16 };

struct qsbr_reader {
	alignas(64) _Atomic(uint64_t) seen; /* the last token that it was quiescent after */
};

struct qsbr {
	alignas(64) _Atomic(uint64_t) token;
	unsigned readers;
	struct qsbr_reader reader[QSBR_READERS_MAX];
};

/* Before any thread starts. Every reader is online. */
static inline void qsbr_init(struct qsbr *q, unsigned readers)
{
	atomic_init(&q->token, 0);
	q->readers = readers;
	for (unsigned i = 0; i < readers; i++)
		atomic_init(&q->reader[i].seen, 0);
}

/*
 * Reader `i` holds nothing. The acquire pairs with qsbr_start: what was unlinked before the token
 * is not found after. The release pairs with qsbr_passed: earlier reads precede the freeing.
 */
static inline void qsbr_quiescent(struct qsbr *q, unsigned i)
{
	uint64_t token = atomic_load_explicit(&q->token, memory_order_acquire);

	atomic_store_explicit(&q->reader[i].seen, token, memory_order_release);
}

/* Reader `i` holds nothing and will never read again. */
static inline void qsbr_offline(struct qsbr *q, unsigned i)
{
	atomic_store_explicit(&q->reader[i].seen, UINT64_MAX, memory_order_release);
}

/* Writer. `context` is the struct qsbr; the signatures are those of struct grace. */
static inline uint64_t qsbr_start(void *context)
{
	struct qsbr *q = context;

	return atomic_fetch_add_explicit(&q->token, 1, memory_order_acq_rel) + 1;
}

static inline bool qsbr_passed(void *context, uint64_t token)
{
	struct qsbr *q = context;

	for (unsigned i = 0; i < q->readers; i++)
		if (atomic_load_explicit(&q->reader[i].seen, memory_order_acquire) < token)
			return false;
	return true;
}

#endif
