/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What arpad says of itself, as JSON. It formats facts that the caller gathered, so that it needs
 * neither DPDK nor a kernel interface to run.
 */
#ifndef ARPAD_CONTROL_REPORT_H
#define ARPAD_CONTROL_REPORT_H

#include "bpf/steer_map.h"
#include "control/listener/dns_listener.h"
#include "control/observer/dnstap.h"
#include "dataplane/dataplane.h"
#include "dataplane/records/table_writer.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What becomes of packets on interfaces that the kernel shares. */
enum report_steering { REPORT_NO_STEERING, REPORT_STEERING, REPORT_DRAINING };

/* One AF_XDP interface: packets by verdict. */
struct report_steer {
	const char *interface;
	uint64_t verdicts[STEER_VERDICTS];
};

/* The exception path of a port. */
struct report_kernel {
	const char *interface; /* NULL: the port has none */
	struct dataplane_kernel_stats stats;
};

/* All pointers are borrowed for the call. */
struct report_facts {
	const char *start_id;	      /* of this process alone; NULL: not told, as the next three */
	uint64_t started_ms, time_ms; /* since 1970 */
	uint64_t monotonic_ms;	      /* when these facts were gathered */
	uint64_t resident_bytes;      /* 0: not known */
	uint64_t tsc_hz;	      /* 0: no worker counts cycles */
	uint64_t uptime_s;
	bool ready, hugepages;
	uint32_t reasons;  /* why it is not ready (control/health/readiness.h) */
	uint64_t sequence; /* of the last change */
	size_t zones, rrsets;
	size_t addresses; /* that we answer on */
	enum report_steering steering;
	size_t waiting; /* unlinked things that wait for their grace period */
	struct table_counts table;
	unsigned worker_count;
	struct dataplane_worker workers[DATAPLANE_WORKERS_MAX];
	unsigned port_count;
	struct dataplane_port_stats ports[DATAPLANE_PORTS_MAX];
	struct report_kernel kernels[DATAPLANE_PORTS_MAX]; /* in the order of `ports` */
	unsigned steer_count;
	struct report_steer steers[DATAPLANE_PORTS_MAX];
	const struct dns_listener_counters *listener; /* NULL: it does not run */
	unsigned tcp_clients_max;		      /* connections in all */
	const struct observe_ring *listener_ring;     /* NULL: nothing is observed */
	uint32_t observe_one_in;		      /* now; 0: no samples */
	/* Who serves, and what limits hold (control/sandbox/privileges.h); a reason "": on. NULL:
	 * not told.
	 */
	const char *user, *capabilities, *seccomp_off, *landlock_off;
	int landlock_abi;
	bool has_dnstap; /* it is configured */
	struct dnstap_counts dnstap;
};

/* New references, or NULL when there is no memory. Control thread. */
json_t *report_status(const struct report_facts *facts);

/* `explain` adds the sentence of every outcome and of every verdict. */
json_t *report_stats(const struct report_facts *facts, bool explain);

#endif
