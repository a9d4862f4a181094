/* SPDX-License-Identifier: BSD-3-Clause */
/* A place for the labels of owners that must outlive the name they were read from. */
#ifndef ARPAD_CONTROL_OWNER_POOL_H
#define ARPAD_CONTROL_OWNER_POOL_H

#include "dataplane/dns/owner.h"

/* A zeroed struct is empty. */
struct owner_pool {
	struct owner_pool_chunk *last;
};

/*
 * Makes `copy` the same owner, in lower case, whose labels live until owner_pool_clear. An owner
 * that is all prefix takes no room. 0, or -ENOMEM.
 */
int owner_pool_copy(struct owner_pool *pool, const struct owner *owner, struct owner *copy);

/* Forgets every copy and frees their memory. */
void owner_pool_clear(struct owner_pool *pool);

#endif
