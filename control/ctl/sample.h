/* SPDX-License-Identifier: BSD-3-Clause */
/* What arpad tells of itself at one moment, out of server.status and server.stats. Pure. */
#ifndef ARPAD_CONTROL_CTL_SAMPLE_H
#define ARPAD_CONTROL_CTL_SAMPLE_H

#include "dataplane/outcome.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	SAMPLE_WORKERS_MAX = 64,
	SAMPLE_PORTS_MAX = 8,
	SAMPLE_NAME_BYTES = 32,
	SAMPLE_REASONS_BYTES = 128
};

struct sample_worker {
	char port[SAMPLE_NAME_BYTES];
	unsigned queue;
	int core;
	/* As in server.stats. */
	uint64_t received, returned, sent, bursts, empty_polls, busy_cycles, asleep_cycles, cycles;
	uint64_t tx_dropped, tx_paused, tx_backlog;
};

struct sample_port {
	char name[SAMPLE_NAME_BYTES];
	char kernel[SAMPLE_NAME_BYTES]; /* "": no way to the kernel */
	bool owned, link_up;		/* the second only of a port that DPDK owns */
	uint64_t speed_mbps;
	uint64_t rx_packets, tx_packets, rx_missed, rx_no_buffer, tx_errors;
	uint64_t to_kernel, from_kernel, kernel_lost;
};

/* Numbers that are not told are 0. */
struct sample {
	char version[SAMPLE_NAME_BYTES], start_id[SAMPLE_NAME_BYTES], steering[SAMPLE_NAME_BYTES];
	uint64_t pid, uptime_s, time_ms, monotonic_ms, tsc_hz;
	bool ready;
	char reasons[SAMPLE_REASONS_BYTES]; /* why not, with commas between */
	uint64_t seq, zones, rrsets, addresses, waiting, table_bytes, resident_bytes;
	uint64_t tcp_clients, tcp_clients_max;
	uint64_t outcome[OUTCOMES]; /* of workers and listener together */
	uint64_t punt_replied;	    /* replies to what workers punted */
	bool listener;
	uint64_t udp_queries, tcp_queries, listener_dropped;
	unsigned worker_count, port_count;
	struct sample_worker workers[SAMPLE_WORKERS_MAX];
	struct sample_port ports[SAMPLE_PORTS_MAX];
};

/*
 * Reads both results; `status` may be NULL. False: `stats` is not what server.stats of this version
 * gives.
 */
bool sample_read(json_t *status, json_t *stats, struct sample *sample);

/* The label of an outcome, as server.stats has it. */
const char *sample_outcome(enum outcome outcome);

/* Whether both are of one run of arpad. */
bool sample_same_start(const struct sample *one, const struct sample *other);

#endif
