/* SPDX-License-Identifier: BSD-3-Clause */
/* control/preflight/facts_*.c: what is read from trees of files like /proc and /sys. */
#include "control/preflight/facts_host.h"
#include "control/preflight/facts_port.h"
#include "control/preflight/facts_socket.h"
#include "control/preflight/facts_text.h"
#include "control/preflight/facts_unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <ftw.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/arpad-test-preflight-XXXXXX";
static struct config config;
static struct facts facts;

static int make_root(void **state)
{
	(void)state;
	strcpy(root + sizeof(root) - 7, "XXXXXX");
	memset(&config, 0, sizeof(config));
	memset(&facts, 0, sizeof(facts));
	facts.config = &config;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	(void)about;
	(void)kind;
	(void)walk;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The file's whole path, with its folders made. */
static const char *place(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(place(name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void put_link(const char *name, const char *target)
{
	assert_int_equal(symlink(target, place(name)), 0);
}

static void lists_of_cpus(void **state)
{
	char text[64];
	cpu_set_t list;

	(void)state;
	facts_cpu_list("0-3,8,10-11\n", &list);
	assert_int_equal(CPU_COUNT(&list), 7);
	assert_string_equal(facts_cpu_text(&list, text, sizeof(text)), "0-3,8,10-11");
	facts_cpu_list("", &list);
	assert_int_equal(CPU_COUNT(&list), 0);
	assert_string_equal(facts_cpu_text(&list, text, sizeof(text)), "");
	facts_cpu_list("5,x,7", &list);
	assert_string_equal(facts_cpu_text(&list, text, sizeof(text)), "5");
	facts_cpu_list("9-4,1022-99999999999999999999999", &list);
	assert_string_equal(facts_cpu_text(&list, text, sizeof(text)), "1022-1023");
	facts_cpu_list("0,2,4,6,8,10,12,14,16,18,20", &list);
	assert_string_equal(facts_cpu_text(&list, text, 8), "0,2,4,6"); /* cut */
}

static void numbers_and_words(void **state)
{
	unsigned major, minor;

	(void)state;
	assert_int_equal(facts_number("-1", 7), -1);
	assert_int_equal(facts_number("", 7), 7);
	assert_int_equal(facts_number("12x", 7), 7);
	assert_int_equal(facts_number("99999999999999999999", 7), 7);
	assert_true(facts_release("6.1.0-13-amd64", &major, &minor));
	assert_int_equal(major * 100 + minor, 601);
	assert_false(facts_release("Plan9", &major, &minor));
	assert_int_equal(major + minor, 0);
	assert_true(facts_has_word("flags\t: fpu constant_tsc\n", "constant_tsc"));
	assert_false(facts_has_word("constant_tsc_x xconstant_tsc", "constant_tsc"));
	assert_true(facts_has_word("tsc tsc_x", "tsc"));
}

static void paths_below_others(void **state)
{
	(void)state;
	assert_true(facts_is_below("/a", "/a/b"));
	assert_true(facts_is_below("/x -/a/:/c", "/a"));
	assert_true(facts_is_below("/", "/a"));
	assert_false(facts_is_below("/a", "/ab"));
	assert_false(facts_is_below("", "/a"));
	assert_false(facts_is_below(" - : ", "/a"));
}

static void pci_addresses(void **state)
{
	char address[64] = "";

	(void)state;
	assert_true(facts_pci_address("0000:3B:00.1", address, sizeof(address)));
	assert_string_equal(address, "0000:3b:00.1");
	assert_true(facts_pci_address("3b:00.0,arg=1", address, sizeof(address)));
	assert_string_equal(address, "0000:3b:00.0");
	assert_false(facts_pci_address("net_tap0", address, sizeof(address)));
	assert_false(facts_pci_address("3b:00.0x", address, sizeof(address)));
	assert_false(facts_pci_address("../../3b", address, sizeof(address)));
}

static void kernels(void **state)
{
	struct facts_kernel kernel;

	(void)state;
	put("/proc/sys/kernel/osrelease", "6.1.0-13-amd64\n");
	put("/sys/kernel/btf/vmlinux", "x");
	put("/proc/mounts", "sysfs /sys sysfs rw 0 0\nbpf /sys/fs/bpf bpf rw,nosuid 0 0\n");
	put("/proc/cpuinfo",
		"vendor_id\t: GenuineIntel\nflags\t\t: fpu constant_tsc\n\n"
		"flags\t: nonstop_tsc\n");
	put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	put("/dev/net/tun", "");
	put("/lib/systemd/system/systemd-timesyncd.service", "");
	put("/sys/kernel/iommu_groups/0/type", "DMA\n");
	facts_read_kernel(root, &kernel);
	assert_string_equal(kernel.release, "6.1.0-13-amd64");
	assert_int_equal(kernel.minor, 1);
	assert_true(kernel.btf && kernel.bpffs && kernel.tun && kernel.iommu && kernel.intel);
	assert_true(kernel.tsc_known && kernel.tsc_constant);
	assert_false(kernel.tsc_nonstop || kernel.vhost_net);
	assert_string_equal(kernel.clocksource, "tsc");
	assert_string_equal(kernel.time_service, "systemd-timesyncd");
}

static void what_is_not_there(void **state)
{
	struct facts_hugepages pages;
	struct facts_device device;
	struct facts_kernel kernel;

	(void)state;
	facts_read_kernel(root, &kernel);
	assert_string_equal(kernel.release, "");
	assert_false(kernel.btf || kernel.bpffs || kernel.tsc_known || kernel.iommu);
	facts_read_hugepages(root, &pages);
	assert_int_equal(pages.total + pages.free + pages.free_1g, 0);
	facts_read_device(root, "3b:00.0", &device);
	assert_true(device.pci);
	assert_false(device.there);
	assert_int_equal(device.node, -1);
	facts_read_sockets(root, &facts);
	assert_int_equal(facts.socket_count, 0);
	config.worker_count = 1;
	facts_read_cpus(root, &config, &facts.cpus);
	assert_false(facts.cpus.has_governor);
	assert_int_equal(CPU_COUNT(&facts.cpus.isolated), 0);
}

static void huge_pages_and_cpus(void **state)
{
	struct facts_hugepages pages;

	(void)state;
	put("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "160\n");
	put("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "12\n");
	put("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "many\n");
	facts_read_hugepages(root, &pages);
	assert_int_equal(pages.total, 160);
	assert_int_equal(pages.free, 12);
	assert_int_equal(pages.free_1g, 0);
	config.worker_count = 2;
	config.worker_cores[0] = 2;
	config.worker_cores[1] = 3;
	put("/sys/devices/system/cpu/isolated", "2-3\n");
	put("/sys/devices/system/cpu/nohz_full", " (null)\n");
	put("/sys/devices/system/node/node1/cpulist", "2,3\n");
	put("/sys/devices/system/cpu/cpu2/topology/thread_siblings_list", "2,10\n");
	put("/sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "performance\n");
	put("/sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "powersave\n");
	facts_read_cpus(root, &config, &facts.cpus);
	assert_int_equal(CPU_COUNT(&facts.cpus.isolated), 2);
	assert_int_equal(CPU_COUNT(&facts.cpus.tickless), 0);
	assert_true(CPU_ISSET(3, &facts.cpus.node[1]));
	assert_true(CPU_ISSET(10, &facts.cpus.siblings[0]));
	assert_true(CPU_ISSET(3, &facts.cpus.slow) && !CPU_ISSET(2, &facts.cpus.slow));
	assert_string_equal(facts.cpus.governor, "powersave");
}

static void devices(void **state)
{
	struct facts_device device;

	(void)state;
	put("/sys/bus/pci/devices/0000:3b:00.0/numa_node", "1\n");
	put("/sys/bus/pci/devices/0000:3b:00.0/net/eth7/mtu", "1500\n");
	put_link("/sys/bus/pci/devices/0000:3b:00.0/driver", "../../../bus/pci/drivers/i40e");
	put_link("/sys/bus/pci/devices/0000:3b:00.0/iommu_group", "../../kernel/iommu_groups/17");
	put("/dev/vfio/17", "");
	assert_int_equal(chmod(place("/dev/vfio/17"), 0620), 0);
	facts_read_device(root, "0000:3b:00.0", &device);
	assert_true(device.there && device.node_file);
	assert_int_equal(device.node, 1);
	assert_int_equal(device.group, 17);
	assert_int_equal(device.node_mode, 0620);
	assert_string_equal(device.driver, "i40e");
	assert_string_equal(device.interface, "eth7");
	facts_read_device(root, "net_ring0", &device);
	assert_false(device.pci);
}

#define HEAD \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  " \
	"timeout inode\n"

static void sockets(void **state)
{
	static struct dns_listener_address listened = {{4, {198, 18, 0, 1}}, 5300};
	uint8_t four[4] = {127, 0, 0, 53}, six[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};

	(void)state;
	config.port = 53;
	config.addresses = &listened;
	config.address_count = 1;
	put("/proc/net/udp",
		HEAD "  12: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000  "
		     "101        0 1111 2 0000000000000000 0\n"
		     "  13: 3500007F:0036 00000000:0000 07 00000000:00000000 00:00000000 00000000  "
		     "101        0 1112 2 0000000000000000 0\n");
	put("/proc/net/tcp",
		HEAD "   0: 00000000:14B4 00000000:0000 0A 00000000:00000000 00:00000000 00000000  "
		     "   0        0 2222 1 0000000000000000 100 0 0 10 0\n"
		     "   1: 0100007F:0035 0100007F:9999 01 00000000:00000000 00:00000000 00000000  "
		     "   0        0 3333 1 0000000000000000 20 4 30 10 -1\n");
	put("/proc/net/udp6",
		HEAD " 99: B80D0120000000000000000001000000:0035 "
		     "00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 "
		     "00000000     0        0 4444 2 0000000000000000 0\n"
		     "nonsense\n 7: zz:0035\n");
	put("/proc/812/comm", "systemd-resolve\n");
	put("/proc/812/cgroup", "0::/system.slice/systemd-resolved.service\n");
	put_link("/proc/812/fd/3", "/dev/null");
	put_link("/proc/812/fd/4", "socket:[1111]");
	put_link("/proc/x12/fd/4", "socket:[2222]");
	facts_read_sockets(root, &facts);
	assert_int_equal(facts.socket_count, 3);
	assert_int_equal(facts.sockets[0].address.family, 4);
	assert_memory_equal(facts.sockets[0].address.bytes, four, 4);
	assert_int_equal(facts.sockets[0].pid, 812);
	assert_string_equal(facts.sockets[0].process, "systemd-resolve");
	assert_string_equal(facts.sockets[0].unit, "systemd-resolved");
	assert_int_equal(facts.sockets[1].address.family, 6);
	assert_memory_equal(facts.sockets[1].address.bytes, six, 16);
	assert_true(facts.sockets[2].tcp);
	assert_int_equal(facts.sockets[2].port, 5300);
	assert_int_equal(facts.sockets[2].pid, 0);
}

static void more_sockets_than_there_is_room_for(void **state)
{
	FILE *file;

	(void)state;
	config.port = 53;
	file = fopen(place("/proc/net/udp"), "w");
	assert_non_null(file);
	for (int i = 0; i < 10 * FACTS_SOCKETS_MAX; i++)
		fprintf(file, "%d: 3500007F:0035 00000000:0000 07 0:0 0:0 0 0 0 %d 2\n", i, i);
	fclose(file);
	facts_read_sockets(root, &facts);
	assert_int_equal(facts.socket_count, FACTS_SOCKETS_MAX);
}

static void units_of_cgroups(void **state)
{
	char unit[16];

	(void)state;
	facts_unit_of_cgroup("0::/user.slice/session-1.scope\n", unit, sizeof(unit));
	assert_string_equal(unit, "");
	facts_unit_of_cgroup(".service", unit, sizeof(unit));
	assert_string_equal(unit, "");
	facts_unit_of_cgroup("0::/system.slice/.service", unit, sizeof(unit));
	assert_string_equal(unit, "");
	facts_unit_of_cgroup("0::/user.slice/user@1000.service/a.service", unit, sizeof(unit));
	assert_string_equal(unit, "");
	facts_unit_of_cgroup("0::/system.slice/a.service/b.service", unit, sizeof(unit));
	assert_string_equal(unit, "");
	facts_unit_of_cgroup("0::/system.slice/averyverylongname.service", unit, sizeof(unit));
	assert_string_equal(unit, "averyverylongna");
	facts_unit_of_cgroup("12:pids:/system.slice/knot.service\n0::/\n", unit, sizeof(unit));
	assert_string_equal(unit, "knot");
}

static uint64_t bit(unsigned number)
{
	return UINT64_C(1) << number;
}

static void the_unit_that_is_installed(void **state)
{
	struct facts_starter starter;
	char text[16384];

	(void)state;
	facts_starter_begin(&starter);
	assert_true(facts_read(text, sizeof(text), SOURCE_ROOT, "/control/arpad.service.in") > 0);
	facts_unit_parse(text, &starter);
	assert_string_equal(starter.user, "arpad");
	assert_int_equal(starter.capabilities,
		bit(CAP_NET_RAW) | bit(CAP_NET_ADMIN) | bit(CAP_BPF) | bit(CAP_PERFMON) |
			bit(CAP_NET_BIND_SERVICE));
	assert_true(starter.limits_files && starter.has_root);
	assert_true(facts_is_below(starter.writable, "/var/lib/arpad"));
	assert_true(facts_is_below(starter.writable, "/dev/net/tun"));
	assert_false(facts_is_below(starter.writable, "/var/lib"));
	assert_int_equal(starter.memlock, STARTER_UNLIMITED);
	assert_int_equal(starter.files, 65536);
	assert_true(starter.limits_families && starter.af_xdp_family);
	assert_true(starter.limits_devices && starter.tun_device && starter.vfio_device);
}

static void units_and_their_drop_ins(void **state)
{
	struct facts_starter starter;

	(void)state;
	put("/usr/lib/systemd/system/arpad.service",
		"[Unit]\nUser=no\n[Service]\n# User=comment\nUser=arpad\n"
		"AmbientCapabilities=CAP_NET_RAW \\\n  CAP_BPF\nLimitNOFILE=100:2K\n");
	put("/etc/systemd/system/arpad.service.d/20-more.conf",
		"[Service]\nAmbientCapabilities=CAP_NET_ADMIN\nLimitMEMLOCK=64M\n");
	put("/etc/systemd/system/arpad.service.d/10-less.conf",
		"[Service]\nAmbientCapabilities=\nAmbientCapabilities=CAP_PERFMON CAP_BPF\n"
		"CapabilityBoundingSet=~CAP_BPF\nRestrictAddressFamilies=AF_INET\n");
	put("/etc/systemd/system/arpad.service.d/ignored", "[Service]\nUser=nobody\n");
	facts_read_starter(root, &starter);
	assert_string_equal(starter.unit, "/usr/lib/systemd/system/arpad.service");
	assert_string_equal(starter.user, "arpad");
	assert_int_equal(starter.capabilities, bit(CAP_PERFMON) | bit(CAP_NET_ADMIN));
	assert_int_equal(starter.memlock, 64 << 20);
	assert_int_equal(starter.files, 2048);
	assert_true(starter.limits_families && !starter.af_xdp_family);
}

static void units_of_root(void **state)
{
	struct facts_starter starter;

	(void)state;
	facts_starter_begin(&starter);
	facts_unit_parse("[Service]\nUser=root\nCapabilityBoundingSet=CAP_BPF\n"
			 "RestrictAddressFamilies=~AF_XDP\nDevicePolicy=auto\nLimitNOFILE=x",
		&starter);
	assert_string_equal(starter.user, "");
	assert_int_equal(starter.capabilities, bit(CAP_BPF));
	assert_true(starter.limits_families && !starter.af_xdp_family);
	assert_false(starter.limits_devices);
	assert_int_equal(starter.files, STARTER_UNSET);
}

static void stores(void **state)
{
	struct facts_store store;

	(void)state;
	put("/lib/data.mdb", "some octets");
	facts_read_store(place("/lib"), &store);
	assert_true(store.there && store.is_folder && store.parent_there);
	assert_int_equal(store.uid, geteuid());
	assert_true(store.bytes > 0 && store.free_bytes > 0);
	facts_read_store(place("/lib/none"), &store);
	assert_true(!store.there && store.parent_there);
	facts_read_store(place("/none/none"), &store);
	assert_true(!store.there && store.parent_there); /* place() made the folder */
	facts_read_store("/nonexistent/arpad", &store);
	assert_false(store.there || store.parent_there);
	facts_read_store(place("/lib/data.mdb"), &store);
	assert_true(store.there && !store.is_folder);
}

/* What a parser must not trip over: FIFOs, folders for files, long lines, NULs, no newline. */
static void strange_files(void **state)
{
	struct facts_starter starter;
	struct facts_kernel kernel;
	FILE *file;

	(void)state;
	assert_int_equal(mkfifo(place("/proc/cpuinfo"), 0600), 0);
	assert_int_equal(mkdir(place("/proc/mounts"), 0700), 0);
	file = fopen(place("/etc/systemd/system/arpad.service"), "w");
	assert_non_null(file);
	fputs("[Service]\n", file);
	for (int i = 0; i < 5000; i++)
		fputs("CAP_BPF ", file);
	fputs("\\\n\\\n=\nUser=", file);
	for (int i = 0; i < 3000; i++)
		fputc('u', file);
	fputc('\0', file);
	fputs("\nUser=never", file);
	fclose(file);
	facts_read_kernel(root, &kernel);
	assert_false(kernel.tsc_known || kernel.bpffs);
	facts_read_starter(root, &starter);
	assert_int_equal(strspn(starter.user, "u"), sizeof(starter.user) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_cpus),
		cmocka_unit_test(numbers_and_words),
		cmocka_unit_test(paths_below_others),
		cmocka_unit_test(pci_addresses),
		cmocka_unit_test_setup_teardown(kernels, make_root, remove_root),
		cmocka_unit_test_setup_teardown(what_is_not_there, make_root, remove_root),
		cmocka_unit_test_setup_teardown(huge_pages_and_cpus, make_root, remove_root),
		cmocka_unit_test_setup_teardown(devices, make_root, remove_root),
		cmocka_unit_test_setup_teardown(sockets, make_root, remove_root),
		cmocka_unit_test_setup_teardown(
			more_sockets_than_there_is_room_for, make_root, remove_root),
		cmocka_unit_test(units_of_cgroups),
		cmocka_unit_test(the_unit_that_is_installed),
		cmocka_unit_test_setup_teardown(units_and_their_drop_ins, make_root, remove_root),
		cmocka_unit_test(units_of_root),
		cmocka_unit_test_setup_teardown(stores, make_root, remove_root),
		cmocka_unit_test_setup_teardown(strange_files, make_root, remove_root),
	};

	return cmocka_run_group_tests_name("preflight_facts", tests, NULL, NULL);
}
