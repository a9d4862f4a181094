/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Zones by longest match: a hash of apexes, probed once for each apex depth that is in use, the
 * deepest first. Most servers use one to three depths. The set never changes but for the zone
 * pointers in its slots.
 */
#include "dataplane/records/zones.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SOA_NUMBERS_BYTES = 20 }; /* SERIAL to MINIMUM, RFC 1035 3.3.13 */

struct zones {
	uint64_t depths[2]; /* bit d: some apex has d labels; [0] IPv4, [1] IPv6 */
	size_t count;
	size_t mask;		       /* slots - 1 */
	size_t *place;		       /* order given to zones_new -> slot */
	_Atomic(struct zone *) slot[]; /* NULL: empty; linear probing, at most half full */
};

static unsigned label_bits(uint8_t family)
{
	return family == ARPA_FAMILY_IPV4 ? 8 : 4;
}

/* Apexes are the operator's choice, not an attacker's: mixing is enough, no key is needed. */
static size_t hash_apex(const struct prefix *p)
{
	uint64_t h = (p->high ^ (p->low * 0x9e3779b97f4a7c15)) + p->bits * 4u + p->family;

	h = (h ^ h >> 32) * 0xd6e8feb86659fd93;
	return (size_t)(h ^ h >> 32);
}

struct zone *zone_new(const struct prefix *apex, const struct rrset *soa)
{
	size_t mname, rname, bytes;
	const uint8_t *rdata;
	struct zone *zone;
	uint32_t minimum;

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

	zone = malloc(sizeof(*zone) + WIRE_RR_FIXED + bytes);
	if (!zone)
		return NULL;
	minimum = wire_get32(rdata + bytes - 4);
	zone->apex = *apex;
	zone->apex_name_bytes = (uint16_t)arpa_name_length(apex);
	zone->soa_bytes = (uint16_t)(WIRE_RR_FIXED + bytes);
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
static size_t find_slot(const struct zones *zones, const struct prefix *apex)
{
	size_t i = hash_apex(apex) & zones->mask;

	for (;; i = (i + 1) & zones->mask) {
		/* Acquire pairs with the release in zones_replace; slots never become empty. */
		const struct zone *z = atomic_load_explicit(&zones->slot[i], memory_order_acquire);

		if (!z || prefix_equal(&z->apex, apex))
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
		const struct prefix *apex = &list[i]->apex;

		zones->place[i] = find_slot(zones, apex);
		atomic_init(&zones->slot[zones->place[i]], list[i]);
		zones->depths[apex->family == ARPA_FAMILY_IPV6] |= UINT64_C(1)
			<< (apex->bits / label_bits(apex->family));
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
	size_t i = find_slot(zones, &zone->apex);

	if (!atomic_load_explicit(&zones->slot[i], memory_order_relaxed))
		return NULL;
	return atomic_exchange_explicit(&zones->slot[i], zone, memory_order_acq_rel);
}

const struct zone *zones_find(const struct zones *zones, const struct prefix *name)
{
	unsigned bits = label_bits(name->family);
	uint64_t depths = zones->depths[name->family == ARPA_FAMILY_IPV6];

	/* Keep the depths at or above the name's: at most 33 of 64 bits are in use. */
	depths &= (UINT64_C(2) << (name->bits / bits)) - 1;
	while (depths != 0) {
		unsigned depth = 63 - (unsigned)__builtin_clzll(depths);
		struct prefix apex = prefix_truncate(name, (uint8_t)(depth * bits));
		const struct zone *zone = atomic_load_explicit(
			&zones->slot[find_slot(zones, &apex)], memory_order_acquire);

		if (zone)
			return zone;
		depths &= ~(UINT64_C(1) << depth);
	}
	return NULL;
}
