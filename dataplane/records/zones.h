/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The prefixes we are authoritative for. The set is built whole and published whole; one zone's
 * SOA is replaced by one pointer. Workers ask it only on a miss: a record in the table is in a
 * zone.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_ZONES_H
#define ARPAD_DATAPLANE_RECORDS_ZONES_H

#include "dataplane/dns/arpa.h"
#include "dataplane/records/record.h"

#include <stddef.h>
#include <stdint.h>

/* One zone as a negative answer needs it. Immutable. */
struct zone {
	struct prefix apex;
	uint16_t apex_name_bytes; /* arpa_name_length(&apex): where the apex starts from QNAME's end
				   */
	uint16_t soa_bytes;
	uint8_t soa[]; /* the SOA RR without owner; TTL = min(SOA TTL, MINIMUM) (RFC 2308 3) */
};

struct zones;

/*
 * Renders the zone at `apex` from its SOA RRset. The caller owns it. NULL: no memory, or `soa` is
 * not one well-formed SOA (RFC 1035 3.3.13). Control thread.
 */
struct zone *zone_new(const struct prefix *apex, const struct rrset *soa);

/* Frees a zone that no worker can hold. */
void zone_free(struct zone *zone);

/*
 * A set of `count` zones with different apexes; it takes the pointers, not the array. NULL: no
 * memory. Control thread. Publish it with serving_publish_zones.
 */
struct zones *zones_new(struct zone *const *list, size_t count);

/* Frees a set that no worker can hold, not the zones in it. */
void zones_free(struct zones *zones);

size_t zones_count(const struct zones *zones);

/* The `index`th zone of the set, in the order given to zones_new. Control thread. */
struct zone *zones_at(const struct zones *zones, size_t index);

/*
 * Publishes `zone` in place of the one with the same apex and returns the old one, which the
 * caller frees after a grace period; NULL when the set has no such apex (then nothing changed).
 * Control thread. Release; pairs with the acquire in zones_find.
 */
struct zone *zones_replace(struct zones *zones, struct zone *zone);

/*
 * The zone with the longest apex at or above `name`, or NULL. Any thread; borrowed until the
 * worker's next quiescent state.
 */
const struct zone *zones_find(const struct zones *zones, const struct prefix *name);

#endif
