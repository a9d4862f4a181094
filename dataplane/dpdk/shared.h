/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of a port that a kernel shares: MAC address and MTU are the interface's, and the
 * administrator's to change at any time. Control thread.
 */
#ifndef ARPAD_DATAPLANE_DPDK_SHARED_H
#define ARPAD_DATAPLANE_DPDK_SHARED_H

#include "dataplane/dpdk/port.h"

/*
 * Asks the kernel for both, for the workers to go by. Returns 0, or -errno (-ENODEV: the interface
 * is gone); then what was known stays. Needs no capability. Never blocks.
 */
int shared_follow(struct port *port);

#endif
