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
	STEER_TAGS_MAX = 2, /* VLAN tags that a frame for us may have; dataplane/frame.c */
};

/* What the program does with frames for us. */
enum steer_state {
	STEER_OFF,	/* not serving yet, or not any more: the kernel gets them */
	STEER_ON,	/* they go to the AF_XDP sockets */
	STEER_DRAINING, /* serving, but the kernel's sockets shall answer */
};

/*
 * The one element of the settings map. All zero (a fresh program): everything goes to the kernel.
 * State, owner and size are where the first arpad had them, so that what a dead one of any version
 * left is known for what it is.
 */
struct steer_settings {
	__u32 state;	 /* enum steer_state */
	__u16 port_be;	 /* UDP port, network order */
	__u16 mac_first; /* the interface's MAC address as it stands in a frame: octets 1 and 2 ...
			  */
	__u32 owner_pid; /* who filled this in; with owner_start it names one process for ever */
	__u32 mac_rest;	 /* ... and 3 to 6 */
	__u64 owner_start; /* start time of that process, field 22 of /proc/PID/stat */
};

/* Key of the address set; network order. IPv4: the first 4 bytes, rest zero. */
struct steer_address {
	__u8 family; /* 4 or 6 */
	__u8 reserved[3];
	__u8 bytes[16];
};

/* Index into the per-CPU verdict counters; bpf/steer_verdict.h has their names and sentences. */
enum steer_verdict {
	STEER_REDIRECTED,
	STEER_REDIRECTED_TAGGED,
	STEER_PASS_DISABLED,
	STEER_PASS_DRAINING,
	STEER_PASS_SHORT,
	STEER_PASS_GROUP,
	STEER_PASS_OTHER_MAC,
	STEER_PASS_TAGS,
	STEER_PASS_ETHER_TYPE,
	STEER_PASS_IP_HEADER,
	STEER_PASS_FRAGMENT,
	STEER_PASS_OPTIONS,
	STEER_PASS_TCP,
	STEER_PASS_PROTOCOL,
	STEER_PASS_PORT,
	STEER_PASS_ADDRESS,
	STEER_PASS_NO_SOCKET,
	STEER_VERDICTS,
};

#endif
