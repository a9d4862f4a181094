/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reader's half of the sharded, lock-free table: owner -> record. Readers never lock, retry or
 * write. A record is borrowed until the worker's next quiescent state.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_TABLE_H
#define ARPAD_DATAPLANE_RECORDS_TABLE_H

#include "dataplane/dns/owner.h"
#include "dataplane/records/record.h"

struct table;

/* The record at exactly `owner`, or NULL. Any thread. */
const struct record *table_find(const struct table *table, const struct owner *owner);

/*
 * table_find for `n` owners: records[i] answers *owners[i]; an owner that is NULL gives NULL. The
 * bucket and then the record of later owners are prefetched while earlier ones are compared, a
 * sliding window, so that the misses overlap. Any thread.
 */
void table_find_bulk(const struct table *table, const struct owner *const *owners,
	const struct record **records, unsigned n);

#endif
