/* SPDX-License-Identifier: BSD-3-Clause */
/* Store bytes <-> prefixes and RRsets. Every length is checked before it is believed. */
#include "control/store_codec.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

static size_t address_bytes(uint8_t family)
{
	return family == ARPA_FAMILY_IPV4 ? 4 : 16;
}

size_t store_write_owner_key(const struct prefix *owner, uint8_t *key)
{
	size_t bytes = address_bytes(owner->family);

	key[0] = owner->family;
	wire_put32(key + 1, owner->high >> 32);
	if (owner->family == ARPA_FAMILY_IPV6) {
		wire_put32(key + 5, (uint32_t)owner->high);
		wire_put32(key + 9, owner->low >> 32);
		wire_put32(key + 13, (uint32_t)owner->low);
	}
	key[1 + bytes] = owner->bits;
	return 2 + bytes;
}

size_t store_write_key(const struct prefix *owner, uint16_t type, uint8_t *key)
{
	size_t bytes = store_write_owner_key(owner, key);

	wire_put16(key + bytes, type);
	return bytes + 2;
}

int store_parse_owner_key(const uint8_t *key, size_t bytes, struct prefix *owner)
{
	struct prefix parsed = {0}, cut;

	if (bytes < 1 || (key[0] != ARPA_FAMILY_IPV4 && key[0] != ARPA_FAMILY_IPV6) ||
		bytes != 2 + address_bytes(key[0]))
		return -1;
	parsed.family = key[0];
	parsed.bits = key[bytes - 1];
	parsed.high = (uint64_t)wire_get32(key + 1) << 32;
	if (parsed.family == ARPA_FAMILY_IPV6) {
		parsed.high |= wire_get32(key + 5);
		parsed.low = (uint64_t)wire_get32(key + 9) << 32 | wire_get32(key + 13);
	}
	if (parsed.bits > prefix_host_bits(parsed.family) ||
		!arpa_on_label(parsed.family, parsed.bits))
		return -1;
	cut = prefix_truncate(&parsed, parsed.bits);
	if (!prefix_equal(&cut, &parsed))
		return -1;
	*owner = parsed;
	return 0;
}

int store_parse_key(const uint8_t *key, size_t bytes, struct prefix *owner, uint16_t *type)
{
	if (bytes < 2 || store_parse_owner_key(key, bytes - 2, owner) != 0)
		return -1;
	*type = wire_get16(key + bytes - 2);
	return 0;
}

void store_write_value_head(const struct rrset *rrset, uint8_t *head)
{
	wire_put32(head, rrset->ttl);
	wire_put16(head + 4, rrset->count);
}

bool store_rdata_is_sound(uint16_t type, const uint8_t *rdata, size_t bytes)
{
	enum { SOA_NUMBERS_BYTES = 5 * 4 }; /* RFC 1035 3.3.13 */
	size_t mname, rname;

	switch (type) {
	case WIRE_TYPE_PTR:
	case WIRE_TYPE_NS:
		return bytes > 0 && name_length(rdata, bytes) == bytes;
	case WIRE_TYPE_SOA:
		mname = name_length(rdata, bytes);
		rname = mname == 0 ? 0 : name_length(rdata + mname, bytes - mname);
		return rname != 0 && mname + rname + SOA_NUMBERS_BYTES == bytes;
	default:
		return true;
	}
}

static bool items_are_sound(const struct rrset *rrset)
{
	uint32_t offset = 0, items = 0;

	while (offset < rrset->rdata_bytes) {
		uint32_t left = rrset->rdata_bytes - offset;
		uint16_t bytes;

		if (left < 2)
			return false;
		bytes = wire_get16(rrset->rdata + offset);
		if (bytes > left - 2 ||
			!store_rdata_is_sound(rrset->type, rrset->rdata + offset + 2, bytes))
			return false;
		offset += 2 + bytes;
		items++;
	}
	return items > 0 && items == rrset->count;
}

int store_parse_value(uint16_t type, const uint8_t *value, size_t bytes, struct rrset *rrset)
{
	if (bytes < STORE_VALUE_HEAD_BYTES || bytes > STORE_VALUE_MAX_BYTES)
		return -1;
	*rrset = (struct rrset){
		.type = type,
		.count = wire_get16(value + 4),
		.ttl = wire_get32(value),
		.rdata_bytes = bytes - STORE_VALUE_HEAD_BYTES,
		.rdata = value + STORE_VALUE_HEAD_BYTES,
	};
	return rrset->ttl <= WIRE_TTL_MAX && items_are_sound(rrset) ? 0 : -1;
}
