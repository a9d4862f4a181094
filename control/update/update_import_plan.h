/* SPDX-License-Identifier: BSD-3-Clause */
/* What an import is going to do, counted and checked before anything is written. */
#ifndef ARPAD_CONTROL_UPDATE_IMPORT_PLAN_H
#define ARPAD_CONTROL_UPDATE_IMPORT_PLAN_H

#include "control/update/update_import.h"

/* What is going to happen to a zone of the comparison, in its order. */
struct zone_plan {
	struct import_counts counts;
	bool changes;	 /* there is anything to write */
	uint32_t serial; /* of the SOA that the import brings */
};

struct zone_plans {
	struct zone_plan *plan;
	size_t count, capacity;
	struct import_counts sum;
};

static inline uint64_t import_differences(const struct import_counts *counts)
{
	return counts->added + counts->changed + counts->removed;
}

/* Whether the import brings the SOAs of its zones. */
static inline bool import_has_soas(const struct import_plan *plan)
{
	return plan->kind == IMPORT_ZONE || plan->kind == IMPORT_RESTORE;
}

/* Compares all. Free plans->plan, whatever comes of it. */
int zone_plans_make(struct update *update, const struct import_plan *plan, struct zone_plans *plans,
	struct failure *failure);

#endif
