/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl history, events, wait. */
#include "control/ctl/difference.h"
#include "control/ctl/verbs.h"

#include <stdio.h>

/* What wait adds to the time that arpad is to wait, so that arpad is the one who says so. */
enum { WAIT_DEFAULT_S = 30, WAIT_MARGIN_S = 10 };

static const struct option_row history_options[] = {
	{"limit", "N", OPTION_NUMBER, "limit"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row events_options[] = {
	{"after", "N", OPTION_NUMBER, "after"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row wait_options[] = {
	{"seq", "N", OPTION_NUMBER, "seq"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct list_form history_form = {.print = difference_print_change};
static const struct list_form events_form = {.print = difference_print_change, .follows = true};
static void print_nothing(struct span row)
{
	(void)row;
}

static const struct list_form wait_form = {.print = print_nothing};

static enum ctl_status wait(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	struct ctl patient = *ctl;
	int seconds = ctl->timeout_s ? ctl->timeout_s : WAIT_DEFAULT_S;
	json_t *params;

	if (!json_object_get(arguments->params, "seq"))
		return verbs_usage("wait lacks --seq N, the number that a change's result has");
	params = verbs_take(arguments);
	json_object_set_new(params, "timeout_s", json_integer(seconds));
	patient.timeout_s = seconds + WAIT_MARGIN_S;
	return verbs_list(&patient, verb->method, params, &wait_form);
}

const struct verb verbs_journal[] = {
	{.object = "history",
		.operand = {{"ADDRESS", "address", OPERAND_ONE}},
		.options = history_options,
		.help = "Prints every change of an address that the journal still has, the newest "
			"first: when,\n"
			"its number, who, and what went (-) and came (+).\n"
			"\n"
			"  arpactl history 192.0.2.7\n",
		.method = "history",
		.form = &history_form},
	{.object = "events",
		.operand = {{"PREFIX", "prefix", OPERAND_OPTIONAL}},
		.options = events_options,
		.help = "Prints changes as they are made, until you end it. --after: those after "
			"the one with\n"
			"this number too, so that a program that comes back misses none.\n"
			"\n"
			"  arpactl events 192.0.2.0/24 --after 4711 -o ndjson\n",
		.method = "events",
		.form = &events_form},
	{.object = "wait",
		.options = wait_options,
		.help = "Returns when the change with this number is in every answer, which is "
			"when its own\n"
			"client was told. Exit 4: that was not so within -t seconds.\n"
			"\n"
			"  arpactl wait --seq 4711 -t 10\n",
		.method = "wait",
		.run = wait},
	{.object = NULL},
};
