/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One entry of a zone file (RFC 1035 5.1), already on one line -> a record for the visitor, the
 * records of a $GENERATE, or a change of $ORIGIN or $TTL.
 */
#ifndef ARPAD_CONTROL_ZONEFILE_RECORD_H
#define ARPAD_CONTROL_ZONEFILE_RECORD_H

#include "control/zonefile/zonefile.h"
#include "control/zonefile/zonefile_ptr.h"

#include <stdbool.h>

enum { ZONEFILE_ENTRY_MAX_BYTES = 65535 }; /* the text of one record; most are under 100 */

/* What an included text has for itself. */
struct zonefile_place {
	struct zonefile_origin origin;
	struct zonefile_name owner; /* of the last record */
	struct prefix host;	    /* the last record's owner, where `owner_is_host` */
	bool has_owner, owner_is_host;
};

/* What an entry may leave out, it takes from the ones before it. */
struct zonefile_record {
	struct zonefile_name apex_name;
	struct owner apex; /* borrows apex_name */
	zonefile_visit *visit;
	void *context;
	struct zonefile_place place;
	bool has_default_ttl, has_last_ttl;
	uint32_t default_ttl; /* $TTL */
	uint32_t last_ttl;    /* the last that was written out, or an SOA's minimum */
	uint64_t records;
	uint64_t generated_records; /* of $GENERATE, in the piece being fed */
	struct zonefile_ptr ptr;    /* the line being read */
	uint8_t rdata[ZONEFILE_RDATA_MAX_BYTES];
	char generated[ZONEFILE_ENTRY_MAX_BYTES + 1]; /* the data of $GENERATE's record */
};

/* `record` must stay where it is. */
void zonefile_record_init(struct zonefile_record *record, const struct owner *apex,
	zonefile_visit *visit, void *context);

/* Reads `entry`, which has text and is changed. The failure's text names no line yet. */
int zonefile_record_read(struct zonefile_record *record, char *entry, struct failure *failure);

/*
 * Reads the line from `line` to its '\n' at `end`, where an entry would begin, if it is a host's
 * plain PTR record. 1; 0: it is not, and nothing has changed; or -1.
 */
int zonefile_record_read_ptr(
	struct zonefile_record *record, const char *line, const char *end, struct failure *failure);

/* Makes `field`, a name, the origin. */
int zonefile_record_set_origin(
	struct zonefile_record *record, const char *field, struct failure *failure);

#endif
