/* SPDX-License-Identifier: BSD-3-Clause */
/* Only here does a limiter look at cookies and exemptions: who is within the rate pays for none. */
#include "dataplane/overlimit.h"

#include "dataplane/dns/cookie.h"

#include "dataplane/hot.h"

/* Whether the client sent a cookie that we look at. */
static bool has_cookie(const struct policy *policy, const struct query *query)
{
	return query->status == QUERY_OK && query->edns.cookie_bytes != 0 &&
		policy->cookies != POLICY_COOKIES_OFF;
}

static bool cookie_valid(
	const struct serving_view *view, const struct client *client, const struct query *query)
{
	return has_cookie(view->policy, query) &&
		cookie_check(query->edns.cookie, query->edns.cookie_bytes, client->address,
			client->address_bytes, view->now, &view->policy->secrets) == COOKIE_VALID;
}

static size_t write_short(const struct serving_view *view, const struct client *client,
	const struct query *query, uint8_t *message)
{
	struct edns_reply opt = {
		.udp_bytes = view->policy->udp_bytes, .dnssec_ok = query->edns.dnssec_ok};
	struct reply reply;

	reply_begin(&reply, message, WIRE_UDP_PLAIN_BYTES, 0, query);
	if (has_cookie(view->policy, query)) {
		opt.rcode = WIRE_BADCOOKIE;
		opt.options = EDNS_REPLY_COOKIE;
		cookie_write(opt.cookie, query->edns.cookie, client->address, client->address_bytes,
			view->now, &view->policy->secrets);
	} else {
		reply.truncated = true;
	}
	return reply_finish(&reply, query, opt.rcode, false, query->edns.present ? &opt : NULL);
}

enum outcome overlimit(struct ratelimit *limiter, struct counters *counters,
	const struct serving_view *view, const struct client *client, const struct query *query,
	uint8_t *message, enum outcome outcome, size_t *length)
{
	const struct ratelimit_policy *rate = &view->policy->rate;

	if (ratelimit_exempt(rate, client->address, client->address_bytes)) {
		counter_add(&counters->rate_exempt_prefix, 1);
		return outcome;
	}
	if (cookie_valid(view, client, query)) {
		counter_add(&counters->rate_exempt_cookie, 1);
		return outcome;
	}
	counter_add(&counters->rate_limited[ratelimit_classes[outcome]], 1);
	if (rate->mode == RATELIMIT_LOG)
		return outcome;
	*length = 0;
	if (query->status != QUERY_OK || !ratelimit_slips(limiter, rate->slip))
		return OUTCOME_RATE_DROPPED;
	*length = write_short(view, client, query, message);
	return OUTCOME_RATE_SLIPPED;
}
