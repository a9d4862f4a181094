/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Zones by longest match: a hash of apexes, probed once for each apex depth that is in use, the
 * deepest first. Most servers use one to three depths. The set never changes but for the zone
 * pointers in its slots.
 */
#include "dataplane/records/zones.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"
#include "dataplane/records/hash.h"
#include "dataplane/records/hosts.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	SOA_NUMBERS_BYTES = 20, /* SERIAL to MINIMUM, RFC 1035 3.3.13 */
	FAMILIES = 3,		/* none, IPv4, IPv6 */
	ADDRESS_TOP_DEPTH = 2,	/* of in-addr.arpa and ip6.arpa */
};

struct zones {
	struct zone_depths depths[FAMILIES]; /* of the apexes */
	_Atomic(bool) cuts;		     /* control: wo, workers: ro */
	size_t count;
	size_t mask;		       /* slots - 1 */
	size_t *place;		       /* order given to zones_new -> slot */
	_Atomic(struct zone *) slot[]; /* NULL: empty; linear probing, at most half full */
};

/* Apexes are the operator's choice, not an attacker's: mixing is enough, no secret is needed. */
static const struct hash_key apex_key = {
	{0x9e3779b97f4a7c15, 0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db}};

/* Half of hash_prefix: every negative answer waits for it. */
static inline size_t hash_address(const struct prefix *apex)
{
	return (size_t)hash_fold(
		apex->high ^ apex_key.word[0], (apex->low + apex->bits) ^ apex_key.word[1]);
}

static size_t hash_apex(const struct owner *apex)
{
	size_t hash = hash_address(&apex->prefix);

	if (apex->rest_bytes == 0)
		return hash;
	return (size_t)hash_rest(&apex_key, hash, apex->rest, apex->rest_bytes);
}

static unsigned family_index(const struct prefix *prefix)
{
	return prefix->family == ARPA_FAMILY_IPV4 ? 1 : prefix->family == ARPA_FAMILY_IPV6 ? 2 : 0;
}

int zone_depths_previous(const struct zone_depths *depths, int from)
{
	for (int word = from / 64; from >= 0 && word >= 0; word--) {
		uint64_t bits = depths->bit[word];

		if (word == from / 64)
			bits &= UINT64_MAX >> (63 - from % 64);
		if (bits != 0)
			return word * 64 + 63 - __builtin_clzll(bits);
	}
	return -1;
}

struct zone *zone_new(
	const struct owner *apex, const struct rrset *soa, const struct zone_special *special)
{
	size_t mname, rname, bytes;
	const uint8_t *rdata;
	struct zone *zone;
	uint32_t minimum;
	uint8_t *rest;

	if (soa->type != WIRE_TYPE_SOA || soa->count != 1 || soa->rdata_bytes < 2)
		return NULL;
	bytes = wire_get16(soa->rdata);
	rdata = soa->rdata + 2;
	if (bytes + 2 != soa->rdata_bytes)
		return NULL;
	mname = name_length(rdata, bytes);
	rname = mname ? name_length(rdata + mname, bytes - mname) : 0;
	if (rname == 0 || mname + rname + SOA_NUMBERS_BYTES != bytes)
		return NULL;

	zone = calloc(
		1, sizeof(*zone) + WIRE_RR_FIXED + bytes + apex->rest_bytes + HOSTS_COPY_BYTES);
	if (!zone)
		return NULL;
	rest = zone->soa + WIRE_RR_FIXED + bytes;
	for (unsigned i = 0; i < apex->rest_bytes; i++)
		rest[i] = name_lower(apex->rest[i]);
	minimum = wire_get32(rdata + bytes - 4);
	*zone = (struct zone){.prefix = apex->prefix,
		.rest = rest,
		.rest_bytes = apex->rest_bytes,
		.depth = (uint8_t)owner_depth(apex),
		.apex_name_bytes = (uint16_t)owner_name_bytes(apex),
		.soa_bytes = (uint16_t)(WIRE_RR_FIXED + bytes),
		.serial = wire_get32(rdata + bytes - SOA_NUMBERS_BYTES),
		.special = *special};
	wire_put16(zone->soa, WIRE_TYPE_SOA);
	wire_put16(zone->soa + 2, WIRE_CLASS_IN);
	wire_put32(zone->soa + 4, soa->ttl < minimum ? soa->ttl : minimum);
	memcpy(zone->soa + 8, soa->rdata, 2 + bytes);
	return zone;
}

void zone_free(struct zone *zone)
{
	free(zone);
}

/* The slot of the zone at `apex`, or the empty one where it belongs. */
static size_t find_slot(const struct zones *zones, const struct owner *apex)
{
	size_t i = hash_apex(apex) & zones->mask;

	for (;; i = (i + 1) & zones->mask) {
		/* Acquire pairs with the release in zones_replace; slots never become empty. */
		const struct zone *z = atomic_load_explicit(&zones->slot[i], memory_order_acquire);

		struct owner its;

		if (!z)
			return i;
		its = zone_apex(z);
		if (owner_equal(&its, apex))
			return i;
	}
}

struct zones *zones_new(struct zone *const *list, size_t count)
{
	struct zones *zones;
	size_t slots = 4;

	while (slots < count * 2)
		slots *= 2;
	zones = calloc(1, sizeof(*zones) + slots * sizeof(zones->slot[0]));
	if (!zones)
		return NULL;
	zones->place = calloc(count + 1, sizeof(zones->place[0]));
	if (!zones->place) {
		free(zones);
		return NULL;
	}
	zones->mask = slots - 1;
	zones->count = count;
	for (size_t i = 0; i < count; i++) {
		struct owner apex = zone_apex(list[i]);

		zones->place[i] = find_slot(zones, &apex);
		atomic_init(&zones->slot[zones->place[i]], list[i]);
		zone_depths_add(&zones->depths[family_index(&apex.prefix)], list[i]->depth);
		if (zone_has_cuts(list[i]))
			atomic_init(&zones->cuts, true);
	}
	return zones;
}

void zones_free(struct zones *zones)
{
	if (!zones)
		return;
	free(zones->place);
	free(zones);
}

size_t zones_count(const struct zones *zones)
{
	return zones->count;
}

struct zone *zones_at(const struct zones *zones, size_t index)
{
	return atomic_load_explicit(&zones->slot[zones->place[index]], memory_order_relaxed);
}

struct zone *zones_replace(struct zones *zones, struct zone *zone)
{
	struct owner apex = zone_apex(zone);
	size_t i = find_slot(zones, &apex);

	if (!atomic_load_explicit(&zones->slot[i], memory_order_relaxed))
		return NULL;
	/* First the hint, then what it hints at: who sees the cut's zone must not overlook it. */
	if (zone_has_cuts(zone))
		atomic_store_explicit(&zones->cuts, true, memory_order_release);
	return atomic_exchange_explicit(&zones->slot[i], zone, memory_order_acq_rel);
}

void zones_settle_cuts(struct zones *zones)
{
	bool cuts = false;

	for (size_t i = 0; i < zones->count; i++)
		cuts |= zone_has_cuts(zones_at(zones, i));
	/* Pairs with the acquire in zones_have_cuts. */
	atomic_store_explicit(&zones->cuts, cuts, memory_order_release);
}

bool zones_have_cuts(const struct zones *zones)
{
	return atomic_load_explicit(&zones->cuts, memory_order_acquire);
}

static const struct zone *find_from(
	const struct zones *zones, const struct owner *name, unsigned depth)
{
	const struct zone_depths *depths = &zones->depths[family_index(&name->prefix)];
	int at = (int)depth + 1;

	while ((at = zone_depths_previous(depths, at - 1)) >= 0) {
		struct owner apex = owner_ancestor(name, (unsigned)at);
		const struct zone *zone = atomic_load_explicit(
			&zones->slot[find_slot(zones, &apex)], memory_order_acquire);

		if (zone)
			return zone;
	}
	return NULL;
}

/* The zone whose apex is all address, this one; else NULL. */
static inline const struct zone *find_address(const struct zones *zones, const struct prefix *apex)
{
	size_t i = hash_address(apex) & zones->mask;

	for (;; i = (i + 1) & zones->mask) {
		const struct zone *z = atomic_load_explicit(&zones->slot[i], memory_order_acquire);

		if (!z || (prefix_equal(&z->prefix, apex) && z->rest_bytes == 0))
			return z;
	}
}

/* find_from for a name that is all address: its ancestors are shifts, and all above depth 64. */
static __attribute__((noinline)) const struct zone *find_above_address(
	const struct zones *zones, const struct prefix *name)
{
	unsigned label_shift = name->family == ARPA_FAMILY_IPV4 ? 3 : 2;
	uint64_t depths = zones->depths[family_index(name)].bit[0];

	depths &= (UINT64_C(2) << (ADDRESS_TOP_DEPTH + (name->bits >> label_shift))) - 1;
	while (depths != 0) {
		unsigned depth = 63 - (unsigned)__builtin_clzll(depths);
		struct prefix apex = prefix_truncate(
			name, (uint8_t)((depth - ADDRESS_TOP_DEPTH) << label_shift));
		const struct zone *zone = find_address(zones, &apex);

		if (zone)
			return zone;
		depths ^= UINT64_C(1) << depth;
	}
	return NULL;
}

const struct zone *zones_find(const struct zones *zones, const struct owner *name)
{
	if (name->rest_bytes == 0 && name->prefix.family != OWNER_NO_FAMILY)
		return find_above_address(zones, &name->prefix);
	return find_from(zones, name, owner_depth(name));
}

const struct zone *zones_find_above(const struct zones *zones, const struct owner *name)
{
	unsigned depth = owner_depth(name);

	return depth == 0 ? NULL : find_from(zones, name, depth - 1);
}
