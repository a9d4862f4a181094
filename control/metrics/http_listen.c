/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/http_listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 64,
	/* What is told there has no secrets; a folder can keep others out. */
	MODE = 0666,
};

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
	struct sockaddr_un path;
};

static socklen_t to_sockaddr(const struct config_metrics *where, union address *address)
{
	const struct dns_listener_address *ip = &where->address;

	memset(address, 0, sizeof(*address));
	if (where->path) {
		address->path.sun_family = AF_UNIX;
		snprintf(address->path.sun_path, sizeof(address->path.sun_path), "%s", where->path);
		return sizeof(address->path);
	}
	if (ip->address.family == 4) {
		address->ipv4.sin_family = AF_INET;
		address->ipv4.sin_port = htons(ip->port);
		memcpy(&address->ipv4.sin_addr, ip->address.bytes, 4);
		return sizeof(address->ipv4);
	}
	address->ipv6.sin6_family = AF_INET6;
	address->ipv6.sin6_port = htons(ip->port);
	memcpy(&address->ipv6.sin6_addr, ip->address.bytes, 16);
	return sizeof(address->ipv6);
}

static bool is_socket(const char *path)
{
	struct stat file;

	return lstat(path, &file) == 0 && S_ISSOCK(file.st_mode);
}

/* What a dead arpad left is removed; whoever lives at the path, or is no socket, stays. */
static void clear_stale(const union address *address, socklen_t length)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	if (connect(fd, &address->any, length) != 0 && errno == ECONNREFUSED &&
		is_socket(address->path.sun_path))
		unlink(address->path.sun_path);
	close(fd);
}

static int refuse(const struct config_metrics *where, int error, struct failure *failure)
{
	const char *hint = "";

	if (error == EADDRINUSE)
		hint = where->path ? "; remove it, or choose another path"
				   : "; choose another port, or see who has it: ss -ltnp";
	else if (error == EACCES)
		hint = where->path
			? "; its folder must be writable for the user that arpad serves as"
			: "; choose a port from 1024 on";
	else if (error == EADDRNOTAVAIL)
		hint = "; no interface has this address";
	return failure_set(failure, FAILURE_INVALID, "metrics.listen: can't listen on %s: %s%s",
		where->listen, strerror(error), hint);
}

static bool prepare(
	int fd, const struct config_metrics *where, const union address *address, socklen_t length)
{
	const int on = 1;

	if (!where->path && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return false;
	if (address->any.sa_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return false;
	return bind(fd, &address->any, length) == 0 && listen(fd, BACKLOG) == 0;
}

int http_listen(const struct config_metrics *where, struct failure *failure)
{
	union address address;
	socklen_t length = to_sockaddr(where, &address);
	mode_t before;
	int fd, error = 0;

	if (where->path)
		clear_stale(&address, length);
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return refuse(where, errno, failure);
	before = umask(~MODE & 0777);
	if (!prepare(fd, where, &address, length))
		error = errno;
	umask(before);
	if (!error)
		return fd;
	close(fd);
	return refuse(where, error, failure);
}

void http_listen_remove(const struct config_metrics *where)
{
	if (where->path && is_socket(where->path))
		unlink(where->path);
}
