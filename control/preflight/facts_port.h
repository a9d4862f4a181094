/* SPDX-License-Identifier: BSD-3-Clause */
/* What a port of the configuration is on this host. */
#ifndef ARPAD_CONTROL_PREFLIGHT_FACTS_PORT_H
#define ARPAD_CONTROL_PREFLIGHT_FACTS_PORT_H

#include "control/preflight/facts.h"

/* An interface of this network namespace, by ioctl and netlink; its NUMA node from /sys. */
void facts_read_interface(const char *root, const char *name, struct facts_interface *interface);

/* Its XDP program and what its driver can do with one; facts_xdp.c. */
void facts_read_xdp(const char *name, struct facts_interface *interface);

/* A device of DPDK's, from /sys and /dev. */
void facts_read_device(const char *root, const char *device, struct facts_device *facts);

/*
 * Whether DPDK would take `device` for a PCI address (DDDD:BB:DD.F or BB:DD.F, then nothing or a
 * comma), and then the address with its domain.
 */
bool facts_pci_address(const char *device, char *address, size_t bytes);

#endif
