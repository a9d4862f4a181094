/* SPDX-License-Identifier: BSD-3-Clause */
/* Whose settings they are: the process that signed them, as long as it lives. */
#ifndef ARPAD_BPF_OWNER_H
#define ARPAD_BPF_OWNER_H

#include "bpf/steer_map.h"

#include <stdbool.h>

/*
 * Whether the process that signed the settings lives. Settings that nobody has signed are what a
 * crash right after the attachment leaves: false.
 */
bool owner_lives(const struct steer_settings *settings);

/* Signs with this process. False: /proc can't be read. */
bool owner_sign(struct steer_settings *settings);

#endif
