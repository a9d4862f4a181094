/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading the journal: what came behind a change, and what became of one RRset. */
#include "control/journal/journal.h"

#include <string.h>

static struct store_bytes bytes_of(const uint8_t *octets, size_t count)
{
	return (struct store_bytes){octets, count};
}

static int refuse_damage(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: an entry of its journal is unreadable; restore it from a "
		"backup");
}

static int refuse_age(uint64_t after, uint64_t first, struct failure *failure)
{
	return failure_set(failure, FAILURE_TOO_OLD,
		"the journal begins with change %llu, so what came after %llu is not all there; "
		"read the records anew",
		(unsigned long long)first, (unsigned long long)after);
}

int journal_first(struct store *store, uint64_t *sequence, struct failure *failure)
{
	struct store_bytes key, value;
	struct store_cursor *cursor;
	uint32_t index = 0;
	int found;

	if (store_cursor_open(store, STORE_JOURNAL, &cursor, failure) != 0)
		return -1;
	found = store_cursor_seek(cursor, bytes_of(NULL, 0), &key, &value, failure);
	if (found == 1 && journal_parse_key(key, sequence, &index) != 0)
		found = refuse_damage(failure);
	store_cursor_close(cursor);
	if (found == 0)
		*sequence = store_sequence(store) + 1;
	/* The entries of a change count from 0: a lower one went already. */
	else if (found == 1 && index > 0)
		(*sequence)++;
	return found < 0 ? -1 : 0;
}

/* ---- What came behind ---- */

/* Whether the entry at `key` is the next one behind: then nothing went between them. */
static bool is_next(struct store_bytes key, uint64_t after_sequence, uint32_t after_index)
{
	uint64_t sequence;
	uint32_t index;

	if (journal_parse_key(key, &sequence, &index) != 0)
		return false;
	if (sequence == after_sequence)
		return after_index != UINT32_MAX && index == after_index + 1;
	return sequence == after_sequence + 1 && index == 0;
}

static int check_age(
	struct store *store, uint64_t after_sequence, uint32_t after_index, struct failure *failure)
{
	uint64_t first, needed = after_index == UINT32_MAX ? after_sequence + 1 : after_sequence;

	if (journal_first(store, &first, failure) != 0)
		return -1;
	return needed < first ? refuse_age(after_sequence, first, failure) : 0;
}

static int visit_from(struct store_cursor *cursor, struct store_bytes key, struct store_bytes value,
	journal_visit *visit, void *context, struct failure *failure)
{
	struct journal_entry entry;
	int found = 1;

	while (found == 1) {
		int result;

		if (journal_parse(key, value, &entry) != 0)
			return refuse_damage(failure);
		result = visit(context, &entry);
		if (result != 0)
			return result;
		found = store_cursor_next(cursor, &key, &value, failure);
	}
	return found;
}

int journal_each(struct store *store, uint64_t after_sequence, uint32_t after_index,
	journal_visit *visit, void *context, struct failure *failure)
{
	uint8_t from[JOURNAL_KEY_BYTES];
	struct store_bytes key, value;
	struct store_cursor *cursor;
	bool whole = after_index == UINT32_MAX;
	int result;

	if (after_sequence == UINT64_MAX)
		return 0;
	journal_write_key(
		whole ? after_sequence + 1 : after_sequence, whole ? 0 : after_index + 1, from);
	if (store_cursor_open(store, STORE_JOURNAL, &cursor, failure) != 0)
		return -1;
	result = store_cursor_seek(cursor, bytes_of(from, sizeof(from)), &key, &value, failure);
	if (result >= 0 && (result == 0 || !is_next(key, after_sequence, after_index)) &&
		check_age(store, after_sequence, after_index, failure) != 0)
		result = -1;
	if (result == 1)
		result = visit_from(cursor, key, value, visit, context, failure);
	store_cursor_close(cursor);
	return result;
}

/* ---- What became of one RRset ---- */

struct history {
	struct store *store;
	uint32_t zone;
	const struct owner *owner;
	uint16_t type;
	journal_visit *visit;
	void *context;
	struct failure *failure;
};

/* The change that the RRset is from, or went with. 0: none is known. */
static int last_change(const struct history *history, uint64_t *sequence)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	struct store_bytes value,
		key = bytes_of(octets,
			store_write_key(history->zone, history->owner, history->type, octets));
	struct stored stored;
	int found = store_kv_get(history->store, STORE_RRSETS, key, &value, history->failure);

	*sequence = 0;
	if (found == 1 && store_parse_value(history->type, value.octets, value.count, &stored) != 0)
		return refuse_damage(history->failure);
	if (found == 1)
		*sequence = stored.stamp.sequence;
	if (found != 0)
		return found < 0 ? -1 : 0;
	found = store_kv_get(history->store, STORE_GONE, key, &value, history->failure);
	if (found == 1 && value.count == 8)
		*sequence = wire_get64(value.octets);
	return found < 0 ? -1 : 0;
}

/* Goes to the last entry of the change. 1, 0: there is none, -1. */
static int seek_end(struct store_cursor *cursor, uint64_t sequence, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	uint8_t behind[JOURNAL_KEY_BYTES];
	int found;

	journal_write_key(sequence + 1, 0, behind);
	found = store_cursor_seek(cursor, bytes_of(behind, sizeof(behind)), key, value, failure);
	if (found == 0)
		return store_cursor_last(cursor, key, value, failure);
	return found < 0 ? -1 : store_cursor_previous(cursor, key, value, failure);
}

static bool is_of(const struct history *history, const struct journal_entry *entry)
{
	if (entry->kind == JOURNAL_BULK)
		return entry->zone == history->zone || entry->zone == 0;
	return entry->kind == JOURNAL_RRSET && entry->zone == history->zone &&
		entry->type == history->type && owner_equal(&entry->owner.owner, history->owner);
}

/*
 * Visits what the change did to the RRset, the last first. `*previous` is the change before it; 0:
 * that is not known.
 */
static int visit_change(const struct history *history, struct store_cursor *cursor,
	uint64_t sequence, uint64_t *previous)
{
	struct store_bytes key, value;
	struct journal_entry entry;
	int found = seek_end(cursor, sequence, &key, &value, history->failure);

	*previous = 0;
	while (found == 1) {
		int result;

		if (journal_parse(key, value, &entry) != 0)
			return refuse_damage(history->failure);
		if (entry.sequence != sequence)
			return 0;
		if (is_of(history, &entry)) {
			*previous = entry.kind == JOURNAL_BULK ? 0 : entry.previous;
			result = history->visit(history->context, &entry);
			/* What led to the first that the change did lies before the change. */
			if (result != 0 || *previous != sequence)
				return result;
		}
		found = store_cursor_previous(cursor, &key, &value, history->failure);
	}
	return found;
}

static int follow(const struct history *history, uint64_t sequence)
{
	struct store_cursor *cursor;
	uint64_t first, previous;
	int result = 0;

	if (journal_first(history->store, &first, history->failure) != 0 ||
		store_cursor_open(history->store, STORE_JOURNAL, &cursor, history->failure) != 0)
		return -1;
	while (result == 0 && sequence >= first && sequence > 0) {
		result = visit_change(history, cursor, sequence, &previous);
		sequence = previous < sequence ? previous : 0;
	}
	store_cursor_close(cursor);
	return result;
}

int journal_history(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	journal_visit *visit, void *context, struct failure *failure)
{
	const struct history history = {store, zone, owner, type, visit, context, failure};
	uint64_t sequence;

	if (last_change(&history, &sequence) != 0)
		return -1;
	return follow(&history, sequence);
}
