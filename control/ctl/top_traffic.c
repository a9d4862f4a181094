/* SPDX-License-Identifier: BSD-3-Clause */
/* The second view: what is asked for, by whom, and what they got. */
#include "control/ctl/top_view.h"

#include <stdio.h>
#include <string.h>

enum {
	BLOCK_NAME_LEAST = 16, /* columns */
	BLOCK_RATE = 12,
	BLOCK_ERROR = 9,
	BLOCK_SHARE = 9,
	BLOCK_ROWS_LEAST = 4, /* a heading, two rows, a blank */
	BLOCK_GAP = 2,
	ACROSS_MAX = 3,
};

/* What server.top is asked for, most telling first. */
static const struct block {
	const char *what, *title;
} blocks[] = {
	{"prefixes", "ASKED FOR"},
	{"clients", "CLIENTS"},
	{"addresses", "ADDRESSES ASKED FOR"},
	{"client-prefixes", "CLIENTS' NETWORKS"},
	{"types", "TYPES"},
	{"rcodes", "RCODES"},
};
enum { BLOCKS = sizeof(blocks) / sizeof(blocks[0]) };

const char *top_traffic_what(unsigned index)
{
	return index < BLOCKS ? blocks[index].what : NULL;
}

static json_t *result_of(const struct top_facts *facts, const struct block *block)
{
	return json_object_get(facts->top, block->what);
}

static json_t *rows_of(const struct top_facts *facts, const struct block *block)
{
	return json_object_get(result_of(facts, block), "rows");
}

static const char *name_of(json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "name"));

	return name ? name : "?";
}

static unsigned longest_name(const struct top_facts *facts)
{
	size_t longest = BLOCK_NAME_LEAST, index;
	json_t *row;

	for (unsigned i = 0; i < BLOCKS; i++)
		json_array_foreach (rows_of(facts, &blocks[i]), index, row)
			if (strlen(name_of(row)) > longest)
				longest = strlen(name_of(row));
	return (unsigned)longest;
}

/* Where blocks stand: side by side as far as their names fit, then one below the other. */
struct grid {
	unsigned across, width, height, count;
	bool errors; /* there is room for them */
};

static struct grid layout(const struct top_facts *facts, unsigned columns, unsigned rows)
{
	unsigned wanted = longest_name(facts) + BLOCK_RATE + BLOCK_SHARE + BLOCK_GAP;
	struct grid grid = {.across = (columns + BLOCK_GAP) / wanted};
	unsigned down;

	if (grid.across < 1)
		grid.across = 1;
	if (grid.across > ACROSS_MAX)
		grid.across = ACROSS_MAX;
	grid.width = (columns + BLOCK_GAP) / grid.across;
	grid.errors = grid.width >= wanted + BLOCK_ERROR;
	down = rows / BLOCK_ROWS_LEAST ? rows / BLOCK_ROWS_LEAST : 1;
	grid.count = grid.across * down < BLOCKS ? grid.across * down : BLOCKS;
	down = (grid.count + grid.across - 1) / grid.across;
	grid.height = rows / down;
	return grid;
}

static double number_of(json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* A name, its rate, how much more or less that may be, and its share. */
static void draw_row(struct screen *screen, unsigned row, unsigned left, unsigned end,
	double seconds, bool errors, json_t *entry)
{
	const unsigned rate_end = end - BLOCK_SHARE - (errors ? BLOCK_ERROR : 0);
	char number[SCREEN_NUMBER_BYTES];
	double count = number_of(entry, "count");
	double error = number_of(entry, "error") + number_of(entry, "sampling_error");

	screen_put(screen, row, left, SCREEN_PLAIN, "%s", name_of(entry));
	screen_put_right(screen, row, rate_end, SCREEN_PLAIN, "  %s/s",
		screen_number(seconds > 0 ? count / seconds : 0, number));
	if (errors && error > 0)
		screen_put_right(screen, row, end - BLOCK_SHARE, SCREEN_DIM, " +-%s",
			screen_number(seconds > 0 ? error / seconds : 0, number));
	screen_put_right(screen, row, end, SCREEN_PLAIN, "  %s %%",
		screen_percent(number_of(entry, "share"), 1, number));
}

static void draw_block(const struct top_facts *facts, struct screen *screen,
	const struct block *block, unsigned row, unsigned left, const struct grid *grid)
{
	unsigned end = left + grid->width - BLOCK_GAP, last = row + grid->height - 1;
	double seconds = number_of(result_of(facts, block), "seconds");
	json_t *rows = rows_of(facts, block), *entry;
	size_t index;

	screen_put(screen, row++, left, SCREEN_STRONG, "%s", block->title);
	json_array_foreach (rows, index, entry) {
		if (row >= last)
			return;
		draw_row(screen, row++, left, end, seconds, grid->errors, entry);
	}
	if (!json_array_size(rows))
		screen_put(screen, row, left, SCREEN_DIM, "nothing seen");
}

/* What the numbers below are of. */
static void draw_basis(
	const struct top_facts *facts, struct screen *screen, unsigned row, bool errors)
{
	json_t *result = result_of(facts, &blocks[0]);
	char seconds[SCREEN_NUMBER_BYTES], one_in[SCREEN_NUMBER_BYTES];
	unsigned column = screen_put(screen, row, 0, SCREEN_DIM, "the last %s s",
		screen_number(number_of(result, "seconds"), seconds));

	if (number_of(result, "one_in") <= 1) {
		screen_put(screen, row, column, SCREEN_DIM, ", every query");
		return;
	}
	column = screen_put(screen, row, column, SCREEN_DIM, ", by 1 query in %s",
		screen_number(number_of(result, "one_in"), one_in));
	if (errors)
		screen_put(screen, row, column, SCREEN_DIM, "; +-: within this in 95 of 100 cases");
}

void top_draw_traffic(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end)
{
	struct grid grid;

	if (!facts->top) {
		top_draw_outcomes(facts, screen, row, end);
		return;
	}
	if (row + 1 + BLOCK_ROWS_LEAST > end)
		return;
	grid = layout(facts, screen->columns, end - row - 1);
	draw_basis(facts, screen, row++, grid.errors);
	for (unsigned i = 0; i < grid.count; i++)
		draw_block(facts, screen, &blocks[i], row + i / grid.across * grid.height,
			i % grid.across * grid.width, &grid);
}
