/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing the journal: entries of changes, bulk changes as one, and what is too old or too much
 * removed again. Its state follows the batch: a part that is undone takes its notes with it.
 */
#include "control/journal/journal.h"

#include <stdlib.h>
#include <string.h>

static const struct store_bytes bytes_name = {(const uint8_t *)"journal-bytes", 13};

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

int journal_open(struct journal *journal, struct store *store, struct failure *failure)
{
	struct store_bytes value;
	int found;

	journal->store = store;
	found = store_kv_get(store, STORE_META, bytes_name, &value, failure);
	if (found < 0)
		return -1;
	if (found == 1 && value.count != 8)
		return refuse_damage(failure);
	journal->state.bytes = found == 1 ? wire_get64(value.octets) : 0;
	journal->committed = journal->state;
	return 0;
}

void journal_close(struct journal *journal)
{
	free(journal->scratch);
	journal->scratch = NULL;
	journal->capacity = 0;
}

void journal_begin(struct journal *journal)
{
	journal->state = (struct journal_state){.bytes = journal->state.bytes};
	journal->committed = journal->state;
	journal->batch_first = store_sequence(journal->store) + 1;
	memcpy(journal->committed_first, journal->first, sizeof(journal->first));
}

void journal_roll_back(struct journal *journal)
{
	journal->state = journal->committed;
	memcpy(journal->first, journal->committed_first, sizeof(journal->first));
	journal->first_time = 0;
}

void journal_mark(struct journal *journal)
{
	journal->marked = journal->state;
}

void journal_undo(struct journal *journal)
{
	journal->state = journal->marked;
}

/* ---- Entries ---- */

static uint8_t *reserve(struct journal *journal, size_t bytes)
{
	enum { STEP = 1024 };
	size_t capacity = (bytes + STEP - 1) / STEP * STEP;
	uint8_t *grown;

	if (bytes <= journal->capacity)
		return journal->scratch;
	grown = realloc(journal->scratch, capacity);
	if (grown == NULL)
		return NULL;
	journal->scratch = grown;
	journal->capacity = capacity;
	return grown;
}

/* Where the entries of a change begin. */
static void follow_change(struct journal_state *state, uint64_t sequence)
{
	if (state->sequence == sequence)
		return;
	state->sequence = sequence;
	state->index = 0;
	state->bulk = state->ended = false;
	state->added = state->changed = state->removed = 0;
}

static int put_entry(struct journal *journal, struct journal_entry *entry, struct failure *failure)
{
	struct journal_state *state = &journal->state;
	uint8_t key[JOURNAL_KEY_BYTES], *value = reserve(journal, journal_value_room(entry));
	size_t bytes;

	if (value == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the journal");
	entry->index = state->index;
	journal_write_key(entry->sequence, entry->index, key);
	bytes = journal_write_value(entry, value);
	if (store_kv_put(journal->store, STORE_JOURNAL, bytes_of(key, sizeof(key)),
		    bytes_of(value, bytes), failure) != 0)
		return -1;
	state->index++;
	state->entries++;
	state->bytes += sizeof(key) + bytes;
	return 0;
}

int journal_note(struct journal *journal, struct journal_entry *entry, struct failure *failure)
{
	follow_change(&journal->state, entry->sequence);
	return put_entry(journal, entry, failure);
}

static size_t write_gone_key(const struct journal_entry *entry, uint8_t *key)
{
	return store_write_key(entry->zone, &entry->owner.owner, entry->type, key);
}

/* The change that the RRset went with, where its mark says so, else 0. */
static int read_gone(struct journal *journal, const struct journal_entry *entry, uint64_t *sequence,
	struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	struct store_bytes key = bytes_of(octets, write_gone_key(entry, octets)), value;
	int found = store_kv_get(journal->store, STORE_GONE, key, &value, failure);

	*sequence = 0;
	if (found <= 0)
		return found;
	if (value.count != 8)
		return refuse_damage(failure);
	*sequence = wire_get64(value.octets);
	return 0;
}

static int forget_gone(
	struct journal *journal, const struct journal_entry *entry, struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];

	return store_kv_delete(journal->store, STORE_GONE,
		       bytes_of(octets, write_gone_key(entry, octets)), failure) < 0
		? -1
		: 0;
}

/* The entry of a deletion goes, and the mark that points to it. */
static int forget_deletion(
	struct journal *journal, const struct journal_entry *entry, struct failure *failure)
{
	uint64_t sequence;

	if (read_gone(journal, entry, &sequence, failure) != 0)
		return -1;
	return sequence == entry->sequence ? forget_gone(journal, entry, failure) : 0;
}

static int mark_gone(
	struct journal *journal, const struct journal_entry *entry, struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES], sequence[8];

	wire_put64(sequence, entry->sequence);
	return store_kv_put(journal->store, STORE_GONE,
		bytes_of(octets, write_gone_key(entry, octets)),
		bytes_of(sequence, sizeof(sequence)), failure);
}

/* ---- Bulk changes ---- */

/* Puts the entry at `from`, whose value is in the store, at `to`. */
static int move_entry(
	struct journal *journal, struct store_bytes value, uint32_t to, struct failure *failure)
{
	uint8_t key[JOURNAL_KEY_BYTES], *copy = reserve(journal, value.count);

	if (copy == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the journal");
	memcpy(copy, value.octets, value.count);
	journal_write_key(journal->state.sequence, to, key);
	return store_kv_put(journal->store, STORE_JOURNAL, bytes_of(key, sizeof(key)),
		bytes_of(copy, value.count), failure);
}

/*
 * Takes back the change's entry at `index`, if it is an RRset's, with what it said of its going;
 * another becomes the one at `*kept`.
 */
static int take_back(
	struct journal *journal, uint32_t index, uint32_t *kept, struct failure *failure)
{
	struct journal_state *state = &journal->state;
	uint8_t octets[JOURNAL_KEY_BYTES];
	struct store_bytes key, value;
	struct journal_entry entry;
	int found;

	journal_write_key(state->sequence, index, octets);
	key = bytes_of(octets, sizeof(octets));
	found = store_kv_get(journal->store, STORE_JOURNAL, key, &value, failure);
	if (found < 0)
		return -1;
	if (found == 0 || journal_parse(key, value, &entry) != 0)
		return refuse_damage(failure);
	if (entry.kind != JOURNAL_RRSET && index == (*kept)++)
		return 0;
	if (entry.kind != JOURNAL_RRSET) {
		if (move_entry(journal, value, *kept - 1, failure) != 0)
			return -1;
	} else {
		state->bytes -= key.count + value.count;
		state->entries--;
		if (!entry.has_after && forget_deletion(journal, &entry, failure) != 0)
			return -1;
	}
	return store_kv_delete(journal->store, STORE_JOURNAL, key, failure) < 0 ? -1 : 0;
}

/* The change turned out to be one of many RRsets: what was noted of each goes. */
static int become_bulk(struct journal *journal, struct failure *failure)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < journal->state.index; i++)
		if (take_back(journal, i, &kept, failure) != 0)
			return -1;
	journal->state.index = kept;
	journal->state.bulk = true;
	return 0;
}

/* Of which zone the counted RRsets are: 0 for several. */
static void count(struct journal_state *state, const struct journal_entry *counts)
{
	bool is_first = state->added + state->changed + state->removed == 0;

	if (is_first || state->bulk_zone == counts->zone) {
		state->bulk_zone = counts->zone;
		state->bulk_serial = counts->serial;
	} else {
		state->bulk_zone = state->bulk_serial = 0;
	}
	state->added += counts->added;
	state->changed += counts->changed;
	state->removed += counts->removed;
}

void journal_note_bulk(struct journal *journal, const struct journal_entry *counts)
{
	follow_change(&journal->state, counts->sequence);
	journal->state.bulk = true;
	count(&journal->state, counts);
}

int journal_end_change(struct journal *journal, const struct object_text *actor, uint32_t now,
	struct failure *failure)
{
	struct journal_state *state = &journal->state;
	struct journal_entry entry = {
		.sequence = state->sequence,
		.time = now,
		.zone = state->bulk_zone,
		.serial = state->bulk_serial,
		.kind = JOURNAL_BULK,
		.actor = *actor,
		.added = state->added,
		.changed = state->changed,
		.removed = state->removed,
	};

	state->ended = true;
	if (!state->bulk)
		return 0;
	state->bulk = false;
	return put_entry(journal, &entry, failure);
}

int journal_note_rrset(
	struct journal *journal, struct journal_entry *entry, struct failure *failure)
{
	struct journal_state *state = &journal->state;
	uint64_t gone = 0;

	entry->kind = JOURNAL_RRSET;
	entry->previous = entry->has_before ? entry->before.stamp.sequence : 0;
	entry->batch = journal->batch_first;
	entry->added = !entry->has_before;
	entry->changed = entry->has_before && entry->has_after;
	entry->removed = !entry->has_after;
	follow_change(state, entry->sequence);
	count(state, entry);
	if (!state->bulk && !state->ended && state->index >= JOURNAL_RRSETS_MAX &&
		become_bulk(journal, failure) != 0)
		return -1;
	if (state->bulk)
		return 0;
	if (!entry->has_before && read_gone(journal, entry, &gone, failure) != 0)
		return -1;
	if (gone != 0)
		entry->previous = gone;
	if (put_entry(journal, entry, failure) != 0)
		return -1;
	if (!entry->has_after)
		return mark_gone(journal, entry, failure);
	return gone != 0 ? forget_gone(journal, entry, failure) : 0;
}

/* ---- What goes ---- */

/* Some of the oldest entries: read first, for a cursor ends with the first write. */
enum { PAGE_ENTRIES = 64 };

struct old {
	uint8_t key[JOURNAL_KEY_BYTES];
	size_t bytes;
	uint32_t time;
	bool is_deletion;
	struct journal_entry entry; /* where is_deletion: zone, owner, type and sequence */
};

static bool is_over(const struct journal *journal, uint32_t time, uint32_t now)
{
	const struct journal_limits *limits = &journal->limits;

	return journal->state.bytes > limits->size_bytes ||
		(limits->keep_seconds > 0 && time < now && now - time > limits->keep_seconds);
}

static int read_old(
	struct old *old, struct store_bytes key, struct store_bytes value, struct failure *failure)
{
	if (journal_parse(key, value, &old->entry) != 0)
		return refuse_damage(failure);
	memcpy(old->key, key.octets, sizeof(old->key));
	old->bytes = key.count + value.count;
	old->time = old->entry.time;
	old->is_deletion = old->entry.kind == JOURNAL_RRSET && !old->entry.has_after;
	return 0;
}

/* Reads up to `most` entries from `first` on. Returns how many, or -1. */
static int read_page(
	struct journal *journal, struct old *page, unsigned most, struct failure *failure)
{
	struct store_bytes key, value;
	struct store_cursor *cursor;
	unsigned n = 0;
	int found;

	if (store_cursor_open(journal->store, STORE_JOURNAL, &cursor, failure) != 0)
		return -1;
	found = store_cursor_seek(
		cursor, bytes_of(journal->first, sizeof(journal->first)), &key, &value, failure);
	while (found == 1 && n < most) {
		if (read_old(&page[n++], key, value, failure) != 0) {
			found = -1;
			break;
		}
		if (n < most)
			found = store_cursor_next(cursor, &key, &value, failure);
	}
	store_cursor_close(cursor);
	return found < 0 ? -1 : (int)n;
}

/* Lowers `*sequence` to what a commit without its confirmation may have to undo. */
static int first_unconfirmed(struct store *store, uint64_t *sequence, struct failure *failure)
{
	struct store_bytes key, value;
	struct store_cursor *cursor;
	int found;

	if (store_cursor_open(store, STORE_UNCONFIRMED, &cursor, failure) != 0)
		return -1;
	found = store_cursor_seek(cursor, bytes_of(NULL, 0), &key, &value, failure);
	while (found == 1) {
		if (value.count >= 8 && wire_get64(value.octets) < *sequence)
			*sequence = wire_get64(value.octets);
		found = store_cursor_next(cursor, &key, &value, failure);
	}
	store_cursor_close(cursor);
	return found;
}

static int drop(struct journal *journal, const struct old *old, struct failure *failure)
{
	if (store_kv_delete(journal->store, STORE_JOURNAL, bytes_of(old->key, sizeof(old->key)),
		    failure) < 0)
		return -1;
	journal->state.bytes -=
		journal->state.bytes < old->bytes ? journal->state.bytes : old->bytes;
	return old->is_deletion ? forget_deletion(journal, &old->entry, failure) : 0;
}

/* 1: there may be more to drop; 0: there is not; -1. */
static int drop_page(struct journal *journal, struct old *page, unsigned most, uint64_t keep,
	uint32_t now, struct failure *failure)
{
	int count = read_page(journal, page, most, failure);

	for (int i = 0; i < count; i++) {
		memcpy(journal->first, page[i].key, sizeof(journal->first));
		journal->first_time = page[i].time;
		if (!is_over(journal, page[i].time, now) || page[i].entry.sequence >= keep)
			return 0;
		if (drop(journal, &page[i], failure) != 0)
			return -1;
	}
	return count < 0 ? -1 : count == (int)most;
}

static int prune(struct journal *journal, uint32_t now, struct failure *failure)
{
	uint64_t left = 2 * journal->state.entries, keep = journal->batch_first;
	struct old *page;
	int result = 1;

	if (!is_over(journal, journal->first_time, now))
		return 0;
	if (first_unconfirmed(journal->store, &keep, failure) < 0)
		return -1;
	page = malloc(PAGE_ENTRIES * sizeof(*page));
	if (page == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the journal");
	while (result == 1 && left > 0) {
		unsigned most = left < PAGE_ENTRIES ? (unsigned)left : PAGE_ENTRIES;

		result = drop_page(journal, page, most, keep, now, failure);
		left -= most;
	}
	free(page);
	return result < 0 ? -1 : 0;
}

int journal_finish(struct journal *journal, uint32_t now, struct failure *failure)
{
	uint8_t octets[8];

	if (journal->state.entries == 0)
		return 0;
	if (prune(journal, now, failure) != 0)
		return -1;
	wire_put64(octets, journal->state.bytes);
	return store_kv_put(
		journal->store, STORE_META, bytes_name, bytes_of(octets, sizeof(octets)), failure);
}
