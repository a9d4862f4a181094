/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transactions that are open: operations that are kept until they are committed, and what they
 * were checked against. Bound to no connection; lost when the process ends. Pure: it knows neither
 * store nor clock. Control thread.
 */
#ifndef ARPAD_CONTROL_TXN_H
#define ARPAD_CONTROL_TXN_H

#include "control/actor.h"
#include "control/failure.h"
#include "control/object.h"
#include "control/store/store_codec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TXN_ID_BYTES = 8,
	TXN_OPEN_MAX = 64,
	TXN_OPERATIONS_MAX = 100000,
	TXN_OBJECTS_MAX = 100000, /* addresses that a transaction changes */
	TXN_TOUCHES_MAX = 256,	  /* operations on one address: each looks at all before it */
	TXN_RANGES_MAX = 1000,	  /* prefixes unset: each address looks at all */
	TXN_ZONES_MAX = 256,	  /* operations on zones: each looks at all before it */
	TXN_TIMEOUT_S = 300,
	TXN_TIMEOUT_MAX_S = 86400,
	TXN_BYTES_MAX = 64 << 20, /* of all transactions together, about */
};

/* What was asked: a method and its parameters as JSON, without those of the transaction. */
struct txn_operation {
	const char *method; /* of the method's row */
	char *params;	    /* with a NUL */
	uint32_t bytes;
	uint32_t addresses; /* how many it changes */
};

/* An address that operations change. */
struct txn_object {
	struct prefix address;
	uint64_t sequence; /* of the object when the first of them was staged; 0: none was there */
	uint32_t first, last; /* touches */
	uint32_t touches;     /* how many */
};

/* One operation's change of one object, and the object's next; TXN_NO_TOUCH: the last. */
struct txn_touch {
	uint32_t operation, next, object;
};

#define TXN_NO_TOUCH UINT32_MAX

/* A prefix whose objects are all removed: how many there were. */
struct txn_range {
	struct prefix prefix;
	uint64_t count;
	uint32_t operation;
};

/* A zone that is added or removed. */
struct txn_zone {
	struct store_owner apex;
	bool added;
	bool closed;	 /* no other operation of the transaction may be inside it */
	uint32_t serial; /* of the zone that is removed, when that was staged */
	uint32_t operation;
};

struct txns;

/* Read by all; written by the functions below alone. */
struct txn {
	char id[TXN_ID_BYTES + 1];
	uid_t uid; /* whose it is */
	char tenant[OBJECT_TENANT_MAX_BYTES + 1], user[ACTOR_NAME_BYTES];
	uint32_t timeout_s;
	uint64_t due; /* when it ends, in seconds of the caller's clock */
	struct txn_operation *operations;
	struct txn_object *objects; /* in the order in which they were met */
	struct txn_touch *touches;
	struct txn_range *ranges;
	struct txn_zone *zones;
	size_t operation_count, object_count, touch_count, range_count, zone_count;
	size_t operation_room, object_room, touch_room, range_room, zone_room;
	uint32_t *slots;   /* hash of the objects: index and 1 */
	size_t slot_count; /* a power of two, or 0 */
	uint32_t *sorted;  /* objects in the order of their addresses; NULL: not made */
	size_t bytes;	   /* of TXN_BYTES_MAX */
	size_t settled;	   /* operations whose batch was kept */
	bool committed;	   /* in the batch that is open; nobody finds it */
	struct txns *all;
};

struct txns *txns_new(void);	   /* NULL: no memory */
void txns_free(struct txns *txns); /* takes NULL */

/*
 * Opens one for `actor` that ends `timeout_s` after its last use. `random` makes its name. NULL:
 * the failure.
 */
struct txn *txns_begin(struct txns *txns, const struct actor *actor, uint32_t timeout_s,
	uint64_t now, uint64_t random, struct failure *failure);

/*
 * The one called `id`, if it is the actor's or the actor an administrator; it is used now. NULL:
 * FAILURE_NOT_FOUND. Borrowed until it ends.
 */
struct txn *txns_get(struct txns *txns, const char *id, const struct actor *actor, uint64_t now,
	struct failure *failure);

/* Whether the actor may see and use it. */
bool txn_is_for(const struct txn *txn, const struct actor *actor);

/* Of those that are open, in the order in which they were begun: NULL behind the last. */
const struct txn *txns_at(const struct txns *txns, size_t index);

void txns_end(struct txns *txns, struct txn *txn);

/* Part of the open batch from now on; it ends when that is kept. */
void txn_commit(struct txn *txn);

/*
 * The batch is over. Kept: what was committed in it ends. Else that is open again, and what was
 * staged in it, for which nobody got a result, goes.
 */
void txns_settle(struct txns *txns, bool kept);

/* Ends one whose time is over, after telling of it; false: there is none. */
bool txns_expire(struct txns *txns, uint64_t now, void (*tell)(const struct txn *txn));

/*
 * Adds an operation, then what it changes. -1: the failure, and txn_unstage takes away what was
 * added. Parameters are copied.
 */
int txn_stage(struct txn *txn, const char *method, const char *params, size_t bytes,
	struct failure *failure);
/* The last operation changes this; `sequence` counts where none before it does. */
int txn_touch(
	struct txn *txn, const struct prefix *address, uint64_t sequence, struct failure *failure);
int txn_touch_range(
	struct txn *txn, const struct prefix *prefix, uint64_t count, struct failure *failure);
int txn_touch_zone(struct txn *txn, const struct owner *apex, bool added, bool closed,
	uint32_t serial, struct failure *failure);
/* Takes away the last operation with all that it changes. */
void txn_unstage(struct txn *txn);

/* The object of the address, or NULL. */
const struct txn_object *txn_find(const struct txn *txn, const struct prefix *address);

/*
 * The objects in the order of their addresses, as indexes, until the next is touched. NULL: there
 * is none, or no memory.
 */
const uint32_t *txn_sort(struct txn *txn);

/* Below, at or above 0: IPv4 first, then by address. */
int txn_compare_addresses(const struct prefix *a, const struct prefix *b);

#endif
