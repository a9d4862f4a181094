/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One immutable, pre-rendered answer: every RRset of one owner, each as the bytes that go into an
 * answer section. Built by the control thread, published through the table, read by workers,
 * freed after a grace period. A record without RRsets is an empty non-terminal (RFC 8020).
 */
#ifndef ARPAD_DATAPLANE_RECORDS_RECORD_H
#define ARPAD_DATAPLANE_RECORDS_RECORD_H

#include "dataplane/dns/arpa.h"

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

struct record {
	struct prefix owner;
	union {				 /* writer only; readers never look */
		uint32_t below;		 /* published: direct children in the name tree */
		struct record *unlinked; /* unlinked: the next one that awaits its grace period */
	};
	uint16_t sets; /* RRsets that follow; 0: an empty non-terminal */
	uint16_t reserved;
	uint32_t set_bytes;
	_Alignas(4) uint8_t set[]; /* `sets` struct rendered, each padded to 4 bytes */
};

/*
 * Renders `sets` RRsets (0 for an empty non-terminal) of one owner. The caller owns the result and
 * gives it to the table. NULL: no memory, or an RRset too large for one message (65,535 bytes).
 * Control thread.
 */
struct record *record_new(const struct prefix *owner, const struct rrset *rrsets, unsigned sets);

/* Frees a record that no worker can hold: never published, or a grace period has passed. */
void record_free(struct record *record);

/* The RRset of `type`, or NULL. Any thread; borrowed as the record is. */
const struct rendered *record_rrset(const struct record *record, uint16_t type);

/* The first RRset, or NULL for an empty non-terminal: the answer to ANY (RFC 8482 4.1). */
const struct rendered *record_first(const struct record *record);

#endif
