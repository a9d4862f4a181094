/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/stats_rows.h"

#include "control/ctl/rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 256, DEPTH_MAX = 8 };

/* Numbers that are none of what was counted. */
static bool is_gauge(const char *name)
{
	static const char *const gauges[] = {"started_ms", "time_ms", "monotonic_ms", "tsc_hz",
		"resident_bytes", "waiting", "tx_backlog", "queue", "core", "tcp_clients",
		"tcp_clients_max", "link_up", "speed_mbps", "mtu", "one_in", NULL};
	const char *last = strrchr(name, '.');

	if (strncmp(name, "table.", 6) == 0)
		return true;
	last = last ? last + 1 : name;
	for (const char *const *gauge = gauges; *gauge; gauge++)
		if (strcmp(last, *gauge) == 0)
			return true;
	return false;
}

/* NULL: there is no memory for it. */
static struct stats_row *add_row(struct stats_rows *rows, const char *name)
{
	struct stats_row *row;

	if (rows->count == rows->room) {
		size_t room = rows->room ? 2 * rows->room : FIRST_ROWS;
		struct stats_row *bigger = realloc(rows->row, room * sizeof(*bigger));

		if (!bigger) {
			rows->failed = true;
			return NULL;
		}
		rows->row = bigger;
		rows->room = room;
	}
	row = &rows->row[rows->count++];
	*row = (struct stats_row){.sentence = ""};
	snprintf(row->name, sizeof(row->name), "%s", name);
	return row;
}

static void add_number(struct stats_rows *rows, const char *name, json_t *value, json_t *sentence)
{
	struct stats_row *row = add_row(rows, name);

	if (!row)
		return;
	if (json_is_real(value)) {
		row->kind = STATS_RATIO;
		row->ratio = json_real_value(value);
	} else {
		row->kind = json_is_boolean(value) || is_gauge(name) ? STATS_GAUGE : STATS_COUNTER;
		row->value = json_is_boolean(value) ? json_is_true(value)
						    : (uint64_t)json_integer_value(value);
	}
	if (json_is_string(sentence))
		row->sentence = json_string_value(sentence);
}

/* What is so or not is 1 or 0. */
static bool is_row(json_t *value)
{
	return json_is_number(value) || json_is_boolean(value);
}

/* What a member is called in names: lists have one entry each, and verdicts are all there is. */
static const char *name_of(const char *key)
{
	static const char *const names[][2] = {{"outcomes", "outcome"}, {"workers", "worker"},
		{"ports", "port"}, {"verdicts", ""}, {"rings", ""}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(key, names[i][0]) == 0)
			return names[i][1];
	return key;
}

static void join(char *to, const char *prefix, const char *name)
{
	snprintf(to, STATS_NAME_BYTES, "%s%s%s", prefix, *prefix && *name ? "." : "", name);
}

static void add_value(
	struct stats_rows *rows, const char *name, json_t *value, json_t *explain, int depth);

static void add_list(
	struct stats_rows *rows, const char *prefix, json_t *list, json_t *explain, int depth)
{
	char name[STATS_NAME_BYTES], place[32];
	json_t *entry;
	size_t index;

	json_array_foreach (list, index, entry) {
		json_t *own = json_object_get(entry, "interface");

		/* Workers have a port too, but it is not theirs alone. */
		if (!own && !json_object_get(entry, "queue"))
			own = json_object_get(entry, "port");
		if (!own)
			own = json_object_get(entry, "ring");
		snprintf(place, sizeof(place), "%zu", index);
		join(name, prefix, json_is_string(own) ? json_string_value(own) : place);
		add_value(rows, name, entry, explain, depth);
	}
}

/* Its numbers, then what is within it. */
static void add_object(
	struct stats_rows *rows, const char *prefix, json_t *object, json_t *explain, int depth)
{
	char name[STATS_NAME_BYTES];
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		join(name, prefix, name_of(key));
		if (is_row(value))
			add_number(rows, name, value, json_object_get(explain, key));
	}
	json_object_foreach (object, key, value) {
		join(name, prefix, name_of(key));
		if (!is_row(value) && strncmp(key, "explain", 7) != 0)
			add_value(rows, name, value, explain, depth);
	}
}

static void add_value(
	struct stats_rows *rows, const char *name, json_t *value, json_t *explain, int depth)
{
	if (depth == DEPTH_MAX)
		return;
	if (json_is_object(value))
		add_object(rows, name, value, explain, depth + 1);
	else if (json_is_array(value))
		add_list(rows, name, value, explain, depth + 1);
	else if (is_row(value))
		add_number(rows, name, value, NULL);
}

/* How all ended comes first, and with sentences, as the verdicts do. */
void stats_rows_read(json_t *result, struct stats_rows *rows)
{
	json_t *rest = json_is_object(result) ? json_copy(result) : json_object();

	*rows = (struct stats_rows){.count = 0};
	add_value(rows, "outcome", json_object_get(result, "outcomes"),
		json_object_get(result, "explain"), 0);
	json_object_del(rest, "outcomes");
	json_object_del(rest, "steer");
	add_value(rows, "", rest, NULL, 0);
	add_value(rows, "steer", json_object_get(result, "steer"),
		json_object_get(result, "explain_steer"), 0);
	json_decref(rest);
}

void stats_rows_release(struct stats_rows *rows)
{
	free(rows->row);
	*rows = (struct stats_rows){.count = 0};
}

const struct stats_row *stats_rows_find(
	const struct stats_rows *rows, const char *name, size_t near)
{
	if (near < rows->count && strcmp(rows->row[near].name, name) == 0)
		return &rows->row[near];
	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->row[i].name, name) == 0)
			return &rows->row[i];
	return NULL;
}

static uint64_t milliseconds(json_t *stats, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(stats, key));
}

bool stats_span_of(json_t *before, json_t *now, struct stats_span *span, const char **wrong)
{
	json_t *one = json_object_get(before, "start_id"),
	       *other = json_object_get(now, "start_id");
	uint64_t from = milliseconds(before, "monotonic_ms"),
		 to = milliseconds(now, "monotonic_ms");

	*wrong = NULL;
	if (!json_is_string(one) || !json_is_object(json_object_get(before, "outcomes")))
		*wrong = "is not what \"arpactl -j stats\" of this version prints";
	else if (!json_is_string(other))
		*wrong = "can't be compared with this arpad, which is of another version";
	if (*wrong)
		return false;
	span->restarted = strcmp(json_string_value(one), json_string_value(other)) != 0;
	if (span->restarted) {
		from = milliseconds(now, "started_ms");
		to = milliseconds(now, "time_ms");
	} else if (from >= to) {
		*wrong = "is of this moment or a later one";
		return false;
	}
	span->seconds = to > from ? (double)(to - from) / 1000 : 0;
	return true;
}

/* The growth of the counter that stands beside the ratio. */
static uint64_t growth_of(const struct stats_rows *before, const struct stats_rows *now,
	const struct stats_row *ratio, const char *counter)
{
	const char *last = strrchr(ratio->name, '.');
	char name[STATS_NAME_BYTES];
	const struct stats_row *then, *since;

	snprintf(name, sizeof(name), "%.*s%s", last ? (int)(last + 1 - ratio->name) : 0,
		ratio->name, counter);
	since = stats_rows_find(now, name, (size_t)(ratio - now->row));
	then = stats_rows_find(before, name, (size_t)(ratio - now->row));
	return since ? rate_growth(then ? then->value : 0, since->value) : 0;
}

double stats_ratio_since(const struct stats_rows *before, const struct stats_rows *now,
	const struct stats_row *ratio)
{
	static const struct {
		const char *name, *part, *whole, *more;
	} known[] = {{"busy_ratio", "busy_cycles", "cycles", NULL},
		{"asleep_ratio", "asleep_cycles", "cycles", NULL},
		{"frames_a_burst", "received", "bursts", NULL},
		{"cycles_a_frame", "busy_cycles", "received", "returned"}};
	const char *last = strrchr(ratio->name, '.');

	last = last ? last + 1 : ratio->name;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint64_t whole;

		if (strcmp(last, known[i].name) != 0)
			continue;
		whole = growth_of(before, now, ratio, known[i].whole);
		if (known[i].more)
			whole += growth_of(before, now, ratio, known[i].more);
		return rate_ratio(growth_of(before, now, ratio, known[i].part), whole);
	}
	return -1;
}
