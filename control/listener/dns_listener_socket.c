/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every option is set before bind, so no packet is received without it. Accepted connections
 * inherit those of the listening socket: none costs a system call for each client.
 */
#include "control/listener/dns_listener_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* Clients that the kernel keeps ready while we serve others: more would only wait longer
	 * than they will before they ask again. */
	TCP_BACKLOG = 1024,
	/* What the kernel may hold unsent for one client: enough to keep any path busy, since it
	 * does not count what is in flight. */
	TCP_UNSENT_BYTES = 65536,
	/* How long the kernel keeps the last replies for a client that has gone. */
	TCP_GONE_MS = 10000,
	/* A burst of some thousand queries while the thread serves TCP. */
	UDP_RECEIVE_BYTES = 1 << 20,
};

const char *dns_listener_address_write(
	const struct dns_listener_address *address, char text[static DNS_LISTENER_ADDRESS_BYTES])
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(address->address.family == 4 ? AF_INET : AF_INET6, address->address.bytes, host,
		sizeof(host));
	snprintf(text, DNS_LISTENER_ADDRESS_BYTES, "%s@%u", host, address->port);
	return text;
}

bool dns_listener_address_is_any(const struct dns_listener_address *address)
{
	static const uint8_t zero[16];

	return memcmp(address->address.bytes, zero, address->address.family == 4 ? 4 : 16) == 0;
}

static socklen_t to_sockaddr(
	const struct dns_listener_address *address, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (address->address.family == 4) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)out;

		v4->sin_family = AF_INET;
		v4->sin_port = htons(address->port);
		memcpy(&v4->sin_addr, address->address.bytes, 4);
		return sizeof(*v4);
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(address->port);
	memcpy(&v6->sin6_addr, address->address.bytes, 16);
	return sizeof(*v6);
}

static int refuse(
	const struct dns_listener_address *address, bool tcp, int error, struct failure *failure)
{
	char text[DNS_LISTENER_ADDRESS_BYTES];
	const char *protocol = tcp ? "TCP" : "UDP";

	dns_listener_address_write(address, text);
	switch (error) {
	case EADDRINUSE:
		return failure_set(failure, FAILURE_EXISTS,
			"cannot listen on %s (%s): address already in use; another name server may "
			"hold it (ss -ln%cp 'sport = :%u')",
			text, protocol, tcp ? 't' : 'u', address->port);
	case EACCES:
	case EPERM:
		return failure_set(failure, FAILURE_INVALID,
			"cannot listen on %s (%s): permission denied; run with "
			"CAP_NET_BIND_SERVICE or choose a port from 1024 on",
			text, protocol);
	case EADDRNOTAVAIL:
		return failure_set(failure, FAILURE_INVALID,
			"cannot listen on %s (%s): no interface has this address; add it (ip "
			"address add) or leave it out",
			text, protocol);
	case EAFNOSUPPORT:
		return failure_set(failure, FAILURE_INVALID,
			"cannot listen on %s (%s): the kernel has IPv%u switched off; leave the "
			"address out",
			text, protocol, address->address.family);
	case EMFILE:
	case ENFILE:
		return failure_set(failure, FAILURE_BUSY,
			"cannot listen on %s (%s): too many open files; raise the limit (ulimit "
			"-n)",
			text, protocol);
	default:
		return failure_set(failure, FAILURE_INTERNAL, "cannot listen on %s (%s): %s", text,
			protocol, strerror(error));
	}
}

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static int set_tcp_options(int fd)
{
	/* Connections of a server that ran before must not keep us from the port. */
	return set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1) ||
		set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, TCP_UNSENT_BYTES) ||
		set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_GONE_MS);
}

/* OMIT: no forged "packet too big" can shrink our path MTU (no reply needs fragments). */
static int set_udp_options(int fd, const struct dns_listener_address *address)
{
	bool any = dns_listener_address_is_any(address);

	/* Best effort: the kernel has its own maximum. */
	set_option(fd, SOL_SOCKET, SO_RCVBUF, UDP_RECEIVE_BYTES);
	if (address->address.family == 4)
		return set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT) ||
			(any && set_option(fd, IPPROTO_IP, IP_PKTINFO, 1));
	return set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT) ||
		(any && set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
}

static int set_absent(int fd, const struct dns_listener_address *address)
{
	if (address->address.family == 4)
		return set_option(fd, IPPROTO_IP, IP_FREEBIND, 1);
	return set_option(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
}

static int prepare(int fd, const struct dns_listener_address *address, bool tcp, bool absent)
{
	struct sockaddr_storage where;
	socklen_t length = to_sockaddr(address, &where);

	if (address->address.family == 6 && set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
		return -1;
	if (absent && set_absent(fd, address))
		return -1;
	if (tcp ? set_tcp_options(fd) : set_udp_options(fd, address))
		return -1;
	if (bind(fd, (struct sockaddr *)&where, length))
		return -1;
	return tcp ? listen(fd, TCP_BACKLOG) : 0;
}

int dns_listener_socket_open(
	const struct dns_listener_address *address, bool tcp, bool absent, struct failure *failure)
{
	int family = address->address.family == 4 ? AF_INET : AF_INET6;
	int fd = socket(family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return refuse(address, tcp, errno, failure);
	if (prepare(fd, address, tcp, absent)) {
		error = errno;
		close(fd);
		return refuse(address, tcp, error, failure);
	}
	return fd;
}
