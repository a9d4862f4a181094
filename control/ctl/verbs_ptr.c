/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl ptr set|add|remove|show|list|count|unset. */
#include "control/ctl/bulk.h"
#include "control/ctl/confirm.h"
#include "control/ctl/verbs.h"

#include <stdio.h>
#include <string.h>

#define CHANGE_OPTIONS \
	{"if-seq", "N", OPTION_NUMBER, "if_seq"}, \
	{ \
		"txn", "TXN", OPTION_TEXT, "txn" \
	}

static const struct option_row set_options[] = {
	{"ttl", "SECONDS", OPTION_NUMBER, "ttl"},
	{"description", "TEXT", OPTION_TEXT, "description"},
	{"tag", "KEY=VALUE", OPTION_TAGS, "tags"},
	{"tenant", "NAME", OPTION_TEXT, "tenant"},
	CHANGE_OPTIONS,
	{"format", "FORMAT", OPTION_TEXT, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row add_options[] = {
	{"ttl", "SECONDS", OPTION_NUMBER, "ttl"},
	CHANGE_OPTIONS,
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row remove_options[] = {
	CHANGE_OPTIONS,
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row unset_options[] = {
	CHANGE_OPTIONS,
	{"yes", NULL, OPTION_FLAG, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row list_options[] = {
	{"name", "PATTERN", OPTION_TEXT, "name"},
	{"tag", "KEY[=VALUE]", OPTION_TEXT, "tag"},
	{"tenant", "NAME", OPTION_TEXT, "tenant"},
	{"changed-since", "N", OPTION_NUMBER, "changed_since"},
	{"after", "ADDRESS", OPTION_TEXT, "after"},
	{"limit", "N", OPTION_NUMBER, "limit"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

/* The columns that an import of CSV reads. */
static const struct column list_columns[] = {
	{"ADDRESS", "address", COLUMN_TEXT, false},
	{"NAME", "names", COLUMN_EACH, false},
	{"TTL", "ttl", COLUMN_NUMBER, false},
	{"DESCRIPTION", "description", COLUMN_TEXT, true},
	{"TENANT", "tenant", COLUMN_TEXT, true},
	{"TAGS", "tags", COLUMN_TAGS, true},
	{NULL, NULL, COLUMN_TEXT, false},
};
static const struct list_form list_form = {.columns = list_columns};

static bool from_input(const struct arguments *arguments)
{
	return arguments->count == 1 && strcmp(arguments->word[0], "-") == 0;
}

static enum ctl_status change(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *result;
	enum ctl_status status = verbs_call(ctl, verb->method, verbs_take(arguments), &result);

	return status == CTL_OK ? verbs_show_change(ctl, verb, result) : status;
}

static enum ctl_status set(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	bool details = json_object_size(arguments->params) > 1;

	if (from_input(arguments))
		return bulk_run(ctl, verb, arguments, 2, NULL);
	if (arguments->count < 2 && !details)
		return verbs_usage("ptr set takes ADDRESS NAME..., or - to read them");
	return change(ctl, verb, arguments);
}

static enum ctl_status change_names(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	if (from_input(arguments))
		return bulk_run(ctl, verb, arguments, strcmp(verb->name, "add") == 0 ? 2 : 1, NULL);
	if (arguments->count < 2)
		return verbs_usage("ptr %s takes ADDRESS NAME..., or - to read them", verb->name);
	return change(ctl, verb, arguments);
}

static void print_object(json_t *object)
{
	json_t *value, *text;
	const char *key, *tag;

	json_object_foreach (object, key, value) {
		if (strcmp(key, "tags") != 0) {
			json_t *member = json_object();

			json_object_set(member, strcmp(key, "names") == 0 ? "name" : key, value);
			verbs_print_members(member);
			json_decref(member);
			continue;
		}
		json_object_foreach (value, tag, text) {
			output_strong("tag");
			fputs(": ", stdout);
			output_text(tag, strlen(tag));
			putchar('=');
			output_text(json_string_value(text), json_string_length(text));
			putchar('\n');
		}
	}
}

static enum ctl_status show(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *result;
	enum ctl_status status;

	if (from_input(arguments))
		return bulk_run(ctl, verb, arguments, 0, print_object);
	status = verbs_call(ctl, verb->method, verbs_take(arguments), &result);
	if (status != CTL_OK)
		return status;
	if (ctl->format == OUTPUT_TEXT)
		print_object(result);
	else
		verbs_print_json(result);
	json_decref(result);
	return CTL_OK;
}

static void print_count(json_t *result)
{
	printf("%lld\n", verbs_number(result, "count"));
}

/* How many addresses there are at and below the prefix; false: `status` tells. */
static bool count_prefix(
	const struct ctl *ctl, const char *prefix, long long *count, enum ctl_status *status)
{
	json_t *result;

	*status = verbs_call(ctl, "ptr.count", json_pack("{s:s}", "prefix", prefix), &result);
	*count = verbs_number(result, "count");
	json_decref(result);
	return *status == CTL_OK;
}

/* What was counted is what goes: arpad refuses when there is more or less by then. */
static enum ctl_status unset_prefix(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	const char *prefix = arguments->word[0];
	enum ctl_status status;
	char question[256];
	long long count;

	json_object_del(arguments->params, "address");
	json_object_set_new(arguments->params, "prefix", json_string(prefix));
	if (!count_prefix(ctl, prefix, &count, &status))
		return status;
	if (count == 0) {
		output_message("there is no PTR at or below %s", prefix);
		return CTL_NOTHING;
	}
	snprintf(question, sizeof(question), "%lld %s at and below %s will go.", count,
		count == 1 ? "address with its names" : "addresses with their names", prefix);
	status = confirm(arguments, question);
	if (status != CTL_OK)
		return status;
	json_object_set_new(arguments->params, "expect", json_integer(count));
	return change(ctl, verb, arguments);
}

static enum ctl_status unset(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	if (from_input(arguments))
		return bulk_run(ctl, verb, arguments, 0, NULL);
	if (strchr(arguments->word[0], '/'))
		return unset_prefix(ctl, verb, arguments);
	return change(ctl, verb, arguments);
}

const struct verb verbs_ptr[] = {
	{.object = "ptr",
		.name = "set",
		.operand = {{"ADDRESS|-", "address", OPERAND_ONE}, {"NAME", "names", OPERAND_MORE}},
		.options = set_options,
		.help = "Sets the 1 to 10 names of an address; without a NAME they stay as they "
			"are. When\n"
			"it returns, the change is on disk and in every answer. What is not given "
			"stays; a\n"
			"new address gets its zone's TTL. --if-seq: only if the address is as "
			"\"ptr show\"\n"
			"had it with this seq (0: only if there is none). --txn: as part of a "
			"transaction.\n"
			"With - it reads standard input, sends without waiting for each, and "
			"prints each\n"
			"address once its change is on disk. --format text: \"ADDRESS "
			"NAME... [TTL]\" a line;\n"
			"csv: address,name[,ttl[,description[,tenant[,tags]]]], rows of one "
			"address that\n"
			"follow each other are one change; ndjson: objects as \"ptr list -o "
			"ndjson\" gives.\n"
			"\n"
			"  arpactl ptr set 192.0.2.7 mx.example.net. --ttl 300 --tag rack=b7\n"
			"  arpactl ptr set - < names.txt\n",
		.method = "ptr.set",
		.flags = VERB_STAGES,
		.done = "set",
		.run = set},
	{.object = "ptr",
		.name = "add",
		.operand = {{"ADDRESS|-", "address", OPERAND_ONE}, {"NAME", "names", OPERAND_MORE}},
		.options = add_options,
		.help = "Adds names to those of an address. With - it reads \"ADDRESS "
			"NAME... [TTL]\" "
			"lines.\n"
			"\n"
			"  arpactl ptr add 192.0.2.7 www.example.net.\n",
		.method = "ptr.add",
		.flags = VERB_STAGES,
		.done = "set",
		.run = change_names},
	{.object = "ptr",
		.name = "remove",
		.operand = {{"ADDRESS|-", "address", OPERAND_ONE}, {"NAME", "names", OPERAND_MORE}},
		.options = remove_options,
		.help = "Removes names from those of an address; the address goes with its last "
			"one. With -\n"
			"it reads \"ADDRESS NAME...\" lines. Exit 6: it has no such name.\n"
			"\n"
			"  arpactl ptr remove 192.0.2.7 www.example.net.\n",
		.method = "ptr.remove",
		.flags = VERB_STAGES | VERB_NOTHING,
		.done = "changed",
		.run = change_names},
	{.object = "ptr",
		.name = "show",
		.operand = {{"ADDRESS|-", "address", OPERAND_ONE}},
		.help = "Prints all that is known of an address, one \"KEY: VALUE\" a line. With - "
			"it reads\n"
			"addresses from standard input. Exit 6: it has no names.\n"
			"\n"
			"  arpactl ptr show 2001:db8::7\n",
		.method = "ptr.show",
		.run = show},
	{.object = "ptr",
		.name = "list",
		.operand = {{"PREFIX", "prefix", OPERAND_OPTIONAL}},
		.options = list_options,
		.help = "Prints addresses and names at and below a prefix, in address order; not "
			"on a\n"
			"terminal \"ADDRESS NAME... TTL\" a line, as \"ptr set -\" reads them. "
			"--name: a pattern\n"
			"with * and ?; --changed-since: by changes after the one with this "
			"number. -o csv\n"
			"and -o ndjson have descriptions, tenants and tags too, and import reads "
			"them.\n"
			"\n"
			"  arpactl ptr list 192.0.2.0/24 --name '*.example.net.' -o ndjson\n",
		.method = "ptr.list",
		.form = &list_form},
	{.object = "ptr",
		.name = "count",
		.operand = {{"PREFIX", "prefix", OPERAND_ONE}},
		.help = "Prints how many addresses at and below a prefix have names.\n"
			"\n"
			"  arpactl ptr count 192.0.2.0/24\n",
		.method = "ptr.count",
		.print = print_count},
	{.object = "ptr",
		.name = "unset",
		.operand = {{"ADDRESS|PREFIX|-", "address", OPERAND_ONE}},
		.options = unset_options,
		.help = "Removes all names of an address, or as one change of all addresses at and "
			"below a\n"
			"prefix: then it says how many those are and asks; --yes answers. With - "
			"it reads\n"
			"addresses. Exit 6: there were none.\n"
			"\n"
			"  arpactl ptr unset 192.0.2.7\n"
			"  arpactl ptr unset 192.0.2.0/28 --yes\n",
		.method = "ptr.unset",
		.flags = VERB_STAGES | VERB_NOTHING,
		.done = "unset",
		.run = unset},
	{.object = NULL},
};
