/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RRsets as lines of a zone file, which zonefile.h and other servers read back to the same octets.
 * Not for use by two threads at once (ldns).
 */
#ifndef ARPAD_CONTROL_ZONETEXT_H
#define ARPAD_CONTROL_ZONETEXT_H

#include "dataplane/dns/owner.h"
#include "dataplane/records/record.h"

#include <stddef.h>

/* A text that grows; a zeroed struct is an empty one. */
struct zonetext {
	char *text; /* `bytes` characters, no NUL */
	size_t bytes, capacity;
};

/*
 * Adds a line for each record of a well-formed `rrset`: owner, TTL, class, type and data, all names
 * absolute. 0, or -ENOMEM: then the text is as it was.
 */
int zonetext_write(struct zonetext *text, const struct owner *owner, const struct rrset *rrset);

/* Puts a NUL behind the text, which does not count. 0, or -ENOMEM. */
int zonetext_end(struct zonetext *text);

/* Empties it; keeps its memory. */
void zonetext_reset(struct zonetext *text);

void zonetext_free(struct zonetext *text);

#endif
