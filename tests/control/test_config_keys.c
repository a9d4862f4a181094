/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of keys is true: it has every key of the schema and of control/arpad.yaml and no other,
 * and its defaults, ranges and choices are those of the code.
 */
#include "control/config/config.h"
#include "control/config/config_keys.h"
#include "control/config/config_problems.h"
#include "control/config/config_report.h"
#include "control/config/config_schema.h"
#include "control/config/config_suggest.h"
#include "dataplane/dataplane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every list of mappings has an entry, so that each key has a place. */
#define BASE \
	"{\"listen\": {\"addresses\": [\"192.0.2.53\"]}," \
	" \"ports\": [{\"device\": \"net_null0\", \"kernel\": {}}]," \
	" \"control\": {\"access\": [{\"user\": \"0\", \"role\": \"admin\"}]," \
	" \"tenants\": [{\"name\": \"a\", \"prefixes\": [\"192.0.2.0/24\"]}]}}"

/* Sets `value` at a path of the table, with the first entry of a list. */
static void set_at(json_t *object, const char *path, json_t *value)
{
	while (true) {
		size_t length = strcspn(path, ".[");
		char *step = strndup(path, length);
		json_t *below = json_object_get(object, step);

		path += length;
		if (!*path) {
			json_object_set_new(object, step, value);
			free(step);
			return;
		}
		if (!below) {
			below = json_object();
			json_object_set_new(object, step, below);
		}
		if (*path == '[') {
			below = json_array_get(below, 0);
			path += 2;
		}
		path++;
		object = below;
		free(step);
	}
}

/* The base with one key more: NULL and its problem, or a config. */
static struct config *with(const char *path, const char *value, struct config_problems *problems)
{
	json_t *root = json_loads(BASE, 0, NULL);
	struct config *config;
	struct failure failure;
	char *text;

	if (path)
		set_at(root, path, json_string(value));
	text = json_dumps(root, 0);
	config_parse(text, strlen(text), &config, problems, &failure);
	free(text);
	json_decref(root);
	return config;
}

static void in_table(void *context, const char *path, const cyaml_schema_value_t *schema)
{
	unsigned *count = context;

	if (schema->type == CYAML_MAPPING ||
		(schema->type == CYAML_SEQUENCE && schema->sequence.entry->type == CYAML_MAPPING))
		return;
	if (!config_key_find(path))
		fail_msg("%s is in config_schema.c, not in the table of config_keys.c", path);
	++*count;
}

static void the_table_has_what_the_schema_has(void **state)
{
	unsigned keys = 0, rows = 0;

	(void)state;
	config_suggest_walk(&config_schema_top, in_table, &keys);
	for (const struct config_key *key = config_keys; key->path; key++) {
		rows++;
		for (const struct config_key *other = config_keys; other < key; other++)
			assert_string_not_equal(key->path, other->path);
	}
	/* Every key has one row, and no row is another's. */
	assert_int_equal(keys, rows);
}

static void ranges_are_those_of_the_code(void **state)
{
	char range[64], said[128];

	(void)state;
	for (const struct config_key *key = config_keys; key->path; key++) {
		bool word = key->kind == CONFIG_KEY_WORD;
		struct config_problems problems;

		if (!word && key->kind != CONFIG_KEY_NUMBER)
			continue;
		snprintf(range, sizeof(range), "%s", key->range);
		if (!word)
			range[strcspn(range, ";")] = '\0';
		snprintf(said, sizeof(said), word ? "is not one of: %s" : "number from %s", range);
		assert_null(with(key->path, "nonsense", &problems));
		if (problems.count != 1 || !strstr(problems.list[0].why.text, said))
			fail_msg("%s: \"%s\", and the table says: %s", key->path,
				problems.list[0].why.text, said);
	}
}

/* All that a key with a default sets. */
static void assert_same(const struct config *a, const struct config *b, const char *key)
{
	assert_string_equal(a->store_directory, b->store_directory);
	assert_string_equal(a->control_socket, b->control_socket);
	assert_string_equal(a->zones.rname, b->zones.rname);
	if (a->control_mode != b->control_mode || a->read_only_mode != b->read_only_mode ||
		a->log_level != b->log_level || a->log_format != b->log_format ||
		a->port != b->port || a->addresses[0].port != b->addresses[0].port ||
		memcmp(&a->tcp, &b->tcp, sizeof(a->tcp)) != 0 ||
		memcmp(&a->policy, &b->policy, sizeof(a->policy)) != 0 ||
		a->ports[0].queues != b->ports[0].queues ||
		a->ports[0].buffers != b->ports[0].buffers ||
		a->ports[0].kernel.device != b->ports[0].kernel.device ||
		a->ports[0].kernel.rate != b->ports[0].kernel.rate || a->idle_us != b->idle_us ||
		a->hugepages != b->hugepages || a->memory_mib != b->memory_mib ||
		a->limiter_entries != b->limiter_entries || a->zones.refresh != b->zones.refresh ||
		a->zones.retry != b->zones.retry || a->zones.expire != b->zones.expire ||
		a->zones.minimum != b->zones.minimum || a->zones.ttl != b->zones.ttl ||
		memcmp(&a->journal, &b->journal, sizeof(a->journal)) != 0 ||
		a->name_syntax != b->name_syntax || a->drain_delay_ms != b->drain_delay_ms ||
		a->privileges.sandbox != b->privileges.sandbox ||
		memcmp(&a->observe, &b->observe, sizeof(a->observe)) != 0 ||
		a->metrics.zones != b->metrics.zones ||
		a->metrics.dpdk_telemetry != b->metrics.dpdk_telemetry ||
		a->dnstap.file_max_bytes != b->dnstap.file_max_bytes ||
		a->dnstap.queries != b->dnstap.queries ||
		a->dnstap.responses != b->dnstap.responses ||
		a->access.tenants[0].quota != b->access.tenants[0].quota)
		fail_msg("%s: the table has another default than the code", key);
}

static void defaults_are_those_of_the_code(void **state)
{
	struct config_problems problems;
	struct config *plain = with(NULL, NULL, &problems);

	(void)state;
	assert_non_null(plain);
	for (const struct config_key *key = config_keys; key->path; key++) {
		struct config *config;

		if (!key->value) {
			assert_non_null(key->none);
			continue;
		}
		config = with(key->path, key->value, &problems);
		if (!config)
			fail_msg("%s", problems.list[0].why.text);
		assert_same(plain, config, key->path);
		config_free(config);
	}
	/* This one shows only with another key. */
	assert_int_equal(atoi(config_key_find("dpdk.idle-us")->value), DATAPLANE_IDLE_US);
	config_free(plain);
}

static char *example_text(void)
{
	FILE *file = fopen(ARPAD_EXAMPLE, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	return text;
}

/* Whether `key:` stands between the two, in a comment or not. */
static bool stands(const char *from, const char *to, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = from; (at = strstr(at, key)) != NULL && at < to; at++)
		if (at[length] == ':' && strchr(" {", at[-1]))
			return true;
	return false;
}

static void the_example_explains_every_key(void **state)
{
	char *text = example_text(), start[64];

	(void)state;
	for (const struct config_key *key = config_keys; key->path; key++) {
		const char *dot = strrchr(key->path, '.'), *from, *to;

		snprintf(start, sizeof(start), "\n%.*s:\n", (int)strcspn(key->path, ".["),
			key->path);
		from = strstr(text, start);
		if (!from)
			fail_msg("control/arpad.yaml has no section%s", start);
		for (to = from + 1; *to && !(to[0] == '\n' && to[1] >= 'a' && to[1] <= 'z');)
			to++;
		if (!stands(from, to, dot + 1))
			fail_msg("control/arpad.yaml does not explain %s", key->path);
	}
	free(text);
}

/* What the example gives is the default, but where it has to be an example. */
static void the_example_has_the_defaults(void **state)
{
	struct config *config;
	struct failure failure;
	json_t *rows, *row;
	size_t index;

	(void)state;
	if (config_load(ARPAD_EXAMPLE, &config, &failure) != 0)
		fail_msg("%s", failure.text);
	rows = config_report_show(config, config, "", 0, 1000);
	json_array_foreach (rows, index, row) {
		const char *path = json_string_value(json_object_get(row, "key"));
		const struct config_key *key = config_key_find(path);

		if (!json_object_get(row, "line") || !key->value ||
			strcmp(path, "zones.rname") == 0)
			continue;
		if (!json_equal(json_object_get(row, "value"), json_object_get(row, "default")))
			fail_msg("control/arpad.yaml has another default of %s", path);
	}
	json_decref(rows);
	config_free(config);
}

static void keys_are_found_by_path(void **state)
{
	(void)state;
	assert_string_equal(config_key_find("ports[12].kernel.rate")->path, "ports[].kernel.rate");
	assert_string_equal(config_key_find("tcp.clients")->path, "tcp.clients");
	assert_null(config_key_find("tcp"));
	assert_null(config_key_find("tcp.client"));
	assert_null(config_key_find("tcp.clientss"));
	assert_null(config_key_find("ports[1.queues"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_has_what_the_schema_has),
		cmocka_unit_test(ranges_are_those_of_the_code),
		cmocka_unit_test(defaults_are_those_of_the_code),
		cmocka_unit_test(the_example_explains_every_key),
		cmocka_unit_test(the_example_has_the_defaults),
		cmocka_unit_test(keys_are_found_by_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
