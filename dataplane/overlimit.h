/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens to a reply that is above its client's rate: it leaves after all, shorter, or not. */
#ifndef ARPAD_DATAPLANE_OVERLIMIT_H
#define ARPAD_DATAPLANE_OVERLIMIT_H

#include "dataplane/answer.h"
#include "dataplane/counters.h"
#include "dataplane/ratelimit.h"

/*
 * Judges the reply of `*length` octets in `message` that answers `query` with `outcome`, whose
 * class ratelimit_over found above the rate, and counts what it decides. Exempt prefixes, clients
 * with a valid cookie, and all in the mode RATELIMIT_LOG keep their reply and its outcome. Else the
 * reply becomes OUTCOME_RATE_SLIPPED, written over it, or silence, OUTCOME_RATE_DROPPED.
 *
 * The short reply has the question, and TC, so that an honest client asks again over TCP (RFC 1035
 * 4.1.1); a client that sent a cookie gets BADCOOKIE and one of ours instead, with which it is
 * exempt (RFC 7873 5.2.3 and 5.3). The first is never longer than its query; the second by at most
 * the 16 octets of a server cookie. What has no question to repeat is dropped. Owner of the
 * limiter.
 */
enum outcome overlimit(struct ratelimit *limiter, struct counters *counters,
	const struct serving_view *view, const struct client *client, const struct query *query,
	uint8_t *message, enum outcome outcome, size_t *length);

#endif
