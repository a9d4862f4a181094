/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A zone file, fed in pieces of any size, becomes RRsets. Names are ldns's work.
 * The text is untrusted. Memory is bounded by the longest record, not by the file.
 */
#ifndef ARPAD_CONTROL_ZONEFILE_H
#define ARPAD_CONTROL_ZONEFILE_H

#include "control/failure.h"
#include "dataplane/dns/arpa.h"

#include <stddef.h>
#include <stdint.h>

/* One record of the file, in order. `owner` is inside the zone. Returns 0 to go on, -1 to stop. */
typedef int zonefile_visit(void *context, const struct prefix *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure);

struct zonefile;

/* A parser for the zone at `apex`, the first $ORIGIN. NULL: no memory. */
struct zonefile *zonefile_new(const struct prefix *apex, zonefile_visit *visit, void *context);

/*
 * Parses the next piece. -1: the failure's text starts with "line N: " and names the rule; the
 * parser is then of no further use. What zone data may be: class IN; owners that are address
 * names at or below the apex; SOA and NS at the apex, PTR anywhere, other types refused by name;
 * TTL 0..2147483647.
 */
int zonefile_feed(
	struct zonefile *zonefile, const char *text, size_t bytes, struct failure *failure);

/* The end of the file: parses what is left. An open parenthesis or quote is a failure. */
int zonefile_finish(struct zonefile *zonefile, struct failure *failure);

/* Records so far, and the line reached. */
uint64_t zonefile_records(const struct zonefile *zonefile);
uint64_t zonefile_line(const struct zonefile *zonefile);

void zonefile_free(struct zonefile *zonefile);

#endif
