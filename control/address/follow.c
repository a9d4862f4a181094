/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two rtnetlink sockets: one only ever hears that something has changed, the other is asked for
 * what is there. So a notice that is lost in a full buffer (ENOBUFS) is a notice like any other.
 */
#include "control/address/follow.h"

#include "control/address/follow_read.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	/* Changes come in flocks: an interface that goes up takes all its addresses with it. */
	SETTLE_MS = 20,
	AGAIN_MS = 1000,
	READ_TIMEOUT_MS = 1000, /* the kernel answers at once, or something is very wrong */
	READ_ATTEMPTS = 5,	/* while addresses change under our eyes */
};

struct follow {
	struct mnl_socket *notices, *questions;
	struct event *noticed, *settled;
	void (*changed)(void *context);
	void *context;
};

static void wait_ms(const struct follow *follow, int ms)
{
	const struct timeval time = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	if (!evtimer_pending(follow->settled, NULL))
		evtimer_add(follow->settled, &time);
}

static void on_notice(evutil_socket_t fd, short what, void *context)
{
	char notice[64]; /* what it says is not looked at */

	(void)what;
	while (recv(fd, notice, sizeof(notice), MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
		;
	wait_ms(context, SETTLE_MS);
}

static void on_settled(evutil_socket_t fd, short what, void *context)
{
	const struct follow *follow = context;

	(void)fd;
	(void)what;
	follow->changed(follow->context);
}

static struct mnl_socket *open_socket(unsigned groups)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (socket && mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) == 0)
		return socket;
	if (socket)
		mnl_socket_close(socket);
	return NULL;
}

static bool limit_time(struct mnl_socket *socket)
{
	const struct timeval time = {.tv_sec = READ_TIMEOUT_MS / 1000};

	return setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &time,
		       sizeof(time)) == 0;
}

int follow_open(struct event_base *base, void (*changed)(void *context), void *context,
	struct follow **out, struct failure *failure)
{
	struct follow *follow = calloc(1, sizeof(*follow));

	*out = follow;
	if (!follow)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	follow->changed = changed;
	follow->context = context;
	follow->notices = open_socket(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
	follow->questions = open_socket(0);
	if (follow->notices)
		follow->noticed = event_new(base, mnl_socket_get_fd(follow->notices),
			EV_READ | EV_PERSIST, on_notice, follow);
	follow->settled = evtimer_new(base, on_settled, follow);
	if (follow->questions && follow->noticed && follow->settled &&
		limit_time(follow->questions) && event_add(follow->noticed, NULL) == 0)
		return 0;
	failure_set(failure, FAILURE_INTERNAL,
		"interfaces can't be followed, rtnetlink is not to be had: %s (systemd: "
		"RestrictAddressFamilies= must allow AF_NETLINK)",
		strerror(errno));
	follow_close(follow);
	*out = NULL;
	return -1;
}

int follow_read(struct follow *follow, const char *const *interfaces, unsigned count,
	struct follow_addresses *addresses, struct failure *failure)
{
	int rc = -EINTR;

	for (int i = 0; i < READ_ATTEMPTS && rc == -EINTR; i++)
		rc = follow_read_all(follow->questions, interfaces, count, addresses);
	if (rc == 0)
		return 0;
	return failure_set(failure, FAILURE_INTERNAL,
		"the kernel does not tell the interfaces' addresses: %s", strerror(-rc));
}

void follow_again(struct follow *follow)
{
	wait_ms(follow, AGAIN_MS);
}

void follow_close(struct follow *follow)
{
	if (!follow)
		return;
	if (follow->noticed)
		event_free(follow->noticed);
	if (follow->settled)
		event_free(follow->settled);
	if (follow->notices)
		mnl_socket_close(follow->notices);
	if (follow->questions)
		mnl_socket_close(follow->questions);
	free(follow);
}
