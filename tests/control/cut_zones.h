/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two zones, one in the other, that come, go and change as whole batches, and names in them that a
 * zone cut or a DNAME hides whenever they have records. No cmocka, so that stress can use it too.
 */
#ifndef ARPAD_TESTS_CONTROL_CUT_ZONES_H
#define ARPAD_TESTS_CONTROL_CUT_ZONES_H

#include "control/update/update.h"

#include <stddef.h>
#include <stdint.h>

struct cut_line {
	const char *owner;
	uint16_t type;
	const char *target; /* a name; of an address its four octets */
};

enum { CUT_LINES_MAX = 10, CUT_HIDDEN = 6 };

/* What a zone may hold, beside its SOA and NS. */
extern const struct cut_line cut_plain[CUT_LINES_MAX];	/* nothing is hidden, or hides */
extern const struct cut_line cut_below[CUT_LINES_MAX];	/* a cut below both apexes */
extern const struct cut_line cut_above[CUT_LINES_MAX];	/* a cut where the inner zone's apex is */
extern const struct cut_line cut_dname[CUT_LINES_MAX];	/* a DNAME in place of cut_below's cut */
extern const struct cut_line cut_both[CUT_LINES_MAX];	/* the one DNAME below the other's cut */
extern const struct cut_line cut_wild[CUT_LINES_MAX];	/* no cut, and the wildcard */
extern const struct cut_line cut_single[CUT_LINES_MAX]; /* in its place the last of cut_hidden */

/* What the two zones hold; NULL: there is none. 10.0.0.0/8 encloses 10.1.0.0/16. */
struct cut_zones {
	const struct cut_line *enclosing, *inner;
};

/* A name, and a type that it may have. */
struct cut_question {
	const char *name;
	uint16_t qtype;
};

/*
 * In a page, in a record, in a page without the type, no address, the same without the type, a
 * wildcard's: not to be answered from any of these.
 */
extern const struct cut_question cut_hidden[CUT_HIDDEN];

/* Begins a batch and makes the changes from `was` to `is`. Control thread. 0, or -1: the failure.
 */
int cut_zones_change(struct update *update, const struct cut_zones *was, const struct cut_zones *is,
	struct failure *failure);

/* Begins or goes on with a batch: the zone holds `lines` from now on. */
int cut_zones_import(struct update *update, const char *apex, const struct cut_line *lines,
	struct failure *failure);

/* Writes the question as a message; returns its length. */
size_t cut_zones_ask(const struct cut_question *question, uint8_t *message);

#endif
