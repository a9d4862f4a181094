/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of a PTR object, and of any RRset, beside its records. */
#ifndef ARPAD_CONTROL_OBJECT_H
#define ARPAD_CONTROL_OBJECT_H

#include "dataplane/records/record.h"

#include <stddef.h>
#include <stdint.h>

enum {
	OBJECT_DESCRIPTION_MAX_BYTES = 255,
	OBJECT_TAGS_MAX = 20,
	OBJECT_TAG_KEY_MAX_BYTES = 63,
	OBJECT_TAG_VALUE_MAX_BYTES = 255,
	OBJECT_TENANT_MAX_BYTES = 63,
};

/* Of whatever is stored: seconds since 1970, and the number of the change that wrote it. */
struct stamp {
	uint32_t created, modified;
	uint64_t sequence;
};

/* UTF-8 without NUL, borrowed; 0 octets: none. */
struct object_text {
	const char *octets;
	uint16_t bytes;
};

/* What people say of an address. */
struct details {
	struct object_text description, tenant;
	unsigned tag_count;
	struct object_tag {
		struct object_text key, value;
	} tags[OBJECT_TAGS_MAX]; /* in the order of their keys, which differ */
};

/* An RRset with all that is kept of it; borrowed. */
struct stored {
	struct rrset rrset;
	struct stamp stamp;
	const uint8_t *details; /* as details_parse reads them */
	uint16_t details_bytes; /* 0: none */
};

#endif
