/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An import: RRsets that arrive over time and become a part of what is served as one change. They
 * are staged outside any batch, so they delay nobody.
 */
#ifndef ARPAD_CONTROL_UPDATE_IMPORT_H
#define ARPAD_CONTROL_UPDATE_IMPORT_H

#include "control/import/backup_read.h"
#include "control/import/import_object.h"
#include "control/import/staging.h"
#include "control/update/update.h"

enum import_kind {
	/*
	 * The staging has an apex, and its records are the zone's whole contents; the zone is added
	 * when it is new. They need one SOA and at least one NS at the apex. The serial is the
	 * file's if it is newer than the served one (RFC 1982), else the next one. What is kept of
	 * an RRset beside its records stays.
	 */
	IMPORT_ZONE,
	/* PTR objects of any zone. Those that are not staged stay; of the others what is not said.
	 */
	IMPORT_MERGE,
	/* PTR objects, all that there are in `scope` or in the zone at `apex`: the others go. */
	IMPORT_REPLACE,
	/* All zones there are, as `zones` and the staging have them; the others go. */
	IMPORT_RESTORE,
};

struct import_plan {
	enum import_kind kind;
	struct staging *staging;
	bool has_scope;
	struct prefix scope;
	const struct owner *apex; /* of IMPORT_REPLACE without a scope */
	const struct restore_zone *zones;
	size_t zone_count;
};

struct import_counts {
	uint64_t added, changed, removed, unchanged; /* RRsets, without SOAs */
};

/*
 * Stages an object of CSV or NDJSON. Its address must be in a zone that is published now, and in
 * the plan's scope.
 */
int import_stage(struct update *update, const struct import_plan *plan,
	const struct import_object *object, struct failure *failure);

/* Counts what the import would change, without changing anything. */
int import_count(struct update *update, const struct import_plan *plan,
	struct import_counts *counts, struct failure *failure);

/*
 * Makes it so, as one change, which is part of a batch of its own (struct method has `bulk`). What
 * is so already is no change. The staging stays the caller's.
 */
int update_import(struct update *update, const struct import_plan *plan,
	struct import_counts *counts, struct update_result *result, struct failure *failure);

#endif
