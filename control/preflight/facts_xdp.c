/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * By netlink, and by bpf(2) for the names that only root may read: libbpf would be a library more
 * for a program that attaches nothing.
 */
#include "control/preflight/facts_port.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/uapi/linux/netdev.h, which Debian 12's headers are too old for. */
enum {
	NETDEV_CMD_DEV_GET = 1,
	NETDEV_A_DEV_IFINDEX = 1,
	NETDEV_A_DEV_XDP_FEATURES = 3,
};

enum { MESSAGE_BYTES = 32768, LINKS_MAX = 4096 };

/* One request and its one answer, which each_attribute(…) sees; false: the kernel refused. */
static bool ask(struct mnl_socket *socket, struct nlmsghdr *request, mnl_cb_t answer,
	struct facts_interface *interface)
{
	static char buffer[MESSAGE_BYTES];
	static unsigned sequence;
	ssize_t got;

	request->nlmsg_seq = ++sequence;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return false;
	got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	return got > 0 &&
		mnl_cb_run(buffer, (size_t)got, sequence, mnl_socket_get_portid(socket), answer,
			interface) >= 0;
}

static int on_xdp(const struct nlattr *attribute, void *context)
{
	struct facts_interface *interface = context;

	if (mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t))
		switch (mnl_attr_get_type(attribute)) {
		case IFLA_XDP_PROG_ID:
		case IFLA_XDP_DRV_PROG_ID:
		case IFLA_XDP_SKB_PROG_ID:
		case IFLA_XDP_HW_PROG_ID:
			interface->program = mnl_attr_get_u32(attribute);
			break;
		default:
			break;
		}
	else if (mnl_attr_get_type(attribute) == IFLA_XDP_ATTACHED &&
		mnl_attr_get_payload_len(attribute))
		interface->attachment = mnl_attr_get_u8(attribute);
	return MNL_CB_OK;
}

struct link_program {
	struct facts_interface *interface;
	uint32_t other;
	bool elsewhere;
};

static int on_link_attribute(const struct nlattr *attribute, void *context)
{
	struct link_program *link = context;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_XDP:
		mnl_attr_parse_nested(attribute, on_xdp, link->interface);
		break;
	case IFLA_LINK:
		if (mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t))
			link->other = mnl_attr_get_u32(attribute);
		break;
	case IFLA_LINK_NETNSID:
		link->elsewhere = true;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *message, void *context)
{
	struct facts_interface *interface = context;
	struct link_program link = {.interface = interface};

	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof(struct ifinfomsg), on_link_attribute, &link);
	interface->peer_here = strcmp(interface->driver, "veth") == 0 && link.other &&
		!link.elsewhere && if_indextoname(link.other, interface->peer);
	return MNL_CB_OK;
}

static void read_link(struct mnl_socket *socket, const char *name, struct facts_interface *to)
{
	char buffer[512];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	ask(socket, request, on_link, to);
}

static struct nlmsghdr *generic(char *buffer, uint16_t type, uint8_t command)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *header;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->cmd = command;
	header->version = 1;
	return request;
}

static int on_family_attribute(const struct nlattr *attribute, void *context)
{
	if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID &&
		mnl_attr_get_payload_len(attribute) >= sizeof(uint16_t))
		((struct facts_interface *)context)->xdp_features = mnl_attr_get_u16(attribute);
	return MNL_CB_OK;
}

static int on_family(const struct nlmsghdr *message, void *context)
{
	return mnl_attr_parse(message, sizeof(struct genlmsghdr), on_family_attribute, context);
}

static int on_feature(const struct nlattr *attribute, void *context)
{
	struct facts_interface *interface = context;

	if (mnl_attr_get_type(attribute) == NETDEV_A_DEV_XDP_FEATURES &&
		mnl_attr_get_payload_len(attribute) >= sizeof(uint64_t)) {
		interface->xdp_features = mnl_attr_get_u64(attribute);
		interface->features_known = true;
	}
	return MNL_CB_OK;
}

static int on_features(const struct nlmsghdr *message, void *context)
{
	return mnl_attr_parse(message, sizeof(struct genlmsghdr), on_feature, context);
}

/* Linux 6.3 and later have the family. */
static void read_features(struct mnl_socket *socket, struct facts_interface *interface)
{
	struct facts_interface family = {.xdp_features = 0};
	char buffer[512];
	struct nlmsghdr *request = generic(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);

	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, "netdev");
	if (!ask(socket, request, on_family, &family) || !family.xdp_features)
		return;
	request = generic(buffer, (uint16_t)family.xdp_features, NETDEV_CMD_DEV_GET);
	mnl_attr_put_u32(request, NETDEV_A_DEV_IFINDEX, interface->index);
	ask(socket, request, on_features, interface);
}

static void with_socket(int bus, const char *name, struct facts_interface *interface)
{
	struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_CLOEXEC);

	if (!socket)
		return;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0) {
		if (bus == NETLINK_ROUTE)
			read_link(socket, name, interface);
		else
			read_features(socket, interface);
	}
	mnl_socket_close(socket);
}

static int bpf(int command, union bpf_attr *attribute)
{
	return (int)syscall(SYS_bpf, command, attribute, sizeof(*attribute));
}

static bool read_info(int fd, void *info, uint32_t bytes)
{
	union bpf_attr attribute = {
		.info = {.bpf_fd = (uint32_t)fd, .info_len = bytes, .info = (uintptr_t)info}};

	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attribute) == 0;
}

static void read_program_name(struct facts_interface *interface)
{
	union bpf_attr attribute = {.prog_id = interface->program};
	struct bpf_prog_info info = {.type = 0};
	int fd = bpf(BPF_PROG_GET_FD_BY_ID, &attribute);

	if (fd < 0)
		return;
	if (read_info(fd, &info, sizeof(info)))
		snprintf(interface->program_name, sizeof(interface->program_name), "%.15s",
			info.name);
	close(fd);
}

/* The bpf_link that ties the program to the interface: then `ip link` can't take it off. */
static void read_bpf_link(struct facts_interface *interface)
{
	union bpf_attr next = {.start_id = 0};

	for (int i = 0; i < LINKS_MAX && bpf(BPF_LINK_GET_NEXT_ID, &next) == 0; i++) {
		union bpf_attr attribute = {.link_id = next.next_id};
		struct bpf_link_info info = {.type = 0};
		int fd = bpf(BPF_LINK_GET_FD_BY_ID, &attribute);

		next.start_id = next.next_id;
		if (fd < 0)
			continue;
		if (read_info(fd, &info, sizeof(info)) && info.type == BPF_LINK_TYPE_XDP &&
			info.xdp.ifindex == interface->index)
			interface->link = info.id;
		close(fd);
	}
}

void facts_read_xdp(const char *name, struct facts_interface *interface)
{
	with_socket(NETLINK_ROUTE, name, interface);
	with_socket(NETLINK_GENERIC, name, interface);
	if (!interface->program)
		return;
	read_program_name(interface);
	read_bpf_link(interface);
}
