/* SPDX-License-Identifier: BSD-3-Clause */
/* An RRset that owns its bytes and can grow: what parsers fill and the store's values become. */
#ifndef ARPAD_CONTROL_RRSET_BUFFER_H
#define ARPAD_CONTROL_RRSET_BUFFER_H

#include "dataplane/records/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RRSET_RDATA_MAX_BYTES = 60000 }; /* as rendered; fits one message with header and question */

struct rrset_buffer {
	uint16_t type;
	uint16_t count;
	uint32_t ttl;
	uint32_t rdata_bytes, capacity;
	uint8_t *rdata; /* the items of struct rrset */
};

/* Empties it for a new RRset; keeps its memory. A zeroed struct is an empty buffer. */
void rrset_buffer_reset(struct rrset_buffer *buffer, uint16_t type, uint32_t ttl);

/* Adds one RDATA; one that is there already is ignored (RFC 2181 5). 0, -ENOMEM or -E2BIG. */
int rrset_buffer_add(struct rrset_buffer *buffer, const uint8_t *rdata, uint16_t bytes);

/* Makes it a copy of a well-formed `rrset`. 0 or -ENOMEM (then nothing changed). */
int rrset_buffer_copy(struct rrset_buffer *buffer, const struct rrset *rrset);

/* The borrowed view that record_new and the store take. */
struct rrset rrset_buffer_view(const struct rrset_buffer *buffer);

void rrset_buffer_free(struct rrset_buffer *buffer);

/* Walks the items: `*offset` starts at 0; returns the item or NULL at the end. */
const uint8_t *rrset_next(const struct rrset *rrset, uint32_t *offset, uint16_t *bytes);

/* Whether two RRsets have the same type, TTL and items, in the same order and case. */
bool rrset_equal(const struct rrset *a, const struct rrset *b);

#endif
