/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way packets come in: the data plane's ports, and the steering programs of those shared with
 * the kernel. No packet is taken before ports_steer, and the first step of the end is to take none.
 */
#ifndef ARPAD_CONTROL_PORTS_H
#define ARPAD_CONTROL_PORTS_H

#include "bpf/steer.h"
#include "control/config/config.h"
#include "control/failure.h"
#include "control/report.h"
#include "control/sandbox/privileges.h"
#include "dataplane/dataplane.h"

/* What was last said of a port; all but the MAC address and the MTU only where DPDK owns it. */
struct ports_link {
	bool up, removed;
	uint32_t speed_mbps;
	uint16_t mtu_bytes;
	uint8_t mac[DATAPLANE_MAC_BYTES];
	enum dataplane_groups groups;
};

struct ports {
	struct dataplane *dataplane;		   /* NULL: not open */
	struct steer *steers[DATAPLANE_PORTS_MAX]; /* NULL: no AF_XDP port, or not open */
	const char *interfaces[DATAPLANE_PORTS_MAX];
	const char *kernels[DATAPLANE_PORTS_MAX]; /* interfaces of exception paths, or NULL */
	unsigned count;
	bool hugepages;
	struct ports_link links[DATAPLANE_PORTS_MAX];
	uint64_t conflicts;	   /* frames that claimed an address of ours, when last said */
	unsigned conflict_silence; /* calls of ports_follow until it may be said again */
};

/*
 * Opens every port of `config`, which must outlive the ports. Workers do not run yet. Without
 * ports there are grace periods alone. -1: one sentence; ports_close undoes what was done.
 * `program` is argv[0].
 */
int ports_open(struct ports *ports, const struct config *config, const char *program,
	struct failure *failure);

/* What serving goes on to need once the user has changed. */
struct privileges_later ports_later(const struct ports *ports);

/* Every thread of the data plane limits itself, as control/sandbox/privileges.h has it. */
int ports_enter(struct ports *ports, struct privileges *privileges, struct failure *failure);

/* Starts the workers, which answer from `serving`. */
int ports_start(struct ports *ports, const struct serving *serving, struct failure *failure);

/* Waits a few seconds for links that are still down, and logs how they are. Before the workers
 * start. */
void ports_links_wait(struct ports *ports);

/*
 * Once a second: follows what becomes of the ports, keeps the steering to the MAC address that its
 * interface has now, and logs what has changed.
 */
void ports_follow(struct ports *ports);

/* Adds or removes one address on every port. 0 or -errno. */
int ports_add_address(struct ports *ports, const struct ip_address *address);
void ports_remove_address(struct ports *ports, const struct ip_address *address);

/* Whether there is any port whose packets the kernel shares. */
bool ports_steered(const struct ports *ports);

/* Makes the kernel send us what is for our addresses and UDP `port`: packets come now. */
int ports_steer(struct ports *ports, uint16_t port, struct failure *failure);

/* Makes the kernel keep all packets while we go on serving. */
int ports_drain(struct ports *ports, struct failure *failure);

/* Fills workers, ports and steers of the report. */
void ports_gather(const struct ports *ports, struct report_facts *facts);

/* Gives packets back to the kernel: no more come to the workers. Any state of opening. */
void ports_unsteer(struct ports *ports);

/* After ports_unsteer: stops the workers, closes all. Any state of opening. */
void ports_close(struct ports *ports);

#endif
