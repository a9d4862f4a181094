/* SPDX-License-Identifier: BSD-3-Clause */
/* What the server knows, for the thread "metrics". Control thread. */
#ifndef ARPAD_CONTROL_METRICS_GATHER_H
#define ARPAD_CONTROL_METRICS_GATHER_H

struct server;

/* Once a second: copies the facts and says that we live. */
void metrics_gather(struct server *server);

/* By work that takes long, now and then: says that we live. */
void metrics_alive(struct server *server);

#endif
