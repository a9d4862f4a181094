/* SPDX-License-Identifier: BSD-3-Clause */
/* How many huge pages the ports of a configuration take. */
#ifndef ARPAD_CONTROL_HUGEPAGES_H
#define ARPAD_CONTROL_HUGEPAGES_H

#include "control/config/config.h"

enum { HUGEPAGE_MIB = 2 };

/* Pages of HUGEPAGE_MIB; 0 without ports. */
long hugepages_needed(const struct config *config);

#endif
