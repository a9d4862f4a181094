/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands typed one after the other, with history and completion. */
#ifndef ARPAD_CONTROL_CTL_SHELL_H
#define ARPAD_CONTROL_CTL_SHELL_H

#include "control/ctl/options.h"

/*
 * Until the end of input, "exit" or "quit". The history is kept in ~/.arpactl_history, for the
 * user's eyes alone. An interrupt ends the command, not the shell. The status is that of the last
 * command.
 */
enum ctl_status shell_run(const struct options *options);

#endif
