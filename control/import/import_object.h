/* SPDX-License-Identifier: BSD-3-Clause */
/* What a line of CSV or NDJSON says of an address, and how its fields are read. */
#ifndef ARPAD_CONTROL_IMPORT_OBJECT_H
#define ARPAD_CONTROL_IMPORT_OBJECT_H

#include "control/failure.h"
#include "control/object.h"
#include "dataplane/dns/arpa.h"
#include "dataplane/dns/wire.h"

#include <stddef.h>
#include <stdint.h>

enum {
	IMPORT_NAMES_MAX = 10,		    /* of an address */
	IMPORT_LINE_MAX_BYTES = UINT16_MAX, /* above the longest spelling of an object */
};

struct import_object {
	struct prefix address;
	unsigned said; /* STAGED_... (staging.h), never STAGED_TIMES */
	uint32_t ttl;  /* if STAGED_TTL */
	unsigned name_count;
	size_t name_bytes;
	uint8_t names[IMPORT_NAMES_MAX * (2 + WIRE_NAME_MAX_BYTES)]; /* as struct rrset has items */
	struct details details; /* borrowed for the call that has the object; tags not yet sorted */
};

/* One object, borrowed for the call. 0 to go on, -1 to stop. */
typedef int import_visit(
	void *context, const struct import_object *object, struct failure *failure);

void import_object_reset(struct import_object *object);

/* Each reads one field of untrusted octets into the object. 0, or -1 with FAILURE_INVALID. */
int import_object_address(
	struct import_object *object, const struct object_text *field, struct failure *failure);
int import_object_name(
	struct import_object *object, const struct object_text *field, struct failure *failure);
int import_object_ttl(struct import_object *object, int64_t ttl, struct failure *failure);
int import_object_tag(struct import_object *object, const struct object_text *key,
	const struct object_text *value, struct failure *failure);

#endif
