/* SPDX-License-Identifier: BSD-3-Clause */
/* The RRsets of one owner, gathered from the store, and the record that is rendered from them. */
#ifndef ARPAD_CONTROL_OWNER_SETS_H
#define ARPAD_CONTROL_OWNER_SETS_H

#include "control/failure.h"
#include "control/rrset_buffer.h"
#include "control/store/store.h"
#include "dataplane/records/record.h"

#include <stddef.h>

/* A zeroed struct is empty. Its memory is kept from one owner to the next. */
struct owner_sets {
	struct rrset_buffer *buffer;
	size_t count, capacity;
};

static inline void owner_sets_reset(struct owner_sets *sets)
{
	sets->count = 0;
}

/* Copies one RRset in. 0 or -ENOMEM. */
int owner_sets_add(struct owner_sets *sets, const struct rrset *rrset);

/* Renders them; the caller owns the record. NULL: no memory. There must be at least one. */
struct record *owner_sets_record(const struct owner_sets *sets, const struct owner *owner);

void owner_sets_free(struct owner_sets *sets);

#endif
