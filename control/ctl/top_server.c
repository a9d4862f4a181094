/* SPDX-License-Identifier: BSD-3-Clause */
/* The first view: ports, workers, and how messages ended. */
#include "control/ctl/top_view.h"

#include <string.h>

static const double busy_warn = 0.85, busy_bad = 0.97;

/* Where the columns of numbers end. */
enum { PORT_LINK_END = 28, PORT_RATES = 5, PORT_RATE_COLUMNS = 10 };
enum {
	WORKER_PLACE = 7,
	WORKER_CORE_END = 29,
	WORKER_RATE_END = 40,
	WORKER_BURST_END = 48,
	WORKER_CYCLES_END = 56,
	WORKER_BUSY_END = 63,
	WORKER_ASLEEP_END = 72,
	WORKER_LOST_END = 79,
	WORKER_EMPTY_END = 89,
	WORKER_PAUSED_END = 99,
	WORKER_BACKLOG_END = 109,
};

static void put_rate(struct screen *screen, unsigned row, unsigned end, bool known, double rate,
	enum screen_look look)
{
	char number[SCREEN_NUMBER_BYTES];

	if (known)
		screen_put_right(screen, row, end, look, "%s", screen_number(rate, number));
	else
		screen_put_right(screen, row, end, SCREEN_DIM, "-");
}

static void put_percent(struct screen *screen, unsigned row, unsigned end, bool known, double share,
	enum screen_look look)
{
	char number[SCREEN_NUMBER_BYTES];

	if (known)
		screen_put_right(screen, row, end, look, "%s", screen_percent(share, 1, number));
	else
		screen_put_right(screen, row, end, SCREEN_DIM, "-");
}

static enum screen_look bad_if(double rate)
{
	return rate > 0 ? SCREEN_BAD : SCREEN_PLAIN;
}

static void draw_port(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned index)
{
	const struct sample_port *port = &facts->now->ports[index];
	const struct port_rates *rates = &facts->rates->ports[index];
	const double value[PORT_RATES] = {
		rates->received, rates->sent, rates->missed, rates->no_buffer, rates->errors};
	const bool known = facts->rates->known;

	screen_put(screen, row, 0, SCREEN_PLAIN, "%s", port->name);
	screen_put_right(screen, row, PORT_LINK_END,
		port->owned && !port->link_up ? SCREEN_BAD : SCREEN_PLAIN, "  %s",
		!port->owned		? "shared"
			: port->link_up ? "up"
					: "DOWN");
	for (unsigned i = 0; i < PORT_RATES; i++)
		put_rate(screen, row, PORT_LINK_END + PORT_RATE_COLUMNS * (i + 1), known, value[i],
			i < 2 ? SCREEN_PLAIN : bad_if(value[i]));
}

static unsigned draw_kernel(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned index)
{
	const struct port_rates *rates = &facts->rates->ports[index];
	char to[SCREEN_NUMBER_BYTES], from[SCREEN_NUMBER_BYTES], lost[SCREEN_NUMBER_BYTES];
	unsigned column;

	if (!*facts->now->ports[index].kernel || !facts->rates->known)
		return row;
	column = screen_put(screen, row, 2, SCREEN_PLAIN, "kernel by %s: %s/s to it, %s/s from it",
		facts->now->ports[index].kernel, screen_number(rates->to_kernel, to),
		screen_number(rates->from_kernel, from));
	if (rates->kernel_lost > 0)
		screen_put(screen, row, column, SCREEN_BAD, ", %s/s lost",
			screen_number(rates->kernel_lost, lost));
	return row + 1;
}

static unsigned draw_ports(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end)
{
	static const char *const headings[PORT_RATES] = {
		"IN/S", "OUT/S", "MISSED/S", "NO BUF/S", "ERRORS/S"};

	if (!facts->now->port_count || row + 2 > end)
		return row;
	screen_put(screen, row, 0, SCREEN_STRONG, "PORT");
	screen_put_right(screen, row, PORT_LINK_END, SCREEN_STRONG, "LINK");
	for (unsigned i = 0; i < PORT_RATES; i++)
		screen_put_right(screen, row, PORT_LINK_END + PORT_RATE_COLUMNS * (i + 1),
			SCREEN_STRONG, "%s", headings[i]);
	row++;
	for (unsigned i = 0; i < facts->now->port_count && row < end; i++) {
		draw_port(facts, screen, row++, i);
		if (row < end)
			row = draw_kernel(facts, screen, row, i);
	}
	return row + 1;
}

static void draw_worker_heading(struct screen *screen, unsigned row)
{
	static const struct {
		unsigned end;
		const char *text;
	} headings[] = {{WORKER_CORE_END, "CORE"}, {WORKER_RATE_END, "PACKETS/S"},
		{WORKER_BURST_END, "A BURST"}, {WORKER_CYCLES_END, "CYCLES"},
		{WORKER_BUSY_END, "BUSY %"}, {WORKER_ASLEEP_END, "ASLEEP %"},
		{WORKER_LOST_END, "LOST/S"}, {WORKER_EMPTY_END, "EMPTY %"},
		{WORKER_PAUSED_END, "PAUSED/S"}, {WORKER_BACKLOG_END, "BACKLOG"}};

	screen_put(screen, row, 0, SCREEN_STRONG, "WORKER");
	screen_put(screen, row, WORKER_PLACE, SCREEN_STRONG, "PORT/QUEUE");
	for (unsigned i = 0; i < sizeof(headings) / sizeof(headings[0]); i++)
		if (headings[i].end <= screen->columns)
			screen_put_right(screen, row, headings[i].end, SCREEN_STRONG, "%s",
				headings[i].text);
}

static enum screen_look busy_look(double busy)
{
	return busy > busy_bad ? SCREEN_BAD : busy > busy_warn ? SCREEN_WARN : SCREEN_PLAIN;
}

static void draw_worker(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned index)
{
	const struct sample_worker *worker = &facts->now->workers[index];
	const struct worker_rates *rates = &facts->rates->workers[index];
	const bool known = facts->rates->known;

	screen_put(screen, row, 0, SCREEN_PLAIN, "%6u", index);
	screen_put(
		screen, row, WORKER_PLACE, SCREEN_PLAIN, "%.14s/%u", worker->port, worker->queue);
	screen_put_right(screen, row, WORKER_CORE_END, SCREEN_PLAIN, " %d", worker->core);
	put_rate(screen, row, WORKER_RATE_END, known, rates->packets, SCREEN_PLAIN);
	put_rate(screen, row, WORKER_BURST_END, known, rates->burst, SCREEN_PLAIN);
	put_rate(screen, row, WORKER_CYCLES_END, known, rates->cycles, SCREEN_PLAIN);
	put_percent(screen, row, WORKER_BUSY_END, known, rates->busy, busy_look(rates->busy));
	put_percent(screen, row, WORKER_ASLEEP_END, known, rates->asleep, SCREEN_PLAIN);
	put_rate(screen, row, WORKER_LOST_END, known, rates->lost, bad_if(rates->lost));
	if (screen->columns >= WORKER_EMPTY_END)
		put_percent(screen, row, WORKER_EMPTY_END, known, rates->empty, SCREEN_PLAIN);
	if (screen->columns >= WORKER_PAUSED_END)
		put_rate(screen, row, WORKER_PAUSED_END, known, rates->paused,
			rates->paused > 0 ? SCREEN_WARN : SCREEN_PLAIN);
	if (screen->columns >= WORKER_BACKLOG_END)
		put_rate(screen, row, WORKER_BACKLOG_END, true, (double)worker->tx_backlog,
			SCREEN_PLAIN);
}

static unsigned draw_workers(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end)
{
	unsigned count = facts->now->worker_count, first = facts->scroll, rows, shown;

	if (!count || row + 2 > end)
		return row;
	if (first >= count)
		first = count - 1;
	draw_worker_heading(screen, row++);
	rows = end - row;
	shown = count - first;
	/* One line of the room tells of those that are left out. */
	if (shown > rows)
		shown = rows > 1 ? rows - 1 : rows;
	for (unsigned i = 0; i < shown; i++)
		draw_worker(facts, screen, row++, first + i);
	if (first + shown < count && row < end)
		screen_put(screen, row++, 0, SCREEN_DIM, "  and %u more", count - first - shown);
	return row + 1;
}

/* The most frequent outcome that has not been drawn, or -1. */
static int next_outcome(const struct sample_rates *rates, const bool *done)
{
	int most = -1;

	for (int i = 0; i < OUTCOMES; i++)
		if (!done[i] && rates->outcome[i] > 0 &&
			(most < 0 || rates->outcome[i] > rates->outcome[most]))
			most = i;
	return most;
}

/* In as many columns as the screen has room for. */
void top_draw_outcomes(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end)
{
	enum { WIDTH = 39 };
	unsigned across = screen->columns / WIDTH ? screen->columns / WIDTH : 1;
	char number[SCREEN_NUMBER_BYTES];
	bool done[OUTCOMES] = {false};
	unsigned place = 0;
	int outcome;

	if (!facts->rates->known || row + 2 > end)
		return;
	screen_put(screen, row, 0, SCREEN_STRONG, "HOW THEY ENDED");
	row++;
	while ((outcome = next_outcome(facts->rates, done)) >= 0 && row + place / across < end) {
		unsigned left = place % across * WIDTH, line = row + place / across;

		done[outcome] = true;
		screen_put(screen, line, left,
			sample_is_dropped((enum outcome)outcome) ? SCREEN_WARN : SCREEN_PLAIN, "%s",
			sample_outcome((enum outcome)outcome));
		screen_put_right(screen, line, left + 30, SCREEN_PLAIN, "  %s/s",
			screen_number(facts->rates->outcome[outcome], number));
		place++;
	}
	if (!place)
		screen_put(screen, row, 0, SCREEN_DIM, "nothing came");
}

void top_draw_server(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end)
{
	row = draw_ports(facts, screen, row, end);
	row = draw_workers(facts, screen, row, end);
	top_draw_outcomes(facts, screen, row, end);
}
