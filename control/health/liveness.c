/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/health/liveness.h"

void liveness_see(struct liveness *liveness, uint64_t count, uint64_t now_ms)
{
	if (liveness->moved_ms && liveness->count == count) {
		liveness->still++;
		return;
	}
	liveness->count = count;
	liveness->moved_ms = now_ms;
	liveness->still = 0;
}

bool liveness_is_still(const struct liveness *liveness, uint64_t now_ms, uint64_t ms)
{
	return liveness->still >= LIVENESS_LOOKS && now_ms - liveness->moved_ms >= ms;
}

void liveness_ask(struct liveness *liveness, uint64_t now_ms)
{
	liveness->asked = true;
	liveness->asked_ms = now_ms;
	liveness->waited = 0;
}

void liveness_answer(struct liveness *liveness, bool right)
{
	liveness->asked = false;
	if (right) {
		liveness->misses = 0;
		liveness->right++;
	} else {
		liveness->misses++;
	}
}

void liveness_wait(struct liveness *liveness, uint64_t now_ms)
{
	if (!liveness->asked || now_ms - liveness->asked_ms < LIVENESS_PATIENCE_MS)
		return;
	liveness->waited++;
	liveness->misses++;
}

bool liveness_is_silent(const struct liveness *liveness, uint64_t now_ms)
{
	return liveness->asked && liveness->waited >= LIVENESS_LOOKS &&
		now_ms - liveness->asked_ms >= LIVENESS_STUCK_MS;
}

bool liveness_is_wrong(const struct liveness *liveness)
{
	return liveness->misses >= LIVENESS_MISSES_MAX;
}
