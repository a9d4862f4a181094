/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/facts_host.h"

#include "control/preflight/facts_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timex.h>
#include <unistd.h>

enum { CPUINFO_BYTES = 16 * 1024, MOUNTS_BYTES = 64 * 1024 };

/* The first CPU's "flags" and "vendor_id", up to its empty line. */
static void read_cpuinfo(const char *root, struct facts_kernel *kernel)
{
	char *text = malloc(CPUINFO_BYTES), *end, *flags;

	if (!text)
		return;
	facts_read(text, CPUINFO_BYTES, root, "/proc/cpuinfo");
	end = strstr(text, "\n\n");
	if (end)
		*end = '\0';
	kernel->intel = strstr(text, "GenuineIntel") != NULL;
	flags = strstr(text, "\nflags");
	if (flags) {
		kernel->tsc_known = true;
		kernel->tsc_constant = facts_has_word(flags, "constant_tsc");
		kernel->tsc_nonstop = facts_has_word(flags, "nonstop_tsc");
	}
	free(text);
}

static bool has_bpffs(const char *root)
{
	char *text = malloc(MOUNTS_BYTES);
	bool found = false;

	if (text && facts_read(text, MOUNTS_BYTES, root, "/proc/mounts") > 0)
		found = strstr(text, " /sys/fs/bpf bpf ") != NULL;
	free(text);
	return found;
}

static bool has_entries(const char *root, const char *name)
{
	char path[FACTS_PATH_BYTES];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "%s%s", root, name);
	folder = opendir(path);
	while (folder && !found && (entry = readdir(folder)) != NULL)
		found = entry->d_name[0] != '.';
	if (folder)
		closedir(folder);
	return found;
}

/* The right to open one is looked at after the family (net/xdp/xsk.c): nobody has to be root. */
static bool has_af_xdp(void)
{
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno != EAFNOSUPPORT && errno != EPROTONOSUPPORT;
	close(fd);
	return true;
}

/* The first that is installed of those that Debian has. */
static void read_time_service(const char *root, struct facts_kernel *kernel)
{
	static const char *const services[] = {
		"chrony", "ntpsec", "openntpd", "systemd-timesyncd", NULL};

	for (const char *const *service = services; *service; service++)
		if (facts_there(root, "/lib/systemd/system/%s.service", *service) ||
			facts_there(root, "/usr/lib/systemd/system/%s.service", *service)) {
			snprintf(
				kernel->time_service, sizeof(kernel->time_service), "%s", *service);
			return;
		}
}

void facts_read_kernel(const char *root, struct facts_kernel *kernel)
{
	struct timex clock = {.modes = 0};

	*kernel = (struct facts_kernel){.af_xdp = has_af_xdp()};
	facts_read(kernel->release, sizeof(kernel->release), root, "/proc/sys/kernel/osrelease");
	facts_release(kernel->release, &kernel->major, &kernel->minor);
	kernel->btf = facts_there(root, "/sys/kernel/btf/vmlinux");
	kernel->bpffs = has_bpffs(root);
	kernel->iommu = has_entries(root, "/sys/kernel/iommu_groups");
	kernel->tun = facts_there(root, "/dev/net/tun");
	kernel->vhost_net = facts_there(root, "/dev/vhost-net");
	kernel->synchronised = adjtimex(&clock) >= 0 && !(clock.status & STA_UNSYNC);
	facts_read(kernel->clocksource, sizeof(kernel->clocksource), root,
		"/sys/devices/system/clocksource/clocksource0/current_clocksource");
	read_time_service(root, kernel);
	read_cpuinfo(root, kernel);
}

static long read_pages(const char *root, const char *size, const char *what)
{
	char text[FACTS_NAME_BYTES];

	facts_read(
		text, sizeof(text), root, "/sys/kernel/mm/hugepages/hugepages-%s/%s", size, what);
	return facts_number(text, 0);
}

void facts_read_hugepages(const char *root, struct facts_hugepages *hugepages)
{
	hugepages->total = read_pages(root, "2048kB", "nr_hugepages");
	hugepages->free = read_pages(root, "2048kB", "free_hugepages");
	hugepages->free_1g = read_pages(root, "1048576kB", "free_hugepages");
}

static void read_list(const char *root, const char *name, cpu_set_t *cpus)
{
	char text[4096];

	facts_read(text, sizeof(text), root, "/sys/devices/system/%s", name);
	facts_cpu_list(text, cpus);
}

static void read_core(const char *root, int core, cpu_set_t *siblings, struct facts_cpus *cpus)
{
	char name[FACTS_NAME_BYTES], governor[FACTS_NAME_BYTES];

	snprintf(name, sizeof(name), "cpu/cpu%d/topology/thread_siblings_list", core);
	read_list(root, name, siblings);
	if (facts_read(governor, sizeof(governor), root,
		    "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", core) <= 0)
		return;
	cpus->has_governor = true;
	if (strcmp(governor, "performance") == 0)
		return;
	CPU_SET(core, &cpus->slow);
	memcpy(cpus->governor, governor, sizeof(governor));
}

void facts_read_cpus(const char *root, const struct config *config, struct facts_cpus *cpus)
{
	memset(cpus, 0, sizeof(*cpus));
	read_list(root, "cpu/online", &cpus->online);
	read_list(root, "cpu/isolated", &cpus->isolated);
	read_list(root, "cpu/nohz_full", &cpus->tickless);
	sched_getaffinity(0, sizeof(cpus->allowed), &cpus->allowed);
	for (int node = 0; node < FACTS_NODES_MAX; node++) {
		char name[FACTS_NAME_BYTES];

		snprintf(name, sizeof(name), "node/node%d/cpulist", node);
		read_list(root, name, &cpus->node[node]);
	}
	for (unsigned i = 0; i < config->worker_count; i++)
		read_core(root, config->worker_cores[i], &cpus->siblings[i], cpus);
}

static bool parent_is_there(const char *directory)
{
	char parent[FACTS_PATH_BYTES];
	struct stat about;
	char *slash;

	snprintf(parent, sizeof(parent), "%s", directory);
	slash = strrchr(parent, '/');
	if (!slash)
		return false;
	slash[slash == parent] = '\0';
	return stat(parent, &about) == 0 && S_ISDIR(about.st_mode);
}

static unsigned long long bytes_in(const char *directory)
{
	unsigned long long sum = 0;
	struct dirent *entry;
	struct stat about;
	DIR *folder = opendir(directory);

	while (folder && (entry = readdir(folder)) != NULL)
		if (fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(about.st_mode))
			sum += (unsigned long long)about.st_blocks * 512;
	if (folder)
		closedir(folder);
	return sum;
}

void facts_read_store(const char *directory, struct facts_store *store)
{
	struct statfs system;
	struct stat about;

	*store = (struct facts_store){.parent_there = parent_is_there(directory)};
	if (stat(directory, &about) != 0)
		return;
	store->there = true;
	store->is_folder = S_ISDIR(about.st_mode);
	store->uid = about.st_uid;
	store->gid = about.st_gid;
	store->mode = about.st_mode & 07777;
	if (statfs(directory, &system) == 0) {
		store->type = (long)system.f_type;
		store->free_bytes =
			(unsigned long long)system.f_bavail * (unsigned long long)system.f_bsize;
	}
	store->bytes = bytes_in(directory);
}

/* Who is no root can't become another user. */
void facts_read_user(const struct facts *facts, struct facts_user *user)
{
	const char *chosen = facts->config->privileges.user;
	const char *name = *facts->starter.user ? facts->starter.user : chosen ? chosen : "arpad";
	const struct passwd *entry = getpwnam(name);
	struct stat about;

	*user = (struct facts_user){.there = entry != NULL};
	snprintf(user->name, sizeof(user->name), "%s", name);
	if (entry) {
		user->uid = entry->pw_uid;
		user->gid = entry->pw_gid;
	}
	if (stat(facts->config_path, &about) == 0) {
		user->file_uid = about.st_uid;
		user->file_gid = about.st_gid;
		user->file_mode = about.st_mode & 07777;
	}
}

static bool take_address(const struct sockaddr *from, struct ip_address *address)
{
	if (from && from->sa_family == AF_INET) {
		*address = (struct ip_address){.family = 4};
		memcpy(address->bytes, &((const struct sockaddr_in *)from)->sin_addr, 4);
		return true;
	}
	if (from && from->sa_family == AF_INET6) {
		*address = (struct ip_address){.family = 6};
		memcpy(address->bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
		return true;
	}
	return false;
}

void facts_read_addresses(struct facts *facts)
{
	struct ifaddrs *list;

	facts->addresses = calloc(FACTS_ADDRESSES_MAX, sizeof(*facts->addresses));
	if (!facts->addresses || getifaddrs(&list) != 0)
		return;
	for (const struct ifaddrs *at = list; at && facts->address_count < FACTS_ADDRESSES_MAX;
		at = at->ifa_next) {
		struct facts_address *address = &facts->addresses[facts->address_count];

		if (!take_address(at->ifa_addr, &address->address))
			continue;
		snprintf(address->interface, sizeof(address->interface), "%s", at->ifa_name);
		facts->address_count++;
	}
	freeifaddrs(list);
}
