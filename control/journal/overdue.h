/* SPDX-License-Identifier: BSD-3-Clause */
/* Commits whose confirmation is overdue: undone at the start and once a second, and logged. */
#ifndef ARPAD_CONTROL_OVERDUE_H
#define ARPAD_CONTROL_OVERDUE_H

#include "control/update/update.h"

#include <stdbool.h>

/* Zeroed at first. */
struct overdue {
	bool failed; /* the last try did, and was logged */
};

/* Undoes all that are due, outside of any batch. Whether any was undone. */
bool overdue_undo(struct overdue *overdue, struct update *update);

#endif
