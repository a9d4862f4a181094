/* SPDX-License-Identifier: BSD-3-Clause */
/* One message through the stages that know nothing of frames. */
#include "dataplane/respond.h"

#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"

#include "dataplane/hot.h"

size_t respond(const struct serving *serving, const struct client *client, uint8_t *message,
	size_t length, size_t capacity, enum outcome *outcome)
{
	struct serving_view view = serving_load(serving);
	size_t limit = WIRE_MESSAGE_MAX_BYTES, reply;
	struct found found = {.record = NULL};
	const struct owner *owner;
	struct query query;

	query_read(message, length, &query);
	if (client->transport == TRANSPORT_UDP)
		limit = edns_udp_limit(&query.edns, view.policy->udp_bytes);
	if (limit > capacity)
		limit = capacity;
	if (limit < WIRE_UDP_PLAIN_BYTES) {
		*outcome = OUTCOME_NO_ROOM;
		return 0;
	}
	owner = answer_owner(&query);
	if (owner)
		found = table_find(view.table, owner);
	serving_see_cuts(&view);
	*outcome = answer_write(&view, client, &query, &found, message, limit, &reply);
	return reply;
}
