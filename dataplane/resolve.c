/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answering one name after the other along a chain of CNAMEs and DNAMEs. Names are answered from
 * the message itself: each is QNAME, or stands in the RDATA of a CNAME that was written before.
 */
#include "dataplane/resolve.h"

#include "dataplane/dns/name.h"
#include "dataplane/referral.h"

#include "dataplane/hot.h"

enum {
	/* Names that one question may lead to; a longer chain is the resolver's to follow. */
	NAMES_MAX = 16,
	/* Each further one takes cuts lost during the one before: a batch's, at one depth. */
	SEARCHES_MAX = 8,
	RR_HEADER_BYTES = 2 + WIRE_RR_FIXED, /* owner pointer to RDLENGTH */
};

/* Where the walk along a chain stands. */
struct walk {
	const struct serving_view *view;
	const struct query *query;
	struct reply *reply;
	struct resolution *out;
	struct name_at name; /* the one being answered */
	struct found found;  /* what the table has there */
	uint32_t lost;	     /* before it was searched for that */
	struct record_space space;
	unsigned names; /* in seen, the one being answered included */
	struct owner seen[NAMES_MAX];
	unsigned dnames;		      /* in used */
	const struct record *used[NAMES_MAX]; /* records whose DNAME is in the answer */
};

static const struct zone *zone_of(const struct walk *w)
{
	return zones_find(w->view->zones, &w->name.owner);
}

/* The chain goes on at the name that stands at `offset`; false when it has to end here. */
static bool follow(struct walk *w, size_t offset)
{
	const uint8_t *name = w->reply->message + offset;

	w->name.offset = offset;
	w->name.bytes = name_length(name, WIRE_NAME_MAX_BYTES);
	owner_from_name(name, w->name.bytes, &w->name.owner);
	for (unsigned i = 0; i < w->names; i++)
		if (owner_equal(&w->seen[i], &w->name.owner))
			return false;
	return w->names < NAMES_MAX && offset + w->name.bytes <= REPLY_POINTER_MAX;
}

static size_t add_set(struct walk *w, size_t owner, const struct rendered *set)
{
	w->out->authoritative = true;
	return reply_add(w->reply, REPLY_ANSWER, owner, set->wire, set->wire_bytes, set->count);
}

static void negative(struct walk *w, const struct zone *zone, enum outcome outcome)
{
	size_t apex = w->name.offset + w->name.bytes - zone->apex_name_bytes;

	w->out->authoritative = true;
	w->out->outcome = outcome;
	w->out->rcode = outcome == OUTCOME_NXDOMAIN ? WIRE_NXDOMAIN : WIRE_NOERROR;
	reply_add_rr(w->reply, REPLY_AUTHORITY, apex, zone->soa, zone->soa_bytes);
}

/* ANY: one RRset is enough (RFC 8482 4.1), unless the policy wants them all. */
static void answer_any(struct walk *w, const struct record *record)
{
	const struct rendered *set = record_first(record);

	do {
		/* DS at an apex is the parent's, and no part of this zone (RFC 4035 2.4). */
		if (!(record->kinds & RECORD_APEX) || set->type != WIRE_TYPE_DS)
			add_set(w, w->name.offset, set);
		set = record_next(record, set);
	} while (set && w->view->policy->any_whole);
}

/* The name has RRsets, its own or a wildcard's. True: the chain goes on at w->name. */
static bool answer_record(struct walk *w, const struct record *record, const struct zone *zone)
{
	const struct rendered *set = record_rrset(record, w->query->qtype);
	size_t at;

	w->out->outcome = OUTCOME_ANSWERED;
	if (set) {
		at = add_set(w, w->name.offset, set);
		if (at != 0 && set->type == WIRE_TYPE_NS)
			referral_addresses(w->view, zone, NULL, at, set->count, w->reply);
		return false;
	}
	if (w->query->qtype == WIRE_TYPE_ANY) {
		answer_any(w, record);
		return false;
	}
	if (record->kinds & RECORD_CNAME) {
		at = add_set(w, w->name.offset, record_rrset(record, WIRE_TYPE_CNAME));
		return at != 0 && follow(w, at + RR_HEADER_BYTES);
	}
	negative(w, zone, OUTCOME_NODATA);
	return false;
}

/* Adds the CNAME that a DNAME stands for (RFC 6672 3.1). Returns as reply_add; 0 too when too long.
 */
static size_t add_synthesized(
	struct walk *w, const struct rendered *dname, size_t head, const uint8_t *target)
{
	uint8_t rr[WIRE_RR_FIXED + WIRE_NAME_MAX_BYTES];
	size_t tail = name_length(target, WIRE_NAME_MAX_BYTES);

	if (head + tail > WIRE_NAME_MAX_BYTES) {
		w->out->rcode = WIRE_YXDOMAIN;
		w->out->outcome = OUTCOME_YXDOMAIN;
		return 0;
	}
	wire_put16(rr, WIRE_TYPE_CNAME);
	memcpy(rr + 2, dname->wire + 4, 6); /* class and TTL are the DNAME's */
	wire_put16(rr + 8, (uint16_t)(head + tail));
	memcpy(rr + WIRE_RR_FIXED, w->reply->message + w->name.offset, head);
	memcpy(rr + WIRE_RR_FIXED + head, target, tail);
	return reply_add_rr(
		w->reply, REPLY_ANSWER, w->name.offset, rr, WIRE_RR_FIXED + head + tail);
}

/* Adds the DNAME, unless an earlier name of the chain brought it (RFC 2181 5). False: no room. */
static bool add_dname(
	struct walk *w, const struct record *record, size_t owner, const struct rendered *dname)
{
	for (unsigned i = 0; i < w->dnames; i++)
		if (w->used[i] == record)
			return true;
	w->used[w->dnames++] = record;
	return add_set(w, owner, dname) != 0;
}

/* The name is below `record`'s DNAME. True: the chain goes on. */
static bool answer_dname(struct walk *w, const struct record *record)
{
	const struct rendered *dname = record_rrset(record, WIRE_TYPE_DNAME);
	struct owner owner = record_owner(record);
	size_t head = w->name.bytes - owner_name_bytes(&owner), at;

	w->out->outcome = OUTCOME_ANSWERED;
	if (!add_dname(w, record, w->name.offset + head, dname))
		return false;
	at = add_synthesized(w, dname, head, dname->wire + RR_HEADER_BYTES);
	if (at == 0 || w->query->qtype == WIRE_TYPE_CNAME || w->query->qtype == WIRE_TYPE_ANY)
		return false;
	return follow(w, at + RR_HEADER_BYTES);
}

/* The next depth above `depth` at which there may be a cut or a DNAME, or -1. */
static int special_above(const struct walk *w, const struct zone *zone, int depth)
{
	const struct zone_depths depths = serving_cut_depths(w->view->serving, zone);

	return zone_depths_previous(&depths, depth - 1);
}

/*
 * The topmost name from the zone's apex down to w->name that is a zone cut, or a DNAME above it: it
 * decides, whatever is stored below (RFC 1034 4.3.2, RFC 6672 2.3). NULL: none.
 */
static const struct record *find_special(const struct walk *w, const struct zone *zone)
{
	int end = (int)owner_depth(&w->name.owner);
	const struct record *topmost = NULL;
	int d = end + 1;

	/*
	 * From below, as one may hide another. What hides is announced and there before what it
	 * hides: so the depths are asked for anew after each look.
	 */
	while ((d = special_above(w, zone, d)) >= zone->depth) {
		struct owner at = owner_ancestor(&w->name.owner, (unsigned)d);
		const struct record *record = table_find(w->view->table, &at).record;

		if (!record)
			continue;
		/* At the cut itself DS is the parent's to answer (RFC 4035 3.1.4.1). */
		if ((record->kinds & RECORD_CUT) && !(d == end && w->query->qtype == WIRE_TYPE_DS))
			topmost = record;
		if ((record->kinds & RECORD_DNAME) && d < end)
			topmost = record;
	}
	return topmost;
}

/* The longest existing ancestor (RFC 4592 3.3.1). Ancestors of what exists exist: so bisect. */
static struct owner closest_encloser(const struct walk *w, const struct zone *zone)
{
	unsigned exists = zone->depth, missing = owner_depth(&w->name.owner);

	while (missing - exists > 1) {
		unsigned middle = exists + (missing - exists) / 2;
		struct owner at = owner_ancestor(&w->name.owner, middle);

		struct found found = table_find(w->view->table, &at);

		if (found_exists(&found))
			exists = middle;
		else
			missing = middle;
	}
	return owner_ancestor(&w->name.owner, exists);
}

/* The wildcard that covers a name that does not exist, or NULL. */
static const struct record *find_wildcard(const struct walk *w, const struct zone *zone)
{
	uint8_t rest[2 + UINT8_MAX] = {1, '*'};
	struct owner at;

	if (!serving_seek_wildcards(w->view->serving, zone))
		return NULL;
	/* The name has a label more than its encloser, so that "*" always fits. */
	at = closest_encloser(w, zone);
	memcpy(rest + 2, at.rest_bytes ? at.rest : rest, at.rest_bytes);
	at.rest = rest;
	at.rest_bytes = (uint8_t)(at.rest_bytes + 2);
	return table_find(w->view->table, &at).record;
}

/* Nothing of ours holds the name: refused, or, at the end of a chain, another's to answer. */
static bool not_ours(struct walk *w)
{
	if (w->names > 1)
		return false;
	w->out->rcode = WIRE_REFUSED;
	w->out->outcome = OUTCOME_REFUSED;
	return false;
}

/* The zone whose side of the name is asked: of DS at an apex, the parent's if it is ours. */
static const struct zone *asked_zone(const struct walk *w, const struct record *record)
{
	const struct zone *parent = NULL;

	if (w->query->qtype == WIRE_TYPE_DS && record && (record->kinds & RECORD_APEX))
		parent = zones_find_above(w->view->zones, &w->name.owner);
	return parent ? parent : zone_of(w);
}

/* What decides about a name. */
struct verdict {
	const struct zone *zone;      /* NULL: none of ours */
	const struct record *record;  /* the name's own, or the wildcard that covers it; NULL */
	const struct record *special; /* above it, or the cut that it is; NULL */
};

static void search(struct walk *w)
{
	w->lost = serving_lost(w->view->serving);
	w->found = table_find(w->view->table, &w->name.owner);
}

/*
 * First what might answer, then what might hide it: for a cut comes before what it hides. But it
 * goes after that too; so if one went meanwhile, all is looked for again.
 */
static struct verdict judge(struct walk *w)
{
	struct verdict v;

	for (unsigned searches = 1;; searches++) {
		v.record = found_record(&w->found, &w->name.owner, &w->space);
		v.special = NULL;
		v.zone = asked_zone(w, v.record);
		if (!v.zone)
			return v;
		if (!v.record)
			v.record = find_wildcard(w, v.zone);
		v.special = find_special(w, v.zone);
		if (searches == SEARCHES_MAX || serving_lost(w->view->serving) == w->lost)
			return v;
		search(w);
	}
}

/* Everything but a plain record. True: the chain goes on at w->name. */
static bool answer_in_zone(struct walk *w)
{
	const struct verdict v = judge(w);

	if (w->names == 1)
		w->out->zone = v.zone;
	if (!v.zone)
		return not_ours(w);
	if (v.special && (v.special->kinds & RECORD_CUT)) {
		referral_write(w->view, v.zone, v.special, &w->name, w->reply);
		w->out->outcome = OUTCOME_REFERRAL;
		return false;
	}
	if (v.special)
		return answer_dname(w, v.special);
	if (v.record && v.record->sets > 0)
		return answer_record(w, v.record, v.zone);
	negative(w, v.zone, v.record ? OUTCOME_NODATA : OUTCOME_NXDOMAIN);
	return false;
}

void resolve_walk(const struct serving_view *view, const struct query *query,
	const struct found *found, struct reply *reply, struct resolution *out)
{
	struct walk w;

	*out = (struct resolution){.rcode = WIRE_NOERROR};
	w.view = view;
	w.found = *found;
	w.lost = view->lost;
	w.query = query;
	w.reply = reply;
	w.out = out;
	w.names = 0;
	w.dnames = 0;
	w.name = (struct name_at){query->owner, WIRE_HEADER_BYTES, query->qname_bytes};
	w.seen[w.names++] = w.name.owner;
	while (answer_in_zone(&w)) {
		w.seen[w.names++] = w.name.owner;
		search(&w);
	}
}
