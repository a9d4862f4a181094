/* SPDX-License-Identifier: BSD-3-Clause */
/* What any reply needs whatever the question: EDNS, cookies, refusals with their reasons. */
#include "dataplane/answer.h"

#include "dataplane/chaos.h"
#include "dataplane/dns/reply.h"
#include "dataplane/resolve.h"

#include "dataplane/hot.h"

/* AXFR and IXFR have no answer here, MAILB and MAILA nowhere any more (RFC 1035 3.2.3). */
static bool not_implemented(uint16_t qtype)
{
	return qtype >= WIRE_TYPE_IXFR && qtype <= WIRE_TYPE_MAILA;
}

/* Fills the options that the request asked for, the zone's version aside. Returns whether its
 * cookie, if it must have one, is good. */
static __attribute__((noinline)) bool answer_options(const struct serving_view *view,
	const struct client *client, const struct edns *request, struct edns_reply *opt)
{
	const struct policy *policy = view->policy;
	enum cookie_status status;

	if (request->nsid && policy->nsid_bytes != 0) {
		opt->options |= EDNS_REPLY_NSID;
		opt->nsid = policy->nsid;
		opt->nsid_bytes = policy->nsid_bytes;
	}
	if (request->keepalive && client->transport == TRANSPORT_TCP) {
		opt->options |= EDNS_REPLY_KEEPALIVE;
		opt->keepalive_100ms = policy->keepalive_100ms;
	}
	if (request->cookie_bytes == 0 || policy->cookies == POLICY_COOKIES_OFF)
		return true;
	opt->options |= EDNS_REPLY_COOKIE;
	cookie_write(opt->cookie, request->cookie, client->address, client->address_bytes,
		view->now, &policy->secrets);
	status = cookie_check(request->cookie, request->cookie_bytes, client->address,
		client->address_bytes, view->now, &policy->secrets);
	return status == COOKIE_VALID || policy->cookies != POLICY_COOKIES_ENFORCE ||
		client->transport == TRANSPORT_TCP;
}

/* A response code without records; where the reply has an OPT, and so `opt`, with a reason. */
static void refuse(struct resolution *result, enum outcome outcome, uint16_t rcode,
	struct edns_reply *opt, enum edns_error error, const char *text)
{
	result->outcome = outcome;
	result->rcode = rcode;
	if (!opt)
		return;
	opt->options |= EDNS_REPLY_ERROR;
	opt->error = (uint16_t)error;
	opt->error_text = text;
}

/* A well-formed question: its sections, or why not. `opt` is NULL where the reply has none. */
static inline __attribute__((always_inline)) void answer_question(const struct serving_view *view,
	const struct query *query, const struct found *found, struct reply *reply,
	struct resolution *result, struct edns_reply *opt)
{
	if (query->qclass == WIRE_CLASS_CH && chaos_answer(view->policy, query, reply)) {
		result->outcome = OUTCOME_ANSWERED;
		return;
	}
	if (query->qclass != WIRE_CLASS_IN) {
		refuse(result, OUTCOME_REFUSED, WIRE_REFUSED, opt, EDNS_ERROR_NOT_SUPPORTED,
			"class not served");
		return;
	}
	if (not_implemented(query->qtype)) {
		refuse(result, OUTCOME_NOTIMP, WIRE_NOTIMP, opt, EDNS_ERROR_NOT_SUPPORTED,
			"query type not supported");
		return;
	}
	resolve(view, query, found, reply, result);
	if (result->outcome == OUTCOME_REFUSED)
		refuse(result, OUTCOME_REFUSED, WIRE_REFUSED, opt, EDNS_ERROR_NOT_AUTHORITATIVE,
			"no zone of this server");
}

/*
 * The version of the zone that encloses QNAME (RFC 9660 2.1: its labels are QNAME's last), wherever
 * an alias led to; of a referral it is the parent's.
 */
static void answer_zone_version(const struct serving_view *view, const struct query *query,
	const struct resolution *result, struct edns_reply *opt)
{
	const struct zone *zone = result->zone;

	if (!zone && result->authoritative)
		zone = zones_find(view->zones, &query->owner);
	if (!zone)
		return; /* not ours, or removed since its record was found */
	opt->options |= EDNS_REPLY_ZONE_VERSION;
	opt->zone_labels = zone->depth;
	opt->zone_serial = zone->serial;
}

enum { ZONE_VERSION_BYTES = 10 }; /* of its option, kept free while the zone is not known */

static enum outcome finish(const struct query *query, const struct resolution *result,
	struct reply *reply, const struct edns_reply *opt, size_t *length)
{
	*length = reply_finish(reply, query, result->rcode, result->authoritative, opt);
	return reply->truncated ? OUTCOME_TRUNCATED : result->outcome;
}

/* Kept apart, so that a query without OPT pays for nothing here. */
static __attribute__((noinline)) enum outcome reply_with_opt(const struct serving_view *view,
	const struct client *client, const struct query *query, const struct found *found,
	uint8_t *message, size_t limit, size_t *length)
{
	struct resolution result = {.rcode = WIRE_NOERROR};
	const struct edns *request = &query->edns;
	struct edns_reply opt = {
		.udp_bytes = view->policy->udp_bytes,
		.dnssec_ok = request->dnssec_ok,
	};
	struct reply reply;
	bool cookie_good = true;

	if (request->nsid | request->keepalive | request->cookie_bytes)
		cookie_good = answer_options(view, client, request, &opt);
	reply_begin(&reply, message, limit,
		edns_reply_bytes(&opt) + (request->zone_version ? ZONE_VERSION_BYTES : 0u), query);
	if (query->status == QUERY_BADVERS) {
		result.outcome = OUTCOME_BADVERS;
		result.rcode = WIRE_BADVERS;
	} else if (!cookie_good) {
		result.outcome = OUTCOME_BADCOOKIE;
		result.rcode = WIRE_BADCOOKIE;
	} else {
		answer_question(view, query, found, &reply, &result, &opt);
	}
	if (request->zone_version)
		answer_zone_version(view, query, &result, &opt);
	opt.rcode = result.rcode;
	return finish(query, &result, &reply, &opt, length);
}

static enum outcome reply_plain(const struct serving_view *view, const struct query *query,
	const struct found *found, uint8_t *message, size_t limit, size_t *length)
{
	struct resolution result = {.rcode = WIRE_NOERROR};
	struct reply reply;

	reply_begin(&reply, message, limit, 0, query);
	answer_question(view, query, found, &reply, &result, NULL);
	return finish(query, &result, &reply, NULL, length);
}

/* Not a question: silence, or a header. */
static enum outcome answer_bare(enum query_status status, uint8_t *message, size_t *length)
{
	switch (status) {
	case QUERY_SHORT:
		*length = 0;
		return OUTCOME_MESSAGE_SHORT;
	case QUERY_IS_REPLY:
		*length = 0;
		return OUTCOME_MESSAGE_IS_REPLY;
	case QUERY_NOTIMP:
		*length = reply_header_only(message, WIRE_NOTIMP);
		return OUTCOME_NOTIMP;
	case QUERY_FORMERR:
	default:
		*length = reply_header_only(message, WIRE_FORMERR);
		return OUTCOME_FORMERR;
	}
}

/* Whether what was found is no answer, whatever the zone: nothing, or a host's PTR to another type.
 */
static bool found_negative(const struct found *found, uint16_t qtype)
{
	if (found->entry)
		return qtype != WIRE_TYPE_PTR;
	return !found->record || found->record->sets == 0;
}

size_t answer_negative(const struct serving_view *view, const struct query *query,
	const struct found *found, uint8_t *message, size_t limit, enum outcome *outcome)
{
	bool exists = found_exists(found);
	size_t end = query->question_end, apex;
	const struct zone *zone;

	if (!query->plain || !found_negative(found, query->qtype))
		return 0;
	zone = zones_find(view->zones, &query->owner);
	if (!zone || zone_has_cuts(zone) || (zone->special.wildcards && !exists) ||
		serving_moves(view->serving) ||
		end + 2 + zone->soa_bytes + WIRE_OPT_BYTES + HOSTS_COPY_BYTES > limit)
		return 0;
	apex = WIRE_HEADER_BYTES + query->qname_bytes - zone->apex_name_bytes;
	wire_put16(message + end, (uint16_t)(0xc000 | apex));
	hosts_copy(message + end + 2, zone->soa, zone->soa_bytes);
	*outcome = exists ? OUTCOME_NODATA : OUTCOME_NXDOMAIN;
	return answer_short_end(view, query, exists ? WIRE_NOERROR : WIRE_NXDOMAIN, 0, message,
		end + 2 + zone->soa_bytes);
}

enum outcome answer_write(const struct serving_view *view, const struct client *client,
	const struct query *query, const struct found *found, uint8_t *message, size_t limit,
	size_t *length)
{
	if (query->status != QUERY_OK && query->status != QUERY_BADVERS)
		return answer_bare(query->status, message, length);
	if (query->edns.present)
		return reply_with_opt(view, client, query, found, message, limit, length);
	return reply_plain(view, query, found, message, limit, length);
}

size_t answer_refuse_slow(
	const struct serving_view *view, const struct query *query, uint8_t *message, size_t limit)
{
	const struct edns_reply opt = {
		.udp_bytes = view->policy->udp_bytes,
		.dnssec_ok = query->edns.dnssec_ok,
	};
	bool with_opt = query->edns.present;
	struct reply reply;

	if (query->status != QUERY_OK)
		return reply_header_only(message, WIRE_REFUSED);
	reply_begin(&reply, message, limit, with_opt ? edns_reply_bytes(&opt) : 0, query);
	return reply_finish(&reply, query, WIRE_REFUSED, false, with_opt ? &opt : NULL);
}
