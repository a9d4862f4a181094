/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ratelimit_log.h"

#include "control/log.h"

#include <inttypes.h>

enum { LINE_SECONDS = 60 };

const char *ratelimit_class_name(enum ratelimit_class class)
{
	static const char *const names[RATELIMIT_CLASSES] = {
		[RATELIMIT_NONE] = "none",
		[RATELIMIT_ANSWERS] = "answers",
		[RATELIMIT_NXDOMAIN] = "nxdomain",
		[RATELIMIT_ERRORS] = "errors",
		[RATELIMIT_REFERRALS] = "referrals",
	};

	return names[class];
}

void ratelimit_totals_add(struct ratelimit_totals *totals, const struct counters *counters)
{
	for (unsigned c = 0; c < RATELIMIT_CLASSES; c++)
		totals->limited[c] += counter_read(&counters->rate_limited[c]);
	totals->slipped += counter_read(&counters->outcome[OUTCOME_RATE_SLIPPED]);
	totals->dropped += counter_read(&counters->outcome[OUTCOME_RATE_DROPPED]);
	totals->exempt_cookie += counter_read(&counters->rate_exempt_cookie);
	totals->exempt_prefix += counter_read(&counters->rate_exempt_prefix);
}

void ratelimit_log_second(
	struct ratelimit_log *log, bool log_only, const struct ratelimit_totals *totals)
{
	uint64_t more[RATELIMIT_CLASSES], sum = 0;

	if (log->wait_s) {
		log->wait_s--;
		return;
	}
	for (unsigned c = 0; c < RATELIMIT_CLASSES; c++) {
		more[c] = totals->limited[c] - log->told.limited[c];
		sum += more[c];
	}
	if (!sum)
		return;
	log_event(LOG_WARNING, "rate-limit",
		LOG_FIELDS(LOG_NUMBER_FIELD("answers", more[RATELIMIT_ANSWERS]),
			LOG_NUMBER_FIELD("nxdomain", more[RATELIMIT_NXDOMAIN]),
			LOG_NUMBER_FIELD("errors", more[RATELIMIT_ERRORS]),
			LOG_NUMBER_FIELD("referrals", more[RATELIMIT_REFERRALS])),
		"rate limit: %" PRIu64 " replies above their rate %s: %" PRIu64 " answers, %" PRIu64
		" nxdomain, %" PRIu64 " errors, %" PRIu64 " referrals; see \"arpactl stats\"",
		sum, log_only ? "were sent (log only)" : "were cut short or dropped",
		more[RATELIMIT_ANSWERS], more[RATELIMIT_NXDOMAIN], more[RATELIMIT_ERRORS],
		more[RATELIMIT_REFERRALS]);
	log->told = *totals;
	log->wait_s = LINE_SECONDS - 1;
}
