/* SPDX-License-Identifier: BSD-3-Clause */
/* The links of ports that DPDK owns: no kernel logs what becomes of them, so arpad does. */
#include "control/ports.h"

#include "control/log.h"

#include <time.h>

enum {
	WAIT_STEP_MS = 100,
	WAIT_STEPS = 50, /* 5 s: speeds are agreed upon in 3, and spanning tree takes 30 */
	CONFLICT_SECONDS = 60,
};

static void say_link(const struct dataplane_port_stats *port)
{
	if (!port->link_up)
		log_warning("%s: the link is down", port->port);
	else if (port->speed_mbps)
		log_info("%s: the link is up at %u Mb/s, packets of at most %u bytes", port->port,
			port->speed_mbps, port->mtu_bytes);
	else
		log_info("%s: the link is up, packets of at most %u bytes", port->port,
			port->mtu_bytes);
}

static void say_changes(const struct dataplane_port_stats *port, struct ports_link *last)
{
	if (port->removed && !last->removed)
		log_error("%s: the device is gone; plug it in and restart arpad", port->port);
	if (port->link_up != last->up ||
		(port->link_up &&
			(port->speed_mbps != last->speed_mbps ||
				port->mtu_bytes != last->mtu_bytes)))
		say_link(port);
	if (port->groups == DATAPLANE_GROUPS_UNKNOWN && last->groups != DATAPLANE_GROUPS_UNKNOWN)
		log_warning("%s: the driver lets through neither a list of groups nor all of them; "
			    "neighbours may not find our IPv6 addresses",
			port->port);
	*last = (struct ports_link){
		port->link_up, port->removed, port->speed_mbps, port->mtu_bytes, port->groups};
}

/* Once a minute at most: who does it may do it thousands of times a second. */
static void say_conflicts(struct ports *ports)
{
	uint64_t conflicts = 0;

	for (unsigned i = 0; i < dataplane_workers(ports->dataplane); i++) {
		struct dataplane_worker worker = dataplane_worker(ports->dataplane, i);

		conflicts += counter_read(&worker.counters->outcome[OUTCOME_ADDRESS_CONFLICT]);
	}
	if (ports->conflict_silence) {
		ports->conflict_silence--;
		return;
	}
	if (conflicts == ports->conflicts)
		return;
	log_warning(
		"another host uses an address of ours: it said so %llu times by ARP or neighbor "
		"discovery; look for its MAC address in the switch",
		(unsigned long long)(conflicts - ports->conflicts));
	ports->conflicts = conflicts;
	ports->conflict_silence = CONFLICT_SECONDS;
}

void ports_follow(struct ports *ports)
{
	struct dataplane_port_stats port;

	dataplane_follow(ports->dataplane);
	for (unsigned i = 0; i < ports->count; i++)
		if (dataplane_port_stats(ports->dataplane, i, &port) && port.owned)
			say_changes(&port, &ports->links[i]);
	say_conflicts(ports);
}

/* The first that is owned and down, by its number, or the count of them. */
static unsigned first_down(const struct ports *ports, struct dataplane_port_stats *port)
{
	unsigned i = 0;

	while (i < ports->count &&
		(!dataplane_port_stats(ports->dataplane, i, port) || !port->owned || port->link_up))
		i++;
	return i;
}

void ports_links_wait(struct ports *ports)
{
	const struct timespec step = {.tv_nsec = WAIT_STEP_MS * 1000000L};
	struct dataplane_port_stats port;

	dataplane_follow(ports->dataplane);
	if (first_down(ports, &port) < ports->count)
		log_info("waiting for the link of %s", port.port);
	for (unsigned n = 0; n < WAIT_STEPS && first_down(ports, &port) < ports->count; n++) {
		nanosleep(&step, NULL);
		dataplane_follow(ports->dataplane);
	}
	for (unsigned i = 0; i < ports->count; i++) {
		if (!dataplane_port_stats(ports->dataplane, i, &port) || !port.owned)
			continue;
		say_link(&port);
		ports->links[i] = (struct ports_link){port.link_up, port.removed, port.speed_mbps,
			port.mtu_bytes, DATAPLANE_GROUPS_LISTED};
	}
}
