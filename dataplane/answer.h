/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What to say to a message: from the parsed question and the record found, the reply in place. The
 * scalar heart that pipeline_run and respond share.
 */
#ifndef ARPAD_DATAPLANE_ANSWER_H
#define ARPAD_DATAPLANE_ANSWER_H

#include "dataplane/dns/query.h"
#include "dataplane/dns/reply.h"
#include "dataplane/dns/wire.h"
#include "dataplane/outcome.h"
#include "dataplane/records/table.h"
#include "dataplane/serving.h"

#include <stddef.h>
#include <stdint.h>

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

/* Who asks. */
struct client {
	const uint8_t *address; /* network order, borrowed for the call */
	uint8_t address_bytes;	/* 4 or 16 */
	enum transport transport;
};

/* The owner to look up in the table, or NULL when no record can matter. Borrows from `query`. */
static inline const struct owner *answer_owner(const struct query *query)
{
	bool in = query->plain || (query->status == QUERY_OK && query->qclass == WIRE_CLASS_IN);

	return in ? &query->owner : NULL;
}

/*
 * Ends a reply that goes the short way, one RR up to `end`: in the answer section, or not, then in
 * the authority section. Adds an OPT that says nothing where the query has one. Returns the length.
 */
static inline size_t answer_short_end(const struct serving_view *view, const struct query *query,
	uint16_t rcode, uint16_t answers, uint8_t *message, size_t end)
{
	bool opt = query->edns.present;

	reply_header(message, WIRE_QR | WIRE_AA | (query->flags & WIRE_RD) | rcode, answers,
		1 - answers, opt);
	if (opt)
		end += edns_write_bare(
			message + end, view->policy->udp_bytes, query->edns.dnssec_ok);
	return end;
}

/*
 * Whether the message is another thread's to answer: an UPDATE (RFC 2136), a NOTIFY (RFC 1996) or a
 * transfer (RFC 5936, 1995) of class IN. They may need a lock, the disk or many messages.
 */
static inline bool answer_is_slow(const struct query *query)
{
	unsigned opcode = (unsigned)(query->flags & WIRE_OPCODE_MASK) >> WIRE_OPCODE_SHIFT;

	if (query->status == QUERY_NOTIMP)
		return opcode == WIRE_OPCODE_NOTIFY || opcode == WIRE_OPCODE_UPDATE;
	return query->status == QUERY_OK && query->qclass == WIRE_CLASS_IN &&
		(query->qtype == WIRE_TYPE_AXFR || query->qtype == WIRE_TYPE_IXFR);
}

/*
 * Refuses a message that answer_is_slow, in place; returns the reply's length. `limit` is at least
 * WIRE_UDP_PLAIN_BYTES. Any registered reader.
 */
size_t answer_refuse_slow(
	const struct serving_view *view, const struct query *query, uint8_t *message, size_t limit);

/*
 * What nearly every reply is: the one PTR record of a host, to a query that has no OPT or one that
 * asks for nothing. The reply's length (OUTCOME_ANSWERED), or 0 and nothing written where it is not
 * that: answer_write's, whose reply would be the same. Any registered reader.
 */
static inline size_t answer_host(const struct serving_view *view, const struct query *query,
	const struct found *found, uint8_t *message, size_t limit)
{
	size_t end = query->question_end;
	struct host_ptr ptr;

	if (!found->entry || view->cuts || query->qtype != WIRE_TYPE_PTR || !query->plain)
		return 0;
	ptr = hosts_read(found->hosts, found->entry);
	if (end + host_ptr_bytes(&ptr) + WIRE_OPT_BYTES + HOSTS_COPY_BYTES > limit)
		return 0;
	hosts_write(message + end, &ptr);
	end += host_ptr_bytes(&ptr);
	return answer_short_end(view, query, WIRE_NOERROR, 1, message, end);
}

/*
 * What most other replies are: the name does not exist, or has nothing of the type asked for, and
 * its zone has nothing else that could tell; and no option is asked for. The reply's length, and
 * `*outcome`; or 0 and nothing written where it is not that: answer_write's, whose reply would be
 * the same. Any registered reader.
 */
size_t answer_negative(const struct serving_view *view, const struct query *query,
	const struct found *found, uint8_t *message, size_t limit, enum outcome *outcome);

/*
 * Writes the reply to `query` over `message`, at most `limit` bytes (WIRE_UDP_PLAIN_BYTES or
 * more). `found` is what the table holds at answer_owner(query). `*length` is the reply's length,
 * 0 for silence. Returns the outcome. Any registered reader.
 */
enum outcome answer_write(const struct serving_view *view, const struct client *client,
	const struct query *query, const struct found *found, uint8_t *message, size_t limit,
	size_t *length);

#endif
