/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl config show|diff|reload|check. */
#include "control/ctl/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A reload waits for interfaces and sockets. */
enum { RELOAD_TIMEOUT_S = 60, FILE_MAX_BYTES = 1 << 20 };

/* As the file has it: text without quotes where it needs none, a list with brackets. */
static void print_value(const json_t *value)
{
	char *text;

	if (json_is_string(value) && json_string_length(value)) {
		fputs(json_string_value(value), stdout);
		return;
	}
	if (!value || json_is_null(value)) {
		fputs("none", stdout);
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY);
	fputs(text ? text : "", stdout);
	free(text);
}

static void print_default(const json_t *row)
{
	const json_t *value = json_object_get(row, "default");

	fputs("default", stdout);
	if (json_equal(value, json_object_get(row, "value")))
		return;
	fputs(": ", stdout);
	print_value(value);
}

/* "tcp.clients 2000  # line 12; default: 1024" */
static void print_row(struct span row)
{
	json_t *item = json_loadb(row.at, row.bytes, 0, NULL);
	json_t *pending = json_object_get(item, "pending");

	printf("%s ", verbs_text(item, "key"));
	print_value(json_object_get(item, "value"));
	fputs("  # ", stdout);
	if (json_object_get(item, "line"))
		printf("line %lld; ", verbs_number(item, "line"));
	print_default(item);
	if (pending) {
		fputs("; after a restart: ", stdout);
		print_value(pending);
	}
	putchar('\n');
	json_decref(item);
}

static const struct column show_columns[] = {
	{"KEY", "key", COLUMN_TEXT, false},
	{"VALUE", "value", COLUMN_LIST, false},
	{"LINE", "line", COLUMN_NUMBER, false},
	{"DEFAULT", "default", COLUMN_LIST, false},
	{"UNIT", "unit", COLUMN_TEXT, false},
	{"RANGE", "range", COLUMN_TEXT, false},
	{"CHANGE", "change", COLUMN_TEXT, false},
	{NULL, NULL, COLUMN_TEXT, false},
};
static const struct list_form show_form = {.columns = show_columns, .print = print_row};

static void print_rows(const json_t *rows, const char *sentence)
{
	const json_t *row;
	size_t index;

	if (json_array_size(rows))
		printf("%s:\n", sentence);
	json_array_foreach (rows, index, row) {
		printf("  %s: ", json_string_value(json_object_get(row, "key")));
		print_value(json_object_get(row, "from"));
		fputs(" -> ", stdout);
		print_value(json_object_get(row, "to"));
		putchar('\n');
	}
}

static bool is_empty(const json_t *result)
{
	return !json_array_size(json_object_get(result, "applied")) &&
		!json_array_size(json_object_get(result, "restart"));
}

static void print_diff(json_t *result)
{
	if (is_empty(result))
		puts("the file says what holds");
	print_rows(json_object_get(result, "applied"), "a reload applies");
	print_rows(json_object_get(result, "restart"), "these need a restart of arpad");
}

static void print_reload(json_t *result)
{
	puts(is_empty(result) ? "reloaded; nothing is different" : "reloaded");
	print_rows(json_object_get(result, "applied"), "applied");
	print_rows(json_object_get(result, "restart"), "these need a restart of arpad");
}

static enum ctl_status reload(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *result;
	enum ctl_status status = verbs_call_within(
		ctl, RELOAD_TIMEOUT_S, verb->method, verbs_take(arguments), &result);

	if (status == CTL_OK && ctl->format != OUTPUT_TEXT)
		verbs_print_json(result);
	else if (status == CTL_OK)
		print_reload(result);
	json_decref(result);
	return status;
}

static json_t *read_file(const char *path)
{
	static char text[FILE_MAX_BYTES + 1];
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "re");
	json_t *value;
	size_t bytes;

	if (!in) {
		fprintf(stderr, "arpactl: %s can't be opened: %m\n", path);
		return NULL;
	}
	bytes = fread(text, 1, sizeof(text), in);
	if (!standard)
		fclose(in);
	if (bytes == sizeof(text)) {
		fprintf(stderr, "arpactl: %s is larger than 1 MiB, which no configuration is\n",
			path);
		return NULL;
	}
	value = json_stringn(text, bytes);
	if (!value)
		fprintf(stderr, "arpactl: %s is not UTF-8 text\n", path);
	return value;
}

/* What arpad --check prints. */
static void print_problems(const char *path, json_t *result)
{
	json_t *problem;
	size_t index;

	json_array_foreach (json_object_get(result, "problems"), index, problem) {
		printf("%s:", path);
		if (json_object_get(problem, "line"))
			printf("%lld:", verbs_number(problem, "line"));
		printf(" %s\n", verbs_text(problem, "text"));
	}
	if (verbs_number(result, "more"))
		printf("%s: and %lld more\n", path, verbs_number(result, "more"));
	if (verbs_flag(result, "valid"))
		printf("%s: valid\n", path);
}

static enum ctl_status check(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	const char *path = arguments->word[0];
	json_t *text = read_file(path), *result = NULL;
	enum ctl_status status;

	if (!text)
		return CTL_FAILED;
	status = verbs_call(ctl, verb->method, json_pack("{s:o}", "text", text), &result);
	if (status == CTL_OK && ctl->format != OUTPUT_TEXT)
		verbs_print_json(result);
	else if (status == CTL_OK)
		print_problems(path, result);
	if (status == CTL_OK && !verbs_flag(result, "valid"))
		status = CTL_FAILED;
	json_decref(result);
	return status;
}

const struct verb verbs_config[] = {
	{.object = "config",
		.name = "show",
		.operand = {{"KEY", "key", OPERAND_OPTIONAL}},
		.help = "What holds, key by key: the value, the line of the file that it is from, "
			"the\n"
			"default, and what another file would change with a restart. -o csv and "
			"json have\n"
			"units and ranges too. KEY: that one, or all of a section.\n"
			"\n"
			"  arpactl config show tcp\n",
		.method = "config.show",
		.form = &show_form},
	{.object = "config",
		.name = "diff",
		.help = "What a reload would do: the keys that the file has otherwise now, apart "
			"by whether\n"
			"a reload applies them or a restart is needed. Nothing changes.\n"
			"\n"
			"  arpactl config diff\n",
		.method = "config.diff",
		.print = print_diff},
	{.object = "config",
		.name = "reload",
		.help = "Reads the configuration again, as SIGHUP does, and tells what is applied "
			"and what\n"
			"needs a restart. A file that can't be used changes nothing.\n"
			"\n"
			"  arpactl config reload\n",
		.method = "config.reload",
		.run = reload},
	{.object = "config",
		.name = "check",
		.operand = {{"FILE", NULL, OPERAND_ONE}},
		.help = "Says all that is wrong with a configuration (- for standard input), as "
			"the arpad\n"
			"that runs would judge it. Exit status 1: it can't be used. Without an "
			"arpad:\n"
			"arpad --check FILE.\n"
			"\n"
			"  arpactl config check /etc/arpad/arpad.yaml\n",
		.method = "config.check",
		.run = check},
	{.object = NULL},
};
