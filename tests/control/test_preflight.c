/* SPDX-License-Identifier: BSD-3-Clause */
/* control/preflight/check_*.c: one host on which all is well, and what each single fault says. */
#include "control/preflight/preflight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config config;
static struct facts facts;
static struct dns_listener_address listened[2];
static struct facts_address present[2];
static const char *const followed[] = {"lo"};

static struct ip_address address(const char *text)
{
	struct ip_address made = {.family = strchr(text, ':') ? 6 : 4};

	assert_int_equal(inet_pton(made.family == 4 ? AF_INET : AF_INET6, text, made.bytes), 1);
	return made;
}

static void make_config(void)
{
	memset(&config, 0, sizeof(config));
	listened[0] = (struct dns_listener_address){address("198.18.0.1"), 53};
	listened[1] = (struct dns_listener_address){address("2001:db8::1"), 53};
	config.addresses = listened;
	config.address_count = 2;
	config.port = 53;
	config.port_count = 2;
	config.ports[0] = (struct dataplane_port){.interface = "eth0", .queues = 2};
	config.ports[1] = (struct dataplane_port){.device = "3b:00.0,arg=1", .queues = 1};
	config.ports[1].kernel.device = DATAPLANE_KERNEL_TAP;
	config.control_core = 0;
	config.worker_count = 3;
	for (int i = 0; i < 3; i++)
		config.worker_cores[i] = 2 + i;
	config.store_directory = "/var/lib/arpad";
	config.tcp.tcp_clients = 1024;
	config.journal.size_bytes = UINT64_C(1) << 30;
}

static void make_cpus(struct facts_cpus *cpus)
{
	for (int cpu = 0; cpu < 8; cpu++)
		CPU_SET(cpu, &cpus->node[cpu / 5]);
	for (int i = 0; i < 3; i++) {
		CPU_SET(2 + i, &cpus->isolated);
		CPU_SET(2 + i, &cpus->tickless);
		CPU_SET(2 + i, &cpus->siblings[i]);
	}
	cpus->has_governor = true;
}

static void make_ports(void)
{
	facts.ports[0].interface = (struct facts_interface){.there = true,
		.up = true,
		.index = 2,
		.mtu = 1500,
		.node = 0,
		.driver = "mlx5_core",
		.channels_known = true,
		.combined = 2,
		.max_combined = 8,
		.udp4 = SPREAD_PORTS,
		.udp6 = SPREAD_PORTS,
		.features_known = true,
		.xdp_features = 1 | 2 | 8};
	facts.ports[1].device = (struct facts_device){.pci = true,
		.there = true,
		.address = "0000:3b:00.0",
		.driver = "vfio-pci",
		.node = -1,
		.group = 7,
		.node_file = true,
		.node_uid = 200,
		.node_mode = 0600};
}

static void make_starter(struct facts_starter *starter)
{
	static const unsigned numbers[] = {
		CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON, CAP_NET_BIND_SERVICE};

	*starter = (struct facts_starter){.unit = "/lib/systemd/system/arpad.service",
		.user = "arpad",
		.memlock = STARTER_UNLIMITED,
		.files = 65536};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		starter->capabilities |= UINT64_C(1) << numbers[i];
}

/* All is well. */
static void make_host(void)
{
	make_config();
	memset(&facts, 0, sizeof(facts));
	present[0] = (struct facts_address){"eth0", address("198.18.0.1")};
	present[1] = (struct facts_address){"eth0", address("2001:db8::1")};
	facts.config = &config;
	facts.config_path = "/etc/arpad/arpad.yaml";
	facts.addresses = present;
	facts.address_count = 2;
	facts.kernel = (struct facts_kernel){.release = "6.12.1",
		.major = 6,
		.minor = 12,
		.af_xdp = true,
		.btf = true,
		.synchronised = true,
		.tsc_known = true,
		.tsc_constant = true,
		.tsc_nonstop = true,
		.tun = true,
		.iommu = true};
	facts.hugepages = (struct facts_hugepages){.total = 160, .free = 160};
	make_cpus(&facts.cpus);
	make_ports();
	make_starter(&facts.starter);
	facts.store = (struct facts_store){
		.there = true, .is_folder = true, .uid = 200, .free_bytes = UINT64_C(9) << 30};
	facts.user = (struct facts_user){.name = "arpad",
		.there = true,
		.uid = 200,
		.gid = 201,
		.file_gid = 201,
		.file_mode = 0640};
}

/* Everything that is not well, as "VERDICT SUBJECT: FOUND" and "> COMMAND" or "- WORDS". */
static char *judged(void)
{
	static char text[16384];
	struct verdicts verdicts = {.rows = NULL};
	size_t used = 0;

	text[0] = '\0';
	preflight_judge(&facts, &verdicts);
	for (size_t i = 0; i < verdicts.count; i++) {
		const struct verdict_row *row = &verdicts.rows[i];

		/* What is well needs nothing, all else can be mended. */
		assert_int_equal(row->verdict == VERDICT_OK, row->mend[0] == '\0');
		if (row->verdict != VERDICT_OK)
			used += (size_t)snprintf(text + used, sizeof(text) - used,
				"%s %s: %s\n%s %s\n", verdict_name(row->verdict), row->subject,
				row->found, row->command ? ">" : "-", row->mend);
	}
	verdicts_release(&verdicts);
	return text;
}

/* There is one fault alone, and these are parts of what is said of it. */
static void expect(const char *begin, const char *mend)
{
	char *text = judged(), *second = strchr(text, '\n');

	assert_non_null(second);
	if (strncmp(text, begin, strlen(begin)) != 0 || !strstr(second, mend) ||
		strchr(second + 1, '\n')[1] != '\0')
		fail_msg("expected one fault, \"%s\", mended by \"%s\", and not:\n%s", begin, mend,
			text);
	make_host();
}

static int host(void **state)
{
	(void)state;
	make_host();
	return 0;
}

static void nothing_is_wrong_where_all_is_well(void **state)
{
	(void)state;
	assert_string_equal(judged(), "");
	facts.ports[0].interface.program = 5;
	strcpy(facts.ports[0].interface.program_name, "arpad_steer");
	assert_string_equal(judged(), "");
}

static void kernels(void **state)
{
	(void)state;
	facts.kernel.af_xdp = false;
	expect("fail kernel: Linux 6.12.1 has no AF_XDP",
		"- boot a kernel with CONFIG_XDP_SOCKETS");
	facts.kernel.major = 5;
	facts.kernel.minor = 8;
	expect("warn kernel: Linux 6.12.1 has no bpf_link", "- boot Linux 5.9");
	facts.kernel.btf = false;
	expect("warn BTF", "- boot a kernel with CONFIG_DEBUG_INFO_BTF");
	facts.kernel.synchronised = false;
	expect("warn clock: not synchronised", "> apt install systemd-timesyncd");
	facts.kernel.synchronised = false;
	strcpy(facts.kernel.time_service, "chrony");
	expect("warn clock: not synchronised", "> systemctl enable --now chrony");
	facts.kernel.tsc_nonstop = false;
	expect("warn TSC", "invtsc");
}

static void huge_pages(void **state)
{
	(void)state;
	facts.hugepages.free = 79; /* 8, and 24 for each of three queues, are 80 */
	expect("warn hugepages: 79 of 2 MiB are free and 80 needed",
		"> sysctl -w vm.nr_hugepages=161");
	facts.hugepages.free = 0;
	config.hugepages = HUGEPAGES_YES;
	expect("fail hugepages: 0 of 2 MiB", "> sysctl -w vm.nr_hugepages=240");
	facts.hugepages.free = 0;
	config.hugepages = HUGEPAGES_NO;
	assert_string_equal(judged(), "");
	make_host();
	config.ports[0].buffers = 2 * DATAPLANE_BUFFERS;
	facts.hugepages.free = 100;
	expect("warn hugepages: 100 of 2 MiB are free and 128 needed", "=188");
	config.memory_mib = 321;
	facts.hugepages.free = 160;
	expect("warn hugepages: 160 of 2 MiB are free and 161 needed", "=161");
	facts.hugepages.free = 0;
	facts.hugepages.free_1g = 4;
	expect("warn hugepages: 0 of 2 MiB are free and 80 needed: without them it serves, but "
	       "slower; those of 1 GiB are not taken",
		"=240");
	/* What a running arpad has taken is not missing. */
	facts.hugepages.free = 0;
	facts.socket_count = 1;
	facts.sockets[0] = (struct facts_socket){
		.address = address("198.18.0.1"), .port = 53, .pid = 9, .process = "arpad"};
	assert_string_equal(judged(), "");
}

static void cpus(void **state)
{
	(void)state;
	config.worker_cores[1] = 2;
	expect("warn worker cores: 3 workers and the control thread (CPU 0) share CPUs 2,4",
		"dpdk.worker-cores");
	config.control_core = 3;
	expect("warn worker cores", "dpdk.control-core");
	CPU_CLR(3, &facts.cpus.tickless);
	expect("warn isolated cores: not CPUs 3", "isolcpus=2-4 nohz_full=2-4");
	CPU_SET(3, &facts.cpus.siblings[0]);
	expect("warn hyper-threads: CPUs 2-3 share", "lscpu");
	CPU_SET(0, &facts.cpus.siblings[2]);
	expect("warn hyper-threads: CPUs 0,4 share", "lscpu");
	CPU_SET(7, &facts.cpus.siblings[2]); /* nobody's */
	assert_string_equal(judged(), "");
	make_host();
	CPU_SET(2, &facts.cpus.slow);
	strcpy(facts.cpus.governor, "powersave");
	expect("warn CPU governor: powersave on CPUs 2", "> echo performance | tee /sys/");
	facts.ports[0].interface.node = 1;
	expect("warn eth0 NUMA: the port is on node 1 and CPUs 2-3 are not", "from 5-7");
	facts.ports[1].device.node = 1;
	expect("warn 3b:00.0,arg=1 NUMA: the port is on node 1 and CPUs 4 are not", "from 5-7");
}

static void interfaces(void **state)
{
	struct facts_interface *eth0 = &facts.ports[0].interface;

	(void)state;
	eth0->there = false;
	expect("fail eth0: there is no such interface", "`ip -br link`");
	eth0->up = false;
	expect("warn eth0: is down", "> ip link set dev eth0 up");
	strcpy(eth0->driver, "bonding");
	expect("fail eth0 driver: a bond", "- name the bond's members");
	strcpy(eth0->driver, "ixgbe");
	expect("warn eth0 driver: ixgbe", "- try it under load");
	strcpy(eth0->driver, "ice");
	assert_string_equal(judged(), "");
	facts.kernel.minor = 9;
	expect("warn eth0 driver: ice on Linux 6.12.1", "- boot Linux 6.10.4");
	eth0->mtu = 9000;
	expect("fail eth0 MTU: 9000", "> ip link set dev eth0 mtu 1500");
	eth0->mtu = 2000;
	expect("warn eth0 MTU: 2000: frames above 1856", "> ip link set dev eth0 mtu 1500");
	eth0->mtu = 559;
	expect("warn eth0 MTU: 559", "> ip link set dev eth0 mtu 1500");
	eth0->lro = true;
	expect("fail eth0 offloads", "> ethtool -K eth0 lro off");
	eth0->udp4 = SPREAD_ADDRESSES;
	expect("warn eth0 RSS udp4", "> ethtool -N eth0 rx-flow-hash udp4 sdfn");
	eth0->udp6 = SPREAD_ADDRESSES;
	expect("warn eth0 RSS udp6", "> ethtool -N eth0 rx-flow-hash udp6 sdfn");
	eth0->udp4 = eth0->udp6 = SPREAD_UNKNOWN;
	assert_string_equal(judged(), "");
}

static void queues(void **state)
{
	struct facts_interface *eth0 = &facts.ports[0].interface;

	(void)state;
	eth0->combined = 1;
	expect("fail eth0 queues: 1 in use and 2 configured", "> ethtool -L eth0 combined 2");
	eth0->combined = 8;
	expect("fail eth0 queues: 8 in use and 2 configured", "> ethtool -L eth0 combined 2");
	eth0->combined = eth0->max_combined = 1;
	expect("fail eth0 queues: it can have 1 for AF_XDP, and 2", "- set its queues to 1");
	/* A veth has rx and tx channels only. */
	eth0->combined = eth0->max_combined = 0;
	eth0->rx = 2;
	expect("fail eth0 queues: it can have 1 for AF_XDP (no combined channels)", "to 1");
}

/* One queue of a veth, in this namespace's `peer` or another's. */
static struct facts_interface *make_veth(const char *peer)
{
	struct facts_interface *veth = &facts.ports[0].interface;

	make_host();
	config.ports[0].queues = 1;
	config.worker_count = 2;
	strcpy(veth->driver, "veth");
	veth->combined = veth->max_combined = 0;
	veth->rx = 1;
	veth->xdp_features = 1 | 2;
	veth->peer_here = peer != NULL;
	veth->peer_checksums = true;
	snprintf(veth->peer, sizeof(veth->peer), "%s", peer ? peer : "");
	return veth;
}

static void veths(void **state)
{
	struct facts_interface *veth = make_veth("vc");

	(void)state;
	assert_string_equal(judged(), "");
	veth->rx = 2;
	expect("fail eth0 queues: 2 in use and 1 configured",
		"> ethtool -L vc tx 1 && ethtool -L eth0 rx 1");
	make_veth("vc")->peer_checksums = false;
	expect("fail eth0 checksums: vc, its other end", "> ethtool -K vc tx off");
	make_veth(NULL);
	expect("warn eth0 checksums", "- at the other end, PEER: ethtool -K PEER tx off");
	make_veth("vc")->xdp_features = 0;
	expect("fail eth0 XDP: refused", "> ethtool -L vc tx 1");
}

static void xdp(void **state)
{
	struct facts_interface *eth0 = &facts.ports[0].interface;

	(void)state;
	eth0->xdp_features = 0;
	expect("warn eth0 XDP: generic", "Drivers");
	eth0->features_known = false;
	assert_string_equal(judged(), "");
	strcpy(eth0->driver, "tg3");
	expect("warn eth0 XDP: generic", "Drivers");
	eth0->program = 5;
	strcpy(eth0->program_name, "stranger");
	eth0->attachment = XDP_ATTACHED_SKB;
	expect("fail eth0 XDP program: somebody else's is attached: stranger, number 5",
		"> ip link set dev eth0 xdpgeneric off");
	eth0->program = 5;
	eth0->attachment = XDP_ATTACHED_DRV;
	expect("fail eth0 XDP program: somebody else's is attached: number 5",
		"> ip link set dev eth0 xdpdrv off");
	eth0->program = 5;
	eth0->attachment = 255;
	expect("fail eth0 XDP program", "> ip link set dev eth0 xdp off");
	eth0->program = 5;
	eth0->link = 8;
	expect("fail eth0 XDP program", "`bpftool link show id 8`");
}

static void devices(void **state)
{
	struct facts_device *card = &facts.ports[1].device;

	(void)state;
	card->there = false;
	expect("fail 0000:3b:00.0: there is no PCI device", "lspci");
	strcpy(card->driver, "i40e");
	strcpy(card->interface, "eth1");
	expect("fail 0000:3b:00.0 driver: the kernel drives it with i40e, as interface eth1",
		"> modprobe vfio-pci && dpdk-devbind.py --bind=vfio-pci 0000:3b:00.0");
	card->driver[0] = '\0';
	expect("fail 0000:3b:00.0 driver: it is bound to no driver", "> modprobe vfio-pci");
	strcpy(card->driver, "mlx5_core");
	card->group = -1;
	assert_string_equal(judged(), "");
	make_host();
	card->group = -1;
	facts.kernel.iommu = false;
	facts.kernel.intel = true;
	expect("fail 0000:3b:00.0 IOMMU: there is none", "\"intel_iommu=on iommu=pt\"");
	card->group = -1;
	expect("fail 0000:3b:00.0 IOMMU: the device is in none", "\"iommu=pt\"");
	card->node_uid = 0;
	expect("fail 0000:3b:00.0 vfio: /dev/vfio/7", "> chown arpad /dev/vfio/7");
	facts.kernel.tun = false;
	expect("fail 0000:3b:00.0 way to the kernel: there is no /dev/net/tun", "> modprobe tun");
	config.ports[1].kernel.device = DATAPLANE_KERNEL_VIRTIO_USER;
	expect("fail 0000:3b:00.0 way to the kernel: there is no /dev/vhost-net",
		"> modprobe vhost_net");
	config.ports[1].kernel.device = DATAPLANE_KERNEL_NONE;
	expect("warn 0000:3b:00.0 way to the kernel: none", "- give the port a kernel:");
	config.ports[1].device = "net_tap0,iface=x";
	*card = (struct facts_device){.node = -1, .group = -1};
	assert_string_equal(judged(), "");
}

static void hold(bool tcp, const char *text, const char *process, const char *unit)
{
	struct facts_socket *socket = &facts.sockets[facts.socket_count++];

	*socket = (struct facts_socket){
		.tcp = tcp, .address = address(text), .port = 53, .pid = *process ? 812 : 0};
	snprintf(socket->process, sizeof(socket->process), "%s", process);
	snprintf(socket->unit, sizeof(socket->unit), "%s", unit);
}

static void ports(void **state)
{
	(void)state;
	hold(false, "0.0.0.0", "dnsmasq", "dnsmasq.service");
	expect("fail port 53: dnsmasq, process 812, holds 0.0.0.0 (UDP)",
		"> systemctl disable --now dnsmasq.service");
	hold(true, "2001:db8::1", "nc", "");
	expect("fail port 53: nc, process 812, holds 2001:db8::1 (TCP)", "> kill 812");
	hold(true, "198.18.0.1", "", "");
	expect("fail port 53: somebody holds 198.18.0.1 (TCP)", "`ss -lntp 'sport = :53'`");
	hold(false, "0.0.0.0", "systemd-resolve", "systemd-resolved.service");
	expect("fail port 53: systemd-resolve", "DNSStubListener=no");
	/* One process, one command. */
	hold(false, "198.18.0.1", "named", "named.service");
	hold(true, "198.18.0.1", "named", "named.service");
	expect("fail port 53", "named.service");
	/* :: may hold IPv4 too. */
	config.address_count = 1;
	hold(false, "::", "unbound", "unbound.service");
	expect("fail port 53: unbound", "unbound.service");
	/* Neither the address nor the port is ours. */
	hold(false, "127.0.0.53", "systemd-resolve", "systemd-resolved.service");
	hold(false, "2001:db8::2", "named", "named.service");
	hold(false, "198.18.0.1", "avahi", "");
	facts.sockets[2].port = 5353;
	assert_string_equal(judged(), "");
	make_host();
	/* Nor is what another protocol has of the address for metrics; what HTTP would have is. */
	config.metrics.listen = "127.0.0.1@9953";
	config.metrics.address = (struct dns_listener_address){address("127.0.0.1"), 9953};
	hold(false, "127.0.0.1", "collector", "");
	hold(true, "127.0.0.1", "exporter", "");
	facts.sockets[0].port = facts.sockets[1].port = 9953;
	expect("fail port 9953: exporter, process 812, holds 127.0.0.1 (TCP)", "> kill 812");
	/* That of an interface that is followed is. */
	config.interfaces = followed;
	config.interface_count = 1;
	present[1] = (struct facts_address){"lo", address("192.0.2.53")};
	config.address_count = 1;
	hold(true, "192.0.2.53", "knotd", "knot.service");
	expect("fail port 53: knotd", "> systemctl disable --now knot.service");
}

static void addresses(void **state)
{
	(void)state;
	config.port_count = 1;
	config.worker_count = 2;
	facts.address_count = 1;
	expect("warn addresses: no interface has 2001:db8::1: queries come only if",
		"> ip address add 2001:db8::1/128 dev lo");
	config.port_count = config.worker_count = 0;
	present[0] = present[1];
	facts.address_count = 1;
	expect("fail addresses: no interface has 198.18.0.1",
		"> ip address add 198.18.0.1/32 dev lo");
	/* A port that DPDK owns needs none, and neither does "every address". */
	facts.address_count = 0;
	assert_string_equal(judged(), "");
	config.port_count = config.worker_count = 0;
	listened[0].address = (struct ip_address){.family = 4};
	config.address_count = 1;
	assert_string_equal(judged(), "");
}

static void rights(void **state)
{
	(void)state;
	facts.starter.capabilities &= ~(UINT64_C(1) << CAP_BPF);
	expect("fail capabilities: CAP_BPF: not for the unit",
		"printf "
		"'[Service]\\nAmbientCapabilities=CAP_BPF\\nCapabilityBoundingSet=CAP_BPF\\n' "
		">/etc/systemd/system/arpad.service.d/capabilities.conf && systemctl");
	facts.starter.capabilities &= ~(UINT64_C(1) << CAP_BPF | UINT64_C(1) << CAP_PERFMON);
	facts.starter.capabilities |= UINT64_C(1) << CAP_SYS_ADMIN; /* it was both once */
	assert_string_equal(judged(), "");
	make_host();
	facts.starter.unit[0] = '\0';
	facts.starter.capabilities = 0;
	expect("fail capabilities: CAP_NET_RAW CAP_NET_ADMIN CAP_BPF CAP_PERFMON "
	       "CAP_NET_BIND_SERVICE: not for the user",
		"- start arpad as root");
	facts.starter.memlock = 8 << 20;
	expect("fail locked memory: limited, but packet buffers of 120 MiB",
		"LimitMEMLOCK=infinity");
	facts.starter.unit[0] = '\0';
	facts.starter.memlock = 8 << 20;
	expect("fail locked memory", "> ulimit -l unlimited");
	facts.starter.memlock = 8 << 20;
	facts.starter.capabilities |= UINT64_C(1) << CAP_IPC_LOCK;
	assert_string_equal(judged(), "");
	facts.starter.files = 1279;
	expect("warn open files: at most 1279", "LimitNOFILE=1280");
	facts.starter.files = 1024;
	facts.starter.unit[0] = '\0';
	expect("warn open files: at most 1024", "> ulimit -n 1280");
	facts.starter.limits_families = true;
	expect("fail sockets", "RestrictAddressFamilies=AF_XDP");
	facts.starter.limits_files = true;
	strcpy(facts.starter.writable, " -/srv /var/lib/arpad/");
	assert_string_equal(judged(), "");
	config.store_directory = "/var/lib/arpad2";
	expect("fail store's place: the unit does not let arpad write to /var/lib/arpad2",
		"ReadWritePaths=/var/lib/arpad2\\n' >");
	facts.starter.limits_files = facts.starter.has_root = true;
	expect("fail store's place", "BindPaths=/var/lib/arpad\\n' >");
	facts.starter.limits_devices = facts.starter.vfio_device = true;
	expect("fail devices: the unit lets arpad not open /dev/net/tun",
		"DeviceAllow=/dev/net/tun rw");
	facts.starter.limits_devices = facts.starter.tun_device = true;
	expect("fail devices: the unit lets arpad not open /dev/vfio", "DeviceAllow=char-vfio rw");
}

static void users(void **state)
{
	(void)state;
	facts.user.there = false;
	expect("fail user: there is no user arpad", "> useradd --system");
	facts.user.there = false;
	facts.starter.user[0] = '\0';
	expect("warn user: there is no user arpad: arpad would go on as root", "> useradd");
	facts.user.file_gid = 0;
	expect("fail configuration: /etc/arpad/arpad.yaml can't be read by the user arpad",
		"> chgrp arpad /etc/arpad/arpad.yaml && chmod 0640 /etc/arpad/arpad.yaml");
	facts.user.file_gid = 0;
	facts.starter.user[0] = '\0';
	expect("warn configuration", "> chgrp arpad");
}

static void stores(void **state)
{
	struct facts_store *store = &facts.store;

	(void)state;
	store->uid = 0;
	expect("fail store: /var/lib/arpad belongs to user number 0, not to arpad",
		"> chown -R arpad: /var/lib/arpad");
	store->uid = 0;
	facts.starter.user[0] = '\0'; /* root gives it away */
	assert_string_equal(judged(), "");
	make_host();
	store->there = false;
	expect("fail store: there is no /var/lib/arpad",
		"> install -d -o arpad -g arpad -m 0750 /var/lib/arpad");
	store->there = false;
	store->parent_there = true; /* the unit's StateDirectory= */
	assert_string_equal(judged(), "");
	config.store_directory = "/srv/arpad";
	expect("fail store: there is no /srv/arpad", "> install -d -o arpad");
	store->is_folder = false;
	expect("fail store: /var/lib/arpad is not a folder", "- set store.directory");
	store->type = TMPFS_MAGIC;
	expect("warn store's disk: it is in memory", "- set store.directory");
	store->type = NFS_SUPER_MAGIC;
	expect("fail store's disk: a file system of another machine", "- set store.directory");
	store->type = (long)(int)0xff534d42; /* statfs may give it as a negative number */
	expect("fail store's disk: a file system of another machine", "- set store.directory");
	store->free_bytes = UINT64_C(1) << 30;
	expect("warn disk space: 1024 MiB are free", "- make room");
	store->free_bytes = 63 << 20;
	expect("fail disk space: 63 MiB are free", "- make room");
}

/* Names come from the host: none reaches a terminal as a command, none passes a row's end. */
static void names_are_cut_and_cleaned(void **state)
{
	struct verdicts verdicts = {.rows = NULL};
	char name[2 * VERDICT_TEXT_BYTES];

	(void)state;
	memset(name, '\x1b', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	verdict_run(&verdicts, "no row to belong to");
	for (int i = 0; i < 100; i++) {
		verdict_add(&verdicts, VERDICT_WARN, "x", "%s", name);
		verdict_do(&verdicts, "%s", name);
	}
	assert_int_equal(verdicts.count, 100);
	assert_int_equal(verdict_count(&verdicts, VERDICT_WARN), 100);
	assert_int_equal(strlen(verdicts.rows[99].found), VERDICT_TEXT_BYTES - 1);
	assert_int_equal(strspn(verdicts.rows[99].mend, "?"), VERDICT_TEXT_BYTES - 1);
	verdicts_release(&verdicts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_is_wrong_where_all_is_well, host),
		cmocka_unit_test_setup(kernels, host),
		cmocka_unit_test_setup(huge_pages, host),
		cmocka_unit_test_setup(cpus, host),
		cmocka_unit_test_setup(interfaces, host),
		cmocka_unit_test_setup(queues, host),
		cmocka_unit_test_setup(veths, host),
		cmocka_unit_test_setup(xdp, host),
		cmocka_unit_test_setup(devices, host),
		cmocka_unit_test_setup(ports, host),
		cmocka_unit_test_setup(addresses, host),
		cmocka_unit_test_setup(rights, host),
		cmocka_unit_test_setup(users, host),
		cmocka_unit_test_setup(stores, host),
		cmocka_unit_test(names_are_cut_and_cleaned),
	};

	return cmocka_run_group_tests_name("preflight", tests, NULL, NULL);
}
