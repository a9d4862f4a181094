/* SPDX-License-Identifier: BSD-3-Clause */
/* A few steps to the next owner are cheaper than a search; more than that are not. */
#include "control/update/owner_reader.h"

#include "control/store/store_codec.h"
#include "control/store/store_lmdb.h"

#include <string.h>

enum { STEPS_MAX = 8 };

struct wanted {
	size_t bytes;
	uint8_t key[STORE_OWNER_KEY_MAX_BYTES];
};

static int step(struct owner_reader *reader, struct failure *failure)
{
	reader->at = store_walk_next(reader->walk, &reader->entry, failure);
	return reader->at < 0 ? -1 : 0;
}

static int open_zone(struct owner_reader *reader, uint32_t zone, struct failure *failure)
{
	if (reader->walk != NULL && reader->zone == zone)
		return 0;
	owner_reader_close(reader);
	if (store_walk_open(reader->store, zone, &reader->walk, failure) != 0)
		return -1;
	reader->zone = zone;
	return step(reader, failure);
}

/* Where the entry's owner stands to the wanted one. No owner key is the beginning of another. */
static int compare(const struct owner_reader *reader, const struct wanted *wanted)
{
	size_t bytes = reader->entry.key_bytes - 2;

	return memcmp(
		reader->entry.key, wanted->key, bytes < wanted->bytes ? bytes : wanted->bytes);
}

static int go_to(struct owner_reader *reader, const struct wanted *wanted, struct failure *failure)
{
	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		int order = reader->at == 1 ? compare(reader, wanted) : 1;

		if (order == 0)
			return 0;
		/* Behind it: it is not there, or further back, as only a search can tell. */
		if (order > 0 || step(reader, failure) != 0)
			break;
	}
	if (reader->at < 0)
		return -1;
	reader->at =
		store_walk_seek(reader->walk, wanted->key, wanted->bytes, &reader->entry, failure);
	return reader->at < 0 ? -1 : 0;
}

static int take(struct owner_reader *reader, const struct owner *owner, struct owner_sets *sets,
	struct failure *failure)
{
	const struct store_entry *entry = &reader->entry;
	uint16_t type = wire_get16(entry->key + entry->key_bytes - 2);
	struct stored stored;

	if ((type != WIRE_TYPE_PTR ||
		    !store_parse_lone_ptr(entry->value, entry->value_bytes, &stored.rrset)) &&
		store_parse_value(type, entry->value, entry->value_bytes, &stored) != 0)
		return store_refuse_value(reader->store, owner, type, failure);
	if (owner_sets_add(sets, &stored.rrset) != 0)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for records");
	return 0;
}

int owner_reader_read(struct owner_reader *reader, uint32_t zone, const struct owner *owner,
	struct owner_sets *sets, struct failure *failure)
{
	struct wanted wanted;

	owner_sets_reset(sets);
	wanted.bytes = store_write_owner_key(owner, wanted.key);
	if (open_zone(reader, zone, failure) != 0 || go_to(reader, &wanted, failure) != 0)
		return -1;
	while (reader->at == 1 && compare(reader, &wanted) == 0)
		if (take(reader, owner, sets, failure) != 0 || step(reader, failure) != 0)
			return -1;
	return 0;
}

void owner_reader_close(struct owner_reader *reader)
{
	store_walk_close(reader->walk);
	reader->walk = NULL;
}
