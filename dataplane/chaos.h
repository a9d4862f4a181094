/* SPDX-License-Identifier: BSD-3-Clause */
/* Class CHAOS: who and what this server is, where the policy tells (RFC 4892). */
#ifndef ARPAD_DATAPLANE_CHAOS_H
#define ARPAD_DATAPLANE_CHAOS_H

#include "dataplane/dns/query.h"
#include "dataplane/dns/reply.h"
#include "dataplane/policy.h"

#include <stdbool.h>

/* Adds the TXT that answers a CH query; false: there is none to tell. Any registered reader. */
bool chaos_answer(const struct policy *policy, const struct query *query, struct reply *reply);

#endif
