/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/facts_port.h"

#include "control/preflight/facts_text.h"

#include <dirent.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ask(int fd, const char *name, unsigned long what, struct ifreq *request)
{
	snprintf(request->ifr_name, sizeof(request->ifr_name), "%s", name);
	return ioctl(fd, what, request) == 0;
}

static bool ask_ethtool(int fd, const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};

	return ask(fd, name, SIOCETHTOOL, &request);
}

static void read_driver(int fd, const char *name, struct facts_interface *interface)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	if (ask_ethtool(fd, name, &info))
		snprintf(interface->driver, sizeof(interface->driver), "%.*s",
			(int)sizeof(info.driver), info.driver);
}

static void read_channels(int fd, const char *name, struct facts_interface *interface)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};

	interface->channels_known = ask_ethtool(fd, name, &channels);
	if (!interface->channels_known)
		return;
	interface->rx = channels.rx_count;
	interface->tx = channels.tx_count;
	interface->combined = channels.combined_count;
	interface->max_rx = channels.max_rx;
	interface->max_combined = channels.max_combined;
}

static enum facts_spread read_spread(int fd, const char *name, uint32_t flow)
{
	struct ethtool_rxnfc request = {.cmd = ETHTOOL_GRXFH, .flow_type = flow};

	if (!ask_ethtool(fd, name, &request))
		return SPREAD_UNKNOWN;
	return request.data & RXH_L4_B_0_1 ? SPREAD_PORTS : SPREAD_ADDRESSES;
}

static uint32_t read_value(int fd, const char *name, uint32_t command)
{
	struct ethtool_value value = {.cmd = command};

	return ask_ethtool(fd, name, &value) ? value.data : 0;
}

static int read_node(const char *root, const char *name)
{
	char text[FACTS_NAME_BYTES];

	facts_read(text, sizeof(text), root, "/sys/class/net/%s/device/numa_node", name);
	return (int)facts_number(text, -1);
}

void facts_read_interface(const char *root, const char *name, struct facts_interface *interface)
{
	struct ifreq request = {.ifr_mtu = 0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*interface = (struct facts_interface){.index = if_nametoindex(name), .node = -1};
	interface->there = interface->index && fd >= 0;
	if (interface->there) {
		interface->up =
			ask(fd, name, SIOCGIFFLAGS, &request) && (request.ifr_flags & IFF_UP);
		interface->mtu =
			ask(fd, name, SIOCGIFMTU, &request) ? (unsigned)request.ifr_mtu : 0;
		interface->node = read_node(root, name);
		read_driver(fd, name, interface);
		read_channels(fd, name, interface);
		interface->udp4 = read_spread(fd, name, UDP_V4_FLOW);
		interface->udp6 = read_spread(fd, name, UDP_V6_FLOW);
		interface->lro = read_value(fd, name, ETHTOOL_GFLAGS) & ETH_FLAG_LRO;
		facts_read_xdp(name, interface);
		interface->peer_checksums =
			interface->peer_here && !read_value(fd, interface->peer, ETHTOOL_GTXCSUM);
	}
	if (fd >= 0)
		close(fd);
}

bool facts_pci_address(const char *device, char *address, size_t bytes)
{
	unsigned domain = 0, bus, slot, function;
	int length = 0;

	if (sscanf(device, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &length) < 4 ||
		!length) {
		domain = 0;
		length = 0;
		if (sscanf(device, "%2x:%2x.%1x%n", &bus, &slot, &function, &length) < 3)
			length = 0;
	}
	if (!length || (device[length] && device[length] != ','))
		return false;
	snprintf(address, bytes, "%04x:%02x:%02x.%x", domain, bus, slot, function);
	return true;
}

static void read_group_node(const char *root, struct facts_device *facts)
{
	char path[FACTS_PATH_BYTES];
	struct stat about;

	snprintf(path, sizeof(path), "%s/dev/vfio/%d", root, facts->group);
	if (facts->group < 0 || stat(path, &about) != 0)
		return;
	facts->node_file = true;
	facts->node_uid = about.st_uid;
	facts->node_gid = about.st_gid;
	facts->node_mode = about.st_mode & 07777;
}

/* The one interface that the kernel has of it; a device with several has the first named. */
static void read_kernel_interface(const char *root, struct facts_device *facts)
{
	char path[FACTS_PATH_BYTES];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/net", root, facts->address);
	folder = opendir(path);
	while (folder && !facts->interface[0] && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			snprintf(facts->interface, sizeof(facts->interface), "%.*s",
				(int)sizeof(facts->interface) - 1, entry->d_name);
	if (folder)
		closedir(folder);
}

void facts_read_device(const char *root, const char *device, struct facts_device *facts)
{
	char text[FACTS_NAME_BYTES];

	*facts = (struct facts_device){.node = -1, .group = -1};
	facts->pci = facts_pci_address(device, facts->address, sizeof(facts->address));
	if (!facts->pci)
		return;
	facts->there = facts_there(root, "/sys/bus/pci/devices/%s", facts->address);
	facts_link(facts->driver, sizeof(facts->driver), root, "/sys/bus/pci/devices/%s/driver",
		facts->address);
	facts_read(text, sizeof(text), root, "/sys/bus/pci/devices/%s/numa_node", facts->address);
	facts->node = (int)facts_number(text, -1);
	facts_link(text, sizeof(text), root, "/sys/bus/pci/devices/%s/iommu_group", facts->address);
	facts->group = (int)facts_number(text, -1);
	read_group_node(root, facts);
	read_kernel_interface(root, facts);
}
