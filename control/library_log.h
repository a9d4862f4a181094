/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libraries say for themselves, as events "dpdk" and "libbpf" of our log: their errors as
 * warnings, their warnings as information, all else for debugging. Any thread.
 */
#ifndef ARPAD_CONTROL_LIBRARY_LOG_H
#define ARPAD_CONTROL_LIBRARY_LOG_H

#include "dataplane/dataplane.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

void library_log_dpdk(enum dataplane_saying saying, const char *component, const char *text);
void library_log_libbpf(bool error, const char *text);

/*
 * Lines in a second, for a driver may complain of every packet, and in a worker. Zeroed at first.
 * The second stands above the count, so that both change at once.
 */
enum { LIBRARY_LOG_LINES = 20 };

struct library_log_budget {
	_Atomic(uint64_t) now;
	_Atomic(uint64_t) dropped; /* not told yet */
};

/* Whether another line may leave in this second; then how many before it did not. */
bool library_log_allows(struct library_log_budget *budget, uint32_t second, uint64_t *dropped);

#endif
