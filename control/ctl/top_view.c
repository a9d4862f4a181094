/* SPDX-License-Identifier: BSD-3-Clause */
/* What all views have above and below: who it is, how it is, and the keys. */
#include "control/ctl/top_view.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum {
	RATE_END = 24,	 /* of the first number in each line */
	SMALL_ROWS = 8,	 /* fewer have no room for the title, the keys and blank lines */
	BRIEF_ROWS = 32, /* fewer are needed for the view of the traffic */
	HEAD_ROWS = 7,
	CLOCK_COLUMNS = 60, /* fewer have no room for the time */
};

static void draw_title(const struct top_facts *facts, struct screen *screen, unsigned row)
{
	const struct sample *now = facts->now;
	const time_t seconds = (time_t)(now->time_ms / 1000);
	char duration[SCREEN_NUMBER_BYTES], clock[32];
	struct tm time;

	gmtime_r(&seconds, &time);
	strftime(clock, sizeof(clock), "%H:%M:%S UTC", &time);
	if (screen->columns >= CLOCK_COLUMNS)
		screen_put_right(screen, row, screen->columns, SCREEN_PLAIN, "%s", clock);
	screen_put(screen, row, 0, SCREEN_STRONG, "arpad %s, pid %" PRIu64 ", up %s  ",
		now->version, now->pid, screen_duration(now->uptime_s, duration));
}

static void draw_restarts(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned column)
{
	if (facts->restarts == 1)
		screen_put(screen, row, column, SCREEN_WARN, "; was restarted while you look");
	else if (facts->restarts)
		screen_put(screen, row, column, SCREEN_WARN,
			"; was restarted %u times while you look", facts->restarts);
}

static void draw_state(const struct top_facts *facts, struct screen *screen, unsigned row)
{
	const struct sample *now = facts->now;
	char duration[SCREEN_NUMBER_BYTES];
	unsigned column;

	if (facts->trouble) {
		screen_put(screen, row, 0, SCREEN_BAD, "NO ANSWER for %s: %s; what is below is old",
			screen_duration(facts->trouble_s, duration), facts->trouble);
		return;
	}
	if (strcmp(now->steering, "draining") == 0)
		column = screen_put(screen, row, 0, SCREEN_WARN,
			"DRAINING: the kernel's sockets answer; \"arpactl undrain\" ends it");
	else if (!now->ready)
		column = screen_put(screen, row, 0, SCREEN_BAD, "NOT READY: %s",
			*now->reasons ? now->reasons : "starting");
	else
		column = screen_put(screen, row, 0, SCREEN_GOOD, "ready");
	draw_restarts(facts, screen, row, column);
}

/* "12/s frame-short" for each way in which something was dropped, the quickest first. */
static void draw_reasons(
	const struct sample_rates *rates, struct screen *screen, unsigned row, unsigned column)
{
	char number[SCREEN_NUMBER_BYTES];
	bool done[OUTCOMES] = {false};

	for (;;) {
		int most = -1;

		for (int i = 0; i < OUTCOMES; i++)
			if (!done[i] && sample_is_dropped((enum outcome)i) &&
				rates->outcome[i] > 0 &&
				(most < 0 || rates->outcome[i] > rates->outcome[most]))
				most = i;
		if (most < 0)
			return;
		done[most] = true;
		column = screen_put(screen, row, column, SCREEN_WARN, "   %s/s %s",
			screen_number(rates->outcome[most], number),
			sample_outcome((enum outcome)most));
	}
}

/* Where the first number of a line ends. */
static unsigned rate_end(const struct screen *screen)
{
	return screen->columns < RATE_END ? screen->columns : RATE_END;
}

/* A label and a rate behind it, at the same place in each line. */
static unsigned draw_rate(const struct top_facts *facts, struct screen *screen, unsigned row,
	const char *label, double rate, enum screen_look look)
{
	char number[SCREEN_NUMBER_BYTES];

	screen_put(screen, row, 0, SCREEN_STRONG, "%s", label);
	if (facts->rates->known)
		screen_put_right(
			screen, row, rate_end(screen), look, "%s/s", screen_number(rate, number));
	else
		screen_put_right(screen, row, rate_end(screen), SCREEN_DIM, "-");
	return rate_end(screen);
}

static void draw_answered(
	const struct sample_rates *rates, struct screen *screen, unsigned row, unsigned column)
{
	char number[SCREEN_NUMBER_BYTES];

	if (rates->queries > 0)
		column = screen_put(screen, row, column,
			rates->answered < 0.99 ? SCREEN_WARN : SCREEN_PLAIN, "   %s %% answered",
			screen_percent(rates->answered, 2, number));
	column = screen_put(screen, row, column, SCREEN_PLAIN, "   %s/s by sockets",
		screen_number(rates->sockets, number));
	screen_put(screen, row, column, SCREEN_PLAIN, "   %s/s TCP",
		screen_number(rates->tcp, number));
}

static unsigned draw_queries(const struct top_facts *facts, struct screen *screen, unsigned row)
{
	const struct sample_rates *rates = facts->rates;
	unsigned column = draw_rate(facts, screen, row, "queries", rates->queries, SCREEN_PLAIN);

	if (rates->known)
		draw_answered(rates, screen, row, column);
	return row + 1;
}

static unsigned draw_losses(const struct top_facts *facts, struct screen *screen, unsigned row)
{
	const struct sample_rates *rates = facts->rates;
	unsigned column = draw_rate(facts, screen, row, "dropped", rates->dropped,
		rates->dropped > 0 ? SCREEN_WARN : SCREEN_PLAIN);

	draw_reasons(rates, screen, row++, column);
	column = draw_rate(facts, screen, row, "lost", rates->lost,
		rates->lost > 0 ? SCREEN_BAD : SCREEN_PLAIN);
	if (rates->lost > 0)
		screen_put(screen, row, column, SCREEN_BAD,
			"   packets that no worker got or no port took");
	return row + 1;
}

static unsigned draw_changes(const struct top_facts *facts, struct screen *screen, unsigned row)
{
	const struct sample *now = facts->now;
	char number[SCREEN_NUMBER_BYTES], most[SCREEN_NUMBER_BYTES];
	unsigned column =
		draw_rate(facts, screen, row, "changes", facts->rates->updates, SCREEN_PLAIN);

	column = screen_put(screen, row, column, SCREEN_PLAIN, "   the last is %s",
		screen_number((double)now->seq, number));
	if (now->listener)
		column = screen_put(screen, row, column, SCREEN_PLAIN, "   %s of %s TCP clients",
			screen_number((double)now->tcp_clients, number),
			screen_number((double)now->tcp_clients_max, most));
	if (now->waiting)
		screen_put(screen, row, column, SCREEN_PLAIN, "   %s wait to be freed",
			screen_number((double)now->waiting, number));
	return row + 1;
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static unsigned draw_records(const struct top_facts *facts, struct screen *screen, unsigned row)
{
	const struct sample *now = facts->now;
	char number[SCREEN_NUMBER_BYTES], table[SCREEN_NUMBER_BYTES], memory[SCREEN_NUMBER_BYTES];
	unsigned column = rate_end(screen);

	screen_put(screen, row, 0, SCREEN_STRONG, "serving");
	if (column == RATE_END)
		screen_put_right(screen, row, column, SCREEN_PLAIN, "%s RRset%s",
			screen_number((double)now->rrsets, number), plural(now->rrsets));
	column = screen_put(screen, row, column, SCREEN_PLAIN, "   %s zone%s",
		screen_number((double)now->zones, number), plural(now->zones));
	column = screen_put(screen, row, column, SCREEN_PLAIN, "   %s address%s",
		screen_number((double)now->addresses, number), now->addresses == 1 ? "" : "es");
	screen_put(screen, row, column, SCREEN_PLAIN, "   table %s   RAM %s",
		screen_bytes(now->table_bytes, table), screen_bytes(now->resident_bytes, memory));
	return row + 1;
}

static void draw_keys(const struct top_facts *facts, struct screen *screen)
{
	static const char *const names[] = {"1 server", "2 traffic", "3 zones"};
	unsigned row = screen->rows - 1, column = 0;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		column = screen_put(screen, row, column,
				 facts->view == i + 1 ? SCREEN_STRONG : SCREEN_DIM,
				 facts->view == i + 1 ? "[%s]" : " %s ", names[i]) +
			1;
	screen_put(screen, row, column, SCREEN_DIM, "  Tab next   Up Down scroll   q quit");
}

unsigned top_zone_rows(unsigned rows)
{
	return rows > HEAD_ROWS + 4 ? rows - HEAD_ROWS - 4 : 1;
}

void top_draw(const struct top_facts *facts, struct screen *screen)
{
	bool small = screen->rows < SMALL_ROWS;
	bool brief = facts->view == TOP_TRAFFIC && facts->top && screen->rows < BRIEF_ROWS;
	unsigned row = 0, end = screen->rows;

	if (!screen->rows)
		return;
	if (!small)
		draw_title(facts, screen, row++);
	draw_state(facts, screen, row++);
	row = draw_queries(facts, screen, row);
	if (!brief) {
		row = draw_losses(facts, screen, row);
		row = draw_changes(facts, screen, row);
		row = draw_records(facts, screen, row);
	}
	if (facts->keys && !small) {
		draw_keys(facts, screen);
		end--;
	}
	row++;
	if (facts->view == TOP_TRAFFIC)
		top_draw_traffic(facts, screen, row, end);
	else if (facts->view == TOP_ZONES)
		top_draw_zones(facts, screen, row, end);
	else
		top_draw_server(facts, screen, row, end);
}
