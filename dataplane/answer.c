/* SPDX-License-Identifier: BSD-3-Clause */
/* Choosing the answer: hit, NODATA, NXDOMAIN (RFC 2308, RFC 8020), or why there is none. */
#include "dataplane/answer.h"

#include "dataplane/dns/reply.h"
#include "dataplane/dns/wire.h"

#include "dataplane/hot.h"

const struct prefix *answer_owner(const struct query *query)
{
	return query->status == QUERY_OK && query->match == ARPA_EXACT ? &query->prefix : NULL;
}

/* A transfer has no answer here; it is the kind of query that is not implemented. */
static bool is_transfer(uint16_t qtype)
{
	return qtype == WIRE_TYPE_AXFR || qtype == WIRE_TYPE_IXFR;
}

/* An alias answers for every type that it does not stand beside (RFC 1034 3.6.2). */
static const struct rendered *find_rrset(const struct record *record, uint16_t qtype)
{
	const struct rendered *set;

	if (qtype == WIRE_TYPE_ANY)
		return record_first(record);
	set = record_rrset(record, qtype);
	return set ? set : record_rrset(record, WIRE_TYPE_CNAME);
}

/* Fills the answer section from the record; false when it has no such RRset. */
static bool take_answer(const struct record *record, uint16_t qtype, struct reply *reply)
{
	const struct rendered *set;

	if (!record)
		return false;
	set = find_rrset(record, qtype);
	if (!set)
		return false;
	reply->authoritative = true;
	reply->answer = set->wire;
	reply->answer_bytes = set->wire_bytes;
	reply->answer_count = set->count;
	return true;
}

static void take_soa(const struct zone *zone, const struct query *query, struct reply *reply)
{
	reply->authoritative = true;
	reply->authority = zone->soa;
	reply->authority_bytes = zone->soa_bytes;
	reply->authority_count = 1;
	reply->authority_owner = WIRE_HEADER_BYTES + query->qname_bytes - zone->apex_name_bytes;
}

/* The zone that speaks for the name that was asked for, or NULL. */
static const struct zone *find_zone(const struct zones *zones, const struct query *query)
{
	const struct zone *zone, *parent;
	struct prefix above;

	if (query->match == ARPA_NONE)
		return NULL;
	zone = zones_find(zones, &query->prefix);
	if (!zone || query->qtype != WIRE_TYPE_DS || query->match != ARPA_EXACT ||
		!prefix_equal(&zone->apex, &query->prefix) || query->prefix.bits == 0)
		return zone;
	/* DS stands on the parent's side of the cut, if we have that too (RFC 4035 3.1.4.1). */
	above = prefix_parent(&query->prefix);
	parent = zones_find(zones, &above);
	return parent ? parent : zone;
}

static enum outcome choose(const struct zones *zones, const struct query *query,
	const struct record *record, struct reply *reply)
{
	const struct zone *zone;

	if (is_transfer(query->qtype)) {
		reply->rcode = WIRE_NOTIMP;
		return OUTCOME_NOTIMP;
	}
	if (take_answer(record, query->qtype, reply))
		return OUTCOME_ANSWERED;
	zone = find_zone(zones, query);
	if (!zone) {
		reply->rcode = WIRE_REFUSED;
		return OUTCOME_REFUSED;
	}
	take_soa(zone, query, reply);
	if (record)
		return OUTCOME_NODATA;
	reply->rcode = WIRE_NXDOMAIN;
	return OUTCOME_NXDOMAIN;
}

enum outcome answer_write(const struct zones *zones, const struct query *query,
	const struct record *record, uint8_t *message, size_t limit, size_t *length)
{
	struct reply reply = {0};
	enum outcome outcome;
	bool truncated;

	switch (query->status) {
	case QUERY_SHORT:
		*length = 0;
		return OUTCOME_MESSAGE_SHORT;
	case QUERY_IS_REPLY:
		*length = 0;
		return OUTCOME_MESSAGE_IS_REPLY;
	case QUERY_FORMERR:
		*length = reply_header_only(message, WIRE_FORMERR);
		return OUTCOME_FORMERR;
	case QUERY_NOTIMP:
		*length = reply_header_only(message, WIRE_NOTIMP);
		return OUTCOME_NOTIMP;
	case QUERY_BADVERS:
		reply.rcode = WIRE_BADVERS;
		outcome = OUTCOME_BADVERS;
		break;
	case QUERY_BAD_CLASS:
		reply.rcode = WIRE_REFUSED;
		outcome = OUTCOME_REFUSED;
		break;
	case QUERY_OK:
	default:
		outcome = choose(zones, query, record, &reply);
		break;
	}
	*length = reply_write(message, limit, query, &reply, &truncated);
	return truncated ? OUTCOME_TRUNCATED : outcome;
}
