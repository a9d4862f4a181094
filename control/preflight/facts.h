/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is known of a host, as plain values: facts_*.c read them, check_*.c judge them. Nothing of
 * the host is changed. `root` is what stands before /proc, /sys and the like: "" on a real host.
 */
#ifndef ARPAD_CONTROL_PREFLIGHT_FACTS_H
#define ARPAD_CONTROL_PREFLIGHT_FACTS_H

#include "control/config/config.h"

#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FACTS_NAME_BYTES = 64,
	FACTS_PATH_BYTES = 512,
	FACTS_SOCKETS_MAX = 64,
	FACTS_ADDRESSES_MAX = 4096,
	FACTS_NODES_MAX = 64,
};

struct facts_kernel {
	char release[FACTS_NAME_BYTES];
	unsigned major, minor; /* 0.0: not understood */
	bool af_xdp, btf, bpffs;
	bool synchronised; /* the clock, by adjtimex */
	char clocksource[FACTS_NAME_BYTES];
	char time_service[FACTS_NAME_BYTES]; /* the unit that could do it; "": none is installed */
	bool tsc_known, tsc_constant, tsc_nonstop;
	bool iommu;	/* it has groups */
	bool intel;	/* the CPU's maker; else AMD or another */
	bool vhost_net; /* /dev/vhost-net */
	bool tun;	/* /dev/net/tun */
};

/* Of 2 MiB, which are what arpad takes. */
struct facts_hugepages {
	long total, free, free_1g;
};

/* CPUs, by number. */
struct facts_cpus {
	cpu_set_t online, isolated, tickless, allowed; /* allowed: to this process */
	cpu_set_t slow; /* those whose governor is not "performance" */
	bool has_governor;
	char governor[FACTS_NAME_BYTES]; /* of a slow one */
	cpu_set_t node[FACTS_NODES_MAX];
	/* Of each worker's core: the CPUs that share its physical core, itself included. */
	cpu_set_t siblings[DATAPLANE_WORKERS_MAX];
};

enum facts_spread { SPREAD_UNKNOWN, SPREAD_ADDRESSES, SPREAD_PORTS };

struct facts_interface {
	bool there, up;
	unsigned index, mtu;
	int node; /* of NUMA; -1: none */
	char driver[FACTS_NAME_BYTES];
	bool channels_known;
	unsigned rx, tx, combined, max_rx, max_combined;
	enum facts_spread udp4, udp6;
	bool lro;
	bool features_known; /* from netlink, Linux 6.3 */
	uint64_t xdp_features;
	uint32_t program;      /* 0: no XDP program */
	uint8_t attachment;    /* XDP_ATTACHED_* */
	char program_name[16]; /* "": not to be read */
	uint32_t link;	       /* bpf_link that holds it; 0: none, or not to be read */
	bool peer_here;	       /* of a veth: in this network namespace */
	char peer[IF_NAMESIZE];
	bool peer_checksums; /* it computes checksums itself */
};

struct facts_device {
	bool pci, there;
	char address[FACTS_NAME_BYTES];
	char driver[FACTS_NAME_BYTES]; /* the kernel's; "": none */
	int node;
	int group;			  /* of the IOMMU; -1: none */
	char interface[FACTS_NAME_BYTES]; /* the kernel's, while it drives the device */
	bool node_file;			  /* /dev/vfio/GROUP is there, and belongs to: */
	uint32_t node_uid, node_gid;
	unsigned node_mode;
};

struct facts_port {
	struct facts_interface interface;
	struct facts_device device;
};

/* A socket that has one of our ports. */
struct facts_socket {
	bool tcp;
	struct ip_address address;
	uint16_t port;
	unsigned long inode;
	int pid; /* 0: not to be seen */
	char process[FACTS_NAME_BYTES], unit[FACTS_NAME_BYTES];
};

struct facts_address {
	char interface[IF_NAMESIZE];
	struct ip_address address;
};

enum { STARTER_UNLIMITED = -1, STARTER_UNSET = -2 };

/* Who will start arpad, and with what. */
struct facts_starter {
	char unit[FACTS_PATH_BYTES]; /* the file; "": no unit, so it is as this process is */
	char user[FACTS_NAME_BYTES]; /* "": root */
	uint64_t capabilities;	     /* a bit for each number */
	long long memlock, files;    /* bytes, descriptors; or STARTER_* */
	bool limits_families, af_xdp_family;
	bool limits_devices, tun_device, vfio_device, vhost_device;
	bool limits_files; /* it writes only below `writable`, a list with blanks between */
	bool has_root;	   /* and sees of the host only what is bound into a root of its own */
	char writable[FACTS_PATH_BYTES];
};

struct facts_store {
	bool there, is_folder, parent_there;
	uint32_t uid, gid;
	unsigned mode;
	long type;			      /* of the file system, statfs(2) */
	unsigned long long free_bytes, bytes; /* there, and taken by the store */
};

/* The user that arpad serves as, and the configuration file that it must read. */
struct facts_user {
	char name[FACTS_NAME_BYTES];
	bool there;
	uint32_t uid, gid;
	uint32_t file_uid, file_gid;
	unsigned file_mode;
};

struct facts {
	const char *config_path;
	const struct config *config; /* borrowed */
	struct facts_kernel kernel;
	struct facts_hugepages hugepages;
	struct facts_cpus cpus;
	struct facts_port ports[DATAPLANE_PORTS_MAX];
	struct facts_socket sockets[FACTS_SOCKETS_MAX];
	unsigned socket_count;
	struct facts_address *addresses;
	unsigned address_count;
	struct facts_starter starter;
	struct facts_store store;
	struct facts_user user;
};

#endif
