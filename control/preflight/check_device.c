/* SPDX-License-Identifier: BSD-3-Clause */
/* A port that DPDK drives alone; docs/deployment.md, section 2. */
#include "control/preflight/check.h"

#include <stdio.h>
#include <string.h>

struct place {
	const struct facts *facts;
	const struct facts_device *device;
	const struct dataplane_port *port;
	struct verdicts *verdicts;
	char subject[VERDICT_SUBJECT_BYTES];
};

static const char *subject(struct place *place, const char *what)
{
	snprintf(place->subject, sizeof(place->subject), "%.40s%s%s",
		place->device->pci ? place->device->address : place->port->device, *what ? " " : "",
		what);
	return place->subject;
}

static bool is_one_of(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(text, *list) == 0)
			return true;
	return false;
}

/* mlx4 and mlx5 stay with their kernel driver, which lets DPDK in beside it. */
static void check_driver(struct place *place)
{
	static const char *const userspace[] = {"vfio-pci", "igb_uio", "uio_pci_generic", NULL};
	static const char *const shared[] = {"mlx5_core", "mlx4_core", NULL};
	const struct facts_device *device = place->device;

	if (is_one_of(device->driver, userspace) || is_one_of(device->driver, shared)) {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "driver"), "%s",
			device->driver);
		return;
	}
	if (*device->interface)
		verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "driver"),
			"the kernel drives it with %s, as interface %s, which the host loses when "
			"DPDK gets it",
			device->driver, device->interface);
	else
		verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "driver"),
			"it is bound to %s, not to vfio-pci",
			*device->driver ? device->driver : "no driver");
	verdict_run(place->verdicts, "modprobe vfio-pci && dpdk-devbind.py --bind=vfio-pci %s",
		device->address);
}

static void check_iommu(struct place *place)
{
	if (strcmp(place->device->driver, "mlx5_core") == 0)
		return;
	if (place->device->group >= 0) {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "IOMMU"), "group %d",
			place->device->group);
		return;
	}
	verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "IOMMU"), "%s",
		place->facts->kernel.iommu
			? "the device is in none of its groups"
			: "there is none, or the kernel does not use it: vfio refuses the device");
	verdict_do(place->verdicts,
		"switch %s on in the firmware, add \"%siommu=pt\" to GRUB_CMDLINE_LINUX in "
		"/etc/default/grub, run update-grub and reboot",
		place->facts->kernel.intel ? "VT-d" : "AMD-Vi",
		place->facts->kernel.intel ? "intel_iommu=on " : "");
}

/* Whoever starts as root opens it as root. */
static void check_group_node(struct place *place)
{
	const struct facts_device *device = place->device;
	const struct facts_user *user = &place->facts->user;
	bool may = device->node_uid == user->uid || (device->node_mode & 0006) == 0006 ||
		(device->node_gid == user->gid && (device->node_mode & 0060) == 0060);

	if (!*place->facts->starter.user || !device->node_file || !user->there || may)
		return;
	verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "vfio"),
		"/dev/vfio/%d is not the user %s's, who starts arpad", device->group, user->name);
	verdict_run(place->verdicts, "chown %s /dev/vfio/%d", user->name, device->group);
}

static void check_kernel_device(struct place *place)
{
	const struct facts_kernel *kernel = &place->facts->kernel;
	enum dataplane_kernel_device wanted = place->port->kernel.device;
	bool tap = wanted == DATAPLANE_KERNEL_TAP;

	if (wanted == DATAPLANE_KERNEL_NONE) {
		verdict_add(place->verdicts, VERDICT_WARN, subject(place, "way to the kernel"),
			"none: DNS over TCP and everything else that arpad does not answer itself "
			"is dropped");
		verdict_do(place->verdicts, "give the port a kernel: section");
	} else if (tap ? kernel->tun : kernel->vhost_net) {
		verdict_add(place->verdicts, VERDICT_OK, subject(place, "way to the kernel"), "%s",
			tap ? "/dev/net/tun" : "/dev/vhost-net");
	} else {
		verdict_add(place->verdicts, VERDICT_FAIL, subject(place, "way to the kernel"),
			"there is no %s", tap ? "/dev/net/tun" : "/dev/vhost-net");
		verdict_run(place->verdicts, "modprobe %s", tap ? "tun" : "vhost_net");
	}
}

void check_device(const struct facts *facts, unsigned index, struct verdicts *verdicts)
{
	struct place place = {
		.facts = facts,
		.device = &facts->ports[index].device,
		.port = &facts->config->ports[index],
		.verdicts = verdicts,
	};

	if (!place.device->pci) {
		verdict_add(verdicts, VERDICT_OK, subject(&place, ""),
			"a virtual device, which DPDK makes itself");
		check_kernel_device(&place);
		return;
	}
	if (!place.device->there) {
		verdict_add(verdicts, VERDICT_FAIL, subject(&place, ""),
			"there is no PCI device at this address");
		verdict_do(verdicts,
			"look for the card with `lspci -D | grep Ethernet` and correct device:");
		return;
	}
	check_driver(&place);
	check_iommu(&place);
	check_group_node(&place);
	check_kernel_device(&place);
	check_node(facts, index, place.device->node, verdicts);
}
