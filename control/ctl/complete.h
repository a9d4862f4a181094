/* SPDX-License-Identifier: BSD-3-Clause */
/* What may stand next on a command line: from the tables of verbs, and from arpad. */
#ifndef ARPAD_CONTROL_CTL_COMPLETE_H
#define ARPAD_CONTROL_CTL_COMPLETE_H

#include "control/ctl/options.h"
#include "control/ctl/words.h"

struct candidates {
	char **word; /* sorted; owned */
	size_t count, room;
};

/*
 * All that the last word of the line may become; an empty one when the line ends in a blank. With
 * `shell` the line has no options of the program's in front. Asks arpad for zones, transactions and
 * methods, and is silent when there is none. `candidates` come empty; release them in any case.
 */
void complete_line(
	const struct options *options, const char *line, bool shell, struct candidates *candidates);
void complete_release(struct candidates *candidates);

/* The octets that all candidates have in common. */
size_t complete_common(const struct candidates *candidates);

/* Prints what bash's "complete -C" asks for, by COMP_LINE and COMP_POINT; `words` are its
 * arguments. */
enum ctl_status complete_for_bash(struct options *options, char **words);

#endif
