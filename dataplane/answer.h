/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What to say to a query: from the parsed question and the record found, the reply in place. The
 * scalar heart that pipeline_run and respond share.
 */
#ifndef ARPAD_DATAPLANE_ANSWER_H
#define ARPAD_DATAPLANE_ANSWER_H

#include "dataplane/dns/query.h"
#include "dataplane/outcome.h"
#include "dataplane/records/record.h"
#include "dataplane/records/zones.h"

#include <stddef.h>
#include <stdint.h>

/* The owner to look up in the table, or NULL when no record can matter. Borrows from `query`. */
const struct prefix *answer_owner(const struct query *query);

/*
 * Writes the reply to `query` over `message`, at most `limit` bytes (WIRE_UDP_PLAIN_BYTES or
 * more). `record` is what the table holds at answer_owner(query), or NULL. `*length` is the
 * reply's length, 0 for silence. Returns the outcome. Worker, or any registered reader.
 */
enum outcome answer_write(const struct zones *zones, const struct query *query,
	const struct record *record, uint8_t *message, size_t limit, size_t *length);

#endif
