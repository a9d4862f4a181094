/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Walks the table of keys over the trees of the files. Whether two values are the same is decided
 * on what the file would have to say for it, so that a default and the same number are one.
 */
#include "control/config/config_report.h"

#include "control/config/config_keys.h"
#include "control/config/config_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 128 };

/* A number as one; what is none, where a word may stand too, as text. */
static json_t *typed(const json_t *text, bool number)
{
	char *end;
	long long value = strtoll(json_string_value(text), &end, 10);

	if (number && !*end)
		return json_integer(value);
	return json_string(json_string_value(text));
}

static json_t *typed_list(const json_t *list, bool number)
{
	json_t *typed_items = json_array(), *item;
	size_t index;

	json_array_foreach (list, index, item)
		json_array_append_new(typed_items, typed(item, number));
	return typed_items;
}

static bool counts(const struct config_key *key)
{
	return key->kind == CONFIG_KEY_NUMBER || key->kind == CONFIG_KEY_NUMBERS;
}

static bool lists(const struct config_key *key)
{
	return key->kind == CONFIG_KEY_TEXTS || key->kind == CONFIG_KEY_NUMBERS;
}

static json_t *default_of(const struct config_key *key)
{
	json_t *text, *value;

	if (!key->value)
		return lists(key) && !strncmp(key->none, "none", 4) ? json_array() : json_null();
	text = json_string(key->value);
	value = typed(text, counts(key));
	json_decref(text);
	return value;
}

/* Those that the machine decides on. */
static json_t *decided(const struct config_key *key, const struct config *config)
{
	json_t *cores;

	if (!config->port_count)
		return json_null();
	if (strcmp(key->path, "dpdk.control-core") == 0)
		return json_integer(config->control_core);
	if (strcmp(key->path, "dpdk.worker-cores") != 0)
		return json_null();
	cores = json_array();
	for (unsigned i = 0; i < config->worker_count; i++)
		json_array_append_new(cores, json_integer(config->worker_cores[i]));
	return cores;
}

/* What stands at the path, or NULL. Borrowed. */
static const json_t *given(const struct config *config, const char *path)
{
	const json_t *value = config_tree_root(config->tree);
	char step[PATH_BYTES];

	while (*path && value) {
		size_t length = strcspn(path, ".[");

		if (*path == '[') {
			value = json_array_get(value, strtoul(path + 1, NULL, 10));
			path += strcspn(path, "]") + 1;
		} else {
			snprintf(step, sizeof(step), "%.*s", (int)length, path);
			value = json_object_get(value, step);
			path += length;
		}
		path += *path == '.';
	}
	return value;
}

/* A new reference to what holds at the path: of the file, or the default. */
static json_t *value_at(const struct config *config, const struct config_key *key, const char *path)
{
	const json_t *text = given(config, path);
	json_t *value;

	if (text)
		return lists(key) ? typed_list(text, counts(key)) : typed(text, counts(key));
	value = default_of(key);
	if (!json_is_null(value))
		return value;
	json_decref(value);
	return decided(key, config);
}

/* Whether the configuration has the entry of a list that the path leads through, if it does. */
static bool has_entry(const struct config *config, const char *path)
{
	const char *bracket = strchr(path, ']');
	char entry[PATH_BYTES];

	if (!bracket)
		return true;
	snprintf(entry, sizeof(entry), "%.*s", (int)(bracket - path) + 1, path);
	return given(config, entry) != NULL;
}

/* The default belongs to entries that are there. */
static json_t *value_or_null(
	const struct config *config, const struct config_key *key, const char *path)
{
	return has_entry(config, path) ? value_at(config, key, path) : json_null();
}

static json_t *shown(const struct config_key *key, json_t *value)
{
	if (!key->secret || json_is_null(value) || json_array_size(value) == 0)
		return json_incref(value);
	return json_string("(secret)");
}

struct walk {
	const struct config *const *configs;
	unsigned count;
	void (*visit)(void *context, const struct config_key *key, const char *path);
	void *context;
	const struct config_key *key;
	char path[PATH_BYTES];
};

/* How many entries the longest of the lists at walk->path has. */
static size_t entries(const struct walk *walk)
{
	size_t most = 0;

	for (unsigned i = 0; i < walk->count; i++) {
		size_t size = json_array_size(given(walk->configs[i], walk->path));

		most = size > most ? size : most;
	}
	return most;
}

/* Whether any of them has the mapping that a path is in, if that is one that may be missing. */
static bool has_parent(const struct walk *walk)
{
	char parent[PATH_BYTES];
	char *dot;

	snprintf(parent, sizeof(parent), "%s", walk->path);
	dot = strrchr(parent, '.');
	if (!dot || !strchr(parent, '['))
		return true; /* a section has its defaults whether it is there or not */
	*dot = '\0';
	for (unsigned i = 0; i < walk->count; i++)
		if (given(walk->configs[i], parent))
			return true;
	return false;
}

/* Puts numbers where `pattern` has brackets. The schema has one list of mappings in a path. */
static void walk_key(struct walk *walk, const char *pattern)
{
	const char *bracket = strstr(pattern, "[]");

	if (!bracket) {
		snprintf(walk->path, sizeof(walk->path), "%s", pattern);
		if (has_parent(walk))
			walk->visit(walk->context, walk->key, walk->path);
		return;
	}
	snprintf(walk->path, sizeof(walk->path), "%.*s", (int)(bracket - pattern), pattern);
	for (size_t i = 0, count = entries(walk); i < count; i++) {
		char numbered[PATH_BYTES];

		snprintf(numbered, sizeof(numbered), "%.*s[%zu]%s", (int)(bracket - pattern),
			pattern, i, bracket + 2);
		walk_key(walk, numbered);
	}
}

static void walk_all(struct walk *walk)
{
	for (walk->key = config_keys; walk->key->path; walk->key++)
		walk_key(walk, walk->key->path);
}

struct showing {
	const struct config *boot, *now;
	const char *wanted; /* keys that this begins */
	size_t skip, most;
	json_t *rows;
};

/* "tcp" begins tcp.clients, "ports" ports[0].queues. */
static bool is_wanted(const char *path, const char *wanted)
{
	size_t length = strlen(wanted);

	return !length || (strncmp(path, wanted, length) == 0 && strchr(".[", path[length]));
}

static void set_text(json_t *row, const char *name, const char *text)
{
	if (text)
		json_object_set_new(row, name, json_string(text));
}

static void show(void *context, const struct config_key *key, const char *path)
{
	struct showing *showing = context;
	bool reload = key->change == CONFIG_KEY_RELOAD;
	const struct config *holds = reload ? showing->now : showing->boot;
	json_t *row, *value, *later;

	if (!is_wanted(path, showing->wanted) || (reload && !has_entry(holds, path)))
		return;
	if (showing->skip) {
		showing->skip--;
		return;
	}
	if (json_array_size(showing->rows) == showing->most)
		return;
	row = json_object();
	value = value_or_null(holds, key, path);
	later = value_or_null(showing->now, key, path);
	set_text(row, "key", path);
	json_object_set_new(row, "value", shown(key, value));
	if (given(holds, path))
		json_object_set_new(row, "line", json_integer(config_tree_line(holds->tree, path)));
	if (!json_equal(value, later))
		json_object_set_new(row, "pending", shown(key, later));
	json_object_set_new(row, "default", key->value ? default_of(key) : json_string(key->none));
	set_text(row, "unit", key->unit);
	set_text(row, "range", key->range);
	set_text(row, "change", config_key_change_name(key->change));
	json_decref(value);
	json_decref(later);
	json_array_append_new(showing->rows, row);
}

json_t *config_report_show(const struct config *boot, const struct config *now, const char *key,
	size_t first, size_t most)
{
	const struct config *const configs[] = {boot, now};
	struct showing showing = {boot, now, key, first, most, json_array()};
	struct walk walk = {.configs = configs, .count = 2, .visit = show, .context = &showing};

	walk_all(&walk);
	return showing.rows;
}

struct comparing {
	const struct config *boot, *now, *next;
	json_t *applied, *restart;
};

static void compare(void *context, const struct config_key *key, const char *path)
{
	const struct comparing *comparing = context;
	bool reload = key->change == CONFIG_KEY_RELOAD;
	json_t *from = value_or_null(reload ? comparing->now : comparing->boot, key, path);
	json_t *to = value_or_null(comparing->next, key, path);

	if (!json_equal(from, to))
		json_array_append_new(reload ? comparing->applied : comparing->restart,
			json_pack("{s:s, s:o, s:o}", "key", path, "from", shown(key, from), "to",
				shown(key, to)));
	json_decref(from);
	json_decref(to);
}

json_t *config_report_diff(
	const struct config *boot, const struct config *now, const struct config *next)
{
	const struct config *const configs[] = {boot, now, next};
	struct comparing comparing = {boot, now, next, json_array(), json_array()};
	struct walk walk = {
		.configs = configs, .count = 3, .visit = compare, .context = &comparing};

	walk_all(&walk);
	return json_pack("{s:o, s:o}", "applied", comparing.applied, "restart", comparing.restart);
}
