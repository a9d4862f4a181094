/* SPDX-License-Identifier: BSD-3-Clause */
/* An event loop of one thread, which alone touches it once it runs: libevent takes no locks. */
#ifndef ARPAD_CONTROL_THREAD_LOOP_H
#define ARPAD_CONTROL_THREAD_LOOP_H

struct event_base;

/* For event_base_free; NULL: no memory or descriptors. */
struct event_base *thread_loop_new(void);

#endif
