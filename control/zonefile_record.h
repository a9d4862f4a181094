/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One entry of a zone file (RFC 1035 5.1), already on one line -> a record for the visitor, or a
 * change of $ORIGIN or $TTL.
 */
#ifndef ARPAD_CONTROL_ZONEFILE_RECORD_H
#define ARPAD_CONTROL_ZONEFILE_RECORD_H

#include "control/zonefile.h"
#include "control/zonefile_rdata.h"

#include <stdbool.h>

/* What an entry may leave out, it takes from the ones before it. */
struct zonefile_record {
	struct prefix apex;
	zonefile_visit *visit;
	void *context;
	struct zonefile_origin origin;
	struct prefix owner; /* the last one */
	bool has_owner, has_default_ttl, has_last_ttl;
	uint32_t default_ttl; /* $TTL */
	uint32_t last_ttl;    /* the last that was written out, or an SOA's minimum */
	uint64_t records;
};

void zonefile_record_init(struct zonefile_record *record, const struct prefix *apex,
	zonefile_visit *visit, void *context);

/* Reads `entry`, which has text and is changed. The failure's text names no line yet. */
int zonefile_record_read(struct zonefile_record *record, char *entry, struct failure *failure);

#endif
