/* SPDX-License-Identifier: BSD-3-Clause */
/* What was lost and should not be, of all counters, in at most one line a minute; else silence. */
#ifndef ARPAD_CONTROL_DROP_LOG_H
#define ARPAD_CONTROL_DROP_LOG_H

#include "control/report.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * X(enumerator, field of the line, how many in a minute are worth a line, what they are). Broken
 * and spoofed packets are there on every network: only a flood of them is said.
 */
#define DROP_LIST(X) \
	X(MALFORMED, "malformed", 600, "broken packets and messages") \
	X(BAD_SOURCE, "bad-source", 600, "packets from sources that no reply can go to") \
	X(NO_ROOM, "no-room", 1, "replies without room by the MTU") \
	X(TX_DROPPED, "tx-dropped", 1, "replies that a port or socket did not take") \
	X(RX_MISSED, "rx-missed", 1, "packets that came faster than they were read") \
	X(KERNEL_DROPPED, "kernel-dropped", 1, "packets without room on the way to the kernel") \
	X(PUNT_REFUSED, "punt-refused", 1, "messages refused since too many waited") \
	X(TCP_REFUSED, "tcp-refused", 1, "TCP clients refused or closed for others")

enum drop_class {
#define X(name, field, least, what) DROP_##name,
	DROP_LIST(X)
#undef X
		DROP_CLASSES,
};

struct drop_totals {
	uint64_t count[DROP_CLASSES];
};

struct drop_totals drop_totals_of(const struct report_facts *facts);

/* Zeroed at first; the control thread's. */
struct drop_log {
	struct drop_totals since; /* the last line, or the last minute without one */
	unsigned quiet_s, wait_s; /* since then without a line; until there may be one */
};

/* Once a second: whether drop_log_second wants the totals of now. */
bool drop_log_wants(struct drop_log *log);
void drop_log_second(struct drop_log *log, const struct drop_totals *totals);

#endif
