/* SPDX-License-Identifier: BSD-3-Clause */
/* A control plane without workers: a real store in a folder of its own, and a real table. */
#ifndef ARPAD_TESTS_CONTROL_BACKEND_H
#define ARPAD_TESTS_CONTROL_BACKEND_H

#include "control/command/command.h"
#include "control/reclaim.h"

struct backend {
	char folder[40];
	struct store *store;
	struct table *table;
	struct serving serving;
	struct reclaim *reclaim;
	struct update *update;
	struct zone_defaults zones;
	struct config config;	  /* 192.0.2.53 on port 53; "lo" is followed */
	struct address_book book; /* and 192.0.2.54 is on lo */
	struct command command;
	unsigned stops;
	bool steered, draining;
	unsigned drain_delay_ms;
	const char *running, *file; /* configurations as text: what holds, what a reload reads */
};

void backend_open(struct backend *backend); /* fails the test when it can't */

/* Ends the process's side without warning, and starts again from what is on disk. */
void backend_reopen(struct backend *backend);

void backend_close(struct backend *backend); /* removes the folder */

#endif
