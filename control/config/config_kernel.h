/* SPDX-License-Identifier: BSD-3-Clause */
/* The section "ports[].kernel": the way to the kernel of a port that DPDK owns. */
#ifndef ARPAD_CONTROL_CONFIG_KERNEL_H
#define ARPAD_CONTROL_CONFIG_KERNEL_H

#include "control/config/config_value.h"

/*
 * Checks the section of port `index`, which has it; its own port and those before are checked. 0,
 * or -1 with line and sentence.
 */
int config_kernel_check(const struct config_check *check, unsigned index);

#endif
