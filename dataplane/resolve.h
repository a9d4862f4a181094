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

/* Adds the one PTR record of the host that was asked for. False: it is too near the limit. */
static inline bool resolve_add_host(const struct found *found, struct reply *reply)
{
	struct host_ptr ptr = hosts_read(found->hosts, found->entry);
	size_t bytes = host_ptr_bytes(&ptr);

	if (bytes + HOSTS_COPY_BYTES > reply->limit - reply->at)
		return false;
	hosts_write(reply->message + reply->at, &ptr);
	reply->at += bytes;
	reply->count[REPLY_ANSWER] = 1;
	return true;
}

/*
 * Fills the reply's sections. `found` is what the table holds at query->owner. Any registered
 * reader; everything borrowed is the view's.
 */
static inline void resolve(const struct serving_view *view, const struct query *query,
	const struct found *found, struct reply *reply, struct resolution *out)
{
	const struct rendered *set = NULL;

	*out = (struct resolution){
		.outcome = OUTCOME_ANSWERED, .rcode = WIRE_NOERROR, .authoritative = true};
	/* The common cases: no cut can be above it, the RRset is there, and needs no addresses. */
	if (!view->cuts) {
		if (found->entry && query->qtype == WIRE_TYPE_PTR && resolve_add_host(found, reply))
			return;
		if (found->record && query->qtype != WIRE_TYPE_NS)
			set = record_rrset(found->record, query->qtype);
	}
	if (set)
		reply_add(reply, REPLY_ANSWER, WIRE_HEADER_BYTES, set->wire, set->wire_bytes,
			set->count);
	else
		resolve_walk(view, query, found, reply, out);
}

#endif
