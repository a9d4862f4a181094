/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel is asked, and not the driver: net_af_xdp reads the MAC address once, and tells of an
 * MTU of 1500 whatever the interface has.
 */
#include "dataplane/dpdk/shared.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ask(int fd, const struct port *port, unsigned long what, struct ifreq *answer)
{
	*answer = (struct ifreq){.ifr_mtu = 0};
	snprintf(answer->ifr_name, sizeof(answer->ifr_name), "%.*s",
		(int)sizeof(answer->ifr_name) - 1, port->name);
	return ioctl(fd, what, answer) ? -errno : 0;
}

static uint16_t mtu_of(const struct ifreq *answer)
{
	return answer->ifr_mtu < UINT16_MAX ? (uint16_t)answer->ifr_mtu : UINT16_MAX;
}

int shared_follow(struct port *port)
{
	struct ifreq mac, mtu;
	int rc, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	rc = ask(fd, port, SIOCGIFHWADDR, &mac);
	rc = rc ? rc : ask(fd, port, SIOCGIFMTU, &mtu);
	close(fd);
	if (rc)
		return rc;
	link_set_mac(&port->link, (const uint8_t *)mac.ifr_hwaddr.sa_data);
	atomic_store_explicit(&port->link.mtu_bytes, mtu_of(&mtu), memory_order_relaxed);
	return 0;
}
