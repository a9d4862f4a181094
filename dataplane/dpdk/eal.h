/* SPDX-License-Identifier: BSD-3-Clause */
/* Brings DPDK's environment up: checks the machine first, so that what is missing has a name. */
#ifndef ARPAD_DATAPLANE_DPDK_EAL_H
#define ARPAD_DATAPLANE_DPDK_EAL_H

#include "dataplane/dataplane.h"

/*
 * Checks interfaces, queues, hugepages and limits, then initialises EAL with no signal handled in
 * its threads. Returns 0, or -errno with one sentence. Control thread, once in a process.
 */
int eal_open(const struct dataplane_config *config, char error[static DATAPLANE_ERROR_BYTES]);

/* After every port is closed. */
void eal_close(void);

#endif
