/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/store_codec.c: any octets as a key and a value. What is taken must render, and be
 * written back as it came. The first octet is the key's length.
 */
#include "control/store_codec.h"
#include "dataplane/records/record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_key(
	const uint8_t *key, size_t bytes, uint32_t zone, const struct owner *owner, uint16_t type)
{
	uint8_t again[STORE_KEY_MAX_BYTES];

	if (store_write_key(zone, owner, type, again) != bytes || memcmp(again, key, bytes) != 0)
		abort();
}

static void check_value(const struct owner *owner, const struct rrset *rrset)
{
	uint32_t offset = 0, items = 0;
	uint16_t bytes;

	while (rrset_next(rrset, &offset, &bytes) != NULL)
		items++;
	if (items != rrset->count || offset != rrset->rdata_bytes)
		abort();
	record_free(record_new(owner, rrset, 1)); /* NULL where it would not fit a message */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store_owner owner = {.owner = {.prefix = {.family = ARPA_FAMILY_IPV4, .bits = 32}}};
	struct rrset rrset;
	uint16_t type = 12;
	uint32_t zone;
	size_t key;
	uint8_t *copy;

	if (size < 1 || size - 1 < data[0])
		return 0;
	key = data[0];
	if (store_parse_key(data + 1, key, &zone, &owner, &type) == 0)
		check_key(data + 1, key, zone, &owner.owner, type);
	/* A copy of its own, so that a read past the value's end is seen. */
	size -= 1 + key;
	copy = malloc(size > 0 ? size : 1);
	memcpy(copy, data + 1 + key, size);
	if (store_parse_value(type, copy, size, &rrset) == 0)
		check_value(&owner.owner, &rrset);
	free(copy);
	return 0;
}
