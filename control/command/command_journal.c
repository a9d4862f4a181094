/* SPDX-License-Identifier: BSD-3-Clause */
/* history, events and wait: what the journal tells, of one owner, of all from a change on, and
 * when. */
#include "control/command/command_method.h"
#include "control/command/json_text.h"
#include "control/command/json_write.h"
#include "control/journal/journal.h"
#include "control/presentation.h"
#include "control/zonefile/zonetext.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
	HISTORY_LIMIT = 100,
	HISTORY_LIMIT_MAX = 1000,
	/* So many entries are looked at in one turn of the loop, whether they match or not. */
	EVENTS_VISITED_MAX = 10000,
	WAIT_S = 60,
	WAIT_MAX_S = 86400,
};

static const char *const kinds[] = {
	[JOURNAL_RRSET] = "rrset",
	[JOURNAL_ZONE_ADDED] = "zone-added",
	[JOURNAL_ZONE_REMOVED] = "zone-removed",
	[JOURNAL_BULK] = "bulk",
	[JOURNAL_SETTINGS] = "settings",
	[JOURNAL_REVERT] = "revert",
};

/* What of an entry may be told, and to whom. */
struct telling {
	struct text *out;
	const struct tenant *tenant; /* NULL: everything */
	size_t rows, most;
	unsigned visited;
	const struct prefix *within; /* NULL: everywhere */
	struct page *page;
	size_t start; /* of the page in `out` */
};

static bool is_text(const struct object_text *text, const char *name)
{
	return text->bytes == strlen(name) && memcmp(text->octets, name, text->bytes) == 0;
}

/* ---- An entry as JSON ---- */

static void write_number(struct text *out, const char *key, uint64_t number)
{
	text_add_string(out, ",\"");
	text_add_string(out, key);
	text_add_string(out, "\":");
	text_add_number(out, (long long)number);
}

static void write_text(struct text *out, const char *key, const struct object_text *text)
{
	if (text->bytes == 0)
		return;
	text_add_string(out, ",\"");
	text_add_string(out, key);
	text_add_string(out, "\":");
	json_write_string(out, text->octets, text->bytes);
}

static void write_names(struct text *out, const struct rrset *rrset)
{
	const uint8_t *name;
	uint32_t offset = 0;
	uint16_t bytes;

	json_text_literal(out, ",\"names\":[");
	for (unsigned i = 0; (name = rrset_next(rrset, &offset, &bytes)) != NULL; i++) {
		if (i > 0)
			text_add(out, ",", 1);
		json_text_name(out, name);
	}
	text_add(out, "]", 1);
}

/* The data of a line that zonetext wrote: what follows owner, TTL, class and type. */
static const char *data_of(const char *line, const char *end)
{
	for (unsigned field = 0; field < 3; field++) {
		const char *tab = memchr(line, '\t', (size_t)(end - line));

		if (!tab)
			return end;
		line = tab + 1;
	}
	line = memchr(line, ' ', (size_t)(end - line));
	return line ? line + 1 : end;
}

/* Records that are no PTRs, as zone files write them. */
static void write_data(struct text *out, const struct owner *owner, const struct rrset *rrset)
{
	struct zonetext lines = {NULL, 0, 0};
	const char *at, *end;

	if (zonetext_write(&lines, owner, rrset) != 0) {
		out->failed = true;
		return;
	}
	json_text_literal(out, ",\"data\":[");
	for (at = lines.text; at && at < lines.text + lines.bytes; at = end + 1) {
		const char *data;

		end = memchr(at, '\n', (size_t)(lines.text + lines.bytes - at));
		data = data_of(at, end);
		if (at != lines.text)
			text_add(out, ",", 1);
		json_write_string(out, data, (size_t)(end - data));
	}
	text_add(out, "]", 1);
	zonetext_free(&lines);
}

static void write_side(struct telling *telling, const char *key, const struct owner *owner,
	const struct stored *stored)
{
	struct text *out = telling->out;
	struct details details;

	text_add_string(out, ",\"");
	text_add_string(out, key);
	text_add_string(out, "\":");
	if (!stored) {
		json_text_literal(out, "null");
		return;
	}
	json_text_literal(out, "{\"ttl\":");
	text_add_number(out, stored->rrset.ttl);
	if (stored->rrset.type == WIRE_TYPE_PTR)
		write_names(out, &stored->rrset);
	else
		write_data(out, owner, &stored->rrset);
	if (details_parse(stored->details, stored->details_bytes, &details) == 0)
		json_text_details(out, &details);
	text_add(out, "}", 1);
}

/* The value of a side that this reader may see, or NULL. */
static const struct stored *side_of(
	const struct telling *telling, bool has, const struct stored *stored)
{
	struct details details;

	if (!has || !telling->tenant)
		return has ? stored : NULL;
	if (details_parse(stored->details, stored->details_bytes, &details) != 0)
		return NULL;
	if (details.tenant.bytes > 0 && !is_text(&details.tenant, telling->tenant->name))
		return NULL;
	return stored;
}

static void write_type(struct text *out, uint16_t type)
{
	char text[16];

	switch (type) {
	case WIRE_TYPE_PTR:
		json_text_literal(out, ",\"type\":\"PTR\"");
		break;
	case WIRE_TYPE_SOA:
		json_text_literal(out, ",\"type\":\"SOA\"");
		break;
	case WIRE_TYPE_NS:
		json_text_literal(out, ",\"type\":\"NS\"");
		break;
	case WIRE_TYPE_CNAME:
		json_text_literal(out, ",\"type\":\"CNAME\"");
		break;
	default:
		snprintf(text, sizeof(text), "TYPE%u", type);
		json_text_literal(out, ",\"type\":");
		json_write_string(out, text, strlen(text));
	}
}

static void write_owner(struct text *out, const struct owner *owner)
{
	if (owner->rest_bytes == 0 && prefix_is_host(&owner->prefix))
		json_text_literal(out, ",\"address\":");
	else
		json_text_literal(out, ",\"owner\":");
	json_text_owner(out, owner);
}

static void write_what(struct telling *telling, const struct journal_entry *entry)
{
	struct text *out = telling->out;

	switch (entry->kind) {
	case JOURNAL_RRSET:
		write_owner(out, &entry->owner.owner);
		write_type(out, entry->type);
		write_number(out, "serial", entry->serial);
		write_number(out, "previous", entry->previous);
		write_side(telling, "before", &entry->owner.owner,
			side_of(telling, entry->has_before, &entry->before));
		write_side(telling, "after", &entry->owner.owner,
			side_of(telling, entry->has_after, &entry->after));
		break;
	case JOURNAL_BULK:
		write_number(out, "added", entry->added);
		write_number(out, "changed", entry->changed);
		write_number(out, "removed", entry->removed);
		break;
	case JOURNAL_REVERT:
		write_number(out, "first", entry->first);
		write_number(out, "last", entry->last);
		write_number(out, "reverted", entry->reverted);
		write_number(out, "skipped", entry->skipped);
		break;
	default:
		json_text_literal(out, ",\"zone\":");
		json_text_owner(out, &entry->owner.owner);
	}
}

static void write_entry(struct telling *telling, const struct journal_entry *entry)
{
	struct text *out = telling->out;

	if (telling->rows++ > 0)
		text_add(out, ",", 1);
	json_text_literal(out, "{\"seq\":");
	text_add_number(out, (long long)entry->sequence);
	write_number(out, "index", entry->index);
	json_text_literal(out, ",\"time\":");
	json_text_time(out, entry->time);
	write_text(out, "user", &entry->actor);
	json_text_literal(out, ",\"kind\":");
	json_write_string(out, kinds[entry->kind], strlen(kinds[entry->kind]));
	write_what(telling, entry);
	text_add(out, "}", 1);
}

/* ---- history ---- */

static int tell_past(void *context, const struct journal_entry *entry)
{
	struct telling *telling = context;

	if (telling->tenant && !side_of(telling, entry->has_before, &entry->before) &&
		!side_of(telling, entry->has_after, &entry->after))
		return 0;
	write_entry(telling, entry);
	return telling->rows == telling->most;
}

static bool is_within(const struct tenant *tenant, const struct owner *owner)
{
	for (unsigned i = 0; i < tenant->prefix_count; i++)
		if (prefix_contains(&tenant->prefixes[i], &owner->prefix))
			return true;
	return false;
}

static int read_type(const char *text, uint16_t *type, struct failure *failure)
{
	static const struct {
		const char *name;
		uint16_t type;
	} types[] = {{"PTR", WIRE_TYPE_PTR}, {"NS", WIRE_TYPE_NS}, {"SOA", WIRE_TYPE_SOA},
		{"CNAME", WIRE_TYPE_CNAME}, {"DNAME", WIRE_TYPE_DNAME}, {"DS", WIRE_TYPE_DS}};
	unsigned number;
	int end = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(text, types[i].name) == 0) {
			*type = types[i].type;
			return 0;
		}
	if (sscanf(text, "TYPE%5u%n", &number, &end) != 1 || text[end] || number > UINT16_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"%.32s is no type of record, such as PTR, NS or TYPE65", text);
	*type = (uint16_t)number;
	return 0;
}

/* The owner and the type that the request asks for. `owner` may borrow `kept`. */
static int read_target(
	json_t *params, struct presentation_owner *kept, uint16_t *type, struct failure *failure)
{
	const char *address = param_text(params, "address"), *owner = param_text(params, "owner"),
		   *text = param_text(params, "type");
	struct prefix prefix;

	*type = WIRE_TYPE_PTR;
	if (!address == !owner)
		return failure_set(failure, FAILURE_INVALID,
			"history needs either address or owner, a prefix or a name");
	if (text && read_type(text, type, failure) != 0)
		return -1;
	if (owner)
		return presentation_parse_zone(owner, kept, failure);
	if (presentation_parse_address(address, &prefix, failure) != 0)
		return -1;
	kept->owner = owner_from_prefix(&prefix);
	return 0;
}

static int history(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	const json_int_t limit = param_number(params, "limit", HISTORY_LIMIT);
	struct telling telling = {
		.out = result, .tenant = session->actor.tenant, .most = (size_t)limit};
	struct presentation_owner target;
	const struct zone *zone;
	uint16_t type;

	if (limit < 1 || limit > HISTORY_LIMIT_MAX)
		return failure_set(
			failure, FAILURE_INVALID, "history: limit is 1 to %d", HISTORY_LIMIT_MAX);
	if (read_target(params, &target, &type, failure) != 0)
		return -1;
	if (telling.tenant && !is_within(telling.tenant, &target.owner))
		return failure_set(failure, FAILURE_DENIED,
			"that is not within the prefixes of the tenant %.64s",
			telling.tenant->name);
	zone = update_zone_of(session->command->update, &target.owner);
	if (!zone)
		return failure_set(failure, FAILURE_NOT_FOUND, "no zone here holds that");
	text_add(result, "[", 1);
	if (journal_history(session->command->store, zone->id, &target.owner, type, tell_past,
		    &telling, failure) < 0)
		return -1;
	text_add(result, "]", 1);
	return 0;
}

/* ---- events ---- */

static bool is_wanted(const struct telling *telling, const struct journal_entry *entry)
{
	if (!telling->within || entry->kind == JOURNAL_BULK || entry->kind == JOURNAL_REVERT)
		return true;
	return prefix_contains(telling->within, &entry->owner.owner.prefix);
}

/* Ends the walk where the page is full. */
static int tell_event(void *context, const struct journal_entry *entry)
{
	struct telling *telling = context;

	if (is_wanted(telling, entry))
		write_entry(telling, entry);
	telling->page->sequence = entry->sequence;
	telling->page->index = entry->index;
	return ++telling->visited == EVENTS_VISITED_MAX || telling->rows == PAGE_ROWS_MAX ||
		telling->out->bytes - telling->start >= PAGE_TEXT_MAX_BYTES;
}

static int start_events(
	struct session *session, json_t *params, struct page *page, struct failure *failure)
{
	const json_int_t last = (json_int_t)store_sequence(session->command->store);
	const json_int_t after = param_number(params, "after", last);
	const json_int_t index = param_number(params, "after_index", UINT32_MAX);

	if (after < 0 || after > last)
		return failure_set(failure, FAILURE_INVALID,
			"events: after is 0 to %lld, the number of the last change",
			(long long)last);
	if (index < 0 || index > UINT32_MAX)
		return failure_set(
			failure, FAILURE_INVALID, "events: after_index is that of an event");
	page->sequence = (uint64_t)after;
	page->index = (uint32_t)index;
	return 0;
}

static int events(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	struct telling telling = {.out = items, .page = page, .start = items->bytes};
	const char *text = param_text(params, "prefix");
	struct prefix prefix;
	int result;

	if (!page->started && start_events(session, params, page, failure) != 0)
		return -1;
	if (text && presentation_parse_prefix(text, &prefix, failure) != 0)
		return -1;
	if (text)
		telling.within = &prefix;
	result = journal_each(session->command->store, page->sequence, page->index, tell_event,
		&telling, failure);
	return result < 0 ? -1 : result ? PAGE_MORE : PAGE_WAIT;
}

/* ---- wait ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_for(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	const json_int_t wanted = param_number(params, "seq", 0),
			 timeout = param_number(params, "timeout_s", WAIT_S),
			 last = (json_int_t)store_sequence(session->command->store);

	if (wanted < 0 || timeout < 0 || timeout > WAIT_MAX_S)
		return failure_set(failure, FAILURE_INVALID,
			"wait: seq is the number of a change, timeout_s 0 to %d", WAIT_MAX_S);
	if (!page->started)
		page->deadline_ms = now_ms() + timeout * 1000;
	if (last >= wanted) {
		json_text_literal(items, "{\"seq\":");
		text_add_number(items, last);
		text_add(items, "}", 1);
		return PAGE_LAST;
	}
	if (now_ms() < page->deadline_ms)
		return PAGE_WAIT;
	return failure_set(failure, FAILURE_TIMEOUT,
		"the last change is %lld; %lld did not come within %lld seconds", (long long)last,
		(long long)wanted, (long long)timeout);
}

static const struct param history_params[] = {{"address", PARAM_TEXT, false},
	{"owner", PARAM_TEXT, false}, {"type", PARAM_TEXT, false}, {"limit", PARAM_NUMBER, false},
	{NULL, PARAM_TEXT, false}};
static const struct param events_params[] = {{"after", PARAM_NUMBER, false},
	{"after_index", PARAM_NUMBER, false}, {"prefix", PARAM_TEXT, false},
	{NULL, PARAM_TEXT, false}};
static const struct param wait_params[] = {
	{"seq", PARAM_NUMBER, true}, {"timeout_s", PARAM_NUMBER, false}, {NULL, PARAM_TEXT, false}};

const struct method command_journal_methods[] = {
	{.name = "history",
		.kind = METHOD_READ,
		.roles = ALLOW_READ_OWN,
		.params = history_params,
		.answer = history},
	{.name = "events",
		.kind = METHOD_FOLLOW,
		.roles = ALLOW_READ,
		.params = events_params,
		.write = events},
	{.name = "wait",
		.kind = METHOD_FOLLOW,
		.roles = ALLOW_READ_OWN,
		.params = wait_params,
		.write = wait_for},
	{.name = NULL},
};
