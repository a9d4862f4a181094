/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of system calls, as seccomp filters. Filters add up: a call must pass each of them. */
#ifndef ARPAD_CONTROL_SANDBOX_SECCOMP_H
#define ARPAD_CONTROL_SANDBOX_SECCOMP_H

#include <stdbool.h>

/*
 * The calls of any thread of ours, for all threads of the process; `connects`: one of them connects
 * to Unix sockets. What no part of it would ever do ends the process; any other call fails with
 * EPERM. 0 or -errno.
 */
int sandbox_seccomp_process(bool connects);

/* For the calling thread. `kill`: another call ends the process, rather than fails with EPERM. */
int sandbox_seccomp_worker(bool kill);
int sandbox_seccomp_listener(void);
int sandbox_seccomp_store(void);
int sandbox_seccomp_dnstap(void);
int sandbox_seccomp_metrics(void);
int sandbox_seccomp_observer(void);

#endif
