/* SPDX-License-Identifier: BSD-3-Clause */
/* What DPDK's telemetry is told of us. Control thread. */
#ifndef ARPAD_CONTROL_METRICS_TELEMETRY_H
#define ARPAD_CONTROL_METRICS_TELEMETRY_H

struct server;

/* From the ports' opening until dataplane_telemetry_end. A failure is logged. */
void metrics_telemetry_serve(struct server *server);

#endif
