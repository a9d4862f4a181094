/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The name tree that the writer keeps above records and pages: an empty non-terminal for every
 * name that has names below it, up to the family's root (RFC 8020). The one writer only.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_TABLE_TREE_H
#define ARPAD_DATAPLANE_RECORDS_TABLE_TREE_H

#include "dataplane/records/table_layout.h"

/*
 * Counts one more name below `first`, making it and what is missing above it, from the top down,
 * so that no reader finds a name whose ancestor does not exist.
 */
void tree_link(struct table *table, const struct owner *first);

/* Counts one less, and removes empty non-terminals that have none left. */
void tree_unlink(struct table *table, const struct owner *first);

/* An empty non-terminal from the reserve. */
struct record *tree_spare(struct table *table, const struct owner *owner);

/* Fills the reserve. 0, or -ENOMEM; what was had before is kept in reserve. */
int tree_reserve(struct table *table, size_t plain, size_t named);
void tree_fini(struct table *table);

/* Counts `record` in (`sign` 1) or out (-1). */
void tree_count(struct table *table, const struct record *record, int sign);

/* The record was unpublished: it awaits its grace period. */
void tree_unlinked(struct table *table, struct record *record);

#endif
