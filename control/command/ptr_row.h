/* SPDX-License-Identifier: BSD-3-Clause */
/* A PTR object as one JSON object: what ptr.show, ptr.list and txn.diff give. */
#ifndef ARPAD_CONTROL_PTR_ROW_H
#define ARPAD_CONTROL_PTR_ROW_H

#include "control/command/text.h"
#include "control/object.h"
#include "dataplane/dns/owner.h"

struct ptr_row {
	const struct rrset *names; /* sound */
	const struct stamp *stamp;
	const struct details *details;
};

/* Adds the whole row. `zone` is the apex of its zone. */
void ptr_row_write(struct text *text, const struct prefix *address, const struct ptr_row *row,
	const struct owner *zone);

/* Adds what a change can change, as members without braces: names, ttl and details. */
void ptr_row_write_settable(struct text *text, const struct ptr_row *row);

#endif
