/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a tenant may touch, and how many objects are its own. The counts are in the store, in the
 * same transaction as the objects, so they are right after whatever was undone. Only update*.c.
 */
#ifndef ARPAD_CONTROL_UPDATE_TENANTS_H
#define ARPAD_CONTROL_UPDATE_TENANTS_H

#include "control/update/update_batch.h"

/* Whether the actor may touch the address at all: FAILURE_DENIED for a tenant that has it not. */
int tenants_check_address(
	struct update *update, const struct prefix *address, struct failure *failure);

/* Whether it may touch the object, which is nobody's or its own. */
int tenants_check_object(struct update *update, const struct prefix *address,
	const struct stored *object, struct failure *failure);

/* Whether the object is the actor's own, in its prefixes; of who is no tenant each is. */
bool tenants_own(
	const struct update *update, const struct prefix *address, const struct stored *object);

/* Copies of whose an object was and whose it is going to be. */
struct tenant_name {
	uint8_t bytes; /* 0: nobody's */
	char octets[OBJECT_TENANT_MAX_BYTES];
};

struct tenant_names {
	struct tenant_name was, is;
};

/* Either may be NULL: there is no such object. */
void tenants_note(struct tenant_names *names, const struct stored *was, const struct stored *is);

/* Counts a change that was noted. FAILURE_QUOTA where the actor's own would be too many. */
int tenants_count(struct update *update, const struct tenant_names *names, struct failure *failure);

#endif
