/* SPDX-License-Identifier: BSD-3-Clause */
/* docs/deployment.md, section 1, has the reasons and their sources. */
#include "control/preflight/check.h"

#include "bpf/steer_map.h"

#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

/* include/uapi/linux/netdev.h */
enum {
	FEATURE_BASIC = 1,
	FEATURE_REDIRECT = 2,
	FEATURE_ZEROCOPY = 8,
};

enum {
	MTU_OF_BUFFER = 1834,  /* a buffer's 1856 octets without Ethernet and two VLAN tags */
	MTU_OF_DRIVERS = 3498, /* what veth, ena and others take with an XDP program */
	MTU_OF_ANY_REPLY = 40 + 8 + 512,
};

struct place {
	const struct facts *facts;
	const struct facts_interface *interface;
	const struct dataplane_port *port;
	struct verdicts *verdicts;
	char subject[VERDICT_SUBJECT_BYTES];
};

static const char *subject(struct place *place, const char *what)
{
	snprintf(place->subject, sizeof(place->subject), "%s%s%s", place->port->interface,
		*what ? " " : "", what);
	return place->subject;
}

static bool is_driver(const struct place *place, const char *name)
{
	return strcmp(place->interface->driver, name) == 0;
}

/* Native with zero-copy, native, generic: what the kernel takes without being told. */
enum mode { MODE_GENERIC, MODE_NATIVE, MODE_ZEROCOPY };

/* Before Linux 6.3, which tells: drivers as of Debian 12's 6.1. */
static enum mode known_mode(const char *driver)
{
	static const char *const zerocopy[] = {
		"ixgbe", "i40e", "ice", "igc", "st_gmac", "mlx5_core", NULL};
	static const char *const native[] = {"veth", "ena", "virtio_net", "igb", "ixgbevf",
		"bnxt_en", "mlx4_en", "hv_netvsc", "mana", "tun", NULL};

	for (const char *const *name = zerocopy; *name; name++)
		if (strcmp(*name, driver) == 0)
			return MODE_ZEROCOPY;
	for (const char *const *name = native; *name; name++)
		if (strcmp(*name, driver) == 0)
			return MODE_NATIVE;
	return MODE_GENERIC;
}

static enum mode mode_of(const struct facts_interface *interface)
{
	const uint64_t native = FEATURE_BASIC | FEATURE_REDIRECT;

	if (!interface->features_known)
		return known_mode(interface->driver);
	if ((interface->xdp_features & native) != native)
		return MODE_GENERIC;
	return interface->xdp_features & FEATURE_ZEROCOPY ? MODE_ZEROCOPY : MODE_NATIVE;
}

static void check_driver(struct place *place)
{
	const struct facts_kernel *kernel = &place->facts->kernel;
	const char *driver = place->interface->driver;

	if (is_driver(place, "bonding")) {
		verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "driver"),
			"a bond: what its members receive for an AF_XDP socket of the bond is "
			"dropped");
		verdict_do(place->verdicts, "name the bond's members in ports, one port each");
	} else if (is_driver(place, "ice") && kernel->major &&
		(kernel->major < 6 || (kernel->major == 6 && kernel->minor < 10))) {
		verdict_add(place->verdicts, VERDICT_WARN, subject(place, "driver"),
			"ice on Linux %s: AF_XDP was unstable on it before 6.10.4",
			kernel->release);
		verdict_do(place->verdicts,
			"boot Linux 6.10.4 or later (Debian 12: linux-image-amd64 of "
			"bookworm-backports)");
	} else if (is_driver(place, "ixgbe")) {
		verdict_add(place->verdicts, VERDICT_WARN, subject(place, "driver"),
			"ixgbe: AF_XDP is known to be unstable on it");
		verdict_do(place->verdicts,
			"try it under load first, or give the card to DPDK alone (device:, "
			"docs/deployment.md section 2)");
	} else {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "driver"), "%s",
			*driver ? driver : "does not say its name");
	}
}

/* As the start counts them: the driver of DPDK knows "combined" channels, else one queue. */
static void check_queues(struct place *place)
{
	const struct facts_interface *interface = place->interface;
	bool combined = interface->channels_known && interface->max_combined;
	unsigned most = combined ? interface->max_combined : 1, wanted = place->port->queues;
	unsigned in_use = combined			     ? interface->combined + interface->rx
		: interface->channels_known && interface->rx ? interface->rx
							     : 1;

	if (wanted > most) {
		verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "queues"),
			"it can have %u for AF_XDP%s, and %u are configured", most,
			combined ? "" : " (no combined channels)", wanted);
		verdict_do(place->verdicts, "set its queues to %u", most);
		return;
	}
	if (wanted == in_use) {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "queues"),
			"%u, each with a worker", in_use);
		return;
	}
	verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "queues"),
		"%u in use and %u configured, but each needs a worker", in_use, wanted);
	if (interface->peer_here)
		verdict_run(place->verdicts, "ethtool -L %s tx %u && ethtool -L %s rx %u",
			interface->peer, wanted, place->port->interface, wanted);
	else
		verdict_run(place->verdicts, "ethtool -L %s %s %u", place->port->interface,
			combined ? "combined" : "rx", wanted);
}

static void check_spread(struct place *place)
{
	static const char *const flows[] = {"udp4", "udp6"};
	const enum facts_spread spread[] = {place->interface->udp4, place->interface->udp6};

	if (place->port->queues == 1) {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "RSS"),
			"one queue, nothing to spread");
		return;
	}
	for (int i = 0; i < 2; i++) {
		char what[16];

		snprintf(what, sizeof(what), "RSS %s", flows[i]);
		if (spread[i] == SPREAD_ADDRESSES) {
			verdict_add(place->verdicts, VERDICT_WARN, subject(place, what),
				"by addresses alone: one busy resolver is one queue's");
			verdict_run(place->verdicts, "ethtool -N %s rx-flow-hash %s sdfn",
				place->port->interface, flows[i]);
		} else {
			verdict_add(place->verdicts, VERDICT_OK, subject(place, what),
				spread[i] == SPREAD_PORTS
					? "by addresses and ports"
					: "the driver does not say; see whether worker.N.received "
					  "grow alike");
		}
	}
}

static void check_program(struct place *place)
{
	static const char *const modes[] = {
		[XDP_ATTACHED_NONE] = "xdp",
		[XDP_ATTACHED_DRV] = "xdpdrv",
		[XDP_ATTACHED_SKB] = "xdpgeneric",
		[XDP_ATTACHED_HW] = "xdpoffload",
		[XDP_ATTACHED_MULTI] = "xdp",
	};
	const struct facts_interface *interface = place->interface;
	uint8_t at = interface->attachment <= XDP_ATTACHED_MULTI ? interface->attachment : 0;

	if (!interface->program)
		return;
	if (strcmp(interface->program_name, STEER_PROGRAM_NAME) == 0) {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "XDP program"),
			"arpad's own, number %u: of one that runs, or what a dead one left and the "
			"next start replaces",
			interface->program);
		return;
	}
	verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "XDP program"),
		"somebody else's is attached: %s%snumber %u", interface->program_name,
		*interface->program_name ? ", " : "", interface->program);
	if (interface->link)
		verdict_do(place->verdicts,
			"end the process that holds its bpf_link: `bpftool link show id %u` names "
			"it",
			interface->link);
	else
		verdict_run(place->verdicts, "ip link set dev %s %s off", place->port->interface,
			modes[at]);
}

static void check_mode(struct place *place)
{
	static const char *const sentence[] = {
		[MODE_NATIVE] = "native, packets are copied once",
		[MODE_ZEROCOPY] = "native, zero-copy",
	};
	enum mode mode = mode_of(place->interface);

	if (mode != MODE_GENERIC) {
		verdict_add(
			place->verdicts, VERDICT_OK, subject(place, "XDP"), "%s", sentence[mode]);
	} else if (is_driver(place, "veth")) {
		verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "XDP"),
			"refused: the other end of this veth sends with more queues than this one "
			"receives with");
		if (place->interface->peer_here)
			verdict_run(place->verdicts, "ethtool -L %s tx %u", place->interface->peer,
				place->port->queues);
		else
			verdict_do(place->verdicts, "at the other end, PEER: ethtool -L PEER tx %u",
				place->port->queues);
	} else {
		verdict_add(place->verdicts, VERDICT_WARN, subject(place, "XDP"),
			"generic: the driver has no native XDP, so every frame is copied into a "
			"socket buffer first");
		verdict_do(place->verdicts,
			"take a card of docs/deployment.md, section 1, Drivers; or leave out ports "
			"if the kernel's sockets are fast enough");
	}
}

static void check_mtu(struct place *place)
{
	unsigned mtu = place->interface->mtu;

	if (mtu > MTU_OF_DRIVERS && mode_of(place->interface) != MODE_GENERIC) {
		verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "MTU"),
			"%u: drivers refuse XDP above %d or less", mtu, MTU_OF_DRIVERS);
	} else if (mtu > MTU_OF_BUFFER) {
		verdict_add(place->verdicts, VERDICT_WARN, subject(place, "MTU"),
			"%u: frames above 1856 octets do not fit a packet buffer and are dropped",
			mtu);
	} else if (mtu < MTU_OF_ANY_REPLY) {
		verdict_add(place->verdicts, VERDICT_WARN, subject(place, "MTU"),
			"%u: too short for replies of 512 octets over IPv6", mtu);
	} else {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "MTU"), "%u", mtu);
		return;
	}
	verdict_run(place->verdicts, "ip link set dev %s mtu 1500", place->port->interface);
}

/* A veth's sender leaves UDP checksums to hardware that is not there. */
static void check_checksums(struct place *place)
{
	const struct facts_interface *interface = place->interface;

	if (!is_driver(place, "veth"))
		return;
	if (interface->peer_here && interface->peer_checksums) {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "checksums"),
			"computed by %s, its other end", interface->peer);
	} else if (interface->peer_here) {
		verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "checksums"),
			"%s, its other end, sends UDP without them: no query would be answered",
			interface->peer);
		verdict_run(place->verdicts, "ethtool -K %s tx off", interface->peer);
	} else {
		verdict_add(place->verdicts, VERDICT_WARN, subject(place, "checksums"),
			"a veth's other end sends UDP without them unless told not to, and this "
			"one's is in another namespace");
		verdict_do(place->verdicts, "at the other end, PEER: ethtool -K PEER tx off");
	}
}

static void check_lro(struct place *place)
{
	if (!place->interface->lro || mode_of(place->interface) == MODE_GENERIC)
		return;
	verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "offloads"),
		"large receive offload is on: drivers refuse XDP with it");
	verdict_run(place->verdicts, "ethtool -K %s lro off", place->port->interface);
}

static void check_state(struct place *place)
{
	if (place->interface->up) {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, ""), "is there and up");
		return;
	}
	verdict_add(place->verdicts, VERDICT_WARN, subject(place, ""),
		"is down: nothing is received until it is set up");
	verdict_run(place->verdicts, "ip link set dev %s up", place->port->interface);
}

void check_interface(const struct facts *facts, unsigned index, struct verdicts *verdicts)
{
	struct place place = {
		.facts = facts,
		.interface = &facts->ports[index].interface,
		.port = &facts->config->ports[index],
		.verdicts = verdicts,
	};

	if (!place.interface->there) {
		verdict_add(verdicts, VERDICT_FAIL, subject(&place, ""),
			"there is no such interface in this network namespace");
		verdict_do(
			verdicts, "name one of `ip -br link` in ports, or a PCI device as device:");
		return;
	}
	check_state(&place);
	check_driver(&place);
	check_queues(&place);
	check_spread(&place);
	check_mode(&place);
	check_program(&place);
	check_mtu(&place);
	check_lro(&place);
	check_checksums(&place);
	check_node(facts, index, place.interface->node, verdicts);
}
