/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the kernel has on the interface of an exception path: MAC address, MTU, addresses, default
 * routes. All of it goes with the interface. By rtnetlink, in the network namespace of the process.
 */
#ifndef ARPAD_CONTROL_KERNEL_INTERFACE_H
#define ARPAD_CONTROL_KERNEL_INTERFACE_H

#include "control/config/config.h"
#include "control/failure.h"

/*
 * Sets the interface of port `index` up as the configuration says: its `kernel.addresses`, every
 * other address of `listen` as one host's, and the routes. 0, or -1 with one sentence. Control
 * thread, with CAP_NET_ADMIN.
 */
int kernel_interface_set_up(const struct config *config, unsigned index,
	const struct dataplane_kernel_link *link, struct failure *failure);

#endif
