/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The zones we are authoritative for, found by longest match. The set is built whole and published
 * whole; one zone is replaced by one pointer. Workers ask it on a miss, and on a hit only where
 * some zone has names that change what lies below them.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_ZONES_H
#define ARPAD_DATAPLANE_RECORDS_ZONES_H

#include "dataplane/dns/owner.h"
#include "dataplane/records/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Depths (labels from the root, owner_depth) as a set of bits: 0 to 127. */
struct zone_depths {
	uint64_t bit[2];
};

/* What a zone holds beside plain names, so that a query looks only where there is something. */
struct zone_special {
	struct zone_depths cuts; /* depths that have a zone cut or a DNAME */
	bool wildcards;		 /* some label of some name in the zone is "*" (RFC 4592) */
};

/* One zone as answers need it. Immutable. */
struct zone {
	struct prefix prefix;	  /* of the apex */
	uint8_t rest_bytes;	  /* the apex's labels before its prefix, in `rest` */
	uint8_t depth;		  /* owner_depth of the apex */
	uint16_t apex_name_bytes; /* where the apex starts from QNAME's end */
	uint16_t soa_bytes;
	uint32_t serial;
	/* The control side's own; workers never look: its number, and how many RRsets it holds. */
	uint32_t id;
	uint64_t records;
	struct zone_special special;
	const uint8_t *rest; /* behind the SOA */
	uint8_t soa[];	     /* the SOA RR without owner; TTL = min(SOA TTL, MINIMUM) (RFC 2308 3);
				HOSTS_COPY_BYTES past its end are readable */
};

struct zones;

/*
 * Renders the zone at `apex` from its SOA RRset. The caller owns it. NULL: no memory, or `soa` is
 * not one well-formed SOA (RFC 1035 3.3.13). Control thread.
 */
struct zone *zone_new(
	const struct owner *apex, const struct rrset *soa, const struct zone_special *special);

/* Frees a zone that no worker can hold. */
void zone_free(struct zone *zone);

/* The apex, borrowed as the zone is. */
static inline struct owner zone_apex(const struct zone *zone)
{
	return (struct owner){
		.prefix = zone->prefix, .rest = zone->rest, .rest_bytes = zone->rest_bytes};
}

/* Whether it has any zone cut or DNAME. Any thread. */
static inline bool zone_has_cuts(const struct zone *zone)
{
	return (zone->special.cuts.bit[0] | zone->special.cuts.bit[1]) != 0;
}

static inline void zone_depths_add(struct zone_depths *depths, unsigned depth)
{
	depths->bit[depth / 64] |= UINT64_C(1) << depth % 64;
}

/* The largest depth in the set that is at most `from` (-1: none is), or -1. */
int zone_depths_previous(const struct zone_depths *depths, int from);

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
 * Whether some zone may have cuts or DNAMEs: only then does a hit ask for its zone. It becomes true
 * with the first version that has some. Any thread.
 */
bool zones_have_cuts(const struct zones *zones);

/*
 * Makes zones_have_cuts what the versions say. A grace period must have passed since the last cut
 * of a version before went from the table. Control thread.
 */
void zones_settle_cuts(struct zones *zones);

/*
 * The zone with the longest apex at or above `name`, or NULL; zones_find_above: strictly above.
 * Any thread; borrowed until the worker's next quiescent state.
 */
const struct zone *zones_find(const struct zones *zones, const struct owner *name);
const struct zone *zones_find_above(const struct zones *zones, const struct owner *name);

#endif
