/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/library_log.h"

#include "control/log.h"

#include <inttypes.h>
#include <time.h>

bool library_log_allows(struct library_log_budget *budget, uint32_t second, uint64_t *dropped)
{
	uint64_t was = atomic_load_explicit(&budget->now, memory_order_relaxed), next;

	do {
		uint32_t count = was >> 32 == second ? (uint32_t)was : 0;

		if (count == LIBRARY_LOG_LINES) {
			atomic_fetch_add_explicit(&budget->dropped, 1, memory_order_relaxed);
			return false;
		}
		next = (uint64_t)second << 32 | (count + 1);
	} while (!atomic_compare_exchange_weak_explicit(
		&budget->now, &was, next, memory_order_relaxed, memory_order_relaxed));
	*dropped = atomic_exchange_explicit(&budget->dropped, 0, memory_order_relaxed);
	return true;
}

static bool allowed(void)
{
	static struct library_log_budget budget;
	struct timespec now;
	uint64_t dropped = 0;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (!library_log_allows(&budget, (uint32_t)now.tv_sec, &dropped))
		return false;
	if (dropped)
		log_event(LOG_WARNING, "library-quiet",
			LOG_FIELDS(LOG_NUMBER_FIELD("lines", dropped)),
			"%" PRIu64
			" lines of DPDK and libbpf are left out: more than %d in a second",
			dropped, LIBRARY_LOG_LINES);
	return true;
}

void library_log_dpdk(enum dataplane_saying saying, const char *component, const char *text)
{
	static const enum log_level levels[] = {[DATAPLANE_SAYS_ERROR] = LOG_WARNING,
		[DATAPLANE_SAYS_WARNING] = LOG_INFO,
		[DATAPLANE_SAYS_DETAIL] = LOG_DEBUG};

	if (log_wants(levels[saying]) && allowed())
		log_event(levels[saying], "dpdk",
			LOG_FIELDS(LOG_TEXT_FIELD("component", component)), "%s", text);
}

void library_log_libbpf(bool error, const char *text)
{
	enum log_level level = error ? LOG_WARNING : LOG_DEBUG;

	if (log_wants(level) && allowed())
		log_event(level, "libbpf", NULL, "%s", text);
}
