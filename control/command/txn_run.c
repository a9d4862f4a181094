/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/txn_run.h"

#include "control/command/ptr_request.h"
#include "control/command/zone_request.h"
#include "control/presentation.h"
#include "control/soa.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

uint64_t txn_run_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

struct txn *txn_run_get(struct session *session, const char *id, struct failure *failure)
{
	if (session->command->txns)
		return txns_get(
			session->command->txns, id, &session->actor, txn_run_now(), failure);
	failure_set(failure, FAILURE_NOT_FOUND,
		"there is no transaction %.32s; it may have ended or timed out", id);
	return NULL;
}

/* ---- One operation ---- */

enum { NO_VERB = -1 };

static int ptr_verb(const char *method)
{
	static const char *const names[] = {[PTR_VERB_SET] = "ptr.set",
		[PTR_VERB_ADD] = "ptr.add",
		[PTR_VERB_REMOVE] = "ptr.remove",
		[PTR_VERB_UNSET] = "ptr.unset"};

	for (int verb = PTR_VERB_SET; verb <= PTR_VERB_UNSET; verb++)
		if (strcmp(method, names[verb]) == 0)
			return verb;
	return NO_VERB;
}

bool txn_run_takes(const char *method)
{
	return ptr_verb(method) != NO_VERB || strcmp(method, "zone.add") == 0 ||
		strcmp(method, "zone.remove") == 0;
}

static int run_zone(
	struct session *session, const char *method, json_t *params, struct failure *failure)
{
	struct command *command = session->command;
	struct zone_request request;
	uint64_t sequence;
	size_t removed;

	if (zone_request_parse(strcmp(method, "zone.add") == 0, params, command->zones, &request,
		    failure) != 0)
		return -1;
	return zone_request_run(command->update, &request, &sequence, &removed, failure);
}

int txn_run_operation(struct session *session, const char *method, json_t *params,
	struct text *warnings, struct failure *failure)
{
	struct command *command = session->command;
	int verb = ptr_verb(method);
	struct ptr_request request;
	struct ptr_outcome outcome;

	if (verb == NO_VERB)
		return run_zone(session, method, params, failure);
	if (ptr_request_parse(
		    (enum ptr_verb)verb, params, command->name_syntax, &request, failure) != 0 ||
		ptr_request_run(command->update, &request, &outcome, failure) != 0)
		return -1;
	ptr_request_add_warnings(warnings, &request);
	return 0;
}

/* ---- Those that were staged ---- */

static json_t *read_params(const struct txn_operation *operation, struct failure *failure)
{
	json_t *params = json_loadb(operation->params, operation->bytes, 0, NULL);

	if (!params)
		failure_set(failure, FAILURE_STORE_FULL, "no memory for the transaction");
	return params;
}

static int run_staged(
	struct session *session, const struct txn_operation *operation, struct failure *failure)
{
	struct text warnings = {.octets = NULL}; /* were told when it was staged */
	json_t *params = read_params(operation, failure);
	int result;

	if (!params)
		return -1;
	result = txn_run_operation(session, operation->method, params, &warnings, failure);
	text_free(&warnings);
	json_decref(params);
	return result;
}

int txn_run_all(struct session *session, const struct txn *txn, struct failure *failure)
{
	struct failure why;

	for (size_t i = 0; i < txn->operation_count; i++) {
		if (run_staged(session, &txn->operations[i], &why) == 0)
			continue;
		failure_set(failure, why.code,
			"operation %zu of the transaction, %s, fails: %.400s", i + 1,
			txn->operations[i].method, why.text);
		failure->sequence = why.sequence;
		return -1;
	}
	return 0;
}

/* The part of a prefix's unset that concerns one address. */
static int unset_if_there(
	struct session *session, const struct prefix *address, struct failure *failure)
{
	struct update_result result;
	uint64_t sequence;

	if (txn_run_sequence(session, address, &sequence, failure) != 0)
		return -1;
	return sequence ? update_unset_ptr(session->command->update, address, -1, &result, failure)
			: 0;
}

static bool is_range(const struct txn *txn, uint32_t operation)
{
	size_t low = 0, high = txn->range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (txn->ranges[middle].operation < operation)
			low = middle + 1;
		else
			high = middle;
	}
	return low < txn->range_count && txn->ranges[low].operation == operation;
}

/* The transaction's operations on one address, in order, as three lists that are merged. */
struct steps {
	const struct txn *txn;
	const struct prefix *address;
	uint32_t touch;	    /* of the address itself */
	size_t zone, range; /* that is round it */
};

static void skip_ranges(struct steps *steps)
{
	while (steps->touch != TXN_NO_TOUCH &&
		is_range(steps->txn, steps->txn->touches[steps->touch].operation))
		steps->touch = steps->txn->touches[steps->touch].next;
}

static void skip_zones(struct steps *steps)
{
	const struct owner owner = owner_from_prefix(steps->address);
	const struct txn_zone *zone = steps->txn->zones;

	while (steps->zone < steps->txn->zone_count &&
		(zone[steps->zone].closed || !zone[steps->zone].added ||
			!owner_contains(&zone[steps->zone].apex.owner, &owner)))
		steps->zone++;
}

static void skip_others(struct steps *steps)
{
	while (steps->range < steps->txn->range_count &&
		!prefix_contains(&steps->txn->ranges[steps->range].prefix, steps->address))
		steps->range++;
}

/* Does the first of what is left. 1; 0: nothing was left; -1. */
static int next_step(struct session *session, struct steps *steps, struct failure *failure)
{
	const struct txn *txn = steps->txn;
	uint32_t touch, zone, range;

	skip_ranges(steps);
	skip_zones(steps);
	skip_others(steps);
	touch = steps->touch == TXN_NO_TOUCH ? UINT32_MAX : txn->touches[steps->touch].operation;
	zone = steps->zone == txn->zone_count ? UINT32_MAX : txn->zones[steps->zone].operation;
	range = steps->range == txn->range_count ? UINT32_MAX : txn->ranges[steps->range].operation;
	if (touch == UINT32_MAX && zone == UINT32_MAX && range == UINT32_MAX)
		return 0;
	if (touch < zone && touch < range) {
		steps->touch = txn->touches[steps->touch].next;
		return run_staged(session, &txn->operations[touch], failure) == 0 ? 1 : -1;
	}
	if (zone < range) {
		steps->zone++;
		return run_staged(session, &txn->operations[zone], failure) == 0 ? 1 : -1;
	}
	steps->range++;
	return unset_if_there(session, steps->address, failure) == 0 ? 1 : -1;
}

int txn_run_address(struct session *session, const struct txn *txn, const struct prefix *address,
	struct failure *failure)
{
	const struct txn_object *object = txn_find(txn, address);
	struct steps steps = {
		.txn = txn, .address = address, .touch = object ? object->first : TXN_NO_TOUCH};
	int result;

	do
		result = next_step(session, &steps, failure);
	while (result == 1);
	return result;
}

/* ---- What was there ---- */

int txn_run_sequence(struct session *session, const struct prefix *address, uint64_t *sequence,
	struct failure *failure)
{
	struct ptr_object object = {.names = {.count = 0}};
	int result = update_get_ptr(session->command->update, address, &object, failure);

	*sequence = result == 0 ? object.stamp.sequence : 0;
	rrset_buffer_free(&object.names);
	return result == 0 || failure->code == FAILURE_NOT_FOUND ? 0 : -1;
}

int txn_run_serial(struct session *session, const struct owner *apex, uint32_t *serial,
	struct failure *failure)
{
	struct rrset_buffer soa = {.count = 0};
	int result = update_get_apex(session->command->update, apex, WIRE_TYPE_SOA, &soa, failure);

	if (result == 0)
		*serial = soa_buffer_serial(&soa);
	rrset_buffer_free(&soa);
	return result;
}

enum { NAMED_MAX = 10, NAMED_BYTES = NAMED_MAX * PRESENTATION_PREFIX_BYTES };

/* What is not as it was: so many addresses, the first of them by name, and the first range. */
struct conflicts {
	size_t count;
	char named[NAMED_BYTES];
	size_t used;
	char other[160]; /* about a range or a zone */
};

static void name_conflict(struct conflicts *conflicts, const struct prefix *address)
{
	char text[PRESENTATION_PREFIX_BYTES];

	if (conflicts->count++ < NAMED_MAX)
		conflicts->used += (size_t)snprintf(conflicts->named + conflicts->used,
			sizeof(conflicts->named) - conflicts->used, "%s%s",
			conflicts->used ? ", " : "", presentation_write_prefix(address, text));
}

static int check_objects(struct session *session, const struct txn *txn,
	struct conflicts *conflicts, struct failure *failure)
{
	for (size_t i = 0; i < txn->object_count; i++) {
		const struct txn_object *object = &txn->objects[i];
		uint64_t sequence;

		if (txn_run_sequence(session, &object->address, &sequence, failure) != 0)
			return -1;
		if (sequence != object->sequence)
			name_conflict(conflicts, &object->address);
	}
	return 0;
}

/* Objects that went are named above; more than there were may have come. */
static int check_ranges(struct session *session, const struct txn *txn, struct conflicts *conflicts,
	struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];

	for (size_t i = 0; i < txn->range_count && !conflicts->other[0]; i++) {
		const struct txn_range *range = &txn->ranges[i];
		size_t count;

		if (update_count_prefix(
			    session->command->update, &range->prefix, &count, failure) != 0)
			return -1;
		if (count != range->count)
			snprintf(conflicts->other, sizeof(conflicts->other),
				"%s has %zu objects now and had %llu",
				presentation_write_prefix(&range->prefix, text), count,
				(unsigned long long)range->count);
	}
	return 0;
}

static int check_zones(struct session *session, const struct txn *txn, struct conflicts *conflicts,
	struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	for (size_t i = 0; i < txn->zone_count && !conflicts->other[0]; i++) {
		const struct txn_zone *zone = &txn->zones[i];
		uint32_t serial = 0;

		if (zone->added)
			continue;
		if (txn_run_serial(session, &zone->apex.owner, &serial, failure) != 0 &&
			failure->code != FAILURE_NOT_FOUND)
			return -1;
		if (serial != zone->serial)
			snprintf(conflicts->other, sizeof(conflicts->other),
				"the zone %.80s was changed",
				presentation_write_owner(&zone->apex.owner, text));
	}
	return 0;
}

int txn_run_check(struct session *session, const struct txn *txn, struct failure *failure)
{
	struct conflicts conflicts = {.count = 0};

	if (check_objects(session, txn, &conflicts, failure) != 0 ||
		check_ranges(session, txn, &conflicts, failure) != 0 ||
		check_zones(session, txn, &conflicts, failure) != 0)
		return -1;
	if (conflicts.count)
		return failure_set(failure, FAILURE_CONFLICT,
			"%zu %s changed since the transaction looked: %.330s%s; see txn.diff, then "
			"commit with force or abort",
			conflicts.count, conflicts.count == 1 ? "address was" : "addresses were",
			conflicts.named, conflicts.count > NAMED_MAX ? " ..." : "");
	if (conflicts.other[0])
		return failure_set(failure, FAILURE_CONFLICT,
			"%s since the transaction looked; see txn.diff, then commit with force or "
			"abort",
			conflicts.other);
	return 0;
}
