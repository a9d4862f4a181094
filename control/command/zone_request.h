/* SPDX-License-Identifier: BSD-3-Clause */
/* zone.add and zone.remove: from parameters to the change that update.h makes. */
#ifndef ARPAD_CONTROL_ZONE_REQUEST_H
#define ARPAD_CONTROL_ZONE_REQUEST_H

#include "control/presentation.h"
#include "control/update/update.h"

#include <jansson.h>
#include <stdbool.h>

/* Not to be copied: it borrows from itself. */
struct zone_request {
	bool add; /* else it is removed */
	struct presentation_owner zone;
	struct zone_defaults settings; /* of one that is added */
	const char *ns[UPDATE_NS_MAX];
};

/* Reads parameters that were checked for name and kind; borrows them and the defaults. */
int zone_request_parse(bool add, json_t *params, const struct zone_defaults *defaults,
	struct zone_request *request, struct failure *failure);

/* Makes the change, inside a batch. `*removed` RRsets went. */
int zone_request_run(struct update *update, const struct zone_request *request, uint64_t *sequence,
	size_t *removed, struct failure *failure);

#endif
