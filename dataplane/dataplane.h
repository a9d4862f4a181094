/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that the control side may see of the workers: start, stop, counters, grace periods. Its
 * implementation is dataplane/dpdk/. Every function is the control thread's, but the reader's.
 */
#ifndef ARPAD_DATAPLANE_DATAPLANE_H
#define ARPAD_DATAPLANE_DATAPLANE_H

#include "dataplane/addresses.h"
#include "dataplane/counters.h"
#include "dataplane/observe.h"
#include "dataplane/probe.h"
#include "dataplane/serving.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DATAPLANE_PORTS_MAX = 8,
	DATAPLANE_WORKERS_MAX = 64,
	DATAPLANE_ERROR_BYTES = 512,
	/*
	 * AF_XDP holds buffers in four rings at once (fill, receive, transmit, completion); 2^14 -
	 * 1 covers them and the pool's cache, and is what a mempool stores without waste.
	 */
	DATAPLANE_BUFFERS = 16383,
	DATAPLANE_BUFFERS_MAX = (1 << 24) - 1,
	/* How long a worker may sleep that finds nothing to do, at most: the usual, and the range.
	 */
	DATAPLANE_IDLE_US = 100,
	DATAPLANE_IDLE_US_MIN = 1,
	DATAPLANE_IDLE_US_MAX = 10000, /* a ring of 2048 frames then fills at 200,000 a second */
};

/* How what arpad does not answer on a port without a kernel gets to the host's kernel. */
enum dataplane_kernel_device {
	DATAPLANE_KERNEL_NONE, /* not at all */
	DATAPLANE_KERNEL_TAP,
	DATAPLANE_KERNEL_VIRTIO_USER, /* through vhost-net */
};

struct dataplane_kernel {
	enum dataplane_kernel_device device;
	const char *interface; /* what it is called in the kernel, which must not have it yet */
	unsigned rate;	       /* frames a second, each way; at least 1 */
};

/* One port: an AF_XDP socket set on a kernel interface, or any device that DPDK drives. */
struct dataplane_port {
	const char *interface; /* kernel interface for AF_XDP, or NULL */
	const char *device;    /* EAL device string ("net_ring0", "0000:3b:00.0"), or NULL */
	unsigned queues;       /* queue pairs, one worker each; at least 1 */
	unsigned buffers;      /* packet buffers of each queue; 0: DATAPLANE_BUFFERS */
	struct dataplane_kernel kernel; /* only with a device */
};

static inline unsigned dataplane_buffers(const struct dataplane_port *port)
{
	return port->buffers ? port->buffers : DATAPLANE_BUFFERS;
}

/* The port's packet memory, in queues of the usual size. */
static inline unsigned dataplane_pools(const struct dataplane_port *port)
{
	return port->queues *
		((dataplane_buffers(port) + DATAPLANE_BUFFERS - 1) / DATAPLANE_BUFFERS);
}

enum dataplane_saying { DATAPLANE_SAYS_ERROR, DATAPLANE_SAYS_WARNING, DATAPLANE_SAYS_DETAIL };

struct dataplane_config {
	const char *program; /* what EAL shall call us: argv[0] */
	struct dataplane_port ports[DATAPLANE_PORTS_MAX];
	unsigned port_count;			 /* 0: no worker, and EAL is left alone */
	const char *steer_object;		 /* path of steer.bpf.o for AF_XDP ports */
	int control_core;			 /* CPU of the calling thread */
	int worker_cores[DATAPLANE_WORKERS_MAX]; /* one CPU a worker; may repeat */
	unsigned worker_count;			 /* the sum of the ports' queues */
	unsigned idle_us;    /* the longest sleep of a worker that has nothing to do; 0: it polls */
	bool hugepages;	     /* false: --no-huge, slower */
	unsigned memory_mib; /* for packet buffers; 0: as needed; without hugepages at least 256 */
	size_t limiter_entries;	    /* of each worker, as ratelimit_new wants them; 0: none */
	uint8_t limiter_secret[16]; /* random */
	/* Takes a line that DPDK or a driver has to say, in any thread, a worker's too. NULL: DPDK
	 * prints it on standard error. */
	void (*log)(enum dataplane_saying saying, const char *component, const char *text);
	bool log_detail;	       /* details too, of which there are many */
	bool telemetry;		       /* DPDK's socket for it */
	const char *const *extra_args; /* passed to EAL as they are, after ours */
	unsigned extra_arg_count;
};

struct dataplane;

/*
 * Brings up EAL, ports and queues; no worker runs yet, and with AF_XDP every packet still goes to
 * the kernel. The calling thread becomes EAL's main lcore. Once in a process (EAL can't be undone
 * and done again). Returns 0, or -errno with one sentence in `error` that says what to do.
 *
 * Without ports there is no EAL and no worker: grace periods alone, for an ordinary user.
 */
int dataplane_open(const struct dataplane_config *config, struct dataplane **dataplane,
	char error[static DATAPLANE_ERROR_BYTES]);

/*
 * Runs worker(context) once in the thread of every worker, and helper(context) in the one that EAL
 * keeps for itself; one after the other, and waits for each. Before dataplane_start; nothing to do
 * without ports. Returns 0, or -errno with one sentence: a thread did not take its turn.
 */
int dataplane_enter_threads(struct dataplane *dataplane, void (*worker)(void *context),
	void (*helper)(void *context), void *context, char error[static DATAPLANE_ERROR_BYTES]);

/* Starts one worker a queue, answering from `serving`, which must outlive them. */
int dataplane_start(struct dataplane *dataplane, const struct serving *serving,
	char error[static DATAPLANE_ERROR_BYTES]);

/* Stops and joins the workers, closes the ports, frees everything. Takes NULL. */
void dataplane_close(struct dataplane *dataplane);

unsigned dataplane_workers(const struct dataplane *dataplane);

/*
 * A DNS message that a worker leaves to another thread: it came over UDP to one of our addresses
 * and its reply goes back the way it came. Written in place.
 */
struct dataplane_message {
	uint8_t *bytes;
	size_t length;		/* of the message; whoever answers makes it the reply's, 0: none */
	size_t capacity;	/* bytes writable, and the longest reply that fits a packet */
	const uint8_t *address; /* the client's, network order, in the frame */
	uint8_t address_bytes;	/* 4 or 16 */
	const uint8_t *server;	/* where it came to, likewise */
	uint16_t port, server_port;
	unsigned worker; /* the rest is this module's */
	void *frame;
};

enum { DATAPLANE_PUNT_BATCH = 32 };

/*
 * Takes up to `count` messages, at most DATAPLANE_PUNT_BATCH, of all workers by turns; returns how
 * many. dataplane_punt_reply is owed for each of them before the next take. One thread, the same
 * always, calls these two; it has stopped before dataplane_close. Neither blocks.
 */
unsigned dataplane_punt_take(
	struct dataplane *dataplane, struct dataplane_message *messages, unsigned count);
void dataplane_punt_reply(
	struct dataplane *dataplane, const struct dataplane_message *messages, unsigned count);

/* What is known of one worker; `counters` is borrowed and live until dataplane_close. */
struct dataplane_worker {
	const struct counters *counters;
	const char *port; /* the interface or device name */
	unsigned queue;
	int core;
	int port_node;	 /* the NUMA node of the port, where the core is on another; else -1 */
	uint64_t cycles; /* TSC cycles since it started */
	const struct observe_ring *ring; /* as `counters`, for its own counters */
};
struct dataplane_worker dataplane_worker(const struct dataplane *dataplane, unsigned index);

/* Cycles a second of the clock that workers count by; 0: there are none. */
uint64_t dataplane_tsc_hz(const struct dataplane *dataplane);

/*
 * DPDK's telemetry socket, which is there if the configuration wants it, answers our commands
 * (/arpad/status, stats, workers) by what `fill` puts into the reply. It runs in threads of DPDK's,
 * one at a time.
 */
enum dataplane_telemetry_page {
	DATAPLANE_TELEMETRY_STATUS,
	DATAPLANE_TELEMETRY_STATS,
	DATAPLANE_TELEMETRY_WORKERS,
};
struct dataplane_telemetry_reply;
struct dataplane_telemetry {
	void (*fill)(void *context, enum dataplane_telemetry_page page,
		struct dataplane_telemetry_reply *reply);
	void *context;
};
/* 0 or -errno: the commands can't be registered. */
int dataplane_telemetry_serve(const struct dataplane_telemetry *telemetry);
/* From here on `fill` does not run. Nothing to do where it was not served. */
void dataplane_telemetry_end(void);

/* Only for `fill`. A '-' in a name becomes '_'; what there is no room for is left out. */
void dataplane_telemetry_put(
	struct dataplane_telemetry_reply *reply, const char *name, uint64_t value);
void dataplane_telemetry_put_text(
	struct dataplane_telemetry_reply *reply, const char *name, const char *text);
void dataplane_telemetry_put_object(struct dataplane_telemetry_reply *reply, const char *name,
	void (*fill)(const void *context, struct dataplane_telemetry_reply *object),
	const void *context);

/* DPDK's version ("22.11.11"). Any thread. */
const char *dataplane_version(void);

/* The TSC now, which struct counters has cycles of. Any thread. */
uint64_t dataplane_cycles(void);
/*
 * What a worker lets others see; it lives until dataplane_close. One thread is its consumer, which
 * has stopped by then.
 */
struct observe_ring *dataplane_observe_ring(const struct dataplane *dataplane, unsigned index);

/* Which groups' frames a port that DPDK owns lets through. */
enum dataplane_groups {
	DATAPLANE_GROUPS_UNKNOWN, /* the driver was told, and did not do it */
	DATAPLANE_GROUPS_LISTED,  /* those that neighbours ask for our addresses by */
	DATAPLANE_GROUPS_ALL,
};

enum { DATAPLANE_MAC_BYTES = 6 };

/* Per port: counters from the driver, and the rest as dataplane_follow saw it. */
struct dataplane_port_stats {
	const char *port;
	uint64_t rx_packets, tx_packets, rx_missed, rx_no_buffer, tx_errors;
	uint64_t rx_bytes, tx_bytes, rx_errors;
	uint16_t mtu_bytes;
	uint8_t mac[DATAPLANE_MAC_BYTES];
	bool owned; /* DPDK's alone; only then is the rest known */
	bool link_up, removed;
	uint32_t speed_mbps; /* 0: not known */
	enum dataplane_groups groups;
};
bool dataplane_port_stats(
	const struct dataplane *dataplane, unsigned index, struct dataplane_port_stats *stats);

/*
 * The exception path of a port: frames that it moved, and why others were not. What is more than
 * the rate waits, and where there is no more room to wait, `ring_full` (to the kernel) or the
 * interface's own counter of drops (from it) grows.
 */
struct dataplane_kernel_stats {
	uint64_t to_kernel, from_kernel;
	uint64_t ring_full;   /* to the kernel: dropped by a worker, more came than the rate or the
				 kernel took */
	uint64_t device_full; /* to the kernel: dropped, since the interface is full or down */
	uint64_t no_buffer; /* looks that found no packet buffer to take a frame from the kernel */
	uint64_t to_throttled, from_throttled; /* looks that found the rate used up */
};

/* False: the port has no such path. */
bool dataplane_kernel_stats(
	const struct dataplane *dataplane, unsigned index, struct dataplane_kernel_stats *stats);

/* What the interface of such a path must be like: the port's MAC address, and the longest IP
 * packet. */
struct dataplane_kernel_link {
	uint8_t mac[DATAPLANE_MAC_BYTES];
	uint16_t mtu_bytes;
};
struct dataplane_kernel_link dataplane_kernel_link(
	const struct dataplane *dataplane, unsigned index);

/*
 * Ports that DPDK owns tell their links of these addresses, and let through what neighbours ask
 * for them by. An address that is there already stays. Returns 0 or -ENOMEM. The set that workers
 * answer by is another (struct serving).
 */
int dataplane_add_address(struct dataplane *dataplane, const struct ip_address *address);
void dataplane_remove_address(struct dataplane *dataplane, const struct ip_address *address);

/*
 * Once a second, and when addresses have changed: sees what became of the links of all ports. On
 * those that DPDK owns it announces our addresses where it is due. Never blocks.
 */
void dataplane_follow(struct dataplane *dataplane);

/*
 * A query that we ask ourselves: worker `index` answers the DNS message of `length` octets, 12 to
 * PROBE_MESSAGE_MAX_BYTES, as if its port had brought it for address `to`. No counter of
 * clients' queries sees it, no rate limits it. False: the one before has not been taken. Never
 * blocks.
 */
bool dataplane_probe_send(struct dataplane *dataplane, unsigned index, const struct ip_address *to,
	uint16_t port, const uint8_t *message, size_t length);

/*
 * True: the worker is done with it, and `*message` is the reply of `*length` octets, borrowed until
 * the next send; 0: it gave none, or one that no client could take.
 */
bool dataplane_probe_take(
	struct dataplane *dataplane, unsigned index, const uint8_t **message, size_t *length);

/*
 * Grace periods: what was unlinked before grace_start(token) may be freed once grace_passed(token):
 * every worker, and the reader below, has been quiescent since. Never blocks. With none of them
 * online, always passed.
 */
uint64_t dataplane_grace_start(struct dataplane *dataplane);
bool dataplane_grace_passed(struct dataplane *dataplane, uint64_t token);

/*
 * One reader that is no worker: a thread of its own that answers with respond(). Offline at first;
 * that thread alone calls these, and is offline again before dataplane_close. None blocks.
 */
void dataplane_reader_online(struct dataplane *dataplane);
void dataplane_reader_quiescent(struct dataplane *dataplane);
void dataplane_reader_offline(struct dataplane *dataplane);

#endif
