/* SPDX-License-Identifier: BSD-3-Clause */
/* Store bytes <-> prefixes and RRsets. Every length is checked before it is believed. */
#include "control/store/store_codec.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include <string.h>

static size_t address_bytes(uint8_t family)
{
	return family == ARPA_FAMILY_IPV4 ? 4 : family == ARPA_FAMILY_IPV6 ? 16 : 0;
}

static size_t write_prefix(const struct prefix *prefix, uint8_t *key)
{
	size_t bytes = address_bytes(prefix->family);
	uint8_t address[16];

	wire_put32(address, prefix->high >> 32);
	wire_put32(address + 4, (uint32_t)prefix->high);
	wire_put32(address + 8, prefix->low >> 32);
	wire_put32(address + 12, (uint32_t)prefix->low);
	key[0] = prefix->family;
	memcpy(key + 1, address, bytes);
	key[1 + bytes] = prefix->bits;
	return 2 + bytes;
}

/* Copies a label in lower case; returns its length with its length octet. */
static size_t copy_label(const uint8_t *label, uint8_t *to)
{
	size_t bytes = 1 + (size_t)label[0];

	for (size_t i = 0; i < bytes; i++)
		to[i] = name_lower(label[i]);
	return bytes;
}

void store_keep_owner(struct store_owner *kept, const struct owner *owner)
{
	kept->owner = *owner;
	kept->owner.rest = kept->rest;
	for (unsigned i = 0; i < owner->rest_bytes; i++)
		kept->rest[i] = owner->rest[i];
}

size_t store_write_owner_key(const struct owner *owner, uint8_t *key)
{
	size_t head = write_prefix(&owner->prefix, key), at = head + owner->rest_bytes;

	key[at] = 0;
	for (unsigned from = 0; from < owner->rest_bytes; from += 1u + owner->rest[from]) {
		at -= 1u + owner->rest[from];
		copy_label(owner->rest + from, key + at);
	}
	return head + owner->rest_bytes + 1;
}

size_t store_write_subtree_end(const struct owner *owner, uint8_t *key)
{
	struct prefix last = owner->prefix;
	size_t bytes;

	if (owner->rest_bytes > 0 || last.family == OWNER_NO_FAMILY) {
		bytes = store_write_owner_key(owner, key);
	} else {
		/* The last address, with more bits than any has. */
		if (last.bits < 64)
			last.high |= UINT64_MAX >> last.bits;
		if (last.bits < 128)
			last.low |= last.bits <= 64 ? UINT64_MAX : UINT64_MAX >> (last.bits - 64);
		bytes = write_prefix(&last, key);
	}
	/* In place of the 0 that ends the labels, or of the bits: no label or prefix is so long. */
	key[bytes - 1] = UINT8_MAX;
	return bytes;
}

size_t store_write_rrset_key(const struct owner *owner, uint16_t type, uint8_t *key)
{
	size_t bytes = store_write_owner_key(owner, key);

	wire_put16(key + bytes, type);
	return bytes + 2;
}

size_t store_write_key(uint32_t zone, const struct owner *owner, uint16_t type, uint8_t *key)
{
	wire_put32(key, zone);
	return 4 + store_write_rrset_key(owner, type, key + 4);
}

static int parse_prefix(const uint8_t *key, size_t bytes, struct prefix *prefix)
{
	struct prefix parsed = {.family = key[0], .bits = key[bytes - 1]}, cut;

	if (parsed.family == OWNER_NO_FAMILY) {
		*prefix = parsed;
		return parsed.bits == 0 ? 0 : -1;
	}
	parsed.high = (uint64_t)wire_get32(key + 1) << 32;
	if (parsed.family == ARPA_FAMILY_IPV6) {
		parsed.high |= wire_get32(key + 5);
		parsed.low = wire_get64(key + 9);
	}
	if (parsed.bits > prefix_host_bits(parsed.family) ||
		!arpa_on_label(parsed.family, parsed.bits))
		return -1;
	cut = prefix_truncate(&parsed, parsed.bits);
	*prefix = parsed;
	return prefix_equal(&cut, &parsed) ? 0 : -1;
}

static bool is_lower(const uint8_t *octets, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (name_lower(octets[i]) != octets[i])
			return false;
	return true;
}

/* Whether the labels are what remains when the longest prefix is taken off the name. */
static bool is_canonical(const struct owner *owner)
{
	uint8_t name[WIRE_NAME_MAX_BYTES];
	struct owner again;

	owner_from_name(name, owner_write(owner, name), &again);
	return owner_equal(owner, &again);
}

/* The labels from the nearest to the prefix on, `bytes` of them and the 0. */
static int parse_rest(const uint8_t *labels, size_t bytes, struct store_owner *owner)
{
	size_t at = bytes, from = 0;

	if (bytes >= WIRE_NAME_MAX_BYTES || labels[bytes] != 0)
		return -1;
	while (from < bytes) {
		size_t label = 1 + (size_t)labels[from];

		if (labels[from] == 0 || labels[from] > WIRE_LABEL_MAX_BYTES ||
			label > bytes - from)
			return -1;
		at -= label;
		if (!is_lower(labels + from, label))
			return -1;
		memcpy(owner->rest + at, labels + from, label);
		from += label;
	}
	owner->owner.rest = owner->rest;
	owner->owner.rest_bytes = (uint8_t)bytes;
	if (bytes == 0)
		return 0;
	return owner_name_bytes(&owner->owner) <= WIRE_NAME_MAX_BYTES && is_canonical(&owner->owner)
		? 0
		: -1;
}

int store_parse_owner_key(const uint8_t *key, size_t bytes, struct store_owner *owner)
{
	size_t head;

	if (bytes < 3 || (key[0] != OWNER_NO_FAMILY && address_bytes(key[0]) == 0))
		return -1;
	head = 2 + address_bytes(key[0]);
	if (bytes < head + 1 || parse_prefix(key, head, &owner->owner.prefix) != 0)
		return -1;
	return parse_rest(key + head, bytes - head - 1, owner);
}

int store_parse_key(
	const uint8_t *key, size_t bytes, uint32_t *zone, struct store_owner *owner, uint16_t *type)
{
	if (bytes < 6 || store_parse_owner_key(key + 4, bytes - 6, owner) != 0)
		return -1;
	*zone = wire_get32(key);
	*type = wire_get16(key + bytes - 2);
	return 0;
}

void store_write_value_head(const struct rrset *rrset, uint8_t *head)
{
	wire_put32(head, rrset->ttl);
	wire_put16(head + 4, rrset->count);
}

/* Static, as items_bytes is: each value that is read goes through both. */
static inline bool rdata_is_sound(uint16_t type, const uint8_t *rdata, size_t bytes)
{
	enum { SOA_NUMBERS_BYTES = 5 * 4 }; /* RFC 1035 3.3.13 */
	size_t mname, rname;

	switch (type) {
	case WIRE_TYPE_PTR:
	case WIRE_TYPE_NS:
	case WIRE_TYPE_CNAME:
	case WIRE_TYPE_DNAME:
		return bytes > 0 && name_length(rdata, bytes) == bytes;
	case WIRE_TYPE_SOA:
		mname = name_length(rdata, bytes);
		rname = mname == 0 ? 0 : name_length(rdata + mname, bytes - mname);
		return rname != 0 && mname + rname + SOA_NUMBERS_BYTES == bytes;
	default:
		return true;
	}
}

bool store_rdata_is_sound(uint16_t type, const uint8_t *rdata, size_t bytes)
{
	return rdata_is_sound(type, rdata, bytes);
}

static inline size_t items_bytes(uint16_t type, uint16_t count, const uint8_t *items, size_t bytes)
{
	size_t offset = 0;

	for (uint16_t i = 0; i < count; i++) {
		size_t left = bytes - offset;
		uint16_t item;

		if (left < 2)
			return 0;
		item = wire_get16(items + offset);
		if (item > left - 2 || !rdata_is_sound(type, items + offset + 2, item))
			return 0;
		offset += 2u + item;
	}
	return offset;
}

size_t store_items_bytes(uint16_t type, uint16_t count, const uint8_t *items, size_t bytes)
{
	return items_bytes(type, count, items, bytes);
}

void store_write_value(const struct stored *stored, uint8_t *value)
{
	uint8_t *at = value + STORE_VALUE_FIXED_BYTES;

	store_write_value_head(&stored->rrset, value);
	if (stored->details_bytes > 0)
		value[4] |= STORE_VALUE_HAS_DETAILS >> 8;
	wire_put32(value + 6, stored->stamp.created);
	wire_put32(value + 10, stored->stamp.modified);
	wire_put64(value + 14, stored->stamp.sequence);
	memcpy(at, stored->rrset.rdata, stored->rrset.rdata_bytes);
	if (stored->details_bytes > 0)
		memcpy(at + stored->rrset.rdata_bytes, stored->details, stored->details_bytes);
}

static int check_details(const struct stored *stored)
{
	struct details details;

	if (stored->details_bytes == 0)
		return -1;
	return details_parse(stored->details, stored->details_bytes, &details);
}

int store_parse_value(uint16_t type, const uint8_t *value, size_t bytes, struct stored *stored)
{
	const uint8_t *items = value + STORE_VALUE_FIXED_BYTES;
	uint16_t count;
	size_t used;

	if (bytes < STORE_VALUE_FIXED_BYTES || bytes > STORE_VALUE_MAX_BYTES)
		return -1;
	count = wire_get16(value + 4);
	stored->rrset = (struct rrset){
		.type = type,
		.count = count & (STORE_VALUE_HAS_DETAILS - 1),
		.ttl = wire_get32(value),
		.rdata = items,
	};
	stored->stamp = (struct stamp){
		wire_get32(value + 6), wire_get32(value + 10), wire_get64(value + 14)};
	bytes -= STORE_VALUE_FIXED_BYTES;
	used = items_bytes(type, stored->rrset.count, items, bytes);
	stored->rrset.rdata_bytes = (uint32_t)used;
	if (used == 0 || used > RRSET_RDATA_MAX_BYTES || stored->rrset.ttl > WIRE_TTL_MAX)
		return -1;
	if (bytes - used > OBJECT_DETAILS_MAX_BYTES)
		return -1;
	stored->details = items + used;
	stored->details_bytes = (uint16_t)(bytes - used);
	if ((count & STORE_VALUE_HAS_DETAILS) != 0)
		return check_details(stored);
	return bytes == used ? 0 : -1;
}
