/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/store/store_codec.c: any octets as a key and a value. What is taken must render, and be
 * written back as it came. The first octet is the key's length.
 */
#include "control/store/store_codec.h"
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

static void check_details(const struct stored *stored)
{
	uint8_t again[OBJECT_DETAILS_MAX_BYTES];
	struct object_text tenant;
	struct details details;

	if (details_parse(stored->details, stored->details_bytes, &details) != 0 ||
		details_write(&details, again) != stored->details_bytes ||
		memcmp(again, stored->details, stored->details_bytes) != 0)
		abort();
	tenant = details_tenant(stored->details, stored->details_bytes);
	if (tenant.octets != details.tenant.octets || tenant.bytes != details.tenant.bytes)
		abort();
}

static void check_value(
	const struct owner *owner, const struct stored *stored, const uint8_t *value, size_t bytes)
{
	uint8_t *again = malloc(store_value_bytes(stored));
	uint32_t offset = 0, items = 0;
	uint16_t item;

	while (rrset_next(&stored->rrset, &offset, &item) != NULL)
		items++;
	if (items != stored->rrset.count || offset != stored->rrset.rdata_bytes)
		abort();
	if (stored->details_bytes > 0)
		check_details(stored);
	if (store_value_bytes(stored) != bytes)
		abort();
	store_write_value(stored, again);
	if (memcmp(again, value, bytes) != 0)
		abort();
	free(again);
	record_free(
		record_new(owner, &stored->rrset, 1)); /* NULL where it would not fit a message */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store_owner owner = {.owner = {.prefix = {.family = ARPA_FAMILY_IPV4, .bits = 32}}};
	struct stored stored;
	struct rrset rrset;
	bool parsed, lone;
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
	parsed = store_parse_value(type, copy, size, &stored) == 0;
	lone = store_parse_lone_ptr(copy, size, &rrset);
	if (type == WIRE_TYPE_PTR && lone && (!parsed || !rrset_equal(&rrset, &stored.rrset)))
		abort();
	if (parsed)
		check_value(&owner.owner, &stored, copy, size);
	free(copy);
	return 0;
}
