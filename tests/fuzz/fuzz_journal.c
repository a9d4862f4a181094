/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/journal/journal_codec.c: any octets as an entry, and control/journal/confirm.c: as a
 * commit that waits. What is taken is written back as it came. The first octet is the key's length.
 */
#include "control/journal/confirm.h"
#include "control/journal/journal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(
	const struct journal_entry *entry, struct store_bytes key, struct store_bytes value)
{
	uint8_t key_again[JOURNAL_KEY_BYTES];
	size_t room = journal_value_room(entry);
	uint8_t *again = malloc(room);

	journal_write_key(entry->sequence, entry->index, key_again);
	if (memcmp(key_again, key.octets, key.count) != 0 || value.count > room ||
		journal_write_value(entry, again) != value.count ||
		memcmp(again, value.octets, value.count) != 0)
		abort();
	free(again);
}

static void check_confirm(const struct confirm *confirm, struct store_bytes value)
{
	uint8_t again[CONFIRM_VALUE_MAX_BYTES];

	if (confirm_write(confirm, again) != value.count ||
		memcmp(again, value.octets, value.count) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store_bytes key, value;
	struct journal_entry entry;
	struct confirm confirm;
	uint8_t *copy;

	if (size < 1 || size - 1 < data[0])
		return 0;
	key = (struct store_bytes){data + 1, data[0]};
	/* A copy of its own, so that a read past the value's end is seen. */
	value.count = size - 1 - key.count;
	copy = malloc(value.count > 0 ? value.count : 1);
	memcpy(copy, data + 1 + key.count, value.count);
	value.octets = copy;
	if (journal_parse(key, value, &entry) == 0)
		check_entry(&entry, key, value);
	if (confirm_parse(key, value, &confirm) == 0)
		check_confirm(&confirm, value);
	free(copy);
	return 0;
}
