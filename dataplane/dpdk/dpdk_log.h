/* SPDX-License-Identifier: BSD-3-Clause */
/* What DPDK and its drivers log, handed on line by line instead of printed. */
#ifndef ARPAD_DATAPLANE_DPDK_DPDK_LOG_H
#define ARPAD_DATAPLANE_DPDK_DPDK_LOG_H

#include "dataplane/dataplane.h"

/* Before EAL starts; to the end of the process. 0 or -errno. */
int dpdk_log_open(
	void (*take_line)(enum dataplane_saying saying, const char *component, const char *text));

#endif
