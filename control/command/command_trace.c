/* SPDX-License-Identifier: BSD-3-Clause */
/* trace.follow: queries as they are answered, of an address, of clients, or as they are sampled. */
#include "control/command/command_method.h"
#include "control/command/json_text.h"
#include "control/log.h"
#include "control/observer/trace.h"
#include "control/observer/trace_row.h"
#include "control/presentation.h"

static const char *const ends[] = {[TRACE_HAS_COUNT] = "count", [TRACE_HAS_TIME] = "time"};

/* ---- What is asked for ---- */

static int read_bounds(json_t *params, struct trace_want *want, struct failure *failure)
{
	json_int_t count = param_number(params, "count", TRACE_COUNT),
		   seconds = param_number(params, "seconds", TRACE_SECONDS);

	if (count < 1 || count > TRACE_COUNT_MAX)
		return failure_set(failure, FAILURE_INVALID, "trace.follow: count is 1 to %d",
			TRACE_COUNT_MAX);
	if (seconds < 1 || seconds > TRACE_SECONDS_MAX)
		return failure_set(failure, FAILURE_INVALID, "trace.follow: seconds is 1 to %d",
			TRACE_SECONDS_MAX);
	want->count = (uint64_t)count;
	want->seconds = (unsigned)seconds;
	return 0;
}

static int read_filter(json_t *params, struct observe_filter *filter, struct failure *failure)
{
	const char *name = param_text(params, "name"), *client = param_text(params, "client");

	filter->by_name = name != NULL;
	filter->by_client = client != NULL;
	if (name && presentation_parse_prefix(name, &filter->names, failure) != 0)
		return -1;
	return client ? presentation_parse_prefix(client, &filter->clients, failure) : 0;
}

static bool has(const struct tenant *tenant, const struct observe_filter *filter)
{
	for (unsigned i = 0; filter->by_name && i < tenant->prefix_count; i++)
		if (prefix_contains(&tenant->prefixes[i], &filter->names))
			return true;
	return false;
}

/*
 * A tenant sees who asks for its own addresses, as it would if it ran the name server itself. Not
 * the packets: our cookies in them let their holder speak as the client.
 */
static int check_tenant(const struct tenant *tenant, const struct observe_filter *filter,
	bool packets, struct failure *failure)
{
	if (!tenant)
		return 0;
	if (!has(tenant, filter))
		return failure_set(failure, FAILURE_DENIED,
			"the tenant %.64s may trace names within its prefixes, and nothing else",
			tenant->name);
	if (packets)
		return failure_set(
			failure, FAILURE_DENIED, "a tenant may not have packets, only their rows");
	return 0;
}

static int read_want(
	struct session *session, json_t *params, struct trace_want *want, struct failure *failure)
{
	const struct tenant *tenant = session->actor.tenant;
	bool packets = json_is_true(json_object_get(params, "packets"));

	*want = (struct trace_want){.tenant = tenant != NULL};
	if (read_bounds(params, want, failure) != 0 ||
		read_filter(params, &want->filter, failure) != 0)
		return -1;
	want->sampled = !want->filter.by_name && !want->filter.by_client;
	return check_tenant(tenant, &want->filter, packets, failure);
}

/* Who looks at clients' addresses is told, as who changes something is. */
static void log_start(const struct session *session, const struct observe_filter *filter)
{
	char name[PRESENTATION_PREFIX_BYTES] = "any", client[PRESENTATION_PREFIX_BYTES] = "any";

	if (filter->by_name)
		presentation_write_prefix(&filter->names, name);
	if (filter->by_client)
		presentation_write_prefix(&filter->clients, client);
	log_event(LOG_INFO, "trace",
		LOG_FIELDS(LOG_TEXT_FIELD("user", session->actor.name),
			LOG_TEXT_FIELD("role", actor_role_name(session->actor.role)),
			LOG_TEXT_FIELD("name", name), LOG_TEXT_FIELD("client", client)),
		"%s looks at queries", session->actor.name);
}

static int start(struct session *session, const struct trace_want *want, struct failure *failure)
{
	command_trace_end(session); /* one that was cut short by an error */
	if (!session->command->traces)
		return failure_set(failure, FAILURE_INTERNAL, "nothing is observed");
	session->trace = trace_open(session->command->traces, want, failure);
	session->trace_told = 0;
	if (!session->trace)
		return -1;
	log_start(session, &want->filter);
	return 0;
}

/* ---- What is told ---- */

static void begin_item(struct text *items, size_t start)
{
	if (items->bytes > start)
		text_add(items, ",", 1);
}

static void write_lost(struct text *items, const struct trace_totals *totals)
{
	json_text_literal(items, "\"dropped\":");
	text_add_number(items, (long long)totals->dropped);
	json_text_literal(items, ",\"missed\":");
	text_add_number(items, (long long)totals->missed);
}

/* Says what was lost whenever that has grown. */
static void tell_lost(struct session *session, struct text *items, size_t start)
{
	struct trace_totals totals = trace_totals(session->trace);

	if (totals.dropped + totals.missed == session->trace_told)
		return;
	session->trace_told = totals.dropped + totals.missed;
	begin_item(items, start);
	text_add(items, "{", 1);
	write_lost(items, &totals);
	text_add(items, "}", 1);
}

static void tell_end(
	struct session *session, enum trace_state state, struct text *items, size_t start)
{
	struct trace_totals totals = trace_totals(session->trace);

	begin_item(items, start);
	json_text_literal(items, "{\"end\":\"");
	text_add_string(items, ends[state]);
	json_text_literal(items, "\",\"rows\":");
	text_add_number(items, (long long)totals.rows);
	text_add(items, ",", 1);
	write_lost(items, &totals);
	text_add(items, "}", 1);
	command_trace_end(session);
}

/* The rows that are there, up to a page. Whether that were all. */
static bool tell_rows(struct session *session, bool packets, struct text *items, size_t start)
{
	struct trace_entry entry;

	for (unsigned rows = 0; rows < PAGE_ROWS_MAX; rows++) {
		if (items->bytes - start >= PAGE_TEXT_MAX_BYTES)
			return false;
		if (!trace_next(session->trace, &entry))
			return true;
		begin_item(items, start);
		trace_row_write(items, &entry.seen, entry.when_ns, packets);
	}
	return false;
}

static int follow(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	const bool packets = json_is_true(json_object_get(params, "packets"));
	const size_t first = items->bytes;
	struct trace_want want;
	enum trace_state state;

	/* Each time: the configuration may have taken the tenant a prefix. */
	if (read_want(session, params, &want, failure) != 0 ||
		(!page->started && start(session, &want, failure) != 0)) {
		command_trace_end(session);
		return -1;
	}
	state = trace_state(session->trace);
	if (!tell_rows(session, packets, items, first))
		return PAGE_MORE;
	if (state == TRACE_RUNS) {
		tell_lost(session, items, first);
		return PAGE_WAIT;
	}
	tell_end(session, state, items, first);
	return PAGE_LAST;
}

void command_trace_end(struct session *session)
{
	trace_close(session->trace);
	session->trace = NULL;
}

static const struct param follow_params[] = {{"name", PARAM_TEXT, false},
	{"client", PARAM_TEXT, false}, {"count", PARAM_NUMBER, false},
	{"seconds", PARAM_NUMBER, false}, {"packets", PARAM_FLAG, false},
	{NULL, PARAM_TEXT, false}};

const struct method command_trace_methods[] = {
	{.name = "trace.follow",
		.kind = METHOD_FOLLOW,
		.roles = ALLOW_CHANGE_OWN,
		.params = follow_params,
		.write = follow},
	{.name = NULL},
};
