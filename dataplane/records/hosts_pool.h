/* SPDX-License-Identifier: BSD-3-Clause */
/* The shared parts of pages, each kept once and counted. Only hosts_writer.c and its tests. */
#ifndef ARPAD_DATAPLANE_RECORDS_HOSTS_POOL_H
#define ARPAD_DATAPLANE_RECORDS_HOSTS_POOL_H

#include "dataplane/records/hosts_writer.h"

/* The shared part with this TTL and suffix, made if there is none; one use more. NULL: no memory.
 */
const struct hosts_shared *hosts_pool_take(
	struct hosts_pool *pool, uint32_t ttl, const uint8_t *suffix, uint8_t bytes);

/* One use more of what is in use already. */
void hosts_shared_hold(const struct hosts_shared *shared);

/* One use less; the last one frees it. */
void hosts_shared_drop(const struct hosts_shared *shared);

#endif
