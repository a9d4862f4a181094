/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recvmmsg, answer each in its own buffer, sendmmsg. A reply that the socket does not take is
 * dropped and counted, as a network would: nothing here waits.
 */
#include "control/listener/dns_listener_udp.h"

#include "control/listener/dns_listener_observe.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BATCH = 32,
	/* A flood gets this many batches, then connections have their turn. */
	BATCHES_A_TURN = 4,
	/* Any datagram fits (an UPDATE can be large). The odd lines keep the starts of the buffers
	 * from falling into the same cache sets. */
	BUFFER_BYTES = 65536 + 3 * 64,
	CONTROL_BYTES = CMSG_SPACE(sizeof(struct in6_pktinfo)),
};

struct dns_listener_udp {
	const struct dns_listener_core *core;
	const struct dns_listener_socket *socket; /* that they came by */
	unsigned queries, replies;		  /* in the arrays below */
	struct mmsghdr query[BATCH];
	struct mmsghdr reply[BATCH];
	struct iovec query_iov[BATCH];
	struct iovec reply_iov[BATCH];
	struct sockaddr_storage client[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_BYTES];
	uint8_t buffer[BATCH][BUFFER_BYTES];
};

/* What recvmmsg overwrites. */
static void reset(struct dns_listener_udp *udp, unsigned i)
{
	udp->query[i].msg_hdr.msg_namelen = sizeof(udp->client[i]);
	udp->query[i].msg_hdr.msg_controllen = sizeof(udp->control[i]);
}

struct dns_listener_udp *dns_listener_udp_new(const struct dns_listener_core *core)
{
	struct dns_listener_udp *udp = calloc(1, sizeof(*udp));

	if (!udp)
		return NULL;
	udp->core = core;
	for (unsigned i = 0; i < BATCH; i++) {
		struct msghdr *header = &udp->query[i].msg_hdr;

		udp->query_iov[i] = (struct iovec){udp->buffer[i], WIRE_MESSAGE_MAX_BYTES};
		header->msg_name = &udp->client[i];
		header->msg_iov = &udp->query_iov[i];
		header->msg_iovlen = 1;
		header->msg_control = udp->control[i];
		reset(udp, i);
	}
	return udp;
}

void dns_listener_udp_free(struct dns_listener_udp *udp)
{
	free(udp);
}

/*
 * Makes what the kernel said of the query's destination say where the reply comes from. The way
 * back is the routes' business, except for link-local addresses, which mean nothing without their
 * interface. False: the query was sent to a broadcast or multicast address.
 */
static bool set_source(struct msghdr *header)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(c);

			info->ipi_ifindex = 0;
			return info->ipi_addr.s_addr == info->ipi_spec_dst.s_addr;
		}
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo *info = (struct in6_pktinfo *)CMSG_DATA(c);

			if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
				info->ipi6_ifindex = 0;
			return !IN6_IS_ADDR_MULTICAST(&info->ipi6_addr);
		}
	}
	return true; /* the socket has one address */
}

static bool has_source_port(const struct sockaddr_storage *client)
{
	return client->ss_family == AF_INET ? ((const struct sockaddr_in *)client)->sin_port != 0
					    : ((const struct sockaddr_in6 *)client)->sin6_port != 0;
}

static size_t answer_message(struct dns_listener_udp *udp, unsigned i, const struct client *client)
{
	const struct dns_listener_core *core = udp->core;
	uint8_t *message = udp->buffer[i];
	size_t length = udp->query[i].msg_len;
	struct observation *seen =
		dns_listener_observe(core, OBSERVE_KERNEL_UDP, client, message, length);
	enum outcome outcome;

	if (seen)
		dns_listener_observe_udp(seen, &udp->query[i].msg_hdr, &udp->socket->address);
	length = dns_listener_answer(
		core, client, message, length, WIRE_MESSAGE_MAX_BYTES, &outcome);
	dns_listener_observed(core, seen, outcome, message, length);
	return length;
}

static size_t answer(struct dns_listener_udp *udp, unsigned i)
{
	struct dns_listener_counters *counters = udp->core->counters;
	const struct ip_address peer = dns_listener_peer(&udp->client[i]);
	const struct client client = {.address = peer.bytes,
		.address_bytes = peer.family == 4 ? 4 : 16,
		.transport = TRANSPORT_UDP};

	counter_add(&counters->bytes_in, udp->query[i].msg_len);
	if (!has_source_port(&udp->client[i])) {
		counter_add(&counters->messages.outcome[OUTCOME_BAD_SOURCE], 1);
		return 0;
	}
	if (!set_source(&udp->query[i].msg_hdr)) {
		counter_add(&counters->messages.outcome[OUTCOME_NOT_OURS], 1);
		return 0;
	}
	return answer_message(udp, i, &client);
}

static void answer_batch(struct dns_listener_udp *udp)
{
	udp->replies = 0;
	for (unsigned i = 0; i < udp->queries; i++) {
		size_t length = answer(udp, i);

		if (length != 0) {
			udp->reply_iov[udp->replies] = (struct iovec){udp->buffer[i], length};
			udp->reply[udp->replies].msg_hdr = udp->query[i].msg_hdr;
			udp->reply[udp->replies].msg_hdr.msg_iov = &udp->reply_iov[udp->replies];
			udp->replies++;
		}
		reset(udp, i);
	}
}

static void send_batch(struct dns_listener_udp *udp, int fd)
{
	struct dns_listener_counters *counters = udp->core->counters;
	unsigned i = 0;

	while (i < udp->replies) {
		int sent = sendmmsg(fd, udp->reply + i, udp->replies - i, MSG_DONTWAIT);

		if (sent > 0) {
			for (unsigned end = i + (unsigned)sent; i < end; i++)
				counter_add(&counters->bytes_out, udp->reply[i].msg_len);
			continue;
		}
		/* The error is the first reply's own (no route, a firewall's rule), unless there is
		 * no room: that holds for all. */
		if (errno == EAGAIN || errno == ENOBUFS) {
			counter_add(&counters->messages.tx_dropped, udp->replies - i);
			return;
		}
		counter_add(&counters->messages.tx_dropped, 1);
		i++;
	}
}

void dns_listener_udp_readable(evutil_socket_t fd, short what, void *socket)
{
	const struct dns_listener_socket *from = socket;
	struct dns_listener_udp *udp = from->part;
	const struct dns_listener_core *core = udp->core;
	unsigned turns = 0;
	int received;

	(void)what;
	udp->socket = from;
	core->reader.online(core->reader.context);
	do {
		received = recvmmsg(fd, udp->query, BATCH, MSG_DONTWAIT, NULL);
		if (received <= 0)
			break;
		udp->queries = (unsigned)received;
		counter_add(&core->counters->messages.bursts, 1);
		counter_add(&core->counters->udp_queries, udp->queries);
		answer_batch(udp);
		core->reader.quiescent(core->reader.context);
		send_batch(udp, fd);
	} while (received == BATCH && ++turns < BATCHES_A_TURN);
	core->reader.offline(core->reader.context);
}
