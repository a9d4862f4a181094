/* SPDX-License-Identifier: BSD-3-Clause */
/* The pages of arpactl top: facts in, a page of text out. Pure. */
#ifndef ARPAD_CONTROL_CTL_TOP_VIEW_H
#define ARPAD_CONTROL_CTL_TOP_VIEW_H

#include "control/ctl/sample_rates.h"
#include "control/ctl/screen.h"

enum top_view { TOP_SERVER = 1, TOP_TRAFFIC, TOP_ZONES };

/* All borrowed. */
struct top_facts {
	enum top_view view;
	unsigned scroll; /* rows of the view's list that are passed over */
	bool keys;	 /* somebody can press them: say which there are */
	const struct sample *now;
	const struct sample_rates *rates;
	const char *trouble;   /* why there is no newer sample; NULL: there is */
	uint64_t trouble_s;    /* for how long */
	unsigned restarts;     /* of arpad, since we look */
	json_t *top;	       /* results of server.top by what was asked for; NULL: none came */
	json_t *zones;	       /* rows of zone.list with details; NULL: not come yet */
	uint64_t zones_before; /* how many come before these */
};

/* Draws the page onto a blank screen. */
void top_draw(const struct top_facts *facts, struct screen *screen);

/* Each draws its list from `row` on, up to `end`, the row behind its last one. */
void top_draw_server(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end);
void top_draw_traffic(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end);
void top_draw_zones(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end);

/* How messages ended, in as many columns as there is room for. */
void top_draw_outcomes(
	const struct top_facts *facts, struct screen *screen, unsigned row, unsigned end);

/* What the second view asks server.top for, by number; NULL: there are no more. */
const char *top_traffic_what(unsigned index);

/* Rows of zones that a screen of so many rows has room for. */
unsigned top_zone_rows(unsigned rows);

#endif
