/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Changes that are staged. Each is tried on what is there, behind what the transaction does to the
 * same address before it, and undone: what a commit would refuse is refused at once.
 */
#include "control/command/command_txn.h"
#include "control/command/json_text.h"
#include "control/command/txn.h"
#include "control/command/txn_run.h"
#include "control/presentation.h"

#include <stdlib.h>
#include <string.h>

/* ---- What is kept of a request ---- */

/* The parameters without those that were met when it was staged, for free(). */
static char *write_params(json_t *params)
{
	json_t *kept = json_copy(params);
	char *text = NULL;

	if (!kept)
		return NULL;
	json_object_del(kept, "txn");
	json_object_del(kept, "if_seq");
	json_object_del(kept, "expect");
	text = json_dumps(kept, JSON_COMPACT);
	json_decref(kept);
	return text;
}

static int stage(struct txn *txn, const char *method, json_t *params, struct failure *failure)
{
	char *text = write_params(params);
	int result;

	if (!text)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the transaction");
	result = txn_stage(txn, method, text, strlen(text), failure);
	free(text);
	return result;
}

static void write_staged(struct text *result, const struct txn *txn, const struct text *warnings)
{
	json_text_literal(result, "{\"txn\":\"");
	text_add_string(result, txn->id);
	json_text_literal(result, "\",\"staged\":");
	text_add_number(result, (long long)txn->operation_count);
	ptr_request_write_warnings(result, warnings);
	json_text_literal(result, "}");
}

/* ---- Addresses ---- */

static const char *const ptr_methods[] = {[PTR_VERB_SET] = "ptr.set",
	[PTR_VERB_ADD] = "ptr.add",
	[PTR_VERB_REMOVE] = "ptr.remove",
	[PTR_VERB_UNSET] = "ptr.unset"};

/* Zones that the transaction removes, or takes out of others, are left alone by the rest of it. */
static int check_zones(const struct txn *txn, const struct prefix *prefix, struct failure *failure)
{
	const struct owner owner = owner_from_prefix(prefix);
	char text[PRESENTATION_NAME_BYTES];

	for (size_t i = 0; i < txn->zone_count; i++) {
		const struct txn_zone *zone = &txn->zones[i];

		if (zone->closed &&
			(owner_contains(&zone->apex.owner, &owner) ||
				owner_contains(&owner, &zone->apex.owner)))
			return failure_set(failure, FAILURE_INVALID,
				"the transaction %s the zone %.255s, inside which it can't change "
				"anything else; commit it first",
				zone->added ? "adds" : "removes",
				presentation_write_owner(&zone->apex.owner, text));
	}
	return 0;
}

/* Quota counts all of the transaction together, so that the commit alone can tell. */
static int try(struct session *session, const struct txn *txn, const struct ptr_request *request,
	struct failure *failure)
{
	struct update *update = session->command->update;
	struct ptr_request tried = *request;
	struct update_group group;
	struct ptr_outcome outcome;
	int result;

	/* The copy's names and details, not those of the first. */
	tried.change.names = tried.names;
	tried.change.details = &tried.details;
	tried.change.if_sequence = -1;
	if (update_group_begin(update, &group, failure) != 0)
		return -1;
	result = txn_run_address(session, txn, &request->target, failure);
	if (result == 0)
		result = ptr_request_run(update, &tried, &outcome, failure);
	update_group_abort(update, &group);
	return result == 0 || failure->code == FAILURE_QUOTA ? 0 : -1;
}

static int check_sequence(
	const struct ptr_request *request, uint64_t sequence, struct failure *failure)
{
	int64_t wanted = request->change.if_sequence;
	char text[PRESENTATION_PREFIX_BYTES];

	if (wanted < 0 || (uint64_t)wanted == sequence)
		return 0;
	failure_set(failure, FAILURE_CONFLICT,
		"the object at %s is of change %llu (0: there is none), and you knew that of %lld",
		presentation_write_prefix(&request->target, text), (unsigned long long)sequence,
		(long long)wanted);
	failure->sequence = sequence;
	return -1;
}

static int stage_address(struct session *session, struct txn *txn,
	const struct ptr_request *request, json_t *params, struct failure *failure)
{
	const struct txn_object *object = txn_find(txn, &request->target);
	uint64_t sequence;

	if (object)
		sequence = object->sequence;
	else if (txn_run_sequence(session, &request->target, &sequence, failure) != 0)
		return -1;
	if (check_sequence(request, sequence, failure) != 0 ||
		try(session, txn, request, failure) != 0 ||
		stage(txn, ptr_methods[request->verb], params, failure) != 0)
		return -1;
	if (txn_touch(txn, &request->target, sequence, failure) == 0)
		return 0;
	txn_unstage(txn);
	return -1;
}

/* ---- Prefixes ---- */

struct touching {
	struct txn *txn;
	const struct prefix *within;
	const struct tenant *tenant; /* NULL: any */
	size_t count;
	struct failure *failure;
};

static int touch_host(void *context, const struct owner *owner, const struct stored *stored)
{
	struct touching *touching = context;

	if (stored->rrset.type != WIRE_TYPE_PTR || owner->rest_bytes ||
		!prefix_is_host(&owner->prefix) ||
		!prefix_contains(touching->within, &owner->prefix))
		return 0;
	if (touching->tenant) {
		struct object_text name = details_tenant(stored->details, stored->details_bytes);

		if (name.bytes != strlen(touching->tenant->name) ||
			memcmp(name.octets, touching->tenant->name, name.bytes) != 0)
			return 0;
	}
	touching->count++;
	return txn_touch(touching->txn, &owner->prefix, stored->stamp.sequence, touching->failure);
}

/* What the transaction itself may have put there. */
static int touch_own(struct touching *touching)
{
	struct txn *txn = touching->txn;
	const uint32_t operation = (uint32_t)txn->operation_count - 1;

	for (size_t i = 0; i < txn->object_count; i++) {
		const struct txn_object *object = &txn->objects[i];

		if (!prefix_contains(touching->within, &object->address) ||
			txn->touches[object->last].operation == operation)
			continue;
		if (txn_touch(txn, &object->address, object->sequence, touching->failure) != 0)
			return -1;
	}
	return 0;
}

static int touch_all(struct session *session, struct txn *txn, const struct ptr_request *request,
	struct failure *failure)
{
	const unsigned width = request->target.family == ARPA_FAMILY_IPV4 ? 8 : 4;
	const struct prefix name =
		prefix_truncate(&request->target, (uint8_t)(request->target.bits / width * width));
	const struct owner within = owner_from_prefix(&name);
	struct touching touching = {.txn = txn,
		.within = &request->target,
		.tenant = session->actor.tenant,
		.failure = failure};
	char text[PRESENTATION_PREFIX_BYTES];

	if (update_each_rrset(
		    session->command->update, &within, NULL, touch_host, &touching, failure) != 0 ||
		touch_own(&touching) != 0)
		return -1;
	if (request->expect >= 0 && touching.count != (size_t)request->expect)
		return failure_set(failure, FAILURE_CONFLICT,
			"%s has %zu PTR objects, not the %lld that were expected; look again and "
			"ask again",
			presentation_write_prefix(&request->target, text), touching.count,
			(long long)request->expect);
	if (txn->operations[txn->operation_count - 1].addresses == 0)
		return failure_set(failure, FAILURE_NOT_FOUND, "there is no PTR in %s",
			presentation_write_prefix(&request->target, text));
	return txn_touch_range(txn, &request->target, touching.count, failure);
}

static int stage_prefix(struct session *session, struct txn *txn, const struct ptr_request *request,
	json_t *params, struct failure *failure)
{
	if (stage(txn, ptr_methods[PTR_VERB_UNSET], params, failure) != 0)
		return -1;
	if (touch_all(session, txn, request, failure) == 0)
		return 0;
	txn_unstage(txn);
	return -1;
}

int command_txn_stage_ptr(struct session *session, const char *id,
	const struct ptr_request *request, json_t *params, struct text *result,
	struct failure *failure)
{
	struct txn *txn = txn_run_get(session, id, failure);
	struct text warnings = {.octets = NULL};
	int staged;

	if (!txn || check_zones(txn, &request->target, failure) != 0)
		return -1;
	staged = request->is_prefix ? stage_prefix(session, txn, request, params, failure)
				    : stage_address(session, txn, request, params, failure);
	if (staged != 0)
		return -1;
	ptr_request_add_warnings(&warnings, request);
	write_staged(result, txn, &warnings);
	text_free(&warnings);
	return 0;
}

/* ---- Zones ---- */

static int check_apex(
	const struct txn *txn, const struct owner *apex, bool closed, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	for (size_t i = 0; i < txn->zone_count; i++)
		if (owner_equal(&txn->zones[i].apex.owner, apex))
			return failure_set(failure, FAILURE_INVALID,
				"the transaction adds or removes the zone %.255s already; commit "
				"it "
				"first",
				presentation_write_owner(apex, text));
	for (size_t i = 0; closed && i < txn->object_count; i++) {
		const struct owner owner = owner_from_prefix(&txn->objects[i].address);

		if (owner_contains(apex, &owner))
			return failure_set(failure, FAILURE_INVALID,
				"the transaction changes addresses of the zone %.255s; commit it "
				"first",
				presentation_write_owner(apex, text));
	}
	return 0;
}

static int try_zone(
	struct session *session, const struct zone_request *request, struct failure *failure)
{
	struct update *update = session->command->update;
	struct update_group group;
	uint64_t sequence;
	size_t removed;
	int result;

	if (update_group_begin(update, &group, failure) != 0)
		return -1;
	result = zone_request_run(update, request, &sequence, &removed, failure);
	update_group_abort(update, &group);
	return result;
}

/* A removal is not tried: it would go through all of the zone. */
static int look_at_zone(struct session *session, const struct owner *apex, uint32_t *serial,
	struct failure *failure)
{
	struct update *update = session->command->update;
	char text[PRESENTATION_NAME_BYTES];
	struct zone_settings settings;

	if (update_get_zone_settings(update, apex, &settings, failure) != 0)
		return -1;
	if (settings.frozen)
		return failure_set(failure, FAILURE_CONFLICT,
			"the zone %.255s is frozen; thaw it first",
			presentation_write_owner(apex, text));
	return txn_run_serial(session, apex, serial, failure);
}

int command_txn_stage_zone(struct session *session, const char *id,
	const struct zone_request *request, json_t *params, struct text *result,
	struct failure *failure)
{
	const struct owner *apex = &request->zone.owner;
	struct txn *txn = txn_run_get(session, id, failure);
	const struct text no_warnings = {.octets = NULL};
	struct owner above;
	uint32_t serial = 0;
	bool closed;

	if (!txn)
		return -1;
	closed = !request->add || update_find_zone(session->command->update, apex, &above);
	if (check_apex(txn, apex, closed, failure) != 0)
		return -1;
	if ((request->add ? try_zone(session, request, failure)
			  : look_at_zone(session, apex, &serial, failure)) != 0 ||
		stage(txn, request->add ? "zone.add" : "zone.remove", params, failure) != 0)
		return -1;
	if (txn_touch_zone(txn, apex, request->add, closed, serial, failure) != 0) {
		txn_unstage(txn);
		return -1;
	}
	write_staged(result, txn, &no_warnings);
	return 0;
}
