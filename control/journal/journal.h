/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every change did, in the store's transaction of the change itself: for who asks what
 * happened to an address, for who follows, for undoing, and for IXFR. Entries are never changed;
 * the oldest go when they are too old or too many. Control thread.
 */
#ifndef ARPAD_CONTROL_JOURNAL_H
#define ARPAD_CONTROL_JOURNAL_H

#include "control/object.h"
#include "control/store/store_codec.h"
#include "control/store/store_kv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* A change of more RRsets is one entry that counts them. */
	JOURNAL_RRSETS_MAX = 10000,
	JOURNAL_KEY_BYTES = 12, /* sequence number (8) and index (4), big endian */
	JOURNAL_ACTOR_MAX_BYTES = 255,
	JOURNAL_KEEP_DAYS = 30,
	JOURNAL_SIZE_MIB = 1024,
};

enum journal_kind {
	JOURNAL_RRSET = 1,
	JOURNAL_ZONE_ADDED,
	JOURNAL_ZONE_REMOVED,
	JOURNAL_BULK,	  /* many RRsets, which it only counts */
	JOURNAL_SETTINGS, /* of a zone */
	JOURNAL_REVERT,	  /* says of a change that it undoes others */
};

/*
 * One thing that a change did. Which members count is the kind's: RRSET has owner, type, previous,
 * before and after (an SOA its batch too); those of a zone have its apex as owner and its values as
 * octets; BULK has its counts, and of zone 0 is one of several zones; REVERT has first to skipped.
 */
struct journal_entry {
	uint64_t sequence;
	uint32_t index, time, zone, serial; /* time: seconds since 1970 */
	uint8_t kind;
	struct object_text actor;
	struct store_owner owner;
	uint16_t type;
	uint64_t previous; /* the change of this RRset before this one; 0: none is known */
	uint64_t batch;	   /* of an SOA: the first change of its batch, which made its version */
	struct store_bytes rrset_key; /* owner and type as they sort; filled by journal_parse */
	bool has_before, has_after;
	struct stored before, after;
	struct store_bytes before_octets, after_octets; /* as they are stored; of none 0 octets */
	uint64_t added, changed, removed;
	uint64_t first, last, reverted, skipped;
};

/* The octets of an entry. Pure. */
size_t journal_write_key(uint64_t sequence, uint32_t index, uint8_t key[static JOURNAL_KEY_BYTES]);
int journal_parse_key(struct store_bytes key, uint64_t *sequence, uint32_t *index);

/*
 * Room enough for its value, and the value, whose length is returned. Of an RRset `before` and
 * `after` are written, of a zone its octets.
 */
size_t journal_value_room(const struct journal_entry *entry);
size_t journal_write_value(const struct journal_entry *entry, uint8_t *value);

/* Reads both; the entry borrows the value. 0, or -1: damaged. */
int journal_parse(struct store_bytes key, struct store_bytes value, struct journal_entry *entry);

/* ---- Writing: a batch of changes, see update_batch.c ---- */

/* What of the journal a part of a batch may have to undo. */
struct journal_state {
	uint64_t sequence; /* of the last entry; 0: none in this batch */
	uint32_t index;	   /* of its next one */
	bool bulk;	   /* its RRsets are only counted */
	bool ended;	   /* it is kept: what comes are the serials of its batch */
	uint32_t bulk_zone, bulk_serial;
	uint64_t added, changed, removed;
	uint64_t bytes;	  /* of the whole journal */
	uint64_t entries; /* of this batch */
};

struct journal_limits {
	uint32_t keep_seconds; /* 0: no limit by age */
	uint64_t size_bytes;
};

struct journal {
	struct store *store;
	struct journal_limits limits;
	struct journal_state state, marked, committed;
	uint64_t batch_first; /* the first change that the open batch may make */
	/* No entry is below this key; the time of the entry there, 0 where that is not known. */
	uint8_t first[JOURNAL_KEY_BYTES], committed_first[JOURNAL_KEY_BYTES];
	uint32_t first_time;
	uint8_t *scratch;
	size_t capacity;
};

/* Reads what there is. -1: the failure. */
int journal_open(struct journal *journal, struct store *store, struct failure *failure);
void journal_close(struct journal *journal);

/* At the begin of each batch; and where it was not committed. */
void journal_begin(struct journal *journal);
void journal_roll_back(struct journal *journal);

/* At the begin of each part of it; and where that is undone. */
void journal_mark(struct journal *journal);
void journal_undo(struct journal *journal);

/* Notes one entry: its index is given here. What the store lent is good until this returns. */
int journal_note(struct journal *journal, struct journal_entry *entry, struct failure *failure);

/*
 * Notes that entry->before is going to be entry->after: call it before the write, which ends what
 * was lent. Fills kind, previous and batch.
 */
int journal_note_rrset(
	struct journal *journal, struct journal_entry *entry, struct failure *failure);

/*
 * The change `sequence` is of so many RRsets that they are only counted: those told here, and what
 * journal_note_rrset is told of the same change.
 */
void journal_note_bulk(struct journal *journal, const struct journal_entry *counts);

/* At the end of each change, before it is kept: writes the entry of a bulk change. */
int journal_end_change(struct journal *journal, const struct object_text *actor, uint32_t now,
	struct failure *failure);

/*
 * Before the commit: removes what is over the limits, but at most twice as many entries as the
 * batch added, and nothing that a commit which waits for its confirmation needs.
 */
int journal_finish(struct journal *journal, uint32_t now, struct failure *failure);

/* ---- Reading ---- */

/* Other than 0 ends the walk, which returns it. The entry is borrowed for the call. */
typedef int journal_visit(void *context, const struct journal_entry *entry);

/* The oldest change of which all is kept; one above the last where there is none. */
int journal_first(struct store *store, uint64_t *sequence, struct failure *failure);

/*
 * All entries behind (after_sequence, after_index), in order; an index of UINT32_MAX is the last of
 * its change. FAILURE_TOO_OLD: some of what was there is gone.
 */
int journal_each(struct store *store, uint64_t after_sequence, uint32_t after_index,
	journal_visit *visit, void *context, struct failure *failure);

/*
 * What happened to one RRset, the newest first, as far as the journal reaches. Where a bulk change
 * hides it, that is the last one visited.
 */
int journal_history(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	journal_visit *visit, void *context, struct failure *failure);

/* One record that comes or goes between two versions of a zone; borrowed. */
enum journal_step { JOURNAL_OLD_SOA, JOURNAL_DELETED, JOURNAL_NEW_SOA, JOURNAL_ADDED };
struct journal_difference {
	enum journal_step step;
	const struct owner *owner;
	uint16_t type, rdata_bytes;
	uint32_t ttl;
	const uint8_t *rdata;
};
typedef int journal_visit_difference(void *context, const struct journal_difference *difference);

/*
 * How the zone became what it is from the version `from_serial`: for each version between, its old
 * SOA, the records deleted, its new SOA, the records added (RFC 1995 section 4). None when it is
 * the newest. FAILURE_TOO_OLD: the journal does not tell, so only the whole zone helps. Not between
 * begin and commit.
 */
int journal_differences(struct store *store, uint32_t zone, const struct owner *apex,
	uint32_t from_serial, journal_visit_difference *visit, void *context,
	struct failure *failure);

#endif
