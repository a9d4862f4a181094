/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a batch publishes, owner by owner: hosts with one PTR record go into update->pages, all else
 * gets a record of its own, listed here. Only update_publish.c sees it.
 */
#ifndef ARPAD_CONTROL_UPDATE_CHANGES_H
#define ARPAD_CONTROL_UPDATE_CHANGES_H

#include "control/update/update_batch.h"

/* An owner with a record of its own before the batch, after it, or both. */
struct change {
	struct owner owner;    /* borrows from the batch */
	struct record *record; /* NULL: it goes */
	bool loses;	       /* the cut, DNAME or wildcard that it was or had */
};

/* In the order of owners. A zeroed struct is empty. */
struct changes {
	struct change *change;
	size_t count, capacity;
	struct zone_special moving; /* what comes or goes with them, in any zone */
	struct zone_depths losing;  /* of those that lose */
};

/* Builds the records and the pages of all that the batch noted, from its open transaction. */
int changes_build(struct changes *changes, struct update *update, struct failure *failure);

/* Adds what publishing the records needs. */
void changes_room(
	const struct changes *changes, const struct table *table, struct table_room *room);

/* Takes note of what a change means beside plain names, `old` being the owner's record till now. */
void changes_note(struct changes *changes, struct change *change, const struct record *old);

/*
 * Publishes the records that were made, unpublishes those that go, and last does either for those
 * that lose something: what a cut hid goes before it.
 */
void changes_publish_made(const struct changes *changes, struct table *table);
void changes_publish_gone(const struct changes *changes, struct table *table);
void changes_publish_lost(
	const struct changes *changes, struct table *table, struct serving *serving);

/* Frees the records that were made and not published. */
void changes_discard(const struct changes *changes);

/* Frees the list alone. */
void changes_free(struct changes *changes);

#endif
