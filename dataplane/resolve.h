/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a question of class IN to the sections of its answer: RFC 1034 4.3.2 over the table, with
 * DNAME (RFC 6672), wildcards (RFC 4592) and the NODATA and NXDOMAIN of RFC 2308 and RFC 8020.
 */
#ifndef ARPAD_DATAPLANE_RESOLVE_H
#define ARPAD_DATAPLANE_RESOLVE_H

#include "dataplane/dns/query.h"
#include "dataplane/dns/reply.h"
#include "dataplane/outcome.h"
#include "dataplane/records/record.h"
#include "dataplane/serving.h"

#include <stdbool.h>
#include <stdint.h>

struct resolution {
	enum outcome outcome;
	uint16_t rcode; /* enum wire_rcode; of the last name of a chain (RFC 6604 2.1) */
	bool authoritative;
	const struct zone
		*zone; /* that the question was put to; NULL: none was looked for, or none */
};

/* What resolve does where there is more to do than to copy an answer. */
void resolve_walk(const struct serving_view *view, const struct query *query,
	const struct record *record, struct reply *reply, struct resolution *out);

/*
 * Fills the reply's sections. `record` is what the table holds at query->owner, or NULL. Any
 * registered reader; everything borrowed is the view's.
 */
static inline void resolve(const struct serving_view *view, const struct query *query,
	const struct record *record, struct reply *reply, struct resolution *out)
{
	const struct rendered *set = NULL;

	/* The common case: no cut can be above it, the RRset is there, and needs no addresses. */
	if (record && query->qtype != WIRE_TYPE_NS && !zones_have_cuts(view->zones))
		set = record_rrset(record, query->qtype);
	if (!set) {
		resolve_walk(view, query, record, reply, out);
		return;
	}
	*out = (struct resolution){
		.outcome = OUTCOME_ANSWERED, .rcode = WIRE_NOERROR, .authoritative = true};
	reply_add(reply, REPLY_ANSWER, WIRE_HEADER_BYTES, set->wire, set->wire_bytes, set->count);
}

#endif
