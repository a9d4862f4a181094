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
#include "dataplane/records/table.h"
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
	const struct found *found, struct reply *reply, struct resolution *out);

/* Adds the one PTR record of the host that was asked for: a page's entry. */
static inline void resolve_add_host(const struct found *found, struct reply *reply)
{
	struct host_ptr ptr = hosts_read(found->hosts, found->entry);
	unsigned rdata_bytes = (unsigned)ptr.head_bytes + ptr.suffix_bytes;
	uint8_t *to = reply_take(reply, 2 + WIRE_RR_FIXED + rdata_bytes);

	if (!to)
		return;
	memcpy(to, ptr.rr, HOSTS_RR_HEAD_BYTES);
	if (ptr.ttl)
		memcpy(to + 6, ptr.ttl, 4);
	wire_put16(to + HOSTS_RR_HEAD_BYTES, (uint16_t)rdata_bytes);
	to += 2 + WIRE_RR_FIXED;
	memcpy(to, ptr.head, ptr.head_bytes);
	memcpy(to + ptr.head_bytes, ptr.suffix, ptr.suffix_bytes);
	reply->count[REPLY_ANSWER]++;
}

/*
 * Fills the reply's sections. `found` is what the table holds at query->owner. Any registered
 * reader; everything borrowed is the view's.
 */
static inline void resolve(const struct serving_view *view, const struct query *query,
	const struct found *found, struct reply *reply, struct resolution *out)
{
	const struct rendered *set = NULL;
	bool host = found->entry && query->qtype == WIRE_TYPE_PTR;

	/* The common case: no cut can be above it, the RRset is there, and needs no addresses. */
	if (found->record && query->qtype != WIRE_TYPE_NS)
		set = record_rrset(found->record, query->qtype);
	if ((!host && !set) || zones_have_cuts(view->zones)) {
		resolve_walk(view, query, found, reply, out);
		return;
	}
	*out = (struct resolution){
		.outcome = OUTCOME_ANSWERED, .rcode = WIRE_NOERROR, .authoritative = true};
	if (host)
		resolve_add_host(found, reply);
	else
		reply_add(reply, REPLY_ANSWER, WIRE_HEADER_BYTES, set->wire, set->wire_bytes,
			set->count);
}

#endif
