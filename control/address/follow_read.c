/* SPDX-License-Identifier: BSD-3-Clause */
/* One request for each interface, for its index and whether it is up, then one for all addresses.
 */
#include "control/address/follow_read.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MESSAGE_BYTES = 32768 }; /* the kernel fills no more at once when it lists */

struct reading {
	int index[FOLLOW_INTERFACES_MAX]; /* of each interface asked for; 0: not there, or down */
	unsigned interfaces;
	bool found;
	struct follow_addresses *addresses;
	size_t capacity;
	bool no_memory;
};

bool follow_read_wants(const struct ip_address *address, uint32_t flags)
{
	static const uint8_t loopback[16] = {[15] = 1};
	const uint8_t *bytes = address->bytes;

	if (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
		return false;
	if (address->family == 4)
		return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224 &&
			!(bytes[0] == 169 && bytes[1] == 254);
	return memcmp(bytes, loopback, sizeof(loopback)) != 0 && bytes[0] != 0xff &&
		!(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

/* What was left of an answer that nobody waited for any more. */
static void drain(int fd)
{
	char rest[64];

	while (recv(fd, rest, sizeof(rest), MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
		;
}

static int ask(
	struct mnl_socket *socket, struct nlmsghdr *request, mnl_cb_t each, struct reading *reading)
{
	static unsigned sequence;
	static char buffer[MESSAGE_BYTES];
	unsigned port = mnl_socket_get_portid(socket);
	int rc = MNL_CB_OK;

	drain(mnl_socket_get_fd(socket));
	request->nlmsg_seq = ++sequence;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (rc > MNL_CB_STOP) {
		ssize_t got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		if (got < 0)
			return -errno;
		rc = mnl_cb_run(buffer, (size_t)got, sequence, port, each, reading);
	}
	return rc < 0 ? -errno : 0;
}

static int on_link(const struct nlmsghdr *message, void *context)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct reading *reading = context;

	reading->found = true;
	reading->index[reading->interfaces] = link->ifi_flags & IFF_UP ? link->ifi_index : 0;
	return MNL_CB_STOP;
}

static int read_link(struct mnl_socket *socket, const char *name, struct reading *reading)
{
	char buffer[512];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	reading->found = false;
	int rc = ask(socket, request, on_link, reading);
	if (rc && rc != -ENODEV)
		return rc;
	if (!reading->found)
		reading->addresses->missing |= UINT32_C(1) << reading->interfaces;
	reading->interfaces++;
	return 0;
}

/* IFA_LOCAL is ours where there is a peer too; IFA_FLAGS has room for all flags. */
struct attributes {
	const struct nlattr *address, *local, *flags;
};

static int on_attribute(const struct nlattr *attribute, void *context)
{
	struct attributes *attributes = context;

	switch (mnl_attr_get_type(attribute)) {
	case IFA_ADDRESS:
		attributes->address = attribute;
		break;
	case IFA_LOCAL:
		attributes->local = attribute;
		break;
	case IFA_FLAGS:
		attributes->flags = attribute;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

/* One address may be on several interfaces. */
static struct follow_address *entry_of(struct reading *reading, const struct ip_address *address)
{
	struct follow_addresses *list = reading->addresses;
	struct follow_address *more;

	for (size_t i = 0; i < list->count; i++)
		if (memcmp(&list->at[i].address, address, sizeof(*address)) == 0)
			return &list->at[i];
	if (list->count == reading->capacity) {
		reading->capacity = reading->capacity ? 2 * reading->capacity : 64;
		more = realloc(list->at, reading->capacity * sizeof(*more));
		if (!more)
			return NULL;
		list->at = more;
	}
	list->at[list->count] = (struct follow_address){.address = *address};
	return &list->at[list->count++];
}

static uint32_t interfaces_of(const struct reading *reading, int index)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < reading->interfaces; i++)
		if (reading->index[i] && reading->index[i] == index)
			mask |= UINT32_C(1) << i;
	return mask;
}

static int on_address(const struct nlmsghdr *message, void *context)
{
	const struct ifaddrmsg *about = mnl_nlmsg_get_payload(message);
	struct reading *reading = context;
	struct attributes attributes = {NULL, NULL, NULL};
	uint32_t mask = interfaces_of(reading, (int)about->ifa_index);
	struct ip_address address = {.family = about->ifa_family == AF_INET ? 4 : 6};
	size_t bytes = address.family == 4 ? 4 : 16;
	uint32_t flags = about->ifa_flags;

	if (!mask || (about->ifa_family != AF_INET && about->ifa_family != AF_INET6))
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof(*about), on_attribute, &attributes);
	if (attributes.local)
		attributes.address = attributes.local;
	if (!attributes.address || mnl_attr_get_payload_len(attributes.address) != bytes)
		return MNL_CB_OK;
	memcpy(address.bytes, mnl_attr_get_payload(attributes.address), bytes);
	if (attributes.flags && mnl_attr_get_payload_len(attributes.flags) == sizeof(flags))
		flags = mnl_attr_get_u32(attributes.flags);
	if (!follow_read_wants(&address, flags))
		return MNL_CB_OK;
	struct follow_address *entry = entry_of(reading, &address);
	if (!entry) {
		reading->no_memory = true;
		return MNL_CB_OK;
	}
	entry->interfaces |= mask;
	return MNL_CB_OK;
}

static int read_addresses(struct mnl_socket *socket, struct reading *reading)
{
	char buffer[512];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = RTM_GETADDR;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifaddrmsg));
	int rc = ask(socket, request, on_address, reading);
	return rc ? rc : reading->no_memory ? -ENOMEM : 0;
}

int follow_read_all(struct mnl_socket *socket, const char *const *interfaces, unsigned count,
	struct follow_addresses *addresses)
{
	struct reading reading = {.addresses = addresses};
	int rc = 0;

	*addresses = (struct follow_addresses){.count = 0};
	for (unsigned i = 0; i < count && !rc; i++)
		rc = read_link(socket, interfaces[i], &reading);
	if (!rc && count)
		rc = read_addresses(socket, &reading);
	if (rc)
		follow_addresses_free(addresses);
	return rc;
}

void follow_addresses_free(struct follow_addresses *addresses)
{
	free(addresses->at);
	*addresses = (struct follow_addresses){.count = 0};
}
