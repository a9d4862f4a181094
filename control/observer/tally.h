/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who asks most, for what, and what comes of it: sketches of all that is sampled, over the last
 * minute in slices and since the start. The observer's thread writes; the control thread reads a
 * copy, and neither keeps the other waiting for longer than that takes.
 */
#ifndef ARPAD_CONTROL_OBSERVER_TALLY_H
#define ARPAD_CONTROL_OBSERVER_TALLY_H

#include "control/observer/ranking.h"
#include "dataplane/observe.h"

#include <stddef.h>
#include <stdint.h>

/* Enumerator, name for people. */
#define TALLY_LIST(X) \
	X(CLIENTS, "clients")		      /* IPv4 /32, IPv6 /128 */ \
	X(CLIENT_PREFIXES, "client-prefixes") /* /24, /56 */ \
	X(ADDRESSES, "addresses")	      /* asked about: the QNAME is one, or is below one */ \
	X(PREFIXES, "prefixes") /* likewise: /24, /48, or the shorter one asked for */ \
	X(TYPES, "types") \
	X(RCODES, "rcodes") \
	X(OUTCOMES, "outcomes")

enum tally_what {
#define X(name, label) TALLY_##name,
	TALLY_LIST(X)
#undef X
		TALLY_WHATS,
};

enum {
	TALLY_SLICE_SECONDS = 10,
	TALLY_SECONDS_MAX = 60,
	TALLY_ROWS_MAX = 1024,
	TALLY_NO_REPLY = 1 << 16, /* the number of this among the rcodes */
};

/* NULL: there is no such one. */
const char *tally_name(enum tally_what what);
/* TALLY_WHATS: likewise. */
enum tally_what tally_named(const char *name);

struct tally;

struct tally *tally_new(void);	      /* NULL: no memory */
void tally_free(struct tally *tally); /* takes NULL */

/* A struct observer_sink's. */
void tally_take(void *tally, const struct observation *observation, uint64_t when_ns);
void tally_turn(void *tally);

/* What tally_turn does: begins a new slice where it is time. `now_ms`: CLOCK_MONOTONIC. */
void tally_advance(struct tally *tally, uint64_t now_ms);

struct tally_ranking {
	struct ranking_row rows[TALLY_ROWS_MAX];
	unsigned count;
	uint64_t total;	 /* messages, by what was sampled */
	double seconds;	 /* that it is of */
	uint32_t one_in; /* the rarest sample of these; 0: none */
};

/*
 * The `most` first, at most TALLY_ROWS_MAX, of the last `seconds`, rounded up to whole slices, or
 * 0: since the start. -1: no memory. Any thread but the observer's.
 */
int tally_rank(struct tally *tally, enum tally_what what, unsigned seconds, unsigned most,
	struct tally_ranking *ranking);

#endif
