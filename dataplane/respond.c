/* SPDX-License-Identifier: BSD-3-Clause */
/* One message through the stages that know nothing of frames. */
#include "dataplane/respond.h"

#include "dataplane/answer.h"
#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"

#include "dataplane/hot.h"

size_t respond(const struct serving *serving, enum transport transport, uint8_t *message,
	size_t length, size_t capacity, enum outcome *outcome)
{
	/* Pairs with the release in serving_publish_zones. */
	const struct zones *zones = atomic_load_explicit(&serving->zones, memory_order_acquire);
	size_t limit = WIRE_MESSAGE_MAX_BYTES, reply;
	const struct record *record;
	const struct prefix *owner;
	struct query query;

	query_read(message, length, &query);
	if (transport == TRANSPORT_UDP)
		limit = edns_udp_limit(&query.edns);
	if (limit > capacity)
		limit = capacity;
	if (limit < WIRE_UDP_PLAIN_BYTES) {
		*outcome = OUTCOME_NO_ROOM;
		return 0;
	}
	owner = answer_owner(&query);
	record = owner ? table_find(serving->table, owner) : NULL;
	*outcome = answer_write(zones, &query, record, message, limit, &reply);
	return reply;
}
