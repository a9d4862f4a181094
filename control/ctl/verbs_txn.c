/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl txn begin|list|show|diff|commit|confirm|abort|run. */
#include "control/ctl/arguments.h"
#include "control/ctl/difference.h"
#include "control/ctl/run.h"
#include "control/ctl/verbs.h"
#include "control/ctl/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row begin_options[] = {
	{"timeout-s", "SECONDS", OPTION_NUMBER, "timeout_s"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row commit_options[] = {
	{"confirm", "SECONDS", OPTION_NUMBER, "confirm_s"},
	{"force", NULL, OPTION_FLAG, "force"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct column list_columns[] = {
	{"TXN", "txn", COLUMN_TEXT, false},
	{"OPERATIONS", "operations", COLUMN_NUMBER, false},
	{"SECONDS-LEFT", "ends_in_s", COLUMN_NUMBER, false},
	{"USER", "user", COLUMN_TEXT, false},
	{"CONFIRM-BY", "confirm_by", COLUMN_TEXT, true},
	{"TENANT", "tenant", COLUMN_TEXT, true},
	{NULL, NULL, COLUMN_TEXT, false},
};
static const struct list_form list_form = {.columns = list_columns};

static const struct column show_columns[] = {
	{"OPERATION", "operation", COLUMN_NUMBER, false},
	{"METHOD", "method", COLUMN_TEXT, false},
	{"PARAMETERS", "params", COLUMN_TEXT, false},
	{NULL, NULL, COLUMN_TEXT, false},
};
static const struct list_form show_form = {.columns = show_columns};

static const struct list_form diff_form = {.print = difference_print};

static void print_begun(json_t *result)
{
	puts(verbs_text(result, "txn"));
}

static void print_operations(json_t *result, const char *done)
{
	long long count = verbs_number(result, "operations");

	printf("%lld %s%s (change %lld)\n", count, count == 1 ? "operation" : "operations", done,
		verbs_number(result, "seq"));
}

static void print_committed(json_t *result)
{
	printf("%s committed: ", verbs_text(result, "txn"));
	print_operations(result, "");
	if (json_object_get(result, "confirm_by"))
		printf("It is taken back at %s unless you say: arpactl txn confirm %s\n",
			verbs_text(result, "confirm_by"), verbs_text(result, "txn"));
}

/* One line of the file as an operation: {"method":…,"params":…}; NULL: `status` tells. */
static json_t *read_operation(const struct options *options, char **words, enum ctl_status *status)
{
	struct options own = *options;
	struct arguments arguments;
	int used;
	const struct verb *verb = run_find(words, &used);
	json_t *operation = NULL;

	if (!verb || !(verb->flags & VERB_STAGES)) {
		*status = verbs_usage("\"%s%s%s\" can't be part of a transaction; ptr set, add, "
				      "remove, unset and zone add, remove can",
			words[0], words[1] ? " " : "", words[1] ? words[1] : "");
		return NULL;
	}
	*status = arguments_read(verb, words + used, &own, &arguments);
	if (*status == CTL_OK)
		operation = json_pack(
			"{s:s, s:o}", "method", verb->method, "params", verbs_take(&arguments));
	arguments_release(&arguments);
	return operation;
}

static enum ctl_status read_line(
	const struct options *options, const char *line, json_t *operations)
{
	enum ctl_status status = CTL_OK;
	json_t *operation;
	struct words words;

	if (words_split(line, &words) != WORDS_OK) {
		status = verbs_usage("a quote has no end");
	} else if (words.count) {
		operation = read_operation(options, words.word, &status);
		if (status == CTL_OK)
			json_array_append_new(operations, operation);
	}
	words_release(&words);
	return status;
}

/* Every line, up to the first that is wrong. */
static enum ctl_status read_operations(
	const struct ctl *ctl, FILE *in, const char *name, json_t *operations)
{
	struct options options = {.ctl = *ctl};
	enum ctl_status status = CTL_OK;
	unsigned long number = 0;
	char *line = NULL;
	size_t room = 0;

	while (status == CTL_OK && getline(&line, &room, in) > 0) {
		output_from(name, ++number);
		status = read_line(&options, line, operations);
	}
	output_from(NULL, 0);
	free(line);
	return status;
}

static enum ctl_status read_file(const struct ctl *ctl, const char *path, json_t *operations)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "re");
	enum ctl_status status;

	if (!in) {
		output_message("%s can't be opened: %s", path, strerror(errno));
		return CTL_FAILED;
	}
	status = read_operations(ctl, in, standard ? "standard input" : path, operations);
	if (!standard)
		fclose(in);
	return status;
}

static enum ctl_status run(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *operations = json_array(), *result;
	enum ctl_status status = read_file(ctl, arguments->word[0], operations);

	if (status != CTL_OK) {
		json_decref(operations);
		return status;
	}
	status = verbs_call(
		ctl, verb->method, json_pack("{s:o}", "operations", operations), &result);
	if (status != CTL_OK)
		return status;
	if (ctl->format != OUTPUT_TEXT)
		verbs_print_json(result);
	else if (!ctl->quiet)
		print_operations(result, " done");
	json_decref(result);
	return CTL_OK;
}

const struct verb verbs_txn[] = {
	{.object = "txn",
		.name = "begin",
		.options = begin_options,
		.help = "Begins a transaction and prints its id. Changes with --txn ID are kept "
			"aside and\n"
			"seen by nobody until \"txn commit\" makes them as one change. It is "
			"given up by\n"
			"itself when nothing was done with it for so long (default 300 s, at most "
			"a day).\n"
			"\n"
			"  id=$(arpactl txn begin)\n"
			"  arpactl ptr set 192.0.2.7 mx.example.net. --txn $id\n"
			"  arpactl txn commit $id\n",
		.method = "txn.begin",
		.print = print_begun},
	{.object = "txn",
		.name = "list",
		.help = "Prints the open transactions that you may use.\n"
			"\n"
			"  arpactl txn list\n",
		.method = "txn.list",
		.form = &list_form},
	{.object = "txn",
		.name = "show",
		.operand = {{"TXN", "txn", OPERAND_ONE}},
		.help = "Prints what a transaction will do, in its order.\n"
			"\n"
			"  arpactl txn show k3v9q2xa\n",
		.method = "txn.show",
		.form = &show_form},
	{.object = "txn",
		.name = "diff",
		.operand = {{"TXN", "txn", OPERAND_ONE}},
		.help = "Prints what a transaction changes: lines with - go, lines with + come.\n"
			"\n"
			"  arpactl txn diff k3v9q2xa\n",
		.method = "txn.diff",
		.form = &diff_form},
	{.object = "txn",
		.name = "commit",
		.operand = {{"TXN", "txn", OPERAND_ONE}},
		.options = commit_options,
		.help = "Does all of a transaction as one change, or nothing: what somebody else "
			"changed\n"
			"meanwhile is told, and --force overrules it. --confirm: the change is "
			"taken back\n"
			"after so many seconds unless \"txn confirm\" keeps it.\n"
			"\n"
			"  arpactl txn commit k3v9q2xa --confirm 60\n",
		.method = "txn.commit",
		.print = print_committed},
	{.object = "txn",
		.name = "confirm",
		.operand = {{"TXN", "txn", OPERAND_ONE}},
		.help = "Keeps a change that was committed with --confirm.\n"
			"\n"
			"  arpactl txn confirm k3v9q2xa\n",
		.method = "txn.confirm",
		.done = "confirmed"},
	{.object = "txn",
		.name = "abort",
		.operand = {{"TXN", "txn", OPERAND_ONE}},
		.help = "Gives a transaction up.\n"
			"\n"
			"  arpactl txn abort k3v9q2xa\n",
		.method = "txn.abort",
		.done = "given up"},
	{.object = "txn",
		.name = "run",
		.operand = {{"FILE", NULL, OPERAND_ONE}},
		.help = "Does all commands of a file (- for standard input) as one change, or "
			"nothing. They\n"
			"are lines such as \"ptr set 192.0.2.7 mx.example.net.\".\n"
			"\n"
			"  arpactl txn run changes.txt\n",
		.method = "txn.run",
		.run = run},
	{.object = NULL},
};
