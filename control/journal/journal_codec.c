/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An entry of the journal as octets: time (4), zone (4), serial (4), kind (1), actor (1 and so
 * many), and then what its kind has. Numbers are big endian. Read back, nothing may be left over.
 */
#include "control/journal/journal.h"

#include <string.h>

enum {
	HEAD_BYTES = 4 + 4 + 4 + 1 + 1,
	OWNER_HEAD_BYTES = 2,
	TYPE_BYTES = 2,
	SEQUENCE_BYTES = 8,
	VALUE_HEAD_BYTES = 4,
	BULK_COUNTS = 3,
	REVERT_COUNTS = 4,
};

size_t journal_write_key(uint64_t sequence, uint32_t index, uint8_t key[static JOURNAL_KEY_BYTES])
{
	wire_put64(key, sequence);
	wire_put32(key + 8, index);
	return JOURNAL_KEY_BYTES;
}

int journal_parse_key(struct store_bytes key, uint64_t *sequence, uint32_t *index)
{
	if (key.count != JOURNAL_KEY_BYTES)
		return -1;
	*sequence = wire_get64(key.octets);
	*index = wire_get32(key.octets + 8);
	return 0;
}

/* How many numbers end an entry of the kind; of an RRset or a zone it has values in their place. */
static unsigned counts_of(uint8_t kind)
{
	switch (kind) {
	case JOURNAL_BULK:
		return BULK_COUNTS;
	case JOURNAL_REVERT:
		return REVERT_COUNTS;
	default:
		return 0;
	}
}

static void gather_counts(const struct journal_entry *entry, uint64_t counts[static REVERT_COUNTS])
{
	const uint64_t bulk[REVERT_COUNTS] = {entry->added, entry->changed, entry->removed};
	const uint64_t revert[REVERT_COUNTS] = {
		entry->first, entry->last, entry->reverted, entry->skipped};

	memcpy(counts, entry->kind == JOURNAL_BULK ? bulk : revert, sizeof(bulk));
}

static void spread_counts(struct journal_entry *entry, const uint64_t counts[static REVERT_COUNTS])
{
	if (entry->kind == JOURNAL_BULK) {
		entry->added = counts[0];
		entry->changed = counts[1];
		entry->removed = counts[2];
	} else {
		entry->first = counts[0];
		entry->last = counts[1];
		entry->reverted = counts[2];
		entry->skipped = counts[3];
	}
}

static size_t stored_bytes(bool has, const struct stored *stored)
{
	return has ? store_value_bytes(stored) : 0;
}

size_t journal_value_room(const struct journal_entry *entry)
{
	size_t bytes = HEAD_BYTES + entry->actor.bytes + OWNER_HEAD_BYTES +
		STORE_RRSET_KEY_MAX_BYTES + 2 * SEQUENCE_BYTES + 2 * VALUE_HEAD_BYTES +
		REVERT_COUNTS * SEQUENCE_BYTES;

	if (entry->kind != JOURNAL_RRSET)
		return bytes + entry->before_octets.count + entry->after_octets.count;
	return bytes + stored_bytes(entry->has_before, &entry->before) +
		stored_bytes(entry->has_after, &entry->after);
}

static bool has_batch(const struct journal_entry *entry)
{
	return entry->kind == JOURNAL_RRSET && entry->type == WIRE_TYPE_SOA;
}

static uint8_t *write_octets(uint8_t *at, struct store_bytes octets)
{
	wire_put32(at, (uint32_t)octets.count);
	if (octets.count > 0)
		memcpy(at + VALUE_HEAD_BYTES, octets.octets, octets.count);
	return at + VALUE_HEAD_BYTES + octets.count;
}

static uint8_t *write_stored(uint8_t *at, bool has, const struct stored *stored)
{
	size_t bytes = stored_bytes(has, stored);

	wire_put32(at, (uint32_t)bytes);
	if (has)
		store_write_value(stored, at + VALUE_HEAD_BYTES);
	return at + VALUE_HEAD_BYTES + bytes;
}

static uint8_t *write_values(const struct journal_entry *entry, uint8_t *at)
{
	size_t bytes = store_write_owner_key(&entry->owner.owner, at + OWNER_HEAD_BYTES);

	wire_put16(at, (uint16_t)bytes);
	at += OWNER_HEAD_BYTES + bytes;
	wire_put16(at, entry->type);
	at += TYPE_BYTES;
	wire_put64(at, entry->previous);
	at += SEQUENCE_BYTES;
	if (has_batch(entry)) {
		wire_put64(at, entry->batch);
		at += SEQUENCE_BYTES;
	}
	if (entry->kind == JOURNAL_RRSET)
		return write_stored(write_stored(at, entry->has_before, &entry->before),
			entry->has_after, &entry->after);
	return write_octets(write_octets(at, entry->before_octets), entry->after_octets);
}

size_t journal_write_value(const struct journal_entry *entry, uint8_t *value)
{
	unsigned counts = counts_of(entry->kind);
	uint64_t count[REVERT_COUNTS];
	uint8_t *at = value + HEAD_BYTES;

	wire_put32(value, entry->time);
	wire_put32(value + 4, entry->zone);
	wire_put32(value + 8, entry->serial);
	value[12] = entry->kind;
	value[13] = (uint8_t)entry->actor.bytes;
	if (entry->actor.bytes > 0)
		memcpy(at, entry->actor.octets, entry->actor.bytes);
	at += entry->actor.bytes;
	if (counts == 0)
		return (size_t)(write_values(entry, at) - value);
	gather_counts(entry, count);
	for (unsigned i = 0; i < counts; i++, at += SEQUENCE_BYTES)
		wire_put64(at, count[i]);
	return (size_t)(at - value);
}

/* Takes `count` octets off the front; NULL: there are fewer. */
static const uint8_t *take(struct store_bytes *left, size_t count)
{
	const uint8_t *taken = left->octets;

	if (count > left->count)
		return NULL;
	left->octets += count;
	left->count -= count;
	return taken;
}

static int take_octets(struct store_bytes *left, struct store_bytes *octets)
{
	const uint8_t *head = take(left, VALUE_HEAD_BYTES);

	if (head == NULL)
		return -1;
	octets->count = wire_get32(head);
	octets->octets = take(left, octets->count);
	return octets->octets == NULL ? -1 : 0;
}

static int take_number(struct store_bytes *left, uint64_t *number)
{
	const uint8_t *octets = take(left, SEQUENCE_BYTES);

	if (octets == NULL)
		return -1;
	*number = wire_get64(octets);
	return 0;
}

static int parse_rrset_key(struct journal_entry *entry, struct store_bytes *left)
{
	const uint8_t *head = take(left, OWNER_HEAD_BYTES), *key;
	size_t bytes;

	if (head == NULL)
		return -1;
	bytes = wire_get16(head);
	key = take(left, bytes + TYPE_BYTES);
	if (key == NULL || store_parse_owner_key(key, bytes, &entry->owner) != 0)
		return -1;
	entry->type = wire_get16(key + bytes);
	entry->rrset_key = (struct store_bytes){key, bytes + TYPE_BYTES};
	return 0;
}

static int parse_stored(uint16_t type, struct store_bytes octets, struct stored *stored)
{
	return octets.count == 0 ? 0 : store_parse_value(type, octets.octets, octets.count, stored);
}

static int parse_values(struct journal_entry *entry, struct store_bytes *left)
{
	if (parse_rrset_key(entry, left) != 0 || take_number(left, &entry->previous) != 0)
		return -1;
	if (has_batch(entry) && take_number(left, &entry->batch) != 0)
		return -1;
	if (take_octets(left, &entry->before_octets) != 0 ||
		take_octets(left, &entry->after_octets) != 0)
		return -1;
	entry->has_before = entry->before_octets.count > 0;
	entry->has_after = entry->after_octets.count > 0;
	if (entry->kind != JOURNAL_RRSET)
		return 0;
	if (parse_stored(entry->type, entry->before_octets, &entry->before) != 0)
		return -1;
	return parse_stored(entry->type, entry->after_octets, &entry->after);
}

static int parse_counts(struct journal_entry *entry, struct store_bytes *left, unsigned counts)
{
	uint64_t count[REVERT_COUNTS] = {0};

	for (unsigned i = 0; i < counts; i++)
		if (take_number(left, &count[i]) != 0)
			return -1;
	spread_counts(entry, count);
	return 0;
}

/* All but what owners and values are read into, which is large and filled where there are any. */
static void clear(struct journal_entry *entry)
{
	entry->type = 0;
	entry->previous = entry->batch = 0;
	entry->rrset_key = (struct store_bytes){NULL, 0};
	entry->has_before = entry->has_after = false;
	entry->before_octets = entry->after_octets = (struct store_bytes){NULL, 0};
	entry->added = entry->changed = entry->removed = 0;
	entry->first = entry->last = entry->reverted = entry->skipped = 0;
}

int journal_parse(struct store_bytes key, struct store_bytes value, struct journal_entry *entry)
{
	struct store_bytes left = value;
	const uint8_t *head = take(&left, HEAD_BYTES);
	unsigned counts;

	clear(entry);
	if (head == NULL || journal_parse_key(key, &entry->sequence, &entry->index) != 0)
		return -1;
	entry->time = wire_get32(head);
	entry->zone = wire_get32(head + 4);
	entry->serial = wire_get32(head + 8);
	entry->kind = head[12];
	entry->actor = (struct object_text){(const char *)left.octets, head[13]};
	if (entry->kind < JOURNAL_RRSET || entry->kind > JOURNAL_REVERT ||
		take(&left, entry->actor.bytes) == NULL)
		return -1;
	counts = counts_of(entry->kind);
	if ((counts > 0 ? parse_counts(entry, &left, counts) : parse_values(entry, &left)) != 0)
		return -1;
	return left.count == 0 ? 0 : -1;
}
