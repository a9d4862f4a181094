/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that arpactl top asks arpad for at once, on one connection that is opened again when arpad
 * has closed it. Only opening it waits.
 */
#ifndef ARPAD_CONTROL_CTL_TOP_ROUND_H
#define ARPAD_CONTROL_CTL_TOP_ROUND_H

#include "control/ctl/top_view.h"
#include "control/ctl/verbs.h"

struct top_round {
	const struct ctl *ctl;
	struct client client; /* fd -1: none */
	unsigned owed;	      /* replies that have not come */
	json_t *status, *stats;
	json_t *top;		 /* results of server.top by what was asked for; NULL: none */
	json_t *zones;		 /* rows; NULL: not asked for, or refused */
	enum ctl_status refused; /* CTL_OK, or why status or stats were refused */
	char error[256];	 /* the sentence for that */
};

void top_round_init(struct top_round *round, const struct ctl *ctl);
void top_round_fini(struct top_round *round);

/*
 * Sends the requests of a view, those of the round before being answered; of zones up to `limit`
 * after the zone `after` (NULL: from the first). CTL_OK, or why there is no connection, which was
 * said unless messages are muted.
 */
enum ctl_status top_round_ask(
	struct top_round *round, enum top_view view, const char *after, unsigned limit);

/* Takes what has come. CTL_NOT_RUNNING: arpad has closed the connection. */
enum ctl_status top_round_take(struct top_round *round);

/* Gives up the connection and what is owed. */
void top_round_drop(struct top_round *round);

#endif
