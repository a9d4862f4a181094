/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One immutable, pre-rendered answer: every RRset of one owner, each as the bytes that go into an
 * answer section. Built by the control thread, published through the table, read by workers,
 * freed after a grace period. A record without RRsets is an empty non-terminal (RFC 8020).
 */
#ifndef ARPAD_DATAPLANE_RECORDS_RECORD_H
#define ARPAD_DATAPLANE_RECORDS_RECORD_H

#include "dataplane/dns/owner.h"

#include <stddef.h>
#include <stdint.h>

/*
 * One RRset in binary form, borrowed: what the control side stores and records are rendered from.
 * `rdata` holds `count` items, each a big-endian 16-bit length and that many octets.
 */
struct rrset {
	uint16_t type;	/* host order */
	uint16_t count; /* at least 1 */
	uint32_t ttl;	/* 0..WIRE_TTL_MAX */
	uint32_t rdata_bytes;
	const uint8_t *rdata;
};

/* One rendered RRset inside a record: `wire` is `count` RRs with owner 0xC00C, class IN. */
struct rendered {
	uint16_t type;
	uint16_t count;
	uint32_t wire_bytes;
	uint8_t wire[];
};

/* What the RRsets of an owner mean to names at and below it. */
enum record_kind {
	RECORD_APEX = 1,  /* has a SOA: the top of a zone of ours */
	RECORD_CUT = 2,	  /* has NS and no SOA: the zone ends here (RFC 1034 4.2) */
	RECORD_DNAME = 4, /* RFC 6672 */
	RECORD_CNAME = 8, /* RFC 1034 3.6.2 */
};

struct record {
	struct prefix prefix;		 /* of the owner */
	union {				 /* writer only; readers never look */
		uint32_t below;		 /* published: direct children in the name tree */
		struct record *unlinked; /* unlinked: the next one that awaits its grace period */
	};
	uint16_t sets;	    /* RRsets in the body; 0: an empty non-terminal */
	uint8_t rest_bytes; /* the owner's labels before its prefix */
	uint8_t kinds;	    /* enum record_kind, or'ed */
	uint32_t body_bytes;
	_Alignas(4) uint8_t body[]; /* the rest in lower case, then the sets; each padded to 4 */
};

/*
 * Renders `sets` RRsets (0 for an empty non-terminal) of one owner. The caller owns the result and
 * gives it to the table. NULL: no memory, or an RRset too large for one message (65,535 bytes).
 * Control thread.
 */
struct record *record_new(const struct owner *owner, const struct rrset *rrsets, unsigned sets);

/* Frees a record that no worker can hold: never published, or a grace period has passed. */
void record_free(struct record *record);

/* The first RRset, or NULL for an empty non-terminal. Any thread; borrowed as the record is. */
static inline const struct rendered *record_first(const struct record *record)
{
	return record->sets == 0 ? NULL
				 : (const void *)(record->body + ((record->rest_bytes + 3u) & ~3u));
}

/* The RRset after `rendered`, or NULL. Any thread. */
const struct rendered *record_next(const struct record *record, const struct rendered *rendered);

/* The RRset of `type`, or NULL. Any thread. */
static inline const struct rendered *record_rrset(const struct record *record, uint16_t type)
{
	const struct rendered *r = record_first(record);

	while (r && r->type != type)
		r = record_next(record, r);
	return r;
}

/* The owner, borrowed as the record is. Any thread. */
static inline struct owner record_owner(const struct record *record)
{
	return (struct owner){
		.prefix = record->prefix, .rest = record->body, .rest_bytes = record->rest_bytes};
}

#endif
