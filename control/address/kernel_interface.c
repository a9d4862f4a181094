/* SPDX-License-Identifier: BSD-3-Clause */
/* One rtnetlink request after the other, each acknowledged before the next: the order matters. */
#include "control/address/kernel_interface.h"

#include "control/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	MESSAGE_BYTES = 512,
	REPLY_BYTES = 8192, /* the most that libmnl suggests for one that is no dump */
	/*
	 * That of IPv6 routes without one, so other default routes of the host keep their place.
	 * One more for each port, or the second would be refused.
	 */
	ROUTE_METRIC = 1024,
};

/* A conversation about one interface. */
struct talk {
	struct mnl_socket *socket;
	unsigned index, sequence;
	char message[MESSAGE_BYTES];
};

static int talk_open(struct talk *talk, const char *interface)
{
	*talk = (struct talk){.index = if_nametoindex(interface)};
	if (!talk->index)
		return -ENODEV;
	talk->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!talk->socket)
		return -errno;
	return mnl_socket_bind(talk->socket, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
}

static void talk_close(struct talk *talk)
{
	if (talk->socket)
		mnl_socket_close(talk->socket);
}

/* A message of `type` with `bytes` of head, which stay zero. */
static struct nlmsghdr *begin(
	struct talk *talk, uint16_t type, uint16_t flags, size_t bytes, void **head)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(talk->message);

	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	message->nlmsg_seq = ++talk->sequence;
	*head = mnl_nlmsg_put_extra_header(message, bytes);
	return message;
}

/* Sends it and waits for the kernel's word: 0 or -errno. */
static int ask(struct talk *talk, const struct nlmsghdr *message)
{
	char reply[REPLY_BYTES];
	unsigned port = mnl_socket_get_portid(talk->socket);
	ssize_t bytes;

	if (mnl_socket_sendto(talk->socket, message, message->nlmsg_len) < 0)
		return -errno;
	bytes = mnl_socket_recvfrom(talk->socket, reply, sizeof(reply));
	if (bytes < 0 || mnl_cb_run(reply, (size_t)bytes, talk->sequence, port, NULL, NULL) < 0)
		return -errno;
	return 0;
}

static int set_link(struct talk *talk, const struct dataplane_kernel_link *link)
{
	void *head;
	struct nlmsghdr *message = begin(talk, RTM_NEWLINK, 0, sizeof(struct ifinfomsg), &head);

	((struct ifinfomsg *)head)->ifi_index = (int)talk->index;
	mnl_attr_put(message, IFLA_ADDRESS, sizeof(link->mac), link->mac);
	mnl_attr_put_u32(message, IFLA_MTU, link->mtu_bytes);
	return ask(talk, message);
}

static int set_up(struct talk *talk)
{
	void *head;
	struct nlmsghdr *message = begin(talk, RTM_NEWLINK, 0, sizeof(struct ifinfomsg), &head);

	*(struct ifinfomsg *)head = (struct ifinfomsg){
		.ifi_index = (int)talk->index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	return ask(talk, message);
}

static size_t address_bytes(const struct ip_address *address)
{
	return address->family == 4 ? 4 : 16;
}

static uint8_t address_family(const struct ip_address *address)
{
	return address->family == 4 ? AF_INET : AF_INET6;
}

/*
 * Duplicates of our addresses are the data plane's matter, and one that is anycast is meant to be
 * elsewhere too; without the kernel's probe the address can be bound at once.
 */
static int add_address(struct talk *talk, const struct ip_address *address, uint8_t bits)
{
	void *head;
	struct nlmsghdr *message = begin(
		talk, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifaddrmsg), &head);

	*(struct ifaddrmsg *)head = (struct ifaddrmsg){
		.ifa_family = address_family(address),
		.ifa_prefixlen = bits,
		.ifa_flags = address->family == 6 ? IFA_F_NODAD : 0,
		.ifa_index = talk->index,
	};
	mnl_attr_put(message, IFA_LOCAL, address_bytes(address), address->bytes);
	mnl_attr_put(message, IFA_ADDRESS, address_bytes(address), address->bytes);
	return ask(talk, message);
}

static uint8_t host_bits(const struct ip_address *address)
{
	return address->family == 4 ? 32 : 128;
}

/* On-link: the gateway of a host's address alone is in none of its networks. */
static int add_default_route(struct talk *talk, const struct ip_address *gateway, unsigned metric)
{
	void *head;
	struct nlmsghdr *message =
		begin(talk, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct rtmsg), &head);

	*(struct rtmsg *)head = (struct rtmsg){
		.rtm_family = address_family(gateway),
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = RTNH_F_ONLINK,
	};
	mnl_attr_put(message, RTA_GATEWAY, address_bytes(gateway), gateway->bytes);
	mnl_attr_put_u32(message, RTA_OIF, talk->index);
	mnl_attr_put_u32(message, RTA_PRIORITY, metric);
	return ask(talk, message);
}

/* Its addresses are the configuration's, so no router on the link gives it more. */
static void refuse_advertisements(const char *interface)
{
	char path[64 + IF_NAMESIZE];
	int file;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/accept_ra", interface);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 && errno == ENOENT)
		return; /* a kernel without IPv6 */
	if (file < 0 || write(file, "0", 1) != 1)
		log_event(LOG_WARNING, "router-advertisements",
			LOG_FIELDS(LOG_TEXT_FIELD("interface", interface)),
			"%s can't be set to 0 (%s): a router's advertisements may give %s "
			"addresses and routes",
			path, strerror(errno), interface);
	if (file >= 0)
		close(file);
}

static int fail(const char *interface, const char *what, const struct ip_address *address,
	int error, struct failure *failure)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address)
		inet_ntop(address_family(address), address->bytes, text, sizeof(text));
	return failure_set(failure, FAILURE_INTERNAL, "%s: the kernel refuses the %s%s%s (%s)%s",
		interface, what, address ? " " : "", text, strerror(-error),
		error == -EPERM ? ": run arpad as root" : "");
}

static bool is_listed(const struct config_kernel *kernel, const struct ip_address *address)
{
	for (unsigned i = 0; i < kernel->address_count; i++)
		if (memcmp(&kernel->addresses[i].address, address, sizeof(*address)) == 0)
			return true;
	return false;
}

static int add_addresses(
	struct talk *talk, const struct config *config, unsigned index, struct failure *failure)
{
	const struct config_kernel *kernel = &config->kernels[index];
	const char *interface = config->ports[index].kernel.interface;
	int error;

	for (unsigned i = 0; i < kernel->address_count; i++) {
		const struct config_kernel_address *listed = &kernel->addresses[i];

		error = add_address(talk, &listed->address, listed->bits);
		if (error)
			return fail(interface, "address", &listed->address, error, failure);
	}
	for (size_t i = 0; i < config->address_count; i++) {
		const struct ip_address *address = &config->addresses[i].address;

		if (is_listed(kernel, address))
			continue;
		error = add_address(talk, address, host_bits(address));
		if (error)
			return fail(interface, "address", address, error, failure);
	}
	return 0;
}

static int add_routes(
	struct talk *talk, const struct config *config, unsigned index, struct failure *failure)
{
	const struct config_kernel *kernel = &config->kernels[index];

	for (unsigned i = 0; i < kernel->gateway_count; i++) {
		int error = add_default_route(talk, &kernel->gateways[i], ROUTE_METRIC + index);

		if (error)
			return fail(config->ports[index].kernel.interface, "gateway",
				&kernel->gateways[i], error, failure);
	}
	return 0;
}

/* A route wants its interface up, and no packet may come before the addresses are there. */
static int set_up_all(struct talk *talk, const struct config *config, unsigned index,
	const struct dataplane_kernel_link *link, struct failure *failure)
{
	const char *interface = config->ports[index].kernel.interface;
	int error = set_link(talk, link);

	if (error)
		return fail(interface, "MAC address and MTU of the port", NULL, error, failure);
	refuse_advertisements(interface);
	if (add_addresses(talk, config, index, failure) != 0)
		return -1;
	error = set_up(talk);
	if (error)
		return fail(interface, "interface's start", NULL, error, failure);
	return add_routes(talk, config, index, failure);
}

int kernel_interface_set_up(const struct config *config, unsigned index,
	const struct dataplane_kernel_link *link, struct failure *failure)
{
	const char *interface = config->ports[index].kernel.interface;
	struct talk talk;
	int result, error = talk_open(&talk, interface);

	if (error)
		result = failure_set(failure, FAILURE_INTERNAL,
			"the kernel can't be asked about the interface %s: %s", interface,
			strerror(-error));
	else
		result = set_up_all(&talk, config, index, link, failure);
	talk_close(&talk);
	return result;
}
