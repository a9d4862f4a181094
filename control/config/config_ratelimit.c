/* SPDX-License-Identifier: BSD-3-Clause */
/* Rates, and the ranges of who is exempt: sorted and joined, so that workers may bisect them. */
#include "control/config/config_ratelimit.h"

#include "control/presentation.h"
#include "dataplane/ratelimit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each class has its key and its default. */
static const struct {
	const char *key;
	long per_second;
} rates[RATELIMIT_CLASSES] = {
	/* What NSD suggests. A resolver of many users may ask for this many names. */
	[RATELIMIT_ANSWERS] = {"rate-limit.answers", 200},
	[RATELIMIT_NXDOMAIN] = {"rate-limit.nxdomain", 200},
	/* Low: who asks us what we serve gets no error. */
	[RATELIMIT_ERRORS] = {"rate-limit.errors", 20},
	[RATELIMIT_REFERRALS] = {"rate-limit.referrals", 200},
};

static int check_rates(const struct config_check *check, const struct config_raw_rate_limit *raw)
{
	const char *const given[RATELIMIT_CLASSES] = {
		[RATELIMIT_ANSWERS] = raw->answers,
		[RATELIMIT_NXDOMAIN] = raw->nxdomain,
		[RATELIMIT_ERRORS] = raw->errors,
		[RATELIMIT_REFERRALS] = raw->referrals,
	};
	struct ratelimit_policy *rate = &check->config->policy.rate;
	int result = 0;

	for (unsigned c = RATELIMIT_NONE + 1; c < RATELIMIT_CLASSES; c++) {
		long per_second = rates[c].per_second;

		result |= config_value_number(
			check, rates[c].key, given[c], 0, RATELIMIT_RATE_MAX, &per_second);
		rate->interval_us[c] = ratelimit_interval_us((uint32_t)per_second);
	}
	return result;
}

static int check_entries(const struct config_check *check, const char *text)
{
	long entries = RATELIMIT_ENTRIES;

	if (config_value_number(check, "rate-limit.entries", text, RATELIMIT_ENTRIES_LEAST,
		    RATELIMIT_ENTRIES_MOST, &entries) != 0)
		return -1;
	if (entries & (entries - 1))
		return config_value_refuse(check, "rate-limit.entries",
			"%ld is not a power of two, such as %d", entries, RATELIMIT_ENTRIES);
	check->config->limiter_entries = (size_t)entries;
	return 0;
}

static struct ratelimit_range range_of(const struct prefix *prefix)
{
	unsigned host = (prefix->family == ARPA_FAMILY_IPV4 ? 32u : 128u) - prefix->bits;
	unsigned __int128 first = (unsigned __int128)prefix->high << 64 | prefix->low, last;

	if (prefix->family == ARPA_FAMILY_IPV4)
		first = (unsigned __int128)(UINT64_C(0xffff00000000) | prefix->high >> 32);
	last = first | (host < 128 ? ((unsigned __int128)1 << host) - 1 : ~(unsigned __int128)0);
	return (struct ratelimit_range){{(uint64_t)(first >> 64), (uint64_t)first},
		{(uint64_t)(last >> 64), (uint64_t)last}};
}

static int compare(const uint64_t *a, const uint64_t *b)
{
	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	return (a[1] > b[1]) - (a[1] < b[1]);
}

static int by_first(const void *a, const void *b)
{
	return compare(((const struct ratelimit_range *)a)->first,
		((const struct ratelimit_range *)b)->first);
}

/* Prefixes are apart or one within the other: then the wider, which starts no later, is enough. */
static void join(struct ratelimit_policy *rate)
{
	unsigned kept = 0;

	qsort(rate->exempt, rate->exempt_count, sizeof(rate->exempt[0]), by_first);
	for (unsigned i = 0; i < rate->exempt_count; i++) {
		struct ratelimit_range *last = kept ? &rate->exempt[kept - 1] : NULL;

		if (!last || compare(rate->exempt[i].first, last->last) > 0)
			rate->exempt[kept++] = rate->exempt[i];
		else if (compare(rate->exempt[i].last, last->last) > 0)
			memcpy(last->last, rate->exempt[i].last, sizeof(last->last));
	}
	rate->exempt_count = (uint16_t)kept;
}

static int check_exempt(const struct config_check *check, const struct config_raw_rate_limit *raw)
{
	struct ratelimit_policy *rate = &check->config->policy.rate;
	char key[CONFIG_KEY_BYTES];
	int result = 0;

	for (unsigned i = 0; i < raw->exempt_count; i++) {
		struct prefix prefix;
		struct failure why;
		bool host = !strchr(raw->exempt[i], '/');

		snprintf(key, sizeof(key), "rate-limit.exempt[%u]", i);
		if ((host ? presentation_parse_address(raw->exempt[i], &prefix, &why)
			  : presentation_parse_prefix(raw->exempt[i], &prefix, &why)) != 0)
			result = config_value_refuse(check, key, "%s", why.text);
		else
			rate->exempt[rate->exempt_count++] = range_of(&prefix);
	}
	join(rate);
	return result;
}

static int check_numbers(const struct config_check *check, const struct config_raw_rate_limit *raw)
{
	struct ratelimit_policy *rate = &check->config->policy.rate;
	/* The prefixes as BIND has them (NSD: 24 and 64). A burst near Knot's, whose 125 at 50 a
	 * second are 2.5 seconds. Every limited client is told, as by Knot; BIND and NSD: half. */
	long ipv4 = 24, ipv6 = 56, slip = 1, burst = 2;
	int result = config_value_number(
			     check, "rate-limit.ipv4-prefix", raw->ipv4_prefix, 1, 32, &ipv4) |
		config_value_number(
			check, "rate-limit.ipv6-prefix", raw->ipv6_prefix, 1, 64, &ipv6) |
		config_value_number(check, "rate-limit.slip", raw->slip, 0, 100, &slip) |
		config_value_number(check, "rate-limit.burst", raw->burst, 1,
			RATELIMIT_BURST_MAX_SECONDS, &burst);

	rate->ipv4_bits = (uint8_t)ipv4;
	rate->ipv6_bits = (uint8_t)ipv6;
	rate->slip = (uint8_t)slip;
	rate->burst_us = (uint32_t)burst * RATELIMIT_SECOND;
	return result;
}

int config_ratelimit_check(const struct config_check *check)
{
	static const char *const modes[] = {
		[RATELIMIT_OFF] = "off",
		[RATELIMIT_LOG] = "log",
		[RATELIMIT_ON] = "on",
		[RATELIMIT_ON + 1] = NULL,
	};
	static const struct config_raw_rate_limit empty;
	const struct config_raw_rate_limit *raw =
		check->raw->rate_limit ? check->raw->rate_limit : &empty;
	unsigned mode = RATELIMIT_OFF;
	int result = config_value_word(check, "rate-limit.mode", raw->mode, modes, &mode) |
		check_rates(check, raw) | check_numbers(check, raw) | check_exempt(check, raw) |
		check_entries(check, raw->entries);

	check->config->policy.rate.mode = (enum ratelimit_mode)mode;
	return result;
}
