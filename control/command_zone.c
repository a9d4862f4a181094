/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zone.add, zone.list, zone.show, zone.remove. A zone is written as its prefix, or
 * where none names it as its DNS name.
 */
#include "control/command_method.h"
#include "control/presentation.h"
#include "dataplane/dns/name.h"

#include <stdint.h>
#include <string.h>

static json_t *zone_text(const struct owner *apex)
{
	char text[PRESENTATION_NAME_BYTES];

	return json_string(presentation_write_owner(apex, text));
}

/* One of the SOA's numbers: RFC 1035 3.3.13 gives 32 bits, RFC 2181 8 takes one for a TTL. */
static int read_seconds(json_t *params, const char *name, uint32_t *value, struct failure *failure)
{
	json_int_t given = param_number(params, name, *value);

	if (given < 1 || given > WIRE_TTL_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"zone.add: %s is %lld, which is outside 1..%d", name, (long long)given,
			WIRE_TTL_MAX);
	*value = (uint32_t)given;
	return 0;
}

/* Fills `ns` and makes `settings` point at it. */
static int read_servers(
	json_t *params, const char **ns, struct zone_defaults *settings, struct failure *failure)
{
	json_t *given = json_object_get(params, "ns"), *item;
	size_t index;

	if (json_array_size(given) > UPDATE_NS_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"zone.add: %zu name servers; a zone has 1 to %d", json_array_size(given),
			UPDATE_NS_MAX);
	if (given) {
		json_array_foreach (given, index, item)
			ns[index] = json_string_value(item);
		settings->ns = ns;
		settings->ns_count = json_array_size(given);
	}
	if (!settings->ns_count)
		return failure_set(failure, FAILURE_INVALID,
			"zone.add needs ns, the names of the zone's servers, because the "
			"configuration's zones.ns is empty");
	return 0;
}

static int read_settings(
	json_t *params, const char **ns, struct zone_defaults *settings, struct failure *failure)
{
	const char *mname = param_text(params, "mname"), *rname = param_text(params, "rname");

	if (read_servers(params, ns, settings, failure) != 0 ||
		read_seconds(params, "refresh", &settings->refresh, failure) != 0 ||
		read_seconds(params, "retry", &settings->retry, failure) != 0 ||
		read_seconds(params, "expire", &settings->expire, failure) != 0 ||
		read_seconds(params, "minimum", &settings->minimum, failure) != 0 ||
		read_seconds(params, "ttl", &settings->ttl, failure) != 0)
		return -1;
	if (mname)
		settings->mname = mname;
	if (!settings->mname)
		settings->mname = settings->ns[0];
	if (rname)
		settings->rname = rname;
	return 0;
}

static json_t *add(struct session *session, json_t *params, struct failure *failure)
{
	struct zone_defaults settings = *session->command->zones;
	const char *ns[UPDATE_NS_MAX];
	struct presentation_owner apex;
	uint64_t sequence;
	json_t *result;

	if (presentation_parse_zone(param_text(params, "zone"), &apex, failure) != 0 ||
		read_settings(params, ns, &settings, failure) != 0 ||
		update_add_zone(
			session->command->update, &apex.owner, &settings, &sequence, failure) != 0)
		return NULL;
	result = json_object();
	json_object_set_new(result, "zone", zone_text(&apex.owner));
	json_object_set_new(result, "seq", json_integer((json_int_t)sequence));
	return result;
}

static json_t *remove_zone(struct session *session, json_t *params, struct failure *failure)
{
	struct presentation_owner apex;
	uint64_t sequence;
	size_t removed;
	json_t *result;

	if (presentation_parse_zone(param_text(params, "zone"), &apex, failure) != 0 ||
		update_remove_zone(
			session->command->update, &apex.owner, &sequence, &removed, failure) != 0)
		return NULL;
	result = json_object();
	json_object_set_new(result, "zone", zone_text(&apex.owner));
	json_object_set_new(result, "seq", json_integer((json_int_t)sequence));
	json_object_set_new(result, "removed", json_integer((json_int_t)removed));
	return result;
}

/* The SOA's RDATA (RFC 1035 3.3.13) as an object, or NULL when it is damaged. */
static json_t *soa_object(const struct rrset *rrset)
{
	static const char *const numbers[] = {"serial", "refresh", "retry", "expire", "minimum"};
	char mname_text[PRESENTATION_NAME_BYTES], rname_text[PRESENTATION_NAME_BYTES];
	uint32_t offset = 0;
	uint16_t bytes = 0;
	const uint8_t *rdata = rrset_next(rrset, &offset, &bytes);
	size_t mname = rdata ? name_length(rdata, bytes) : 0;
	size_t rname = mname ? name_length(rdata + mname, bytes - mname) : 0;
	json_t *soa;

	if (!rname || mname + rname + 20 != bytes)
		return NULL;
	soa = json_object();
	presentation_write_name(rdata, mname_text);
	presentation_write_name(rdata + mname, rname_text);
	json_object_set_new(soa, "mname", json_string(mname_text));
	json_object_set_new(soa, "rname", json_string(rname_text));
	for (size_t i = 0; i < 5; i++)
		json_object_set_new(
			soa, numbers[i], json_integer(wire_get32(rdata + mname + rname + 4 * i)));
	json_object_set_new(soa, "ttl", json_integer(rrset->ttl));
	return soa;
}

static int show_soa(
	struct update *update, const struct owner *apex, json_t *zone, struct failure *failure)
{
	struct rrset_buffer buffer = {.count = 0};
	struct rrset rrset;
	int result = update_get_apex(update, apex, WIRE_TYPE_SOA, &buffer, failure);

	if (result == 0) {
		rrset = rrset_buffer_view(&buffer);
		if (json_object_set_new(zone, "soa", soa_object(&rrset)) != 0)
			result = failure_set(
				failure, FAILURE_STORE_ERROR, "the zone's SOA is damaged");
	}
	rrset_buffer_free(&buffer);
	return result;
}

static int show_ns(
	struct update *update, const struct owner *apex, json_t *zone, struct failure *failure)
{
	struct rrset_buffer buffer = {.count = 0};
	struct rrset rrset;
	size_t text_bytes = 0;
	int result = update_get_apex(update, apex, WIRE_TYPE_NS, &buffer, failure);

	if (result == 0) {
		rrset = rrset_buffer_view(&buffer);
		json_object_set_new(zone, "ns_ttl", json_integer(rrset.ttl));
		if (json_object_set_new(zone, "ns", command_names(&rrset, &text_bytes)) != 0)
			result = failure_set(
				failure, FAILURE_STORE_ERROR, "the zone's NS are damaged");
	}
	rrset_buffer_free(&buffer);
	return result;
}

static json_t *show(struct session *session, json_t *params, struct failure *failure)
{
	struct update *update = session->command->update;
	struct presentation_owner apex;
	json_t *zone;

	if (presentation_parse_zone(param_text(params, "zone"), &apex, failure) != 0)
		return NULL;
	zone = json_object();
	json_object_set_new(zone, "zone", zone_text(&apex.owner));
	if (show_soa(update, &apex.owner, zone, failure) == 0 &&
		show_ns(update, &apex.owner, zone, failure) == 0)
		return zone;
	if (failure->code == FAILURE_NOT_FOUND)
		failure_set(failure, FAILURE_NOT_FOUND, "there is no zone %s",
			param_text(params, "zone"));
	json_decref(zone);
	return NULL;
}

struct list_walk {
	json_t *items;
	struct page *page;
	struct store_owner after;
};

static int list_visit(void *context, const struct owner *apex, uint32_t id)
{
	struct list_walk *walk = context;
	json_t *item;

	(void)id;
	if (walk->page->started && update_compare_owners(apex, &walk->after.owner) <= 0)
		return 0;
	if (json_array_size(walk->items) == PAGE_ROWS_MAX)
		return 1;
	item = json_object();
	json_object_set_new(item, "zone", zone_text(apex));
	if (json_array_append_new(walk->items, item) != 0)
		return -2;
	store_keep_owner(&walk->page->after, apex);
	return 0;
}

static int list(struct session *session, json_t *params, struct page *page, json_t *items,
	struct failure *failure)
{
	struct list_walk walk = {.items = items, .page = page};
	int result;

	(void)params;
	store_keep_owner(&walk.after, &page->after.owner);
	result = store_each_zone(session->command->store, list_visit, &walk, failure);
	if (result == -2)
		command_no_memory(failure);
	return result < 0 ? -1 : result;
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
	{NULL, PARAM_TEXT, false},
};

static const struct param zone_params[] = {
	{"zone", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param list_params[] = {
	{NULL, PARAM_TEXT, false},
};

const struct method command_zone_methods[] = {
	{.name = "zone.add",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE,
		.params = add_params,
		.run = add},
	{.name = "zone.show",
		.kind = METHOD_READ,
		.roles = ALLOW_READ,
		.params = zone_params,
		.run = show},
	{.name = "zone.list",
		.kind = METHOD_LIST,
		.roles = ALLOW_READ_OWN,
		.params = list_params,
		.page = list},
	{.name = "zone.remove",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE,
		.params = zone_params,
		.run = remove_zone},
	{.name = NULL},
};
