/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was written lately, in order of keys: an entry for each key that was put or deleted. Lies
 * over an older state of the store, which it hides where it has an entry. One thread writes and
 * searches; another may go from first to next when it is written no more.
 */
#ifndef ARPAD_CONTROL_STORE_RECENT_H
#define ARPAD_CONTROL_STORE_RECENT_H

#include "control/store/store_kv.h"

struct store_recent;

/* Borrowed until the key is written again or the map freed. */
struct store_recent_entry {
	const uint8_t *value;
	uint32_t value_bytes;
	uint16_t key_bytes;
	uint8_t levels;
	bool deleted; /* the key is not there, whatever is below */
	uint8_t key[];
};

struct store_recent *store_recent_new(void);	     /* NULL: no memory */
void store_recent_free(struct store_recent *recent); /* takes NULL */

/*
 * Writes `value`, or with NULL that there is none. 0, or -ENOMEM and nothing changed.
 */
int store_recent_put(struct store_recent *recent, enum store_table table, struct store_bytes key,
	const struct store_bytes *value);

/* NULL: there is none. */
const struct store_recent_entry *store_recent_find(
	const struct store_recent *recent, enum store_table table, struct store_bytes key);

/* The first at or above `key`; the last below it; the first and last of all. NULL: none. */
const struct store_recent_entry *store_recent_seek(
	const struct store_recent *recent, enum store_table table, struct store_bytes key);
const struct store_recent_entry *store_recent_below(
	const struct store_recent *recent, enum store_table table, struct store_bytes key);
const struct store_recent_entry *store_recent_first(
	const struct store_recent *recent, enum store_table table);
const struct store_recent_entry *store_recent_last(
	const struct store_recent *recent, enum store_table table);
const struct store_recent_entry *store_recent_next(const struct store_recent_entry *entry);
const struct store_recent_entry *store_recent_previous(const struct store_recent_entry *entry);

/* A place in the list of writes. Undo takes back all since; forget makes all so far final. */
size_t store_recent_mark(const struct store_recent *recent);
void store_recent_undo(struct store_recent *recent, size_t mark);
void store_recent_forget(struct store_recent *recent);

size_t store_recent_count(const struct store_recent *recent); /* entries */
size_t store_recent_bytes(const struct store_recent *recent); /* memory */

#endif
