/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A zone file, fed in pieces of any size, becomes records. It opens no file: what $INCLUDE names
 * is fed by the caller. The text is untrusted. Memory is bounded by the longest record, not by the
 * file.
 */
#ifndef ARPAD_CONTROL_ZONEFILE_H
#define ARPAD_CONTROL_ZONEFILE_H

#include "control/failure.h"
#include "dataplane/dns/owner.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ZONEFILE_INCLUDES_MAX = 10, /* one in the other: far above any use, so a loop ends */
	/* Records of $GENERATE in one piece, hence of one directive: the hosts of a /12. */
	ZONEFILE_GENERATE_MAX = 1048576,
};

/*
 * One record of the file, in order. `owner` is inside the zone and borrowed for the call. Returns 0
 * to go on, -1 to stop.
 */
typedef int zonefile_visit(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure);

struct zonefile;

/* A parser for the zone at `apex`, the first $ORIGIN. Copies the name. NULL: no memory. */
struct zonefile *zonefile_new(const struct owner *apex, zonefile_visit *visit, void *context);

/*
 * Parses the next piece; what it takes is bounded by the piece's length and ZONEFILE_GENERATE_MAX.
 * -1: the failure's text starts with "line N: " (in an included text "name:N: ") and names the
 * rule; the parser is then of no further use. What zone data may be: class IN; owners at or below
 * the apex; SOA at the apex, any other type anywhere, those that only questions and signatures of
 * messages have refused; TTL 0..2147483647. RDATA is well-formed for its type, its names
 * uncompressed, their case kept. $INCLUDE is refused.
 */
int zonefile_feed(
	struct zonefile *zonefile, const char *text, size_t bytes, struct failure *failure);

/*
 * What is fed from now on is another text, named `name` in failures. Only where a line begins, in
 * place of the $INCLUDE. `origin`, as the directive has it, or NULL for the one in force.
 */
int zonefile_include(
	struct zonefile *zonefile, const char *name, const char *origin, struct failure *failure);

/* The included text ends; $ORIGIN and the last owner are again what they were (RFC 1035 5.1). */
int zonefile_include_end(struct zonefile *zonefile, struct failure *failure);

/* The end of the file: parses what is left. An open parenthesis or quote is a failure. */
int zonefile_finish(struct zonefile *zonefile, struct failure *failure);

/* Records so far, and the line reached in the text that is being fed. */
uint64_t zonefile_records(const struct zonefile *zonefile);
uint64_t zonefile_line(const struct zonefile *zonefile);

void zonefile_free(struct zonefile *zonefile);

#endif
