/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl preflight, which asks no daemon. */
#include "control/ctl/verbs.h"

#include "control/preflight/preflight.h"

#include <stdio.h>
#include <string.h>

static const char default_path[] = "/etc/arpad/arpad.yaml";

static json_t *row_as_json(const struct verdict_row *row)
{
	json_t *object = json_pack("{s:s, s:s, s:s}", "verdict", verdict_name(row->verdict),
		"subject", row->subject, "found", row->found);

	if (row->mend[0])
		json_object_set_new(object, row->command ? "run" : "do", json_string(row->mend));
	return object;
}

static void print_rows_as_json(const struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		json_t *row = row_as_json(&verdicts->rows[i]);

		verbs_print_json(row);
		json_decref(row);
	}
}

static void print_json(const struct verdicts *verdicts)
{
	json_t *rows = json_array(), *whole;

	for (size_t i = 0; i < verdicts->count; i++)
		json_array_append_new(rows, row_as_json(&verdicts->rows[i]));
	whole = json_pack("{s:o, s:I, s:I, s:I}", "checks", rows, "ok",
		(json_int_t)verdict_count(verdicts, VERDICT_OK), "warn",
		(json_int_t)verdict_count(verdicts, VERDICT_WARN), "fail",
		(json_int_t)verdict_count(verdicts, VERDICT_FAIL));
	verbs_print_json(whole);
	json_decref(whole);
}

static void print_row(const struct verdict_row *row, int width)
{
	if (row->verdict == VERDICT_OK)
		fputs("ok  ", stdout);
	else
		output_strong(verdict_name(row->verdict));
	printf("  %-*s  %s\n", width, row->subject, row->found);
	if (row->mend[0])
		printf("      %-*s  %s\n", width, row->command ? "run:" : "do:", row->mend);
}

static void print_text(const struct verdicts *verdicts, bool quiet)
{
	size_t width = 0, failed = verdict_count(verdicts, VERDICT_FAIL);

	for (size_t i = 0; i < verdicts->count; i++)
		if (strlen(verdicts->rows[i].subject) > width)
			width = strlen(verdicts->rows[i].subject);
	for (size_t i = 0; i < verdicts->count; i++)
		if (!quiet || verdicts->rows[i].verdict != VERDICT_OK)
			print_row(&verdicts->rows[i], (int)width);
	printf("%zu ok, %zu warn, %zu fail: %s\n", verdict_count(verdicts, VERDICT_OK),
		verdict_count(verdicts, VERDICT_WARN), failed,
		failed ? "mend what failed, or arpad does not start or does not answer"
		       : "this host can run arpad");
}

static enum ctl_status run(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	const char *path = json_string_value(json_object_get(arguments->own, "c"));
	struct verdicts verdicts = {.rows = NULL};
	enum ctl_status status = CTL_FAILED;

	(void)verb;
	if (!preflight_run(path ? path : default_path, &verdicts)) {
		output_message("out of memory");
	} else {
		if (ctl->format == OUTPUT_NDJSON)
			print_rows_as_json(&verdicts);
		else if (ctl->format == OUTPUT_JSON)
			print_json(&verdicts);
		else
			print_text(&verdicts, ctl->quiet);
		status = verdict_count(&verdicts, VERDICT_FAIL) ? CTL_FAILED : CTL_OK;
	}
	verdicts_release(&verdicts);
	return status;
}

static const struct option_row preflight_options[] = {
	{"c", "FILE", OPTION_TEXT, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

const struct verb verbs_preflight[] = {
	{.object = "preflight",
		.options = preflight_options,
		.help = "Whether this host can run arpad with a configuration (default\n"
			"/etc/arpad/arpad.yaml): kernel, memory, CPUs, network cards, ports, "
			"rights,\n"
			"disk. Each line is ok, warn (it serves, but slower or not for long) or "
			"fail,\n"
			"and says what mends it: a command (run:) or something to do. It needs no\n"
			"running arpad and changes nothing; run it as root, or it sees less. With "
			"-q\n"
			"only what is not ok. Exit status 1: something failed.\n"
			"\n"
			"  arpactl preflight -c /etc/arpad/arpad.yaml\n",
		.run = run},
	{.object = NULL},
};
