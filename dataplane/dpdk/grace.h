/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Grace periods over DPDK's QSBR; no EAL is needed. A reader announces that it holds nothing
 * (quiescent), and what was unlinked before a token was taken may be freed once every online
 * reader has done so since.
 */
#ifndef ARPAD_DATAPLANE_DPDK_GRACE_H
#define ARPAD_DATAPLANE_DPDK_GRACE_H

#include <stdbool.h>
#include <stdint.h>

struct grace_periods;

/* For readers 0..`readers`-1, none of them online. NULL: no memory. Control thread. */
struct grace_periods *grace_new(unsigned readers);

/* No reader may be online. Takes NULL. */
void grace_free(struct grace_periods *grace);

/* Called by the reader itself. Before its first read, and after its last one. */
void grace_online(struct grace_periods *grace, unsigned reader);
void grace_offline(struct grace_periods *grace, unsigned reader);

/* The reader holds no pointer that it read before. Release; pairs with grace_passed. */
void grace_quiescent(struct grace_periods *grace, unsigned reader);

/* A token for all that the caller has unlinked until now. Control thread. */
uint64_t grace_start(struct grace_periods *grace);

/* Whether every online reader has been quiescent since; never blocks. Control thread. */
bool grace_passed(struct grace_periods *grace, uint64_t token);

#endif
