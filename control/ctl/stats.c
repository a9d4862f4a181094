/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/stats.h"

#include "control/ctl/rate.h"
#include "control/ctl/stats_rows.h"
#include "control/ctl/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CELL_BYTES = 400 };

static enum ctl_status no_memory(void)
{
	output_message("out of memory");
	return CTL_FAILED;
}

static void print_row(const struct stats_row *row)
{
	output_text(row->name, strlen(row->name));
	if (row->kind == STATS_RATIO)
		printf(" %.3f", row->ratio);
	else
		printf(" %" PRId64, (int64_t)row->value);
	if (*row->sentence) {
		fputs("  # ", stdout);
		output_text(row->sentence, strlen(row->sentence));
	}
	putchar('\n');
}

static enum ctl_status print_all(json_t *result)
{
	struct stats_rows rows;

	stats_rows_read(result, &rows);
	for (size_t i = 0; !rows.failed && i < rows.count; i++)
		print_row(&rows.row[i]);
	stats_rows_release(&rows);
	return rows.failed ? no_memory() : CTL_OK;
}

void stats_sleep(unsigned seconds)
{
	struct timespec left = {.tv_sec = seconds};

	fflush(stdout);
	while (nanosleep(&left, &left) != 0 && !client_interrupted)
		;
}

/* What two results differ in. */
struct difference {
	struct stats_rows before, now;
	struct stats_span span;
	struct table table; /* as text */
	json_t *json;	    /* or for a program; NULL: as text */
};

static void cell(struct difference *difference, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void cell(struct difference *difference, const char *format, ...)
{
	char text[CELL_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	table_cell(&difference->table, text, strlen(text));
}

static void set(struct difference *difference, const char *kind, const char *name, json_t *value)
{
	json_t *object = json_object_get(difference->json, kind);

	json_object_set_new(object, name, value);
}

static void tell_counter(
	struct difference *difference, const struct stats_row *row, uint64_t before)
{
	uint64_t growth = rate_growth(before, row->value);
	double rate = rate_per_second(before, row->value, difference->span.seconds);

	if (!growth)
		return;
	if (difference->json) {
		set(difference, "counters", row->name,
			json_pack("{s:I, s:f}", "growth", (json_int_t)growth, "per_second", rate));
		return;
	}
	cell(difference, "%s", row->name);
	cell(difference, "%" PRIu64, growth);
	cell(difference, "%.1f/s", rate);
}

static void tell_gauge(struct difference *difference, const struct stats_row *row, uint64_t before)
{
	if (row->value == before)
		return;
	if (difference->json) {
		set(difference, "gauges", row->name,
			json_pack("{s:I, s:I}", "before", (json_int_t)before, "now",
				(json_int_t)row->value));
		return;
	}
	cell(difference, "%s", row->name);
	cell(difference, "%" PRId64, (int64_t)row->value);
	cell(difference, "was %" PRId64, (int64_t)before);
}

static void tell_ratio(struct difference *difference, const struct stats_row *row)
{
	double ratio = stats_ratio_since(&difference->before, &difference->now, row);

	if (ratio <= 0)
		return;
	if (difference->json) {
		set(difference, "ratios", row->name, json_real(ratio));
		return;
	}
	cell(difference, "%s", row->name);
	cell(difference, "%.3f", ratio);
	cell(difference, "%s", "meanwhile");
}

/* The moment itself is told by the seconds. */
static bool is_moment(const char *name)
{
	return strcmp(name, "time_ms") == 0 || strcmp(name, "monotonic_ms") == 0 ||
		strcmp(name, "started_ms") == 0;
}

static void tell_row(struct difference *difference, size_t index)
{
	const struct stats_row *row = &difference->now.row[index], *then;
	uint64_t before = 0;

	if (is_moment(row->name))
		return;
	then = stats_rows_find(&difference->before, row->name, index);
	if (then && !difference->span.restarted)
		before = then->value;
	if (row->kind == STATS_RATIO)
		tell_ratio(difference, row);
	else if (row->kind == STATS_COUNTER)
		tell_counter(difference, row, before);
	else
		tell_gauge(difference, row, then ? then->value : 0);
}

static enum ctl_status tell(struct difference *difference)
{
	enum ctl_status status = CTL_OK;

	if (difference->json)
		json_object_set_new(
			difference->json, "seconds", json_real(difference->span.seconds));
	else
		printf("seconds %.3f\n", difference->span.seconds);
	for (size_t i = 0; i < difference->now.count; i++)
		tell_row(difference, i);
	if (difference->json)
		verbs_print_json(difference->json);
	else
		status = table_flush(&difference->table) ? CTL_OK : CTL_FAILED;
	return status;
}

/* As it is in the span: rows of before a restart count for nothing. */
static void read_both(struct difference *difference, json_t *before, json_t *now)
{
	stats_rows_read(difference->span.restarted ? NULL : before, &difference->before);
	stats_rows_read(now, &difference->now);
}

static enum ctl_status compare(const struct ctl *ctl, const char *what, json_t *before, json_t *now)
{
	struct difference difference = {.table = {.heading = {"NAME", "CHANGE", "A SECOND"},
						.right = {false, true, true},
						.columns = 3}};
	enum ctl_status status;
	const char *wrong;

	if (!stats_span_of(before, now, &difference.span, &wrong))
		return verbs_usage("%s %s", what, wrong);
	if (difference.span.restarted)
		output_message("arpad was restarted since then; these are the counts since its "
			       "start");
	if (ctl->format != OUTPUT_TEXT)
		difference.json = json_pack("{s:b, s:{}, s:{}, s:{}}", "restarted",
			difference.span.restarted, "counters", "gauges", "ratios");
	read_both(&difference, before, now);
	status =
		difference.before.failed || difference.now.failed ? no_memory() : tell(&difference);
	stats_rows_release(&difference.before);
	stats_rows_release(&difference.now);
	table_release(&difference.table);
	json_decref(difference.json);
	return status;
}

/* A number of seconds; 0: it is a file's name. */
static unsigned read_seconds(const char *since)
{
	size_t length = strlen(since);

	if (!length || strspn(since, "0123456789") != length)
		return 0;
	if (length > VERB_NUMBER_FIGURES_MAX || atoll(since) > STATS_SINCE_MAX_S)
		return STATS_SINCE_MAX_S + 1;
	return (unsigned)atoll(since);
}

/* The first of the two: from the file, or from arpad, and then time goes by. */
static enum ctl_status read_before(
	const struct ctl *ctl, const char *since, const char *method, json_t **before)
{
	bool standard = strcmp(since, "-") == 0;
	unsigned seconds = read_seconds(since);
	enum ctl_status status;
	json_error_t error;

	if (seconds > STATS_SINCE_MAX_S || strcmp(since, "0") == 0)
		return verbs_usage("--since takes 1 to %d seconds, or a file that \"arpactl -j "
				   "stats\" wrote",
			STATS_SINCE_MAX_S);
	if (seconds) {
		status = verbs_call(ctl, method, NULL, before);
		if (status == CTL_OK)
			stats_sleep(seconds);
		return status;
	}
	*before = standard ? json_loadf(stdin, 0, &error) : json_load_file(since, 0, &error);
	if (*before)
		return CTL_OK;
	output_message(
		"%s can't be read as what \"arpactl -j stats\" prints: %s", since, error.text);
	return CTL_FAILED;
}

static enum ctl_status run_since(const struct ctl *ctl, const struct verb *verb,
	struct arguments *arguments, const char *since)
{
	json_t *before = NULL, *now = NULL;
	enum ctl_status status = read_before(ctl, since, verb->method, &before);

	if (status == CTL_OK)
		status = verbs_call(ctl, verb->method, verbs_take(arguments), &now);
	if (status == CTL_OK)
		status = compare(ctl, since, before, now);
	json_decref(before);
	json_decref(now);
	return status;
}

enum ctl_status stats_run(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	const char *since = json_string_value(json_object_get(arguments->own, "since"));
	enum ctl_status status;
	json_t *result;

	if (since)
		return run_since(ctl, verb, arguments, since);
	status = verbs_call(ctl, verb->method, verbs_take(arguments), &result);
	if (status != CTL_OK)
		return status;
	if (ctl->format == OUTPUT_TEXT)
		status = print_all(result);
	else
		verbs_print_json(result);
	json_decref(result);
	return status;
}
