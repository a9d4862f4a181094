/* SPDX-License-Identifier: BSD-3-Clause */
/* The query that the server asks itself, and whether a reply to it is right. Pure. */
#ifndef ARPAD_CONTROL_HEALTH_SELFQUERY_H
#define ARPAD_CONTROL_HEALTH_SELFQUERY_H

#include "dataplane/dns/wire.h"
#include "dataplane/records/zones.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SELFQUERY_MAX_BYTES = WIRE_HEADER_BYTES + WIRE_NAME_MAX_BYTES + WIRE_QUESTION_FIXED };

struct selfquery {
	bool zone; /* we are authoritative for the name */
	size_t length;
	uint8_t message[SELFQUERY_MAX_BYTES];
};

/* Asks for the SOA of `zone`, or of in-addr.arpa where there is none: NULL. */
void selfquery_write(struct selfquery *query, uint16_t id, const struct zone *zone);

/*
 * Whether it is the reply of a server that has that zone, or (without one) that refuses: with the
 * query's number and question, and the SOA, or with a word that it is too long.
 */
bool selfquery_is_right(const struct selfquery *query, const uint8_t *reply, size_t length);

#endif
