/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl observe: who asks most. */
#include "control/ctl/table.h"
#include "control/ctl/verbs.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 6 };

static const struct option_row observe_options[] = {
	{"n", "N", OPTION_NUMBER, "count"},
	{"seconds", "S", OPTION_NUMBER, "seconds"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static void cell(struct table *table, const char *format, double value)
{
	char text[64];

	table_cell(table, text, (size_t)snprintf(text, sizeof(text), format, value));
}

static void add_row(struct table *table, json_t *row, double seconds)
{
	const char *name = verbs_text(row, "name");
	double count = (double)verbs_number(row, "count");
	double error = (double)verbs_number(row, "error");
	double spread = (double)verbs_number(row, "sampling_error");
	double least = count - error - spread;

	table_cell(table, name, strlen(name));
	cell(table, "%.0f", count);
	cell(table, "%.1f", seconds > 0 ? count / seconds : 0);
	cell(table, "%.1f%%", 100 * json_real_value(json_object_get(row, "share")));
	cell(table, "%.0f", least > 0 ? least : 0);
	cell(table, "%.0f", count + spread);
}

static void print_head(json_t *result, double seconds)
{
	long long one_in = verbs_number(result, "one_in");

	printf("%lld messages in %.0f s", verbs_number(result, "total"), seconds);
	if (one_in > 1)
		printf(", by 1 in %lld", one_in);
	puts("");
}

static void print_top(json_t *result)
{
	struct table table = {
		.heading = {"NAME", "COUNT", "A SECOND", "SHARE", "AT LEAST", "AT MOST"},
		.right = {false, true, true, true, true, true},
		.columns = COLUMNS};
	double seconds = json_real_value(json_object_get(result, "seconds"));
	json_t *row;
	size_t index;

	if (output_is_terminal())
		print_head(result, seconds);
	json_array_foreach (json_object_get(result, "rows"), index, row)
		add_row(&table, row, seconds);
	table_flush(&table);
	table_release(&table);
}

const struct verb verbs_observe[] = {
	{.object = "observe",
		.operand = {{"WHAT", "what", OPERAND_ONE}},
		.options = observe_options,
		.help = "Who asks most and for what, by samples, over the last minute. WHAT is one "
			"of clients,\n"
			"client-prefixes (/24 and /56), addresses (those asked about), prefixes "
			"(/24 and /48 of\n"
			"these), types, rcodes, outcomes. -n: so many rows, else 10. --seconds: of "
			"the last S\n"
			"(60 at most), or 0: since arpad started. Each row: name, messages, a "
			"second, share of\n"
			"all, and the bounds that they are within: what fixed memory may have "
			"mistaken, and what\n"
			"chance does in 95 of 100 cases.\n"
			"\n"
			"  arpactl observe clients\n"
			"  arpactl observe addresses -n 3 --seconds 10\n",
		.method = "server.top",
		.print = print_top},
	{.object = NULL},
};
