/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl top, runtime. */
#include "control/ctl/sample_rates.h"
#include "control/ctl/stats.h"
#include "control/ctl/table.h"
#include "control/ctl/top.h"

#include <stdio.h>
#include <string.h>

enum { DELAY_MAX_S = 3600, RUNTIME_COLUMNS = 10 };

static const struct option_row top_options[] = {
	{"b", NULL, OPTION_FLAG, NULL},
	{"n", "N", OPTION_NUMBER, NULL},
	{"d", "SECONDS", OPTION_NUMBER, NULL},
	{"view", "1|2|3", OPTION_NUMBER, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row runtime_options[] = {
	{"d", "SECONDS", OPTION_NUMBER, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

/* A number that was given, or another; false: it is out of range, and that was said. */
static bool read_number(const struct arguments *arguments, const char *name, long long otherwise,
	long long most, long long *value)
{
	*value = otherwise;
	if (!json_object_get(arguments->own, name))
		return true;
	*value = verbs_number(arguments->own, name);
	if (*value >= 1 && *value <= most)
		return true;
	verbs_usage("%s%s takes 1 to %lld, not %lld", name[1] ? "--" : "-", name, most, *value);
	return false;
}

static enum ctl_status top(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	struct top_options options = {.batch = verbs_flag(arguments->own, "b")};
	long long delay, view;

	(void)verb;
	if (!read_number(arguments, "n", 0, 1000000000, &options.count) ||
		!read_number(arguments, "d", 1, DELAY_MAX_S, &delay) ||
		!read_number(arguments, "view", TOP_SERVER, TOP_ZONES, &view))
		return CTL_USAGE;
	options.delay_s = (unsigned)delay;
	options.view = (enum top_view)view;
	return top_run(ctl, &options);
}

static void cell(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void cell(struct table *table, const char *format, ...)
{
	char text[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	table_cell(table, text, strlen(text));
}

static void add_worker(struct table *table, unsigned index, const struct sample_worker *worker,
	const struct worker_rates *rates)
{
	cell(table, "%u", index);
	cell(table, "%s", worker->port);
	cell(table, "%u", worker->queue);
	cell(table, "%d", worker->core);
	cell(table, "%.0f", rates->packets);
	cell(table, "%.2f", rates->burst);
	cell(table, "%.0f", rates->cycles);
	cell(table, "%.1f", rates->busy * 100);
	cell(table, "%.1f", rates->asleep * 100);
	cell(table, "%.0f", rates->lost);
}

/* What kernel sockets do has neither bursts nor cycles. */
static void add_sockets(struct table *table, const struct sample_rates *rates)
{
	cell(table, "sockets");
	for (int i = 1; i < RUNTIME_COLUMNS; i++)
		if (i == 4)
			cell(table, "%.0f", rates->sockets);
		else
			cell(table, "-");
}

static enum ctl_status print_runtime(const struct sample *now, const struct sample_rates *rates)
{
	struct table table = {
		.heading = {"WORKER", "PORT", "QUEUE", "CORE", "PACKETS/S", "PACKETS/BURST",
			"CYCLES/PACKET", "BUSY%", "ASLEEP%", "LOST/S"},
		.right = {true, false, true, true, true, true, true, true, true, true},
		.columns = RUNTIME_COLUMNS};
	char answered[SCREEN_NUMBER_BYTES];
	bool done;

	printf("in %.3f s: %.0f queries/s, %s %% answered, %.0f dropped/s, %.0f lost/s, %.1f "
	       "changes/s\n",
		rates->seconds, rates->queries, screen_percent(rates->answered, 2, answered),
		rates->dropped, rates->lost, rates->updates);
	for (unsigned i = 0; i < now->worker_count; i++)
		add_worker(&table, i, &now->workers[i], &rates->workers[i]);
	if (now->listener)
		add_sockets(&table, rates);
	done = table_flush(&table);
	table_release(&table);
	return done ? CTL_OK : CTL_FAILED;
}

static enum ctl_status take_sample(const struct ctl *ctl, const char *method, struct sample *sample)
{
	json_t *stats;
	enum ctl_status status = verbs_call(ctl, method, NULL, &stats);

	if (status != CTL_OK)
		return status;
	if (!sample_read(NULL, stats, sample)) {
		output_message("arpad and arpactl are not of the same version; install the same "
			       "of both");
		status = CTL_FAILED;
	}
	json_decref(stats);
	return status;
}

static enum ctl_status print_json(const struct sample *now, const struct sample_rates *rates)
{
	json_t *json = sample_rates_json(now, rates);

	if (json)
		verbs_print_json(json);
	json_decref(json);
	return json ? CTL_OK : CTL_FAILED;
}

static enum ctl_status runtime(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	struct sample before, now;
	struct sample_rates rates;
	enum ctl_status status;
	long long delay;

	if (!read_number(arguments, "d", 1, DELAY_MAX_S, &delay))
		return CTL_USAGE;
	status = take_sample(ctl, verb->method, &before);
	if (status != CTL_OK)
		return status;
	stats_sleep((unsigned)delay);
	status = take_sample(ctl, verb->method, &now);
	if (status != CTL_OK)
		return status;
	sample_rates(&before, &now, &rates);
	if (!rates.known) {
		output_message("arpad was restarted meanwhile; run it again");
		return CTL_FAILED;
	}
	return ctl->format == OUTPUT_TEXT ? print_runtime(&now, &rates) : print_json(&now, &rates);
}

const struct verb verbs_runtime[] = {
	{.object = "top",
		.options = top_options,
		.help = "Shows once a second (-d) what arpad does: its rate, what it drops and "
			"why, ports and\n"
			"workers (view 1), what is asked for and by whom (2), zones (3). Keys: 1, "
			"2, 3 or Tab\n"
			"for views, arrows to scroll, q to end. -b prints pages of text instead, "
			"-n ends after\n"
			"so many; -o ndjson prints the rates as JSON. Where output is no terminal, "
			"or TERM is\n"
			"dumb, it is -b.\n"
			"\n"
			"  arpactl top\n"
			"  arpactl top -b -n 5\n",
		.method = "server.stats",
		.run = top},
	{.object = "runtime",
		.options = runtime_options,
		.help = "What each worker did in one second (-d: in so many): packets a second and "
			"a burst,\n"
			"cycles a packet, and how much of the time it was busy.\n"
			"\n"
			"  arpactl runtime\n"
			"  arpactl -j runtime -d 10\n",
		.method = "server.stats",
		.run = runtime},
	{.object = NULL},
};
