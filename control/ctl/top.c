/* SPDX-License-Identifier: BSD-3-Clause */
/* The loop: a round of questions when it is due, a page when the answers are there. */
#include "control/ctl/top.h"

#include "control/ctl/terminal.h"
#include "control/ctl/top_round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	LATE_MS = 2000, /* an answer that takes longer is said to be missing */
	BATCH_COLUMNS = 120,
	BATCH_TRAFFIC_ROWS = 48,
};

struct top {
	const struct ctl *ctl;
	const struct top_options *options;
	struct terminal terminal;
	struct top_round round;
	bool draws, color, ended;
	enum top_view view;
	unsigned scroll;
	json_t *marks; /* the last zone of each page that was turned; owned, as the next two */
	json_t *top, *zones;
	bool has_now;
	struct sample before, now;
	struct sample_rates rates;
	unsigned restarts;
	uint64_t due_ms, asked_ms, answered_ms;
	enum ctl_status trouble;
	const char *why;
	long long shown;
};

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void size_of_page(const struct top *top, unsigned *rows, unsigned *columns)
{
	const char *given = getenv("COLUMNS");

	terminal_size(rows, columns);
	if (top->draws)
		return;
	*rows = top->view == TOP_TRAFFIC ? BATCH_TRAFFIC_ROWS : SCREEN_ROWS_MAX;
	if (!output_is_terminal())
		*columns = given && atoi(given) > 0 ? (unsigned)atoi(given) : BATCH_COLUMNS;
}

static void print_page(const struct screen *screen, bool color)
{
	char *line = malloc(screen_row_bytes(screen));

	for (unsigned row = 0; line && row < screen->used; row++) {
		screen_row(screen, row, color, line);
		puts(line);
	}
	putchar('\n');
	fflush(stdout);
	free(line);
}

static void draw(struct top *top)
{
	unsigned rows, columns, pages = (unsigned)json_array_size(top->marks);
	struct screen screen;

	if (!top->has_now)
		return;
	size_of_page(top, &rows, &columns);
	const struct top_facts facts = {.view = top->view,
		.scroll = top->scroll,
		.keys = top->terminal.keys,
		.now = &top->now,
		.rates = &top->rates,
		.trouble = top->why,
		.trouble_s = (clock_ms() - top->answered_ms) / 1000,
		.restarts = top->restarts,
		.top = top->top,
		.zones = top->zones,
		.zones_before = pages ? (uint64_t)pages * top_zone_rows(rows) : 0};

	if (!screen_init(&screen, rows, columns)) {
		output_message("out of memory");
		top->ended = true;
		return;
	}
	top_draw(&facts, &screen);
	if (top->draws)
		terminal_draw(&screen, top->color);
	else
		print_page(&screen, top->color);
	screen_fini(&screen);
}

static void print_json(struct top *top)
{
	json_t *rates = sample_rates_json(&top->now, &top->rates);

	if (rates)
		verbs_print_json(rates);
	json_decref(rates);
	fflush(stdout);
}

/* In place of a page that would be the one before again. */
static void print_trouble(const struct top *top)
{
	json_t *trouble;

	if (top->ctl->format == OUTPUT_TEXT) {
		printf("NO ANSWER: %s\n\n", top->why);
	} else {
		trouble = json_pack("{s:s}", "trouble", top->why);
		verbs_print_json(trouble);
		json_decref(trouble);
	}
	fflush(stdout);
}

/* A page that counts: one with rates, or one that says that there is no answer. */
static void show(struct top *top)
{
	bool whole = top->rates.known || top->why;

	if (top->draws)
		draw(top);
	else if (top->why)
		print_trouble(top);
	else if (whole && top->ctl->format == OUTPUT_TEXT)
		draw(top);
	else if (whole)
		print_json(top);
	top->shown += whole;
	if (ferror(stdout))
		top->ended = true;
}

static void lose(struct top *top, enum ctl_status status, const char *why)
{
	top->trouble = status;
	top->why = why;
	show(top);
}

static const char *reason(enum ctl_status status)
{
	switch (status) {
	case CTL_NOT_RUNNING:
		return "arpad is not running";
	case CTL_TIMEOUT:
		return "arpad does not answer";
	case CTL_DENIED:
		return "the socket may not be used";
	default:
		return "the socket can't be reached";
	}
}

static void keep(json_t **kept, json_t *value)
{
	json_decref(*kept);
	*kept = json_incref(value);
}

/* All answers are there. */
static void take_round(struct top *top)
{
	struct top_round *round = &top->round;
	struct sample sample;

	if (round->refused != CTL_OK) {
		lose(top, round->refused, round->error);
		return;
	}
	if (!sample_read(round->status, round->stats, &sample)) {
		lose(top, CTL_FAILED, "arpad and arpactl are not of the same version");
		return;
	}
	top->restarts += top->has_now && !sample_same_start(&top->now, &sample);
	top->before = top->now;
	top->now = sample;
	sample_rates(top->has_now ? &top->before : NULL, &top->now, &top->rates);
	top->has_now = true;
	keep(&top->top, round->top);
	keep(&top->zones, round->zones);
	top->why = NULL;
	top->trouble = CTL_OK;
	top->answered_ms = clock_ms();
	show(top);
}

static const char *zone_mark(const struct top *top)
{
	size_t count = json_array_size(top->marks);

	return count ? json_string_value(json_array_get(top->marks, count - 1)) : NULL;
}

static void ask(struct top *top, uint64_t now_ms)
{
	unsigned rows, columns;
	enum ctl_status status;

	size_of_page(top, &rows, &columns);
	top->asked_ms = now_ms;
	status = top_round_ask(&top->round, top->view, zone_mark(top), top_zone_rows(rows));
	if (status != CTL_OK)
		lose(top, status, reason(status));
}

/* At once, whatever is due. */
static void ask_anew(struct top *top)
{
	top->due_ms = clock_ms();
}

static void turn_zones(struct top *top, bool forward)
{
	size_t count = json_array_size(top->zones), pages = json_array_size(top->marks);
	unsigned rows, columns;

	size_of_page(top, &rows, &columns);
	if (!forward && pages)
		json_array_remove(top->marks, pages - 1);
	else if (forward && count && count >= top_zone_rows(rows))
		json_array_append(
			top->marks, json_object_get(json_array_get(top->zones, count - 1), "zone"));
	ask_anew(top);
}

static void scroll(struct top *top, int by)
{
	unsigned most = top->now.worker_count ? top->now.worker_count - 1 : 0;

	if (top->view == TOP_ZONES) {
		turn_zones(top, by > 0);
		return;
	}
	if (by < 0)
		top->scroll = top->scroll > (unsigned)-by ? top->scroll - (unsigned)-by : 0;
	else
		top->scroll = top->scroll + (unsigned)by < most ? top->scroll + (unsigned)by : most;
}

static void change_view(struct top *top, enum top_view view)
{
	top->view = view;
	top->scroll = 0;
	json_array_clear(top->marks);
	ask_anew(top);
}

static void press(struct top *top, int key)
{
	enum { PAGE = 10 };

	switch (key) {
	case 'q':
	case 'Q':
		top->ended = true;
		break;
	case '1':
	case '2':
	case '3':
		change_view(top, (enum top_view)(key - '0'));
		break;
	case '\t':
		change_view(top, top->view == TOP_ZONES ? TOP_SERVER : top->view + 1);
		break;
	case KEYS_UP:
	case 'k':
		scroll(top, -1);
		break;
	case KEYS_DOWN:
	case 'j':
		scroll(top, 1);
		break;
	case KEYS_PAGE_UP:
		scroll(top, -PAGE);
		break;
	case KEYS_PAGE_DOWN:
	case ' ':
		scroll(top, PAGE);
		break;
	}
}

static void heed(struct top *top, unsigned what)
{
	enum ctl_status status;
	int key;

	if (what & TERMINAL_ENDED)
		top->ended = true;
	while ((key = terminal_key(&top->terminal)) != KEYS_NONE)
		press(top, key);
	if (what & TERMINAL_READY) {
		status = top_round_take(&top->round);
		if (status != CTL_OK)
			lose(top, status, reason(status));
		else if (!top->round.owed)
			take_round(top);
	}
	if (what & (TERMINAL_RESIZED | TERMINAL_KEYS) && top->draws && !top->ended)
		draw(top);
}

/* A round that is not answered yet is not asked again; that it takes long is said. */
static void be_due(struct top *top, uint64_t now_ms)
{
	top->due_ms += 1000ull * top->options->delay_s;
	if (top->due_ms <= now_ms)
		top->due_ms = now_ms + 1000ull * top->options->delay_s;
	if (!top->round.owed)
		ask(top, now_ms);
	else if (now_ms - top->asked_ms >= LATE_MS)
		lose(top, CTL_TIMEOUT, reason(CTL_TIMEOUT));
}

static void loop(struct top *top)
{
	const long long count = top->options->count;

	while (!top->ended && (!count || top->shown < count)) {
		uint64_t now = clock_ms();

		if (now >= top->due_ms)
			be_due(top, now);
		if (top->ended || (count && top->shown >= count))
			break;
		now = clock_ms();
		heed(top,
			terminal_wait(&top->terminal, top->round.owed ? top->round.client.fd : -1,
				top->due_ms > now ? (int)(top->due_ms - now) : 0));
	}
}

/* The first answer, or the reason why there is none as every other verb gives it. */
static enum ctl_status begin(struct top *top)
{
	json_t *stats = NULL;
	struct sample sample;
	enum ctl_status status = verbs_call(top->ctl, "server.stats", NULL, &stats);

	if (status == CTL_OK && !sample_read(NULL, stats, &sample)) {
		output_message("arpad and arpactl are not of the same version; install the same "
			       "of both");
		status = CTL_FAILED;
	}
	json_decref(stats);
	return status;
}

enum ctl_status top_run(const struct ctl *ctl, const struct top_options *options)
{
	struct top top = {.ctl = ctl, .options = options, .view = options->view};
	enum ctl_status status = begin(&top);

	if (status != CTL_OK)
		return status;
	top.draws = !options->batch && ctl->format == OUTPUT_TEXT && terminal_draws();
	top.color = output_has_color();
	top.marks = json_array();
	top_round_init(&top.round, ctl);
	terminal_open(&top.terminal, top.draws);
	output_mute(true);
	top.due_ms = top.answered_ms = clock_ms();
	loop(&top);
	output_mute(false);
	terminal_close(&top.terminal);
	top_round_fini(&top.round);
	json_decref(top.marks);
	json_decref(top.top);
	json_decref(top.zones);
	return top.trouble;
}
