/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */
/* The maps that the XDP program and the process share: layouts and names, once for both sides. */
#ifndef ARPAD_BPF_STEER_MAP_H
#define ARPAD_BPF_STEER_MAP_H

#include <linux/types.h>

#define STEER_PROGRAM_NAME   "arpad_steer" /* as the kernel reports it; at most 15 characters */
#define STEER_XSKS_NAME	     "xsks_map"	   /* DPDK's net_af_xdp asks for this very name */
#define STEER_SETTINGS_NAME  "steer_settings"
#define STEER_ADDRESSES_NAME "steer_addresses"
#define STEER_VERDICTS_NAME  "steer_verdicts"

enum {
	STEER_QUEUES_MAX = 64,
	STEER_ADDRESSES_MAX = 4096,
};

/* The one element of the settings map. All zero (a fresh program): everything goes to the kernel.
 */
struct steer_settings {
	__u32 enabled; /* 1: redirect what matches */
	__u16 port_be; /* UDP port, network order */
	__u16 reserved;
	__u32 owner_pid; /* who filled this in; with owner_start it names one process for ever */
	__u32 reserved2;
	__u64 owner_start; /* start time of that process, field 22 of /proc/PID/stat */
};

/* Key of the address set; network order. IPv4: the first 4 bytes, rest zero. */
struct steer_address {
	__u8 family; /* 4 or 6 */
	__u8 reserved[3];
	__u8 bytes[16];
};

/* Index into the per-CPU verdict counters. */
enum steer_verdict {
	STEER_REDIRECTED,     /* UDP to our address and port: to the AF_XDP socket */
	STEER_PASS_DISABLED,  /* steering is off */
	STEER_PASS_OTHER,     /* not UDP over IP, options, extension headers, fragments */
	STEER_PASS_PORT,      /* another port */
	STEER_PASS_ADDRESS,   /* another address */
	STEER_PASS_NO_SOCKET, /* ours, but no AF_XDP socket on this queue */
	STEER_VERDICTS,
};

#endif
