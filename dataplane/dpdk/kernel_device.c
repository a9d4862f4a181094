/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TAP: one frame a system call, by the descriptor alone. Without the offloads that a reader of it
 * may ask for (none is), the kernel fills in checksums and cuts segments itself. virtio-user:
 * bursts through the memory that vhost-net shares, as DPDK's guide has it ("Virtio_user as
 * Exceptional Path").
 */
#include "dataplane/dpdk/kernel_device.h"

#include "dataplane/dpdk/eal_arguments.h"
#include "dataplane/dpdk/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Both rings of virtio-user full, and a burst each way. */
enum { VIRTIO_FRAMES = 2 * EAL_VIRTIO_RING_FRAMES + 2 * KERNEL_DEVICE_BURST - 1 };

static int fail_tap(const char *interface, int code, char error[static DATAPLANE_ERROR_BYTES])
{
	switch (code) {
	case EBUSY:
	case EINVAL: /* the name is of an interface that is no TAP */
		return failure(error, -EEXIST,
			"there is an interface %s already: give the port's kernel another name, or "
			"run `ip link del %s`",
			interface, interface);
	case EPERM:
	case EACCES:
		return failure(error, -EPERM, "the interface %s can't be made: run arpad as root",
			interface);
	case ENOENT:
	case ENODEV:
		return failure(error, -ENODEV,
			"there is no /dev/net/tun for the interface %s: run `modprobe tun`",
			interface);
	default:
		return failure(error, -code, "the interface %s can't be made (%s)", interface,
			strerror(code));
	}
}

static int open_tap(struct kernel_device *device, const char *interface,
	char error[static DATAPLANE_ERROR_BYTES])
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL};

	device->kind = DATAPLANE_KERNEL_TAP;
	device->descriptor = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (device->descriptor < 0)
		return fail_tap(interface, errno, error);
	strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	if (ioctl(device->descriptor, TUNSETIFF, &request))
		return fail_tap(interface, errno, error);
	return 0;
}

static int set_up_virtio(struct kernel_device *device)
{
	const struct rte_eth_conf conf = {0};
	unsigned socket = (unsigned)rte_eth_dev_socket_id(device->port);
	uint16_t frames = EAL_VIRTIO_RING_FRAMES;
	int rc = rte_eth_dev_configure(device->port, 1, 1, &conf);

	rc = rc ? rc : rte_eth_rx_queue_setup(device->port, 0, frames, socket, NULL, device->pool);
	rc = rc ? rc : rte_eth_tx_queue_setup(device->port, 0, frames, socket, NULL);
	return rc ? rc : rte_eth_dev_start(device->port);
}

static int open_virtio(struct kernel_device *device, const char *interface, unsigned index,
	char error[static DATAPLANE_ERROR_BYTES])
{
	char name[EAL_PORT_NAME_BYTES];

	eal_kernel_name(index, name);
	if (rte_eth_dev_get_port_by_name(name, &device->port))
		return failure(error, -ENODEV,
			"DPDK made no virtio-user device for the interface %s; its message is "
			"above: install its virtio driver, or set the port's kernel.device to tap",
			interface);
	device->kind = DATAPLANE_KERNEL_VIRTIO_USER;
	device->pool = rte_pktmbuf_pool_create(
		name, VIRTIO_FRAMES, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (!device->pool)
		return failure(error, -rte_errno,
			"no memory for the packets of %s (%s): reserve more hugepages or raise the "
			"configured memory",
			interface, rte_strerror(rte_errno));
	int rc = set_up_virtio(device);
	return rc ? failure(error, rc, "%s: virtio-user does not start (%s)", interface,
			    rte_strerror(-rc))
		  : 0;
}

int kernel_device_open(struct kernel_device *device, const struct dataplane_kernel *kernel,
	unsigned index, char error[static DATAPLANE_ERROR_BYTES])
{
	*device = (struct kernel_device){.descriptor = -1};
	if (kernel->device == DATAPLANE_KERNEL_TAP)
		return open_tap(device, kernel->interface, error);
	return open_virtio(device, kernel->interface, index, error);
}

void kernel_device_close(struct kernel_device *device)
{
	if (device->kind == DATAPLANE_KERNEL_TAP && device->descriptor >= 0)
		close(device->descriptor);
	if (device->kind == DATAPLANE_KERNEL_VIRTIO_USER) {
		rte_eth_dev_stop(device->port);
		rte_eth_dev_close(device->port);
		rte_mempool_free(device->pool);
	}
	*device = (struct kernel_device){.descriptor = -1};
}

/* One that the kernel refuses, since it is malformed or the interface is down, is no reason to drop
 * the next. */
static unsigned send_tap(
	const struct kernel_device *device, struct rte_mbuf *const *frames, unsigned count)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < count; i++)
		taken += write(device->descriptor, rte_pktmbuf_mtod(frames[i], const void *),
				 rte_pktmbuf_data_len(frames[i])) > 0;
	return taken;
}

static unsigned receive_tap(
	const struct kernel_device *device, struct rte_mbuf *const *frames, unsigned count)
{
	unsigned filled = 0;

	for (; filled < count; filled++) {
		struct rte_mbuf *frame = frames[filled];
		ssize_t bytes = read(device->descriptor, rte_pktmbuf_mtod(frame, void *),
			rte_pktmbuf_tailroom(frame));

		if (bytes <= 0)
			break;
		frame->data_len = (uint16_t)bytes;
		frame->pkt_len = (uint32_t)bytes;
	}
	return filled;
}

static void copy(struct rte_mbuf *to, const struct rte_mbuf *from)
{
	memcpy(rte_pktmbuf_mtod(to, void *), rte_pktmbuf_mtod(from, const void *),
		rte_pktmbuf_data_len(from));
	to->data_len = from->data_len;
	to->pkt_len = from->data_len;
}

static unsigned send_virtio(
	const struct kernel_device *device, struct rte_mbuf *const *frames, unsigned count)
{
	struct rte_mbuf *copies[KERNEL_DEVICE_BURST];

	if (rte_pktmbuf_alloc_bulk(device->pool, copies, count))
		return 0;
	for (unsigned i = 0; i < count; i++)
		copy(copies[i], frames[i]);
	unsigned taken = rte_eth_tx_burst(device->port, 0, copies, (uint16_t)count);
	rte_pktmbuf_free_bulk(copies + taken, count - taken);
	return taken;
}

static unsigned receive_virtio(
	const struct kernel_device *device, struct rte_mbuf *const *frames, unsigned count)
{
	struct rte_mbuf *got[KERNEL_DEVICE_BURST];
	unsigned filled = 0, received = rte_eth_rx_burst(device->port, 0, got, (uint16_t)count);

	for (unsigned i = 0; i < received; i++)
		if (got[i]->nb_segs == 1 &&
			rte_pktmbuf_data_len(got[i]) <= rte_pktmbuf_tailroom(frames[filled]))
			copy(frames[filled++], got[i]);
	rte_pktmbuf_free_bulk(got, received);
	return filled;
}

unsigned kernel_device_send(
	struct kernel_device *device, struct rte_mbuf *const *frames, unsigned count)
{
	return device->kind == DATAPLANE_KERNEL_TAP ? send_tap(device, frames, count)
						    : send_virtio(device, frames, count);
}

unsigned kernel_device_receive(
	struct kernel_device *device, struct rte_mbuf *const *frames, unsigned count)
{
	return device->kind == DATAPLANE_KERNEL_TAP ? receive_tap(device, frames, count)
						    : receive_virtio(device, frames, count);
}
