/* SPDX-License-Identifier: BSD-3-Clause */
/* The third view: zones in the order of addresses. */
#include "control/ctl/top_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Columns behind the zone's, which is as wide as the screen and the longest name want. */
enum {
	ZONE_LEAST = 20,
	SERIAL_END = 12,
	RECORDS_END = 25,
	STATE = 27,
	CHANGED = 35,
	CHANGED_AT = 54,
	REST = 50,
};

static const char *text_of(json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

/* "5 min 3 s ago", of a time as arpad writes it. */
static void draw_changed(const struct top_facts *facts, struct screen *screen, unsigned row,
	unsigned left, const char *when)
{
	int64_t now = (int64_t)(facts->now->time_ms / 1000), then;
	char duration[SCREEN_NUMBER_BYTES];
	struct tm time = {.tm_year = 0};

	if (!strptime(when, "%Y-%m-%dT%H:%M:%SZ", &time))
		return;
	then = timegm(&time);
	screen_put(screen, row, left + CHANGED, SCREEN_PLAIN, "%s ago",
		screen_duration(now > then ? (uint64_t)(now - then) : 0, duration));
	if (screen->columns >= left + CHANGED_AT + 20)
		screen_put(
			screen, row, left + CHANGED_AT, SCREEN_DIM, "%.10s %.8s", when, when + 11);
}

static void draw_zone(const struct top_facts *facts, struct screen *screen, unsigned row,
	unsigned left, json_t *zone)
{
	char number[SCREEN_NUMBER_BYTES];
	bool frozen = json_is_true(json_object_get(zone, "frozen"));

	screen_put(screen, row, 0, SCREEN_PLAIN, "%.*s", (int)left, text_of(zone, "zone"));
	screen_put_right(screen, row, left + SERIAL_END, SCREEN_PLAIN, " %" PRId64,
		(int64_t)json_integer_value(json_object_get(zone, "serial")));
	screen_put_right(screen, row, left + RECORDS_END, SCREEN_PLAIN, " %s",
		screen_number(
			(double)json_integer_value(json_object_get(zone, "records")), number));
	screen_put(screen, row, left + STATE, frozen ? SCREEN_WARN : SCREEN_PLAIN, "%s",
		frozen ? "frozen" : "open");
	draw_changed(facts, screen, row, left, text_of(zone, "modified"));
}

static unsigned zone_columns(const struct top_facts *facts, unsigned columns)
{
	size_t longest = ZONE_LEAST, room = columns > REST ? columns - REST : 0, index;
	json_t *zone;

	json_array_foreach (facts->zones, index, zone)
		if (strlen(text_of(zone, "zone")) > longest)
			longest = strlen(text_of(zone, "zone"));
	return (unsigned)(longest < room || room < ZONE_LEAST ? longest : room);
}

static void draw_headings(struct screen *screen, unsigned row, unsigned left)
{
	screen_put(screen, row, 0, SCREEN_STRONG, "ZONE");
	screen_put_right(screen, row, left + SERIAL_END, SCREEN_STRONG, "SERIAL");
	screen_put_right(screen, row, left + RECORDS_END, SCREEN_STRONG, "RRSETS");
	screen_put(screen, row, left + STATE, SCREEN_STRONG, "STATE");
	screen_put(screen, row, left + CHANGED, SCREEN_STRONG, "LAST CHANGE");
}

void top_draw_zones(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end)
{
	uint64_t last = facts->zones_before;
	unsigned left;
	char number[SCREEN_NUMBER_BYTES];
	json_t *zone;
	size_t index;

	if (row + 2 > end)
		return;
	left = zone_columns(facts, screen->columns);
	draw_headings(screen, row, left);
	row++;
	if (facts->zones && !json_array_size(facts->zones) && !facts->zones_before)
		screen_put(screen, row, 0, SCREEN_DIM,
			"there are none; \"arpactl zone add PREFIX\" adds one");
	json_array_foreach (facts->zones, index, zone) {
		if (row + 1 >= end)
			break;
		draw_zone(facts, screen, row++, left, zone);
		last++;
	}
	if (last < facts->now->zones && last)
		screen_put(screen, row, 0, SCREEN_DIM, "  and %s more",
			screen_number((double)(facts->now->zones - last), number));
}
