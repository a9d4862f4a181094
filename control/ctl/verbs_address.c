/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl address add|remove|list. */
#include "control/ctl/verbs.h"

#include <stdio.h>
#include <string.h>

/* "configuration, interface lo" */
static void print_sources(json_t *object)
{
	json_t *sources = json_object_get(object, "sources"), *source;
	size_t index;

	json_array_foreach (sources, index, source)
		printf("%s%s", index ? ", " : "", json_string_value(source));
}

static void print_added(json_t *result)
{
	if (!json_is_true(json_object_get(result, "changed"))) {
		printf("%s: was added before\n", verbs_text(result, "address"));
		return;
	}
	printf("%s: answering, %s\n", verbs_text(result, "address"), verbs_text(result, "kept"));
}

static void print_removed(json_t *result)
{
	printf("%s: ", verbs_text(result, "address"));
	if (!json_is_true(json_object_get(result, "changed"))) {
		puts("is no address that arpad answers on");
	} else if (json_array_size(json_object_get(result, "sources"))) {
		fputs("still answering, for it is also of: ", stdout);
		print_sources(result);
		putchar('\n');
	} else {
		puts("no longer answering");
	}
}

/* "192.0.2.53 port 53: configuration, interface lo" */
static void print_address(struct span row)
{
	json_t *item = json_loadb(row.at, row.bytes, 0, NULL);

	printf("%s port %lld: ", verbs_text(item, "address"), verbs_number(item, "port"));
	print_sources(item);
	putchar('\n');
	json_decref(item);
}

static const struct column list_columns[] = {
	{"ADDRESS", "address", COLUMN_TEXT, false},
	{"PORT", "port", COLUMN_NUMBER, false},
	{"SOURCES", "sources", COLUMN_LIST, false},
	{NULL, NULL, COLUMN_TEXT, false},
};
static const struct list_form list_form = {.columns = list_columns, .print = print_address};

const struct verb verbs_address[] = {
	{.object = "address",
		.name = "add",
		.operand = {{"ADDRESS", "address", OPERAND_ONE}},
		.help = "Answers on one more address, at once, over UDP and TCP, until arpad ends. "
			"What\n"
			"shall stay belongs into listen.addresses of the configuration. Without "
			"\"ports\"\n"
			"there, ADDRESS@PORT is allowed. Exit status 6: it was added before.\n"
			"\n"
			"  arpactl address add 192.0.2.53\n",
		.method = "address.add",
		.flags = VERB_NOTHING,
		.print = print_added},
	{.object = "address",
		.name = "remove",
		.operand = {{"ADDRESS", "address", OPERAND_ONE}},
		.help = "Gives up an address that \"address add\" added. Those of the "
			"configuration "
			"and of\n"
			"followed interfaces are refused, with what to do. Exit status 6: there "
			"is no such\n"
			"address.\n"
			"\n"
			"  arpactl address remove 192.0.2.53\n",
		.method = "address.remove",
		.flags = VERB_NOTHING,
		.print = print_removed},
	{.object = "address",
		.name = "list",
		.help = "Every address that is answered on, its port, and who wants it: the\n"
			"configuration, an interface, arpactl.\n"
			"\n"
			"  arpactl address list\n",
		.method = "address.list",
		.form = &list_form},
	{.object = NULL},
};
