/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records of an import, packed one behind the other until the file is complete and consistent.
 * Sorted only when they are read, and only if they did not come so. Control thread.
 */
#ifndef ARPAD_CONTROL_STAGING_H
#define ARPAD_CONTROL_STAGING_H

#include "control/failure.h"
#include "control/rrset_buffer.h"
#include "control/store/store_codec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct staging;

/*
 * Stages in `directory`, which is borrowed: one zone's records if there is an `apex`, which is
 * copied, else those of zones by number. NULL: no memory.
 */
struct staging *staging_new(const char *directory, const struct owner *apex);
void staging_free(struct staging *staging); /* takes NULL */

/* NULL: of zones by number. */
const struct owner *staging_apex(const struct staging *staging);

/* Adds one record of the zone; a zonefile_visit with the staging as its context. */
int staging_add(void *staging, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure);

/* What is said of an RRset beside its records. What is not said stays as it is. */
enum {
	STAGED_DESCRIPTION = 1,
	STAGED_TAGS = 2,
	STAGED_TENANT = 4,
	STAGED_TTL = 8,
	STAGED_TIMES = 16, /* created and modified */
	STAGED_DETAILS = STAGED_DESCRIPTION | STAGED_TAGS | STAGED_TENANT,
};

/* An RRset, or a part of one, of the zone with this number. Its records are sound. */
struct staging_item {
	uint32_t zone;
	const struct owner *owner;
	struct rrset rrset;
	unsigned said;		/* STAGED_... */
	const uint8_t *details; /* as details_write writes them */
	uint16_t details_bytes;
	uint32_t created, modified;
};
int staging_put(struct staging *staging, const struct staging_item *item, struct failure *failure);

/* Records so far, each name being one. */
size_t staging_records(const struct staging *staging);

/* Before reading. Sorts what was added; more may be added and asks for sorting again. */
int staging_sort(struct staging *staging, struct failure *failure);

/* One RRset of a sorted staging. Start with a zeroed struct; end with staged_free. */
struct staged {
	uint32_t zone;
	const uint8_t *key; /* the owner's key and the type, as the store's behind the zone */
	size_t key_bytes;
	struct rrset rrset; /* borrowed until the next staging_read */
	unsigned said;
	const uint8_t *details;
	uint16_t details_bytes;
	uint32_t created, modified;
	size_t next;		    /* where to read on */
	struct rrset_buffer merged; /* the RRset where it is more than one item */
};

/*
 * Reads the RRset at `position` (0, or a `next`), in the order of zones and of the store's keys.
 * Where its records have several TTLs, the lowest holds (RFC 2181 5.2 deprecates that); repeated
 * records count once. 1; 0: the end; or -1: it does not fit one message, or its parts say
 * different things of it.
 */
int staging_read(const struct staging *staging, size_t position, struct staged *staged,
	struct failure *failure);

/* The owner of what was read. */
void staged_owner(const struct staged *staged, struct store_owner *owner);

static inline void staged_free(struct staged *staged)
{
	rrset_buffer_free(&staged->merged);
}

#endif
