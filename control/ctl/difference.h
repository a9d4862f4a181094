/* SPDX-License-Identifier: BSD-3-Clause */
/* What was and what is instead, as lines with - and +. */
#ifndef ARPAD_CONTROL_CTL_DIFFERENCE_H
#define ARPAD_CONTROL_CTL_DIFFERENCE_H

#include "control/ctl/span.h"

/* A row with "address" or "owner", "before" and "after". */
void difference_print(struct span row);

/* A row of the journal: its number, time and user before that. */
void difference_print_change(struct span row);

#endif
