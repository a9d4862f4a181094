/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The environment under the workers. What can be asked of the machine beforehand is asked, because
 * EAL answers a missing hugepage or queue with a page of text and a number.
 */
#include "dataplane/dpdk/eal.h"

#include "dataplane/dpdk/dpdk_log.h"
#include "dataplane/dpdk/eal_arguments.h"
#include "dataplane/dpdk/failure.h"

#include <errno.h>
#include <glob.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * AF_XDP accounts the packet buffers as locked memory. This may fail and still not matter, since
 * CAP_IPC_LOCK is not limited at all: port_open says so where a queue is then refused.
 */
static void raise_locked_memory(void)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};

	if (!setrlimit(RLIMIT_MEMLOCK, &limit) || getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &limit);
}

/*
 * An interface's queues: those in use, and the most that AF_XDP can have: the driver counts
 * combined channels only, and 1 for a device that has none (as veth). The kernel is asked by
 * ioctl, since /sys may show another network namespace.
 */
struct queues {
	unsigned in_use, most;
	const char *kind; /* what `ethtool -L` calls them */
};

static struct queues count_queues(const char *interface)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq request = {.ifr_data = (char *)&channels};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	bool known = fd >= 0 && !ioctl(fd, SIOCETHTOOL, &request);
	if (fd >= 0)
		close(fd);
	if (known && channels.max_combined)
		return (struct queues){channels.combined_count + channels.rx_count,
			channels.max_combined, "combined"};
	return (struct queues){known && channels.rx_count ? channels.rx_count : 1, 1, "rx"};
}

/* A queue without a worker would leave its share of the queries to the kernel. */
static int check_queues(const struct dataplane_port *port, char error[static DATAPLANE_ERROR_BYTES])
{
	struct queues queues = count_queues(port->interface);

	if (port->queues > queues.most)
		return failure(error, -EINVAL,
			"%s can have %u AF_XDP queues and %u are wanted (see `ethtool -l "
			"%s`; a veth has no combined channels, so 1): set its queues to %u",
			port->interface, queues.most, port->queues, port->interface, queues.most);
	if (port->queues == queues.in_use)
		return 0;
	return failure(error, -EINVAL,
		"%s has %u queues in use and arpad is to serve %u, but each needs a worker: run "
		"`ethtool -L %s %s %u` (for a veth first `ethtool -L PEER tx %u`), or set its "
		"queues to %u",
		port->interface, queues.in_use, port->queues, port->interface, queues.kind,
		port->queues, port->queues,
		queues.in_use < queues.most ? queues.in_use : queues.most);
}

static int check_af_xdp(
	const struct dataplane_config *config, char error[static DATAPLANE_ERROR_BYTES])
{
	for (unsigned i = 0; i < config->port_count; i++) {
		const struct dataplane_port *port = &config->ports[i];
		int rc;

		if (!port->interface)
			continue;
		if (!if_nametoindex(port->interface))
			return failure(error, -ENODEV,
				"there is no interface %s in this network namespace: see `ip link`",
				port->interface);
		if (access(config->steer_object, R_OK))
			return failure(error, -errno,
				"cannot read the XDP program %s (%s): build or install it",
				config->steer_object, strerror(errno));
		rc = check_queues(port, error);
		if (rc)
			return rc;
		raise_locked_memory();
	}
	return 0;
}

/* The driver's own words for it are a number. */
static int check_vhost(
	const struct dataplane_config *config, char error[static DATAPLANE_ERROR_BYTES])
{
	for (unsigned i = 0; i < config->port_count; i++) {
		const struct dataplane_kernel *kernel = &config->ports[i].kernel;

		if (kernel->device != DATAPLANE_KERNEL_VIRTIO_USER)
			continue;
		if (access(EAL_VHOST_NET, R_OK | W_OK))
			return failure(error, -errno,
				"cannot open " EAL_VHOST_NET " for the interface %s (%s): run "
				"`modprobe vhost_net`, or set the port's kernel.device to tap",
				kernel->interface, strerror(errno));
		if (if_nametoindex(kernel->interface))
			return failure(error, -EEXIST,
				"there is an interface %s already: give the port's kernel another "
				"name, or run `ip link del %s`",
				kernel->interface, kernel->interface);
	}
	return 0;
}

static int check_cpus(
	const struct dataplane_config *config, char error[static DATAPLANE_ERROR_BYTES])
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return failure(error, -errno, "cannot read which CPUs arpad may use (%s)",
			strerror(errno));
	for (unsigned i = 0; i <= config->worker_count; i++) {
		int core = i ? config->worker_cores[i - 1] : config->control_core;

		if (core < 0 || core >= CPU_SETSIZE || !CPU_ISSET(core, &allowed))
			return failure(error, -EINVAL,
				"arpad may not run on CPU %d: choose from those that `taskset -cp "
				"$$` prints",
				core);
	}
	return 0;
}

static unsigned long free_hugepages(void)
{
	unsigned long sum = 0;
	glob_t paths;

	if (glob("/sys/kernel/mm/hugepages/hugepages-*/free_hugepages", 0, NULL, &paths))
		return 0;
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		unsigned long pages = 0;
		FILE *file = fopen(paths.gl_pathv[i], "r");

		if (!file)
			continue;
		if (fscanf(file, "%lu", &pages) == 1)
			sum += pages;
		fclose(file);
	}
	globfree(&paths);
	return sum;
}

static int check_hugepages(
	const struct dataplane_config *config, char error[static DATAPLANE_ERROR_BYTES])
{
	if (!config->hugepages || free_hugepages())
		return 0;
	return failure(error, -ENOMEM,
		"no hugepage is free: run `echo 256 > /proc/sys/vm/nr_hugepages`, or configure "
		"arpad to do without hugepages (slower)");
}

static int fail_init(int code, char error[static DATAPLANE_ERROR_BYTES])
{
	switch (code) {
	case EACCES:
	case EPERM:
		return failure(error, -EPERM, "DPDK lacks rights: run arpad as root");
	case EALREADY:
		return failure(error, -EALREADY,
			"DPDK was already started in this process: restart arpad");
	case ENOMEM:
		return failure(error, -ENOMEM,
			"DPDK got too little memory: reserve more hugepages (`echo 256 > "
			"/proc/sys/vm/nr_hugepages`) or lower the configured memory");
	case EINVAL:
		return failure(error, -EINVAL,
			"DPDK refused an argument; its message is above: check devices, CPUs and "
			"the extra EAL arguments");
	case ENODEV:
		return failure(error, -ENODEV,
			"DPDK found no such device; its message is above: check the ports' "
			"devices");
	default:
		return failure(error, -(code ? code : EIO),
			"DPDK did not start (%s); its message is above", strerror(code));
	}
}

/* EAL's threads inherit the mask, so every signal is left to the control thread. */
static int init_with_signals_blocked(struct eal_arguments *arguments)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = rte_eal_init(arguments->count, arguments->list) < 0 ? rte_errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int eal_open(const struct dataplane_config *config, char error[static DATAPLANE_ERROR_BYTES])
{
	/* Too large for a stack frame, and EAL keeps pointers into it. */
	static struct eal_arguments arguments;

	int rc = eal_arguments(config, &arguments, error);
	rc = rc ? rc : check_cpus(config, error);
	rc = rc ? rc : check_af_xdp(config, error);
	rc = rc ? rc : check_vhost(config, error);
	rc = rc ? rc : check_hugepages(config, error);
	if (rc)
		return rc;
	rc = config->log ? dpdk_log_open(config->log) : 0;
	rc = rc ? rc : init_with_signals_blocked(&arguments);
	return rc ? fail_init(rc, error) : 0;
}

void eal_close(void)
{
	rte_eal_cleanup();
}
