/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of a PTR object, and of any RRset, beside its records. */
#ifndef ARPAD_CONTROL_OBJECT_H
#define ARPAD_CONTROL_OBJECT_H

#include "control/failure.h"
#include "dataplane/records/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OBJECT_DESCRIPTION_MAX_BYTES = 255,
	OBJECT_TAGS_MAX = 20,
	OBJECT_TAG_KEY_MAX_BYTES = 63,
	OBJECT_TAG_VALUE_MAX_BYTES = 255,
	OBJECT_TENANT_MAX_BYTES = 63,
	/* Each text with a length octet, and the number of tags. */
	OBJECT_DETAILS_MAX_BYTES = 1 + OBJECT_DESCRIPTION_MAX_BYTES + 1 + OBJECT_TENANT_MAX_BYTES +
		1 +
		OBJECT_TAGS_MAX * (1 + OBJECT_TAG_KEY_MAX_BYTES + 1 + OBJECT_TAG_VALUE_MAX_BYTES),
};

/* Of whatever is stored: seconds since 1970, and the number of the change that wrote it. */
struct stamp {
	uint32_t created, modified;
	uint64_t sequence;
};

/* UTF-8 without control characters, borrowed; 0 octets: none. */
struct object_text {
	const char *octets;
	uint16_t bytes;
};

/* Whether it is UTF-8 without control characters. */
bool object_text_is_sound(const struct object_text *text);

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

/*
 * Details as the store keeps them: description and tenant, each as its length (1) and its octets,
 * how many tags (1), and of each its key and its value likewise. One who has none has no octets.
 *
 * Parse makes `details` a view into `octets`: 0, or -1: damaged. Of 0 octets it is nothing at all.
 */
int details_parse(const uint8_t *octets, size_t bytes, struct details *details);

/* The tenant alone, of octets that details_parse took. */
struct object_text details_tenant(const uint8_t *octets, size_t bytes);

/* Writes sound details, at most OBJECT_DETAILS_MAX_BYTES; returns how many. 0: nothing is set. */
size_t details_write(const struct details *details, uint8_t *octets);

/*
 * Puts the tags in the order of their keys, and says what may not be: a text that is too long, or
 * no UTF-8, or has control characters; two tags of one key; a key with '=' or ';' or a value with
 * ';', which "key=value;key=value" could not tell. 0, or -1 with FAILURE_INVALID.
 */
int details_settle(struct details *details, struct failure *failure);

#endif
