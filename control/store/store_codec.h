/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bytes of the store: keys that sort as addresses do, and RRset values. Pure. What is read
 * may be damaged: nothing is taken that a worker could not serve.
 */
#ifndef ARPAD_CONTROL_STORE_CODEC_H
#define ARPAD_CONTROL_STORE_CODEC_H

#include "control/object.h"
#include "control/rrset_buffer.h"
#include "dataplane/dns/name.h"
#include "dataplane/dns/owner.h"
#include "dataplane/dns/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An owner key is family (1; 0 outside the reverse trees), address (4, 16 or none, network order),
 * bits (1), the labels before the prefix, the nearest to it first, in lower case, and a 0. So
 * memcmp order is address order, a parent comes before the names below it, and those follow
 * without a gap. An RRset's key in its zone is the owner's and the type (2, big endian). All keys
 * of a zone start with its number (4, big endian), so that each zone's contents are its own even
 * where zones nest.
 */
enum {
	STORE_OWNER_KEY_MAX_BYTES = 1 + 16 + 1 + WIRE_NAME_MAX_BYTES,
	STORE_RRSET_KEY_MAX_BYTES = STORE_OWNER_KEY_MAX_BYTES + 2,
	STORE_KEY_MAX_BYTES = 4 + STORE_RRSET_KEY_MAX_BYTES,
};

/*
 * A value is TTL (4), count (2; its top bit says that details follow the items), created (4),
 * modified (4), sequence (8), all big endian; the items of struct rrset; the details (object.h).
 */
enum {
	STORE_VALUE_HEAD_BYTES = 6, /* TTL and count */
	STORE_VALUE_FIXED_BYTES = STORE_VALUE_HEAD_BYTES + 4 + 4 + 8,
	STORE_VALUE_MAX_BYTES =
		STORE_VALUE_FIXED_BYTES + RRSET_RDATA_MAX_BYTES + OBJECT_DETAILS_MAX_BYTES,
	STORE_VALUE_HAS_DETAILS = 0x8000 /* of count: an RRset has fewer than 6,000 items */
};

/* An owner with its labels, as a key is read into. `owner` borrows `rest`. */
struct store_owner {
	struct owner owner;
	uint8_t rest[WIRE_NAME_MAX_BYTES];
};

/* Makes `kept` a copy of `owner` with its labels. */
void store_keep_owner(struct store_owner *kept, const struct owner *owner);

/* Each returns the length written. */
size_t store_write_owner_key(const struct owner *owner, uint8_t *key);
size_t store_write_rrset_key(const struct owner *owner, uint16_t type, uint8_t *key);
size_t store_write_key(uint32_t zone, const struct owner *owner, uint16_t type, uint8_t *key);

/*
 * The least key above those of `owner` and of every name below it. It is no owner's. Returns its
 * length.
 */
size_t store_write_subtree_end(const struct owner *owner, uint8_t *key);

/* 0, or -1: no such key was ever written here. */
int store_parse_owner_key(const uint8_t *key, size_t bytes, struct store_owner *owner);

/* Whether an owner's key is that of a host, an address with all its bits; then it is `host`. */
static inline bool store_parse_host_key(const uint8_t *key, size_t bytes, struct prefix *host)
{
	if (bytes == 1 + 4 + 1 + 1 && key[0] == ARPA_FAMILY_IPV4 && key[5] == 32 && key[6] == 0) {
		*host = (struct prefix){
			(uint64_t)wire_get32(key + 1) << 32, 0, ARPA_FAMILY_IPV4, 32};
		return true;
	}
	if (bytes == 1 + 16 + 1 + 1 && key[0] == ARPA_FAMILY_IPV6 && key[17] == 128 &&
		key[18] == 0) {
		*host = (struct prefix){
			wire_get64(key + 1), wire_get64(key + 9), ARPA_FAMILY_IPV6, 128};
		return true;
	}
	return false;
}

int store_parse_key(const uint8_t *key, size_t bytes, uint32_t *zone, struct store_owner *owner,
	uint16_t *type);

/* Writes TTL and count as those of an RRset without details: STORE_VALUE_HEAD_BYTES. */
void store_write_value_head(const struct rrset *rrset, uint8_t *head);

/* How long the value is, and the value itself. */
static inline size_t store_value_bytes(const struct stored *stored)
{
	return STORE_VALUE_FIXED_BYTES + stored->rrset.rdata_bytes + stored->details_bytes;
}
void store_write_value(const struct stored *stored, uint8_t *value);

/* Makes `stored` a view into `value`. 0, or -1: damaged. */
int store_parse_value(uint16_t type, const uint8_t *value, size_t bytes, struct stored *stored);

/*
 * Whether the value is one PTR record without details, as nearly all are; then `rrset` is a view of
 * it. Where it is not, store_parse_value tells what it is, or that it is damaged.
 */
static inline bool store_parse_lone_ptr(const uint8_t *value, size_t bytes, struct rrset *rrset)
{
	const uint8_t *items = value + STORE_VALUE_FIXED_BYTES;
	size_t name = bytes - STORE_VALUE_FIXED_BYTES - 2;

	if (bytes < STORE_VALUE_FIXED_BYTES + 3 ||
		bytes > STORE_VALUE_FIXED_BYTES + 2 + WIRE_NAME_MAX_BYTES ||
		wire_get16(value + 4) != 1 || wire_get16(items) != name ||
		wire_get32(value) > WIRE_TTL_MAX || name_length(items + 2, name) != name)
		return false;
	*rrset = (struct rrset){WIRE_TYPE_PTR, 1, wire_get32(value), (uint32_t)name + 2, items};
	return true;
}

/*
 * The octets of `count` items at the beginning of `items`, which has `bytes`; 0: there are not so
 * many, or one is not well-formed for `type`.
 */
size_t store_items_bytes(uint16_t type, uint16_t count, const uint8_t *items, size_t bytes);

/* Whether `rdata` is well-formed for `type`: names that fill it, an SOA's seven fields. */
bool store_rdata_is_sound(uint16_t type, const uint8_t *rdata, size_t bytes);

#endif
