/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What to say to a message: from the parsed question and the record found, the reply in place. The
 * scalar heart that pipeline_run and respond share.
 */
#ifndef ARPAD_DATAPLANE_ANSWER_H
#define ARPAD_DATAPLANE_ANSWER_H

#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"
#include "dataplane/outcome.h"
#include "dataplane/records/table.h"
#include "dataplane/serving.h"

#include <stddef.h>
#include <stdint.h>

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

/* Who asks. */
struct client {
	const uint8_t *address; /* network order, borrowed for the call */
	uint8_t address_bytes;	/* 4 or 16 */
	enum transport transport;
};

/* The owner to look up in the table, or NULL when no record can matter. Borrows from `query`. */
static inline const struct owner *answer_owner(const struct query *query)
{
	return query->status == QUERY_OK && query->qclass == WIRE_CLASS_IN ? &query->owner : NULL;
}

/*
 * Writes the reply to `query` over `message`, at most `limit` bytes (WIRE_UDP_PLAIN_BYTES or
 * more). `found` is what the table holds at answer_owner(query). `*length` is the reply's length,
 * 0 for silence. Returns the outcome. Any registered reader.
 */
enum outcome answer_write(const struct serving_view *view, const struct client *client,
	const struct query *query, const struct found *found, uint8_t *message, size_t limit,
	size_t *length);

#endif
