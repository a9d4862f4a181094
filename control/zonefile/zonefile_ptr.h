/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The line that reverse zones are made of, `host [TTL] [IN] PTR name`, read in one pass. What it
 * takes it reads as the general reader (zonefile_record) does; what it does not take is no error.
 */
#ifndef ARPAD_CONTROL_ZONEFILE_PTR_H
#define ARPAD_CONTROL_ZONEFILE_PTR_H

#include "control/zonefile/zonefile_rdata.h"
#include "dataplane/dns/arpa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* $ORIGIN as this reader needs it. */
struct zonefile_origin {
	struct zonefile_name name;
	bool is_prefix;
	struct prefix prefix; /* where it is one */
};

/* Works out the rest of `origin` from its name. */
void zonefile_origin_settle(struct zonefile_origin *origin);

struct zonefile_ptr {
	struct prefix host;
	bool has_ttl;
	uint32_t ttl;
	size_t target_bytes;
	/* Behind the longest name is room for the label that makes it too long. */
	uint8_t target[WIRE_NAME_MAX_BYTES + 1 + WIRE_LABEL_MAX_BYTES];
};

/*
 * Reads the line from `line` to `end`, where its '\n' is; the owner is of `family`. False: it is
 * another line, or one that needs more care.
 */
bool zonefile_ptr_read(const char *line, const char *end, uint8_t family,
	const struct zonefile_origin *origin, struct zonefile_ptr *ptr);

#endif
