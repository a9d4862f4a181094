/* SPDX-License-Identifier: BSD-3-Clause */
/* One message through the stages that know nothing of frames. */
#include "dataplane/respond.h"

#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"
#include "dataplane/overlimit.h"

#include "dataplane/hot.h"

/* What limit_one does with a frame. */
static void limit(const struct respond_limit *limit, const struct serving_view *view,
	const struct client *client, const struct query *query, uint8_t *message,
	enum outcome *outcome, size_t *length)
{
	struct ratelimit_terms terms;
	uint64_t hash;

	if (!limit->limiter || client->transport != TRANSPORT_UDP ||
		view->policy->rate.mode == RATELIMIT_OFF)
		return;
	ratelimit_terms(limit->limiter, &view->policy->rate, limit->now_us, &terms);
	hash = ratelimit_hash(limit->limiter, &terms, client->address_bytes == 4 ? 4 : 6,
		ratelimit_word(client->address, client->address_bytes));
	if (ratelimit_over(limit->limiter, &terms, hash, ratelimit_classes[*outcome]))
		*outcome = overlimit(limit->limiter, limit->counters, view, client, query, message,
			*outcome, length);
}

size_t respond(const struct serving *serving, const struct client *client, uint8_t *message,
	size_t length, size_t capacity, enum outcome *outcome)
{
	return respond_limited(serving, NULL, client, message, length, capacity, outcome);
}

size_t respond_limited(const struct serving *serving, const struct respond_limit *limiter,
	const struct client *client, uint8_t *message, size_t length, size_t capacity,
	enum outcome *outcome)
{
	struct serving_view view = serving_load(serving);
	size_t limit_bytes = WIRE_MESSAGE_MAX_BYTES, reply;
	struct found found = {.record = NULL};
	const struct owner *owner;
	struct query query;

	query_read(message, length, &query);
	if (limiter)
		counter_add(&limiter->counters->query_type[query_type_of(&query)], 1);
	if (client->transport == TRANSPORT_UDP)
		limit_bytes = edns_udp_limit(&query.edns, view.policy->udp_bytes);
	if (limit_bytes > capacity)
		limit_bytes = capacity;
	if (limit_bytes < WIRE_UDP_PLAIN_BYTES) {
		*outcome = OUTCOME_NO_ROOM;
		return 0;
	}
	owner = answer_owner(&query);
	if (owner)
		found = table_find(view.table, owner);
	serving_see_cuts(&view);
	*outcome = answer_write(&view, client, &query, &found, message, limit_bytes, &reply);
	if (limiter)
		limit(limiter, &view, client, &query, message, outcome, &reply);
	return reply;
}
