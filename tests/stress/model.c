/* SPDX-License-Identifier: BSD-3-Clause */
/* The bytes of every version: targets begin with it and go on with noise seeded by it and the key.
 */
#include "tests/stress/model.h"

#include "dataplane/dns/wire.h"
#include "dataplane/records/hosts.h"

enum {
	KEY_NAMED = 3,
	KEY_IPV4_NET = 4,
	KEY_IPV6_FIRST = 5,
	KEY_IPV6_NET = 7,
	PERMANENT_EVERY = 16, /* families with permanent keys; the others come and go as a whole */
	VERSION_BYTES = 4,    /* at the start of a target's label */
	COMMON_TTL = 300,     /* of most versions, so that entries of a page share it */
	SOA_BYTES = 16 + 2 + 1 + 20, /* two names and the five numbers, see soa_rdata */
};

static struct owner crowd_owner(uint32_t number)
{
	struct prefix p = {.family = ARPA_FAMILY_IPV4, .bits = 32};

	p.high = (UINT64_C(10) << 24 | 0xffff00 | number) << 32;
	if (number >= HOSTS_MAX)
		p = (struct prefix){0x20010db8ffff0000, number - HOSTS_MAX, ARPA_FAMILY_IPV6, 128};
	return owner_from_prefix(&p);
}

struct owner model_owner(uint32_t key)
{
	static const uint8_t labels[] = "\1x\2ns";
	uint64_t family = key / MODEL_FAMILY, at = key % MODEL_FAMILY;
	struct prefix p = {.family = ARPA_FAMILY_IPV4, .bits = 32};
	struct owner owner;

	if (model_crowd(key))
		return crowd_owner(key - MODEL_CROWD);
	if (at >= KEY_IPV6_FIRST) {
		p = (struct prefix){.family = ARPA_FAMILY_IPV6, .bits = 128};
		p.high = 0x20010db800000000 | family;
		p.low = at;
		p = at == KEY_IPV6_NET ? prefix_truncate(&p, 64) : p;
		return owner_from_prefix(&p);
	}
	p.high = (UINT64_C(10) << 24 | family << 8 | (10 + at)) << 32;
	if (at == KEY_IPV4_NET || at == KEY_NAMED)
		p = prefix_truncate(&p, 24);
	owner = owner_from_prefix(&p);
	if (at == KEY_NAMED) {
		owner.rest = labels;
		owner.rest_bytes = sizeof(labels) - 1;
	}
	return owner;
}

bool model_permanent(uint32_t key)
{
	uint32_t at = key % MODEL_FAMILY;

	return !model_crowd(key) && key / MODEL_FAMILY % PERMANENT_EVERY == 0 &&
		(at <= 1 || at == KEY_IPV6_FIRST || at == KEY_IPV6_FIRST + 1);
}

bool model_stays_in_page(uint32_t key)
{
	uint32_t at = key % MODEL_FAMILY;

	return model_permanent(key) && (at == 1 || at == KEY_IPV6_FIRST + 1);
}

bool model_inner(uint32_t key)
{
	return !model_crowd(key) &&
		(key % MODEL_FAMILY == KEY_IPV4_NET || key % MODEL_FAMILY == KEY_IPV6_NET);
}

uint32_t model_child(uint32_t key)
{
	uint32_t first = key - key % MODEL_FAMILY;

	return first + (key % MODEL_FAMILY == KEY_IPV4_NET ? 0 : KEY_IPV6_FIRST);
}

/* ---- Records ---- */

/*
 * Writes target number `n` and returns its length, 6 to 65: a label, in most of them a suffix that
 * some keys share, and the root. Without the suffix it may be too long for a page.
 */
static size_t put_target(uint32_t key, uint32_t version, unsigned n, uint8_t *out)
{
	uint64_t noise = (uint64_t)key << 40 ^ (uint64_t)version << 8 ^ n;
	bool suffix = model_stays_in_page(key) || model_random(&noise) % 8 != 0;
	size_t label = VERSION_BYTES + model_random(&noise) % (suffix ? 30 : 60);
	uint8_t *to = out + 1 + label;

	out[0] = (uint8_t)label;
	for (size_t i = VERSION_BYTES; i < label; i++)
		out[1 + i] = (uint8_t)(model_random(&noise) >> 24);
	wire_put32(out + 1, version);
	if (suffix) {
		*to++ = 2;
		*to++ = 'p';
		*to++ = (uint8_t)('a' + key / 64 % 8);
	}
	*to++ = 0;
	return (size_t)(to - out);
}

static unsigned target_count(uint32_t key, uint32_t version)
{
	return model_stays_in_page(key) ? 1 : 1 + (key ^ version) % 3;
}

static uint32_t ttl_of(uint32_t version)
{
	return version % 8 == 0 ? version : COMMON_TTL;
}

struct rrset model_rrset(uint32_t key, uint32_t version, uint8_t rdata[static MODEL_WIRE_MAX])
{
	struct rrset set = {WIRE_TYPE_PTR, 0, ttl_of(version), 0, rdata};

	for (; set.count < target_count(key, version); set.count++) {
		uint8_t *item = rdata + set.rdata_bytes;
		size_t bytes = put_target(key, version, set.count, item + 2);

		wire_put16(item, (uint16_t)bytes);
		set.rdata_bytes += (uint32_t)(2 + bytes);
	}
	return set;
}

size_t model_wire(uint32_t key, uint32_t version, uint8_t wire[static MODEL_WIRE_MAX])
{
	uint8_t *to = wire;

	for (unsigned n = 0; n < target_count(key, version); n++) {
		size_t bytes = put_target(key, version, n, to + 2 + WIRE_RR_FIXED);

		wire_put16(to, WIRE_QNAME_POINTER);
		wire_put16(to + 2, WIRE_TYPE_PTR);
		wire_put16(to + 4, WIRE_CLASS_IN);
		wire_put32(to + 6, ttl_of(version));
		wire_put16(to + 10, (uint16_t)bytes);
		to += 2 + WIRE_RR_FIXED + bytes;
	}
	return (size_t)(to - wire);
}

bool model_read(uint32_t key, const uint8_t *wire, size_t bytes, uint32_t *version)
{
	uint8_t expected[MODEL_WIRE_MAX];

	if (bytes < 2 + WIRE_RR_FIXED + 1 + VERSION_BYTES)
		return false;
	*version = wire_get32(wire + 2 + WIRE_RR_FIXED + 1);
	return model_wire(key, *version, expected) == bytes && memcmp(wire, expected, bytes) == 0;
}

/* ---- Zones ---- */

/* MNAME is 14 octets of noise, RNAME one, and the numbers count up from the version. */
static void soa_rdata(unsigned index, uint32_t version, uint8_t rdata[static SOA_BYTES])
{
	uint64_t noise = (uint64_t)version << 1 | index;

	rdata[0] = 14;
	for (unsigned i = 1; i <= 14; i++)
		rdata[i] = (uint8_t)(model_random(&noise) >> 24);
	rdata[15] = 0;
	rdata[16] = 1;
	rdata[17] = (uint8_t)('a' + index);
	rdata[18] = 0;
	for (uint32_t i = 0; i < 5; i++)
		wire_put32(rdata + 19 + 4 * i, version + i);
}

struct zone *model_zone(unsigned index, uint32_t version)
{
	struct owner first = model_owner(index == 0 ? 0 : KEY_IPV6_FIRST);
	struct owner apex = {.prefix = prefix_truncate(&first.prefix, index == 0 ? 8 : 32)};
	const struct zone_special special = {.wildcards = false};
	uint8_t rdata[2 + SOA_BYTES];
	struct rrset soa = {WIRE_TYPE_SOA, 1, version, sizeof(rdata), rdata};

	wire_put16(rdata, SOA_BYTES);
	soa_rdata(index, version, rdata + 2);
	return zone_new(&apex, &soa, &special);
}

bool model_read_soa(unsigned index, const uint8_t *soa, size_t bytes, uint32_t *version)
{
	uint8_t expected[SOA_BYTES];

	if (bytes != WIRE_RR_FIXED + SOA_BYTES || wire_get16(soa) != WIRE_TYPE_SOA)
		return false;
	*version = wire_get32(soa + 4); /* the TTL: MINIMUM is four more */
	soa_rdata(index, *version, expected);
	return memcmp(soa + WIRE_RR_FIXED, expected, sizeof(expected)) == 0;
}
