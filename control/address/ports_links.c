/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The links of ports. Where DPDK owns one no kernel logs what becomes of it, so arpad does; where a
 * kernel shares it the administrator may change its MTU and MAC address, and arpad follows.
 */
#include "control/address/ports.h"

#include "control/log.h"

#include <string.h>
#include <time.h>

enum {
	WAIT_STEP_MS = 100,
	WAIT_STEPS = 50, /* 5 s: speeds are agreed upon in 3, and spanning tree takes 30 */
	CONFLICT_SECONDS = 60,
	USUAL_MTU = 1500,
	MTU_OF_ANY_REPLY = 40 + 8 + 512, /* IPv6, UDP, DNS (RFC 1035 4.2.1) */
	MTU_OF_ANY_REPLY_IPV4 = 20 + 8 + 512,
};

static void say_link(const struct dataplane_port_stats *port)
{
	if (!port->link_up)
		log_event(LOG_WARNING, "link-down", LOG_FIELDS(LOG_TEXT_FIELD("port", port->port)),
			"%s: the link is down", port->port);
	else if (port->speed_mbps)
		log_event(LOG_INFO, "link-up",
			LOG_FIELDS(LOG_TEXT_FIELD("port", port->port),
				LOG_NUMBER_FIELD("mbps", port->speed_mbps),
				LOG_NUMBER_FIELD("mtu", port->mtu_bytes)),
			"%s: the link is up at %u Mb/s, packets of at most %u bytes", port->port,
			port->speed_mbps, port->mtu_bytes);
	else
		log_event(LOG_INFO, "link-up",
			LOG_FIELDS(LOG_TEXT_FIELD("port", port->port),
				LOG_NUMBER_FIELD("mtu", port->mtu_bytes)),
			"%s: the link is up, packets of at most %u bytes", port->port,
			port->mtu_bytes);
}

/* Above it every DNS message of 512 octets fits, over IPv4 and IPv6. */
static void say_mtu(const struct dataplane_port_stats *port)
{
	if (port->mtu_bytes < MTU_OF_ANY_REPLY)
		log_event(LOG_WARNING, "mtu",
			LOG_FIELDS(LOG_TEXT_FIELD("port", port->port),
				LOG_NUMBER_FIELD("mtu", port->mtu_bytes)),
			"%s: an MTU of %u bytes has no room for DNS replies of 512 octets: over "
			"IPv6, below %u over IPv4 too, they are not sent; raise it to %u",
			port->port, port->mtu_bytes, MTU_OF_ANY_REPLY_IPV4, MTU_OF_ANY_REPLY);
	else
		log_event(LOG_INFO, "mtu",
			LOG_FIELDS(LOG_TEXT_FIELD("port", port->port),
				LOG_NUMBER_FIELD("mtu", port->mtu_bytes)),
			"%s: packets of at most %u bytes", port->port, port->mtu_bytes);
}

static struct ports_link seen(const struct dataplane_port_stats *port)
{
	struct ports_link link = {
		.up = port->link_up,
		.removed = port->removed,
		.speed_mbps = port->speed_mbps,
		.mtu_bytes = port->mtu_bytes,
		.groups = port->groups,
	};

	memcpy(link.mac, port->mac, sizeof(link.mac));
	return link;
}

static void say_changes(const struct dataplane_port_stats *port, struct ports_link *last)
{
	if (port->removed && !last->removed)
		log_event(LOG_ERROR, "device-gone", LOG_FIELDS(LOG_TEXT_FIELD("port", port->port)),
			"%s: the device is gone; plug it in and restart arpad", port->port);
	if (port->link_up != last->up ||
		(port->link_up &&
			(port->speed_mbps != last->speed_mbps ||
				port->mtu_bytes != last->mtu_bytes)))
		say_link(port);
	if (port->groups == DATAPLANE_GROUPS_UNKNOWN && last->groups != DATAPLANE_GROUPS_UNKNOWN)
		log_event(LOG_WARNING, "groups-filtered",
			LOG_FIELDS(LOG_TEXT_FIELD("port", port->port)),
			"%s: the driver lets through neither a list of groups nor all of them; "
			"neighbours may not find our IPv6 addresses",
			port->port);
	*last = seen(port);
}

/* The workers go by both already. */
static void follow_shared(
	const struct dataplane_port_stats *port, struct steer *steer, struct ports_link *last)
{
	const uint8_t *mac = port->mac;

	if (port->mtu_bytes != last->mtu_bytes)
		say_mtu(port);
	last->mtu_bytes = port->mtu_bytes;
	if (memcmp(mac, last->mac, sizeof(last->mac)) == 0)
		return;
	int error = steer_set_mac(steer, mac);
	if (error) {
		log_event(LOG_WARNING, "mac", LOG_FIELDS(LOG_TEXT_FIELD("port", port->port)),
			"%s: the steering program does not take the new MAC address (%s), so "
			"the kernel gets all packets; trying again",
			port->port, strerror(-error));
		return;
	}
	log_event(LOG_INFO, "mac", LOG_FIELDS(LOG_TEXT_FIELD("port", port->port)),
		"%s: the MAC address is now %02x:%02x:%02x:%02x:%02x:%02x", port->port, mac[0],
		mac[1], mac[2], mac[3], mac[4], mac[5]);
	memcpy(last->mac, mac, sizeof(last->mac));
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
	log_event(LOG_WARNING, "address-conflict", NULL,
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
		if (!dataplane_port_stats(ports->dataplane, i, &port))
			continue;
		else if (port.owned)
			say_changes(&port, &ports->links[i]);
		else
			follow_shared(&port, ports->steers[i], &ports->links[i]);
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
		log_event(LOG_INFO, "link-awaited", LOG_FIELDS(LOG_TEXT_FIELD("port", port.port)),
			"waiting for the link of %s", port.port);
	for (unsigned n = 0; n < WAIT_STEPS && first_down(ports, &port) < ports->count; n++) {
		nanosleep(&step, NULL);
		dataplane_follow(ports->dataplane);
	}
	for (unsigned i = 0; i < ports->count; i++) {
		if (!dataplane_port_stats(ports->dataplane, i, &port))
			continue;
		if (port.owned)
			say_link(&port);
		else if (port.mtu_bytes != USUAL_MTU)
			say_mtu(&port);
		ports->links[i] = seen(&port);
		ports->links[i].groups = DATAPLANE_GROUPS_LISTED;
	}
}
