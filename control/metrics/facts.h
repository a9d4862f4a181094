/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What other threads may know of what the control thread owns: a copy that it makes once a second
 * and puts into a box, from which the reader takes it. One exchange of a pointer each: neither
 * waits for the other. Counters that are read live are pointed to.
 */
#ifndef ARPAD_CONTROL_METRICS_FACTS_H
#define ARPAD_CONTROL_METRICS_FACTS_H

#include "control/report.h"
#include "control/store/store_status.h"
#include "control/update/update_measures.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	METRICS_ZONES_MAX = 10000, /* that are told one by one */
	METRICS_ZONE_NAME_BYTES = 80,
};

/* One zone, with its name as text; a longer one is left out. */
struct metrics_zone {
	char name[METRICS_ZONE_NAME_BYTES];
	uint32_t serial;
	uint64_t records;
};

struct metrics_facts {
	int64_t when_ms;	    /* CLOCK_MONOTONIC */
	struct report_facts report; /* pointers live as long as the ports and the configuration */
	struct store_status store;
	uint64_t disk_free_bytes;
	uint64_t journal_bytes;
	uint64_t records[2]; /* RRsets of IPv4's zones and IPv6's */
	unsigned control_clients, read_only_clients;
	const struct update_measures *measures; /* live */
	const struct request_counts *requests;	/* live */
	struct metrics_zone *zones;
	size_t zone_count, zone_room;
	/* Of the change that `zones` and `records` are from, if there is one; they hold until the
	 * next. */
	uint64_t zones_sequence;
	bool counted, each_zone;
};

/* Between one writer and, one after the other, any number of readers. Zeroed at first. */
struct metrics_box {
	_Atomic(struct metrics_facts *) newest; /* NULL: the reader has it */
	pthread_mutex_t reading;		/* among readers alone */
	struct metrics_facts *current;		/* the readers'; NULL: nothing was told yet */
};

void metrics_box_init(struct metrics_box *box);
void metrics_box_fini(struct metrics_box *box); /* no reader is left */

/*
 * Control thread: one to fill, new or such that nobody has seen, with its zones' memory; NULL: no
 * memory. It is given back by metrics_box_put.
 */
struct metrics_facts *metrics_box_take(struct metrics_box *box);
void metrics_box_put(struct metrics_box *box, struct metrics_facts *facts);

/* Any other thread: the newest, or NULL. Borrowed until metrics_box_done, which is owed. */
const struct metrics_facts *metrics_box_read(struct metrics_box *box);
void metrics_box_done(struct metrics_box *box);

#endif
