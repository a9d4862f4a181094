/* SPDX-License-Identifier: BSD-3-Clause */
/* What arpad lets this user do, as it says itself (server.methods). */
#ifndef ARPAD_CONTROL_CTL_ALLOWED_H
#define ARPAD_CONTROL_CTL_ALLOWED_H

#include "control/ctl/verbs.h"

/* Zero: nothing is known, and all is taken for allowed. */
struct allowed {
	char **row; /* the methods, each as JSON text; owned */
	size_t count, room;
};

/* Asks arpad, silently; without an answer nothing is known. Release it in any case. */
void allowed_fetch(const struct ctl *ctl, struct allowed *allowed);
void allowed_release(struct allowed *allowed);

/* NULL is allowed: it stands for no method. */
bool allowed_method(const struct allowed *allowed, const char *method);

/* Whether the method takes a parameter of this name. */
bool allowed_param(const struct allowed *allowed, const char *method, const char *param);

#endif
