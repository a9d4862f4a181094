/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The configuration file as checked values: whoever holds a struct config need not check again.
 * Every key, its default, unit and range: config_keys.c, for people control/arpad.yaml.
 */
#ifndef ARPAD_CONTROL_CONFIG_H
#define ARPAD_CONTROL_CONFIG_H

#include "control/command/access.h"
#include "control/command/name_syntax.h"
#include "control/failure.h"
#include "control/journal/journal.h"
#include "control/listener/dns_listener.h"
#include "control/log.h"
#include "control/observer/dnstap.h"
#include "control/update/update.h"
#include "dataplane/dataplane.h"
#include "dataplane/serving.h"

#include <stddef.h>
#include <stdint.h>

enum hugepages { HUGEPAGES_AUTO, HUGEPAGES_YES, HUGEPAGES_NO };

enum { CONFIG_USER_BYTES = 33 };

/* What the process may do once it serves. */
struct config_privileges {
	const char *user; /* NULL: arpad where there is one, else who started us */
	bool sandbox;
};

/* How much of the traffic is seen by samples. */
struct config_observe {
	bool automatic;	 /* as much as the observer's thread takes */
	uint32_t one_in; /* else: one message of so many; 0: none */
};

/* Where counters are told. */
struct config_metrics {
	const char *listen; /* as it was written; NULL: nowhere */
	const char *path;   /* of a Unix socket; NULL: the address */
	struct dns_listener_address address;
	bool zones;	     /* also of each zone */
	bool dpdk_telemetry; /* by DPDK's own socket too; only with ports */
};

struct config_problems;
struct config_raw;
struct config_tree;

enum { CONFIG_KERNEL_ADDRESSES_MAX = 64, CONFIG_KERNEL_GATEWAYS_MAX = 2 };

/* An address of an interface and the network that it is in. */
struct config_kernel_address {
	struct ip_address address;
	uint8_t bits; /* 1 to 32 or 128 */
};

/* What the kernel shall have on the interface of a port's exception path. */
struct config_kernel {
	struct config_kernel_address addresses[CONFIG_KERNEL_ADDRESSES_MAX]; /* all different */
	unsigned address_count;
	struct ip_address
		gateways[CONFIG_KERNEL_GATEWAYS_MAX]; /* of default routes, one a family */
	unsigned gateway_count;
};

/* Immutable. All strings live as long as the config. */
struct config {
	const char *store_directory;
	const char *control_socket;
	unsigned control_mode;	      /* permission bits of the socket */
	const char *read_only_socket; /* NULL: none */
	unsigned read_only_mode;
	struct access access;
	enum log_level log_level;
	enum log_format log_format;
	struct dns_listener_address *addresses; /* all different; with ports, all of one port */
	size_t address_count;			/* 0 only with interfaces */
	uint16_t port;				/* of addresses that have none of their own */
	const char *const *interfaces;		/* whose addresses are followed; at most
						   FOLLOW_INTERFACES_MAX */
	unsigned interface_count;
	struct dns_listener_limits tcp;
	struct policy policy; /* without secrets where none were given */
	struct dataplane_port ports[DATAPLANE_PORTS_MAX];
	unsigned port_count; /* 0: kernel sockets alone */
	struct config_kernel
		kernels[DATAPLANE_PORTS_MAX]; /* where a port's `kernel` has a device */
	int control_core;
	int worker_cores[DATAPLANE_WORKERS_MAX];
	unsigned worker_count; /* the sum of the ports' queues */
	unsigned idle_us;      /* the longest sleep of a worker without work; 0: it polls */
	enum hugepages hugepages;
	unsigned memory_mib;
	size_t limiter_entries; /* of each worker and of the listener, a power of two */
	const char *const *extra_args;
	unsigned extra_arg_count;
	struct zone_defaults zones;
	struct journal_limits journal;
	struct dnstap_settings dnstap; /* takes effect at start */
	unsigned drain_delay_ms;       /* between not being ready and the end of the steering */
	struct config_observe observe;
	enum name_syntax name_syntax;
	struct config_privileges privileges;
	struct config_metrics metrics;
	struct config_raw *raw;	  /* owns the strings */
	struct config_tree *tree; /* what the file says, as text */
	struct config *older;	  /* start value NULL; of whoever keeps several */
};

/*
 * Reads and checks the file at `path`: a regular file of at most 1 MiB. Returns 0 and a config for
 * config_free, or -1 with one sentence, "file:line: key: what is wrong" where a key is to blame.
 */
int config_load(const char *path, struct config **config, struct failure *failure);

/* The same, with all that is wrong, in the order of lines; none where the file can't be read. */
int config_read(const char *path, struct config **config, struct config_problems *problems,
	struct failure *failure);

/* The same for text that is in no file of ours; the failure has no path. */
int config_parse(const char *text, size_t bytes, struct config **config,
	struct config_problems *problems, struct failure *failure);

void config_free(struct config *config); /* takes NULL */

#endif
