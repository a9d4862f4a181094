/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a query: header, the one question, IXFR's SOA, the OPT among additionals, no more. */
#include "dataplane/dns/query.h"

#include "dataplane/dns/arpa_host.h"
#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

/* Header rules that need no question. */
static enum query_status read_header(const uint8_t *message, size_t length, struct query *q)
{
	if (length < WIRE_HEADER_BYTES)
		return QUERY_SHORT;
	q->flags = wire_get16(message + WIRE_FLAGS);
	if (q->flags & WIRE_QR)
		return QUERY_IS_REPLY;
	if ((q->flags & WIRE_OPCODE_MASK) != WIRE_OPCODE_QUERY << WIRE_OPCODE_SHIFT)
		return QUERY_NOTIMP;
	/* RFC 9619 4: a query has one question. A query has no answers. */
	if (wire_get16(message + WIRE_QDCOUNT) != 1 || wire_get16(message + WIRE_ANCOUNT) != 0)
		return QUERY_FORMERR;
	return QUERY_OK;
}

static enum query_status read_question(const uint8_t *message, size_t length, struct query *q)
{
	const uint8_t *qname = message + WIRE_HEADER_BYTES;
	size_t name_bytes = name_length(qname, length - WIRE_HEADER_BYTES);
	size_t end = WIRE_HEADER_BYTES + name_bytes + WIRE_QUESTION_FIXED;

	if (name_bytes == 0 || end > length)
		return QUERY_FORMERR;
	q->qname_bytes = (uint16_t)name_bytes;
	q->qtype = wire_get16(qname + name_bytes);
	q->qclass = wire_get16(qname + name_bytes + 2);
	q->question_end = (uint16_t)end;
	return QUERY_OK;
}

/*
 * Skips one RR by its length. Returns the offset after it, 0 when malformed; `*fixed` is where its
 * TYPE stands.
 */
static size_t skip_rr(const uint8_t *message, size_t length, size_t at, size_t *fixed)
{
	size_t owner = name_skip(message + at, length - at), bytes;

	*fixed = at + owner;
	if (owner == 0 || length - *fixed < WIRE_RR_FIXED)
		return 0;
	bytes = WIRE_RR_FIXED + (size_t)wire_get16(message + *fixed + 8);
	return length - *fixed < bytes ? 0 : *fixed + bytes;
}

/*
 * A query has no authority section, but IXFR's holds the SOA that the client has (RFC 1995 3).
 * Returns the offset after it, 0 when malformed.
 */
static size_t read_authority(const uint8_t *message, size_t length, const struct query *q)
{
	size_t at = q->question_end, fixed;
	unsigned count = wire_get16(message + WIRE_NSCOUNT);

	if (count == 0)
		return at;
	if (count > 1 || q->qtype != WIRE_TYPE_IXFR)
		return 0;
	at = skip_rr(message, length, at, &fixed);
	return at != 0 && wire_get16(message + fixed) == WIRE_TYPE_SOA ? at : 0;
}

/*
 * One RR of the additional section at `at`. Only OPT is understood; others (TSIG, say) are
 * skipped. Returns the offset after it, 0 when malformed.
 */
static size_t read_additional(const uint8_t *message, size_t length, size_t at, struct edns *edns)
{
	size_t fixed, used, end;

	if (length - at > WIRE_RR_FIXED && message[at] == 0 &&
		wire_get16(message + at + 1) == WIRE_TYPE_OPT) {
		/* RFC 6891 6.1.1: one OPT. */
		if (edns->present ||
			edns_read(message + at + 1, length - at - 1, edns, &used) != EDNS_OK)
			return 0;
		return at + 1 + used;
	}
	end = skip_rr(message, length, at, &fixed);
	/* RFC 6891 6.1.2: its owner is the root. */
	return end != 0 && wire_get16(message + fixed) == WIRE_TYPE_OPT ? 0 : end;
}

/* Kept apart: most queries have none of these records. */
static __attribute__((noinline)) enum query_status read_records(
	const uint8_t *message, size_t length, struct query *q)
{
	size_t at = read_authority(message, length, q);

	for (unsigned left = wire_get16(message + WIRE_ARCOUNT); left > 0 && at != 0; left--)
		at = read_additional(message, length, at, &q->edns);
	return at == length ? QUERY_OK : QUERY_FORMERR;
}

static enum query_status read_tail(const uint8_t *message, size_t length, struct query *q)
{
	/* NSCOUNT and ARCOUNT, one after the other. */
	if (wire_get32(message + WIRE_NSCOUNT) != 0)
		return read_records(message, length, q);
	return q->question_end == length ? QUERY_OK : QUERY_FORMERR; /* bytes after the last */
}

/*
 * OPT, TSIG, TKEY, NXNAME and the other meta-types are no questions (RFC 6895 3.1, RFC 9824 3.4);
 * type 0 is none at all.
 */
static bool type_askable(uint16_t type)
{
	if (type == 0 || type == WIRE_TYPE_OPT)
		return false;
	return type < WIRE_TYPE_META_FIRST || type >= WIRE_TYPE_IXFR;
}

/* Those, and the types that name no records (RFC 6895 3.1): ANY, with them, is the general way's.
 */
static bool type_plain(uint16_t type)
{
	return (uint16_t)(type - 1) < WIRE_TYPE_META_FIRST - 1 && type != WIRE_TYPE_OPT;
}

static enum query_status read_all(const uint8_t *message, size_t length, struct query *q)
{
	enum query_status status = read_header(message, length, q);

	if (status == QUERY_OK)
		status = read_question(message, length, q);
	if (status == QUERY_OK)
		status = read_tail(message, length, q);
	if (status != QUERY_OK)
		return status;
	owner_from_name(message + WIRE_HEADER_BYTES, q->qname_bytes, &q->owner);
	if (q->edns.present && q->edns.version != 0)
		return QUERY_BADVERS;
	return type_askable(q->qtype) ? QUERY_OK : QUERY_FORMERR;
}

/* An OPT of version 0 without options, the last eleven bytes before `end`. */
static inline bool read_bare_opt(const uint8_t *end, struct edns *edns)
{
	static const uint8_t bare[8] = {0, 0, WIRE_TYPE_OPT};
	static const uint8_t mask[8] = {0xff, 0xff, 0xff, [6] = 0xff}; /* owner, type, version */
	const uint8_t *opt = end - WIRE_OPT_BYTES;

	if ((arpa_word(opt) & arpa_word(mask)) != arpa_word(bare) || wire_get16(opt + 9) != 0)
		return false;
	edns->present = true;
	edns->udp_bytes = wire_get16(opt + 3);
	edns->version = 0;
	edns->dnssec_ok = wire_get16(opt + 7) & WIRE_EDNS_DO;
	return true;
}

/*
 * What nearly all queries are: one question for an address name, and at most a bare OPT. Then the
 * name ends where the message says, so that it need not be walked to find out: as an address name
 * of just that length it is well-formed. False, and no field of `q` but edns's filled: read_all
 * will tell.
 */
static inline __attribute__((always_inline)) bool read_address(const uint8_t *message,
	size_t length, struct query *q,
	bool (*parse)(const uint8_t *name, size_t length, struct prefix *prefix))
{
	/* A query of opcode 0; QDCOUNT 1, ANCOUNT 0, NSCOUNT 0. */
	static const uint8_t plain[8] = {[3] = 1};
	static const uint8_t mask[8] = {0xf8, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	const uint8_t *qname = message + WIRE_HEADER_BYTES, *end = message + length;

	if (length < WIRE_HEADER_BYTES + ARPA_HOST_IPV6_MIN + WIRE_QUESTION_FIXED ||
		(arpa_word(message + WIRE_FLAGS) & arpa_word(mask)) != arpa_word(plain))
		return false;
	if (wire_get16(message + WIRE_ARCOUNT) != 0) {
		if (wire_get16(message + WIRE_ARCOUNT) != 1 || !read_bare_opt(end, &q->edns))
			return false;
		end -= WIRE_OPT_BYTES;
	}
	end -= WIRE_QUESTION_FIXED;
	if (!parse(qname, (size_t)(end - qname), &q->owner.prefix))
		return false;
	q->owner.rest = qname;
	q->owner.rest_bytes = 0;
	q->flags = wire_get16(message + WIRE_FLAGS);
	q->qname_bytes = (uint16_t)(end - qname);
	q->qtype = wire_get16(end);
	q->qclass = wire_get16(end + 2);
	q->question_end = (uint16_t)(end + WIRE_QUESTION_FIXED - message);
	q->status = type_askable(q->qtype) ? QUERY_OK : QUERY_FORMERR;
	q->plain = q->qclass == WIRE_CLASS_IN && type_plain(q->qtype);
	return true;
}

static inline void clear_edns(struct edns *edns)
{
	edns->present = false;
	edns->dnssec_ok = false;
	edns->nsid = false;
	edns->zone_version = false;
	edns->keepalive = false;
	edns->cookie_bytes = 0;
	edns->udp_bytes = 0;
}

/* Apart, so that a host's name pays for no call. */
static __attribute__((noinline)) enum query_status read_rest(
	const uint8_t *message, size_t length, struct query *query)
{
	clear_edns(&query->edns);
	if (read_address(message, length, query, arpa_host_parse))
		return query->status;
	return query_read_any(message, length, query);
}

enum query_status query_read(const uint8_t *message, size_t length, struct query *query)
{
	clear_edns(&query->edns);
	if (read_address(message, length, query, arpa_host_parse_most))
		return query->status;
	return read_rest(message, length, query);
}

enum query_status query_read_any(const uint8_t *message, size_t length, struct query *query)
{
	query->flags = 0;
	query->question_end = 0;
	query->qtype = 0;
	clear_edns(&query->edns); /* read_address may have read what came to nothing */
	query->status = read_all(message, length, query);
	query->plain = query->status == QUERY_OK && query->qclass == WIRE_CLASS_IN &&
		type_plain(query->qtype) && !edns_asks(&query->edns);
	return query->status;
}
