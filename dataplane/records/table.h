/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reader's half of the sharded, lock-free table: owner -> what it has. Readers never lock,
 * retry or write. What they find is borrowed until the worker's next quiescent state.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_TABLE_H
#define ARPAD_DATAPLANE_RECORDS_TABLE_H

#include "dataplane/dns/owner.h"
#include "dataplane/records/hosts.h"
#include "dataplane/records/record.h"

struct table;

/*
 * What an owner has: nothing (all NULL), a record, or the one PTR record of a host: `entry` in the
 * page `hosts`, to be read with hosts_read.
 */
struct found {
	const struct record *record;
	const struct hosts *hosts;
	const uint8_t *entry;
};

/* Whether the name exists, be it as an empty non-terminal. */
static inline bool found_exists(const struct found *found)
{
	return found->record || found->entry;
}

/* What exactly `owner` has. Any thread. */
struct found table_find(const struct table *table, const struct owner *owner);

/*
 * table_find for `n` owners: found[i] is what *owners[i] has; an owner that is NULL has nothing. Of
 * later owners the bucket, then the page, then the entry are prefetched while earlier ones are
 * compared, a sliding window, so that the misses overlap. Any thread.
 */
void table_find_bulk(const struct table *table, const struct owner *const *owners,
	struct found *found, unsigned n);

/* Room for a record with one PTR record. */
struct record_space {
	_Alignas(struct record) uint8_t bytes[sizeof(struct record) + sizeof(struct rendered) + 2 +
		WIRE_RR_FIXED + WIRE_NAME_MAX_BYTES + HOSTS_COPY_BYTES];
};

/*
 * What was found at `owner` as a record, or NULL for nothing: where a page has it, it is rendered
 * into `space`. For all but plain hits, which do without. Any thread.
 */
const struct record *found_record(
	const struct found *found, const struct owner *owner, struct record_space *space);

#endif
