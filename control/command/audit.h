/* SPDX-License-Identifier: BSD-3-Clause */
/* Who changed what: one line of the log for each request that changed something and was kept. */
#ifndef ARPAD_CONTROL_AUDIT_H
#define ARPAD_CONTROL_AUDIT_H

#include "control/command/request.h"

/*
 * After the commit that kept them: "change seq=N user=NAME role=ROLE method=NAME", then tenant= and
 * which object, for every request with a sequence of its own. One write for all.
 */
void audit_changes(struct request *const *requests, size_t count);

/* A request that did at once what no commit keeps: "act user=..." */
void audit_act(const struct request *request);

#endif
