/* SPDX-License-Identifier: BSD-3-Clause */
/* Referrals. Server names are read back from the NS RRset just written: glue owners point at them.
 */
#include "dataplane/referral.h"

#include "dataplane/dns/name.h"

#include "dataplane/hot.h"

enum { RR_HEADER_BYTES = 2 + WIRE_RR_FIXED };

static void add_address(struct reply *reply, const struct record *record, uint16_t type,
	size_t owner, bool required)
{
	const struct rendered *set = record_rrset(record, type);

	if (!set || (!required && set->wire_bytes > reply->limit - reply->at))
		return;
	reply_add(reply, REPLY_ADDITIONAL, owner, set->wire, set->wire_bytes, set->count);
}

/* The addresses of the server whose name stands at `target`. */
static void add_addresses(const struct serving_view *view, const struct zone *zone,
	const struct owner *cut, size_t target, struct reply *reply)
{
	const uint8_t *name = reply->message + target;
	const struct owner apex = zone_apex(zone);
	const struct record *record;
	struct owner owner;
	bool required;

	owner_from_name(name, name_length(name, WIRE_NAME_MAX_BYTES), &owner);
	if (target > REPLY_POINTER_MAX || !owner_contains(&apex, &owner))
		return;
	record = table_find(view->table, &owner).record;
	if (!record)
		return;
	required = cut && owner_contains(cut, &owner);
	add_address(reply, record, WIRE_TYPE_A, target, required);
	add_address(reply, record, WIRE_TYPE_AAAA, target, required);
}

void referral_addresses(const struct serving_view *view, const struct zone *zone,
	const struct owner *cut, size_t at, unsigned count, struct reply *reply)
{
	for (; count > 0; count--) {
		add_addresses(view, zone, cut, at + RR_HEADER_BYTES, reply);
		at += RR_HEADER_BYTES + wire_get16(reply->message + at + RR_HEADER_BYTES - 2);
	}
}

void referral_write(const struct serving_view *view, const struct zone *zone,
	const struct record *cut, const struct name_at *name, struct reply *reply)
{
	const struct rendered *ns = record_rrset(cut, WIRE_TYPE_NS);
	struct owner owner = record_owner(cut);
	size_t at = reply_add(reply, REPLY_AUTHORITY,
		name->offset + name->bytes - owner_name_bytes(&owner), ns->wire, ns->wire_bytes,
		ns->count);

	if (at != 0)
		referral_addresses(view, zone, &owner, at, ns->count, reply);
}
