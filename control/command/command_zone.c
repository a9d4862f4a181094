/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zone.add, zone.remove, zone.set, zone.freeze, zone.thaw, zone.show, zone.list. A zone is written
 * as its prefix, or where none names it as its DNS name.
 */
#include "control/command/command_method.h"
#include "control/command/command_txn.h"
#include "control/command/json_text.h"
#include "control/command/json_write.h"
#include "control/command/zone_request.h"
#include "control/presentation.h"
#include "control/soa.h"
#include "dataplane/dns/name.h"

#include <string.h>

static const char *const policies[ZONE_SERIALS] = {"increment", "unixtime", "date"};

static void write_zone(struct text *text, const struct owner *apex)
{
	json_text_literal(text, "{\"zone\":");
	json_text_owner(text, apex);
}

static void write_sequence(struct text *text, uint64_t sequence)
{
	json_text_literal(text, ",\"seq\":");
	text_add_number(text, (long long)sequence);
}

static int add_or_remove(struct session *session, bool add, json_t *params, struct text *result,
	struct failure *failure)
{
	struct command *command = session->command;
	const char *txn = param_text(params, "txn");
	struct zone_request request;
	uint64_t sequence;
	size_t removed;

	if (zone_request_parse(add, params, command->zones, &request, failure) != 0)
		return -1;
	if (txn)
		return command_txn_stage_zone(session, txn, &request, params, result, failure);
	if (zone_request_run(command->update, &request, &sequence, &removed, failure) != 0)
		return -1;
	write_zone(result, &request.zone.owner);
	write_sequence(result, sequence);
	if (!add) {
		json_text_literal(result, ",\"removed\":");
		text_add_number(result, (long long)removed);
	}
	json_text_literal(result, "}");
	return 0;
}

static int add(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return add_or_remove(session, true, params, result, failure);
}

static int remove_zone(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return add_or_remove(session, false, params, result, failure);
}

/* Gives the zone what `edit` makes of its settings. */
static int change_settings(struct session *session, json_t *params, struct text *result,
	int (*edit)(json_t *params, struct zone_settings *settings, struct failure *failure),
	struct failure *failure)
{
	struct update *update = session->command->update;
	struct presentation_owner zone;
	struct zone_settings settings;
	struct update_result changed;

	if (presentation_parse_zone(param_text(params, "zone"), &zone, failure) != 0 ||
		update_get_zone_settings(update, &zone.owner, &settings, failure) != 0 ||
		edit(params, &settings, failure) != 0 ||
		update_set_zone_settings(update, &zone.owner, &settings, &changed, failure) != 0)
		return -1;
	write_zone(result, &zone.owner);
	write_sequence(result, changed.sequence);
	if (changed.changed)
		json_text_literal(result, ",\"changed\":true}");
	else
		json_text_literal(result, ",\"changed\":false}");
	return 0;
}

static int edit_policy(const char *text, struct zone_settings *settings, struct failure *failure)
{
	for (uint8_t policy = 0; policy < ZONE_SERIALS; policy++)
		if (strcmp(text, policies[policy]) == 0) {
			settings->serial_policy = policy;
			return 0;
		}
	return failure_set(failure, FAILURE_INVALID,
		"zone.set: serial is \"%.40s\"; it is increment, unixtime or date", text);
}

static int edit_given(json_t *params, struct zone_settings *settings, struct failure *failure)
{
	const char *policy = param_text(params, "serial");
	json_t *ttl = json_object_get(params, "ttl");

	if (!policy && !ttl)
		return failure_set(failure, FAILURE_INVALID,
			"zone.set needs serial or ttl, which is to change");
	if (policy && edit_policy(policy, settings, failure) != 0)
		return -1;
	if (!ttl)
		return 0;
	if (json_integer_value(ttl) != 0 &&
		presentation_check_ttl(json_integer_value(ttl), failure) != 0)
		return -1;
	settings->ttl = (uint32_t)json_integer_value(ttl);
	return 0;
}

static int edit_frozen(json_t *params, struct zone_settings *settings, struct failure *failure)
{
	(void)params;
	(void)failure;
	settings->frozen = true;
	return 0;
}

static int edit_thawed(json_t *params, struct zone_settings *settings, struct failure *failure)
{
	(void)params;
	(void)failure;
	settings->frozen = false;
	return 0;
}

static int set(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return change_settings(session, params, result, edit_given, failure);
}

static int freeze(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return change_settings(session, params, result, edit_frozen, failure);
}

static int thaw(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return change_settings(session, params, result, edit_thawed, failure);
}

/* The SOA's RDATA (RFC 1035 3.3.13) as an object. -1: it is damaged. */
static int write_soa(struct text *text, const struct rrset *soa)
{
	static const char *const numbers[] = {"serial", "refresh", "retry", "expire", "minimum"};
	uint32_t offset = 0;
	uint16_t bytes = 0;
	const uint8_t *rdata = rrset_next(soa, &offset, &bytes);
	size_t mname = rdata ? name_length(rdata, bytes) : 0;
	size_t rname = mname ? name_length(rdata + mname, bytes - mname) : 0;

	if (!rname || mname + rname + SOA_NUMBERS_BYTES != bytes)
		return -1;
	json_text_literal(text, ",\"soa\":{\"mname\":");
	json_text_name(text, rdata);
	json_text_literal(text, ",\"rname\":");
	json_text_name(text, rdata + mname);
	for (size_t i = 0; i < 5; i++) {
		json_text_literal(text, ",");
		json_write_string(text, numbers[i], strlen(numbers[i]));
		json_text_literal(text, ":");
		text_add_number(text, wire_get32(rdata + mname + rname + 4 * i));
	}
	json_text_literal(text, ",\"ttl\":");
	text_add_number(text, soa->ttl);
	json_text_literal(text, "}");
	return 0;
}

static int write_ns(struct text *text, const struct rrset *ns)
{
	const uint8_t *name;
	uint32_t offset = 0;
	uint16_t bytes;
	bool any = false;

	json_text_literal(text, ",\"ns_ttl\":");
	text_add_number(text, ns->ttl);
	json_text_literal(text, ",\"ns\":[");
	while ((name = rrset_next(ns, &offset, &bytes)) != NULL) {
		if (name_length(name, bytes) != bytes)
			return -1;
		if (any)
			json_text_literal(text, ",");
		json_text_name(text, name);
		any = true;
	}
	json_text_literal(text, "]");
	return 0;
}

/* Reads an RRset of the apex and writes it. */
static int show_apex(struct update *update, const struct owner *apex, uint16_t type,
	int (*write)(struct text *text, const struct rrset *rrset), struct text *text,
	struct failure *failure)
{
	struct rrset_buffer buffer = {.count = 0};
	int result = update_get_apex(update, apex, type, &buffer, failure);

	if (result == 0) {
		const struct rrset rrset = rrset_buffer_view(&buffer);

		if (write(text, &rrset) != 0)
			result = failure_set(failure, FAILURE_STORE_ERROR,
				"the zone's %s damaged; restore the store from a backup",
				type == WIRE_TYPE_SOA ? "SOA is" : "NS are");
	}
	rrset_buffer_free(&buffer);
	return result;
}

static int show_settings(
	struct update *update, const struct owner *apex, struct text *text, struct failure *failure)
{
	struct zone_settings settings;

	if (update_get_zone_settings(update, apex, &settings, failure) != 0)
		return -1;
	json_text_literal(text, ",\"settings\":{\"serial\":\"");
	text_add_string(text, policies[settings.serial_policy]);
	text_add_string(text, settings.frozen ? "\",\"frozen\":true" : "\",\"frozen\":false");
	if (settings.ttl) {
		json_text_literal(text, ",\"ttl\":");
		text_add_number(text, settings.ttl);
	}
	json_text_literal(text, "}");
	return 0;
}

static int show_records(
	struct update *update, const struct owner *apex, struct text *text, struct failure *failure)
{
	uint64_t records;

	if (update_get_zone_records(update, apex, &records, failure) != 0)
		return -1;
	json_text_literal(text, ",\"records\":");
	text_add_number(text, (long long)records);
	return 0;
}

static int show(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	struct update *update = session->command->update;
	struct presentation_owner zone;
	const struct owner *apex = &zone.owner;

	if (presentation_parse_zone(param_text(params, "zone"), &zone, failure) != 0)
		return -1;
	write_zone(result, apex);
	if (show_apex(update, apex, WIRE_TYPE_SOA, write_soa, result, failure) != 0 ||
		show_apex(update, apex, WIRE_TYPE_NS, write_ns, result, failure) != 0 ||
		show_settings(update, apex, result, failure) != 0 ||
		show_records(update, apex, result, failure) != 0) {
		if (failure->code == FAILURE_NOT_FOUND)
			failure_set(failure, FAILURE_NOT_FOUND, "there is no zone %.255s",
				param_text(params, "zone"));
		return -1;
	}
	json_text_literal(result, "}");
	return 0;
}

struct list_walk {
	struct session *session;
	struct text *items;
	struct page *page;
	struct store_owner after;
	bool marked; /* there is an `after` */
	bool details;
	size_t rows, limit; /* of this page, and of all */
	struct failure *failure;
};

/* A tenant sees the zones that have something of its prefixes. */
static bool is_seen(const struct tenant *tenant, const struct owner *apex)
{
	if (!tenant)
		return true;
	for (unsigned i = 0; i < tenant->prefix_count; i++)
		if (prefix_contains(&tenant->prefixes[i], &apex->prefix) ||
			prefix_contains(&apex->prefix, &tenant->prefixes[i]))
			return true;
	return false;
}

enum { WALK_FAILED = -2, WALK_PAGE_FULL = 1 };

/* Every change of a zone's contents writes its SOA anew, so the SOA's stamp tells the last one. */
static int list_details(const struct list_walk *walk, const struct owner *apex)
{
	struct update *update = walk->session->command->update;
	struct zone_settings settings;
	struct stamp stamp;

	if (update_get_zone_settings(update, apex, &settings, walk->failure) != 0 ||
		update_get_zone_stamp(update, apex, &stamp, walk->failure) != 0)
		return -1;
	if (settings.frozen)
		json_text_literal(walk->items, ",\"frozen\":true");
	else
		json_text_literal(walk->items, ",\"frozen\":false");
	json_text_literal(walk->items, ",\"seq\":");
	text_add_number(walk->items, (long long)stamp.sequence);
	json_text_literal(walk->items, ",\"modified\":");
	json_text_time(walk->items, stamp.modified);
	return 0;
}

static int list_visit(void *context, const struct owner *apex, uint32_t id)
{
	struct list_walk *walk = context;
	struct update *update = walk->session->command->update;
	const struct zone *zone;

	(void)id;
	if (walk->marked && update_compare_owners(apex, &walk->after.owner) <= 0)
		return 0;
	if (walk->rows == PAGE_ROWS_MAX || walk->page->sent == walk->limit)
		return WALK_PAGE_FULL;
	store_keep_owner(&walk->page->after, apex);
	if (!is_seen(walk->session->actor.tenant, apex))
		return 0;
	if (walk->rows++)
		json_text_literal(walk->items, ",");
	walk->page->sent++;
	write_zone(walk->items, apex);
	zone = update_zone_of(update, apex);
	json_text_literal(walk->items, ",\"serial\":");
	text_add_number(walk->items, zone->serial);
	if (show_records(update, apex, walk->items, walk->failure) != 0 ||
		(walk->details && list_details(walk, apex) != 0))
		return WALK_FAILED;
	json_text_literal(walk->items, "}");
	return 0;
}

static int list_start(json_t *params, struct list_walk *walk)
{
	const char *after = param_text(params, "after");
	struct presentation_owner given;

	walk->marked = walk->page->started || after;
	if (walk->page->started || !after) {
		store_keep_owner(&walk->after, &walk->page->after.owner);
		return 0;
	}
	if (presentation_parse_zone(after, &given, walk->failure) != 0)
		return -1;
	store_keep_owner(&walk->after, &given.owner);
	return 0;
}

static int list(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	json_int_t limit = param_number(params, "limit", INT64_MAX);
	struct list_walk walk = {.session = session,
		.items = items,
		.page = page,
		.details = json_is_true(json_object_get(params, "details")),
		.limit = (size_t)limit,
		.failure = failure};
	int result;

	if (limit < 1)
		return failure_set(failure, FAILURE_INVALID, "zone.list: limit must be 1 or more");
	if (list_start(params, &walk) != 0)
		return -1;
	result = store_each_zone(session->command->store, list_visit, &walk, failure);
	if (result < 0)
		return -1;
	return result && page->sent < walk.limit ? PAGE_MORE : PAGE_LAST;
}

static const struct param add_params[] = {
	{"zone", PARAM_TEXT, true},
	{"ns", PARAM_TEXTS, false},
	{"mname", PARAM_TEXT, false},
	{"rname", PARAM_TEXT, false},
	{"refresh", PARAM_NUMBER, false},
	{"retry", PARAM_NUMBER, false},
	{"expire", PARAM_NUMBER, false},
	{"minimum", PARAM_NUMBER, false},
	{"ttl", PARAM_NUMBER, false},
	{"txn", PARAM_TEXT, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param remove_params[] = {
	{"zone", PARAM_TEXT, true},
	{"txn", PARAM_TEXT, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param set_params[] = {
	{"zone", PARAM_TEXT, true},
	{"serial", PARAM_TEXT, false},
	{"ttl", PARAM_NUMBER, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param zone_params[] = {
	{"zone", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param list_params[] = {
	{"after", PARAM_TEXT, false},
	{"limit", PARAM_NUMBER, false},
	{"details", PARAM_FLAG, false},
	{NULL, PARAM_TEXT, false},
};

const struct method command_zone_methods[] = {
	{.name = "zone.add",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE,
		.params = add_params,
		.answer = add},
	{.name = "zone.remove",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE,
		.params = remove_params,
		.answer = remove_zone},
	{.name = "zone.set",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE,
		.params = set_params,
		.answer = set},
	{.name = "zone.freeze",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE,
		.params = zone_params,
		.answer = freeze},
	{.name = "zone.thaw",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE,
		.params = zone_params,
		.answer = thaw},
	{.name = "zone.show",
		.kind = METHOD_READ,
		.roles = ALLOW_READ,
		.params = zone_params,
		.answer = show},
	{.name = "zone.list",
		.kind = METHOD_LIST,
		.roles = ALLOW_READ_OWN,
		.params = list_params,
		.write = list},
	{.name = NULL},
};
