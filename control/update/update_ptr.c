/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PTR object of one address. The old one is read once; the new one is put together beside it
 * and compared, so that what changes nothing writes nothing.
 */
#include "control/presentation.h"
#include "control/update/update_tenants.h"
#include "dataplane/dns/name.h"

#include <stdio.h>
#include <string.h>

/* The object as it is. */
struct object {
	const struct prefix *address;
	struct owner owner;
	struct zone_ref zone;
	bool exists;
	struct stored old; /* if it exists; lent by the store */
};

static const char *write_address(
	const struct object *object, char text[static PRESENTATION_PREFIX_BYTES])
{
	return presentation_write_prefix(object->address, text);
}

static int refuse_absent(const struct object *object, struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];

	return failure_set(
		failure, FAILURE_NOT_FOUND, "there is no PTR at %s", write_address(object, text));
}

/* Finds the object's place and reads what is there, as far as the actor may. */
static int find(struct update *update, const struct prefix *address, struct object *object,
	struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];
	int found;

	*object = (struct object){.address = address, .owner = owner_from_prefix(address)};
	if (!prefix_is_host(address))
		return failure_set(failure, FAILURE_INVALID,
			"%s is no single address; PTR records belong to addresses",
			write_address(object, text));
	if (tenants_check_address(update, address, failure) != 0)
		return -1;
	if (!batch_zone_of(update, &object->owner, &object->zone))
		return failure_set(failure, FAILURE_NOT_FOUND,
			"no zone here holds %s; add its zone first", write_address(object, text));
	found = store_get_stored(update->store, object->zone.id, &object->owner, WIRE_TYPE_PTR,
		&object->old, failure);
	object->exists = found == 1;
	if (found != 1)
		return found;
	return tenants_check_object(update, address, &object->old, failure);
}

/* A conflict tells what is there now. */
static int check_sequence(const struct object *object, int64_t wanted, struct failure *failure)
{
	uint64_t is = object->exists ? object->old.stamp.sequence : 0;
	char text[PRESENTATION_PREFIX_BYTES];

	if (wanted < 0 || (uint64_t)wanted == is)
		return 0;
	write_address(object, text);
	if (wanted == 0)
		failure_set(failure, FAILURE_CONFLICT,
			"there is an object at %s already, of change %llu", text,
			(unsigned long long)is);
	else if (is == 0)
		failure_set(failure, FAILURE_CONFLICT,
			"there is no object at %s any more; you knew that of change %lld", text,
			(long long)wanted);
	else
		failure_set(failure, FAILURE_CONFLICT,
			"the object at %s was changed by change %llu; you knew that of change %lld",
			text, (unsigned long long)is, (long long)wanted);
	failure->sequence = is;
	return -1;
}

/* An alias stands alone at its owner (RFC 1034 3.6.2). Where there is a PTR there is none. */
static int check_no_alias(
	struct update *update, const struct object *object, struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];
	struct stored alias;
	int found = store_get_stored(
		update->store, object->zone.id, &object->owner, WIRE_TYPE_CNAME, &alias, failure);

	if (found != 1)
		return found;
	return failure_set(failure, FAILURE_EXISTS,
		"%s has a CNAME record, which allows no other beside it; import the zone without "
		"it",
		write_address(object, text));
}

/* ---- Names ---- */

/* Names as items, in update->scratch. */
struct names {
	uint8_t *items;
	uint32_t bytes;
	uint16_t count;
};

/*
 * The item that is the name but for case (RFC 4343), or NULL. Lowering every octet is right for
 * well-formed names: a length octet, at most 63, is below 'A'.
 */
static const uint8_t *find_name(const struct names *names, const struct wire_name *name)
{
	uint16_t bytes;

	for (uint32_t at = 0; at < names->bytes; at += 2u + bytes) {
		const uint8_t *wire = names->items + at + 2;
		uint16_t same = 0;

		bytes = wire_get16(names->items + at);
		if (bytes != name->bytes)
			continue;
		while (same < bytes && name_lower(wire[same]) == name_lower(name->wire[same]))
			same++;
		if (same == bytes)
			return names->items + at;
	}
	return NULL;
}

static void append_name(struct names *names, const struct wire_name *name)
{
	uint8_t *item = names->items + names->bytes;

	wire_put16(item, name->bytes);
	memcpy(item + 2, name->wire, name->bytes);
	names->bytes += 2u + name->bytes;
	names->count++;
}

static void remove_name(struct names *names, const uint8_t *item)
{
	uint32_t at = (uint32_t)(item - names->items), bytes = 2u + wire_get16(item);

	memmove(names->items + at, names->items + at + bytes, names->bytes - at - bytes);
	names->bytes -= bytes;
	names->count--;
}

/* What is given: well-formed names, as many as may be, no two the same. */
static int check_names(const struct ptr_change *change, struct failure *failure)
{
	if (change->count > UPDATE_PTR_NAMES_MAX || (change->count == 0 && change->how != PTR_SET))
		return failure_set(failure, FAILURE_INVALID,
			"an address takes 1 to %d names, not %zu", UPDATE_PTR_NAMES_MAX,
			change->count);
	for (size_t i = 0; i < change->count; i++) {
		const struct wire_name *name = &change->names[i];

		if (name->bytes > WIRE_NAME_MAX_BYTES ||
			name_length(name->wire, name->bytes) != name->bytes)
			return failure_set(
				failure, FAILURE_INVALID, "name %zu is not well-formed", i + 1);
	}
	return 0;
}

static int refuse_twice(const struct wire_name *name, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	return failure_set(failure, FAILURE_INVALID, "the name %.255s is given twice",
		presentation_write_name(name->wire, text));
}

static int replace_names(
	struct names *names, const struct ptr_change *change, struct failure *failure)
{
	names->bytes = names->count = 0;
	for (size_t i = 0; i < change->count; i++) {
		if (find_name(names, &change->names[i]) != NULL)
			return refuse_twice(&change->names[i], failure);
		append_name(names, &change->names[i]);
	}
	return 0;
}

static int add_names(const struct object *object, struct names *names,
	const struct ptr_change *change, struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];
	uint16_t before = names->count;

	for (size_t i = 0; i < change->count; i++) {
		if (find_name(names, &change->names[i]) != NULL)
			continue;
		if (names->count >= UPDATE_PTR_NAMES_MAX)
			return failure_set(failure, FAILURE_INVALID,
				"%s has %u names, and may have %d with those that are added",
				write_address(object, text), before, UPDATE_PTR_NAMES_MAX);
		append_name(names, &change->names[i]);
	}
	return 0;
}

static int remove_names(const struct object *object, struct names *names,
	const struct ptr_change *change, struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES], name[PRESENTATION_NAME_BYTES];

	for (size_t i = 0; i < change->count; i++) {
		const uint8_t *item = find_name(names, &change->names[i]);

		if (item == NULL)
			return failure_set(failure, FAILURE_NOT_FOUND, "%s has no name %.255s",
				write_address(object, text),
				presentation_write_name(change->names[i].wire, name));
		remove_name(names, item);
	}
	return 0;
}

/* The names that the object is to have, into the scratch; of none are left none. */
static int make_names(struct update *update, const struct object *object,
	const struct ptr_change *change, struct stored *made, struct failure *failure)
{
	struct names names = {.items = update->scratch->items};
	int result = 0;

	if (check_names(change, failure) != 0)
		return -1;
	if (!object->exists && (change->how == PTR_REMOVE || change->count == 0))
		return refuse_absent(object, failure);
	if (object->exists && (change->how != PTR_SET || change->count == 0)) {
		names.bytes = object->old.rrset.rdata_bytes;
		names.count = object->old.rrset.count;
		memcpy(names.items, object->old.rrset.rdata, names.bytes);
	}
	if (change->how == PTR_ADD)
		result = add_names(object, &names, change, failure);
	else if (change->how == PTR_REMOVE)
		result = remove_names(object, &names, change, failure);
	else if (change->count > 0)
		result = replace_names(&names, change, failure);
	made->rrset.type = WIRE_TYPE_PTR;
	made->rrset.count = names.count;
	made->rrset.rdata_bytes = names.bytes;
	made->rrset.rdata = names.items;
	return result;
}

/* ---- TTL and details ---- */

/* A new object without a TTL of its own gets the zone's, for which the zone is asked first. */
static int make_ttl(struct update *update, const struct object *object,
	const struct ptr_change *change, struct stored *made, struct failure *failure)
{
	struct zone_state state;

	if (change->ttl >= 0) {
		made->rrset.ttl = (uint32_t)change->ttl;
		return presentation_check_ttl(change->ttl, failure);
	}
	if (object->exists) {
		made->rrset.ttl = object->old.rrset.ttl;
		return 0;
	}
	if (batch_touch(update, &object->zone, &state, failure) != 0)
		return -1;
	made->rrset.ttl = state.settings.ttl != 0 ? state.settings.ttl : update->ttl;
	return 0;
}

/* The name that the actor's objects bear; empty: any. */
static struct object_text own_name(const struct update *update)
{
	const struct actor *actor = update->actor;

	if (actor == NULL || actor->role != ROLE_TENANT || actor->tenant == NULL)
		return (struct object_text){NULL, 0};
	return (struct object_text){actor->tenant->name, (uint16_t)strlen(actor->tenant->name)};
}

static int settle_tenant(
	const struct update *update, struct details *details, struct failure *failure)
{
	const struct object_text own = own_name(update);
	const struct object_text *tenant = &details->tenant;

	if (own.bytes > 0 && tenant->bytes > 0 &&
		(tenant->bytes != own.bytes || memcmp(tenant->octets, own.octets, own.bytes) != 0))
		return failure_set(failure, FAILURE_DENIED,
			"the tenant %.63s can't give an object to another tenant", own.octets);
	if (own.bytes > 0)
		details->tenant = own;
	return 0;
}

static int make_details(struct update *update, const struct object *object,
	const struct ptr_change *change, struct stored *made, struct failure *failure)
{
	struct details details;

	made->details = object->exists ? object->old.details : NULL;
	made->details_bytes = object->exists ? object->old.details_bytes : 0;
	if (change->details_given == 0 &&
		(own_name(update).bytes == 0 ||
			details_tenant(made->details, made->details_bytes).bytes > 0))
		return 0;
	details_parse(made->details, made->details_bytes, &details);
	if (change->details_given & PTR_DESCRIPTION)
		details.description = change->details->description;
	if (change->details_given & PTR_TENANT)
		details.tenant = change->details->tenant;
	if (change->details_given & PTR_TAGS) {
		details.tag_count = change->details->tag_count;
		memcpy(details.tags, change->details->tags, sizeof(details.tags));
	}
	if (settle_tenant(update, &details, failure) != 0 || details_settle(&details, failure) != 0)
		return -1;
	made->details = update->scratch->details;
	made->details_bytes = (uint16_t)details_write(&details, update->scratch->details);
	return 0;
}

/* ---- Changes ---- */

static bool is_as_before(const struct object *object, const struct stored *made)
{
	const struct stored *old = &object->old;

	return object->exists && rrset_equal(&old->rrset, &made->rrset) &&
		old->details_bytes == made->details_bytes &&
		(made->details_bytes == 0 ||
			memcmp(old->details, made->details, made->details_bytes) == 0);
}

static int change_object(struct update *update, const struct object *object,
	const struct ptr_change *change, struct failure *failure)
{
	struct stored made;

	if (check_sequence(object, change->if_sequence, failure) != 0 ||
		make_names(update, object, change, &made, failure) != 0)
		return -1;
	if (made.rrset.count == 0)
		return batch_delete(update, &object->zone, &object->owner, WIRE_TYPE_PTR,
			&object->old, failure);
	if (make_ttl(update, object, change, &made, failure) != 0 ||
		make_details(update, object, change, &made, failure) != 0)
		return -1;
	if (is_as_before(object, &made))
		return 0;
	if (!object->exists && check_no_alias(update, object, failure) != 0)
		return -1;
	return batch_put(update, &object->zone, &object->owner, &made,
		object->exists ? &object->old : NULL, failure);
}

static int unset_object(struct update *update, const struct object *object, int64_t if_sequence,
	struct failure *failure)
{
	if (check_sequence(object, if_sequence, failure) != 0)
		return -1;
	if (!object->exists)
		return refuse_absent(object, failure);
	return batch_delete(
		update, &object->zone, &object->owner, WIRE_TYPE_PTR, &object->old, failure);
}

int update_change_ptr(struct update *update, const struct prefix *address,
	const struct ptr_change *change, struct update_result *result, struct failure *failure)
{
	struct update_group part;
	struct object object;
	int changed;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	changed = find(update, address, &object, failure);
	if (changed == 0)
		changed = change_object(update, &object, change, failure);
	if (changed == 0)
		result->serial = batch_serial(update, &object.zone);
	return batch_close_part(update, &part, changed, result, failure);
}

int update_unset_ptr(struct update *update, const struct prefix *address, int64_t if_sequence,
	struct update_result *result, struct failure *failure)
{
	struct update_group part;
	struct object object;
	int changed;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	changed = find(update, address, &object, failure);
	if (changed == 0)
		changed = unset_object(update, &object, if_sequence, failure);
	if (changed == 0)
		result->serial = batch_serial(update, &object.zone);
	return batch_close_part(update, &part, changed, result, failure);
}

int update_get_ptr(struct update *update, const struct prefix *address, struct ptr_object *object,
	struct failure *failure)
{
	struct object found;

	if (find(update, address, &found, failure) != 0)
		return -1;
	if (!found.exists)
		return refuse_absent(&found, failure);
	if (rrset_buffer_copy(&object->names, &found.old.rrset) != 0)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the names");
	object->stamp = found.old.stamp;
	if (found.old.details_bytes > 0)
		memcpy(object->kept, found.old.details, found.old.details_bytes);
	details_parse(object->kept, found.old.details_bytes, &object->details);
	return 0;
}
