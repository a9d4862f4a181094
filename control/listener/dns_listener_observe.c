/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/listener/dns_listener_observe.h"

#include <arpa/inet.h>

static uint16_t port_of(const struct sockaddr_storage *end)
{
	return ntohs(end->ss_family == AF_INET ? ((const struct sockaddr_in *)end)->sin_port
					       : ((const struct sockaddr_in6 *)end)->sin6_port);
}

static void set_server(struct observation *seen, const struct ip_address *address, uint16_t port)
{
	memcpy(seen->server, address->bytes, address->family == 4 ? 4 : 16);
	seen->server_port = port;
}

void dns_listener_observe_udp(
	struct observation *seen, struct msghdr *header, const struct dns_listener_address *socket)
{
	seen->client_port = port_of(header->msg_name);
	set_server(seen, &socket->address, socket->port);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			memcpy(seen->server, &((struct in_pktinfo *)CMSG_DATA(c))->ipi_addr, 4);
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			memcpy(seen->server, &((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_addr, 16);
	}
}

void dns_listener_observe_tcp(struct observation *seen, int fd)
{
	struct sockaddr_storage end;
	socklen_t length = sizeof(end);
	struct ip_address address;

	seen->client_port = seen->server_port = 0;
	if (getpeername(fd, (struct sockaddr *)&end, &length) == 0)
		seen->client_port = port_of(&end);
	length = sizeof(end);
	if (getsockname(fd, (struct sockaddr *)&end, &length) != 0)
		return;
	address = dns_listener_peer(&end);
	set_server(seen, &address, port_of(&end));
}

void dns_listener_observe_punted(struct observation *seen, const struct dataplane_message *message)
{
	seen->client_port = message->port;
	seen->server_port = message->server_port;
	memcpy(seen->server, message->server, message->address_bytes);
}
