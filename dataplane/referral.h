/* SPDX-License-Identifier: BSD-3-Clause */
/* Referrals: the NS of a zone cut, and the addresses of those of its servers that we know. */
#ifndef ARPAD_DATAPLANE_REFERRAL_H
#define ARPAD_DATAPLANE_REFERRAL_H

#include "dataplane/dns/reply.h"
#include "dataplane/serving.h"

#include <stddef.h>

/* A name that stands whole in the message. */
struct name_at {
	struct owner owner; /* borrows the message */
	size_t offset;
	size_t bytes;
};

/*
 * Adds, for each of the `count` NS RRs that stand at `at`, the addresses that we have for its
 * server when that is in `zone` or below, where there is room; those below `cut` (NULL: none) must
 * fit.
 */
void referral_addresses(const struct serving_view *view, const struct zone *zone,
	const struct owner *cut, size_t at, unsigned count, struct reply *reply);

/*
 * Adds the NS RRset of `cut`, a record with RECORD_CUT in `zone` at or above `name`, to the
 * authority section, and glue to the additional. Glue below the cut must fit, or the reply is
 * truncated (RFC 9471 2.1); other addresses of the zone are given where there is room.
 */
void referral_write(const struct serving_view *view, const struct zone *zone,
	const struct record *cut, const struct name_at *name, struct reply *reply);

#endif
