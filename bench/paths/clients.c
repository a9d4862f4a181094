/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Good clients: paced queries over UDP sockets, each accounted for. A query is answered when the
 * right reply comes within a second; what is missing then is lost, however late it comes.
 */
#include "bench/histogram.h"
#include "bench/paths/client_query.h"
#include "bench/paths/pace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>

enum {
	SOCKETS = 16,
	IDS = 1 << 16,
	REPLY_MAX = 1500,
	RECEIVE_BUFFER_BYTES = 64 << 20, /* so that a client that waits for its CPU loses nothing */
	PATIENCE_MS = 1000,
	COOKIE_TRIES = 5,
};

struct question {
	uint64_t sent_ns; /* 0: none is open */
	uint32_t index;
};

struct clients {
	int socket[SOCKETS];
	uint32_t records;
	struct client_cookie cookie;
	uint64_t sent, unsent, answered, late, wrong;
	uint32_t dropped[SOCKETS]; /* by our own socket, as the kernel counts it */
	struct histogram latency;
	struct question question[SOCKETS][IDS];
};

static void fail(const char *what)
{
	fprintf(stderr, "clients: %s (%s)\n", what, strerror(errno));
	exit(1);
}

static int open_socket(const char *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
	int udp = socket(AF_INET, SOCK_DGRAM, 0), on = 1, bytes = RECEIVE_BUFFER_BYTES;

	if (inet_pton(AF_INET, server, &address.sin_addr) != 1 || udp < 0 ||
		setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ||
		setsockopt(udp, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) ||
		connect(udp, (struct sockaddr *)&address, sizeof(address)))
		fail("no socket to the server");
	return udp;
}

static void learn_cookie(struct clients *clients)
{
	uint8_t query[CLIENT_QUERY_MAX], reply[REPLY_MAX];
	struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	int udp = clients->socket[0];

	clients->cookie.bytes = CLIENT_COOKIE_BYTES;
	if (getrandom(clients->cookie.octets, CLIENT_COOKIE_BYTES, 0) != CLIENT_COOKIE_BYTES ||
		setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		fail("no random cookie");
	for (unsigned tries = 0; tries < COOKIE_TRIES; tries++) {
		size_t bytes = client_query(0, 0, &clients->cookie, query);

		if (send(udp, query, bytes, 0) < 0)
			continue;
		ssize_t got = recv(udp, reply, sizeof(reply), 0);
		if (got > 0 && client_cookie_learn(&clients->cookie, reply, (size_t)got))
			return;
	}
	errno = ENOMSG;
	fail("the server gave no cookie");
}

/* Ids and sockets in turn; records as far apart as the golden ratio puts them. */
static void ask(struct clients *clients)
{
	uint64_t number = clients->sent + clients->unsent;
	unsigned which = number % SOCKETS;
	uint16_t id = (uint16_t)(number / SOCKETS);
	struct question *question = &clients->question[which][id];
	uint8_t query[CLIENT_QUERY_MAX];

	question->index = (uint32_t)(number * 0x9e3779b1u % clients->records);
	size_t bytes = client_query(question->index, id, &clients->cookie, query);
	question->sent_ns = pace_now_ns();
	if (send(clients->socket[which], query, bytes, 0) == (ssize_t)bytes) {
		clients->sent++;
		return;
	}
	question->sent_ns = 0;
	clients->unsent++;
}

static void judge(struct clients *clients, unsigned which, const uint8_t *reply, size_t bytes)
{
	uint64_t now = pace_now_ns();
	uint16_t id = bytes < 2 ? 0 : (uint16_t)(reply[0] << 8 | reply[1]);
	struct question *question = &clients->question[which][id];
	uint8_t query[CLIENT_QUERY_MAX];
	size_t asked = client_query(question->index, id, &clients->cookie, query);

	if (!question->sent_ns || !client_reply_right(query, asked, reply, bytes)) {
		clients->wrong++;
		return;
	}
	uint64_t took = now - question->sent_ns;
	question->sent_ns = 0;
	if (took > PATIENCE_MS * 1000000ull) {
		clients->late++;
		return;
	}
	clients->answered++;
	histogram_add(&clients->latency, took);
}

/* Takes all that has come to one socket; returns how many. */
static unsigned listen_to(struct clients *clients, unsigned which)
{
	unsigned count = 0;

	for (;; count++) {
		uint8_t reply[REPLY_MAX];
		_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint32_t))];
		struct iovec piece = {reply, sizeof(reply)};
		struct msghdr message = {.msg_iov = &piece,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control)};
		ssize_t bytes = recvmsg(clients->socket[which], &message, MSG_DONTWAIT);

		if (bytes < 0)
			return count;
		struct cmsghdr *told = CMSG_FIRSTHDR(&message);
		if (told && told->cmsg_type == SO_RXQ_OVFL)
			memcpy(&clients->dropped[which], CMSG_DATA(told), sizeof(uint32_t));
		judge(clients, which, reply, (size_t)bytes);
	}
}

static unsigned listen_to_all(struct clients *clients)
{
	unsigned count = 0;

	for (unsigned which = 0; which < SOCKETS; which++)
		count += listen_to(clients, which);
	return count;
}

static void run(struct clients *clients, double rate, double seconds)
{
	uint64_t now = pace_now_ns(), end = now + (uint64_t)(seconds * 1e9);
	struct pace pace = pace_init(rate, now);

	for (; now < end; now = pace_now_ns()) {
		unsigned due = pace_due(&pace, now);

		for (unsigned i = 0; i < due; i++)
			ask(clients);
		if (!listen_to_all(clients) && !due)
			pace_pause();
	}
	for (end += PATIENCE_MS * 1000000ull; pace_now_ns() < end; pace_pause())
		listen_to_all(clients);
}

static void print(const struct clients *clients)
{
	static const struct {
		const char *name;
		double part;
	} percentiles[] = {{"p50", .5}, {"p99", .99}, {"p99.9", .999}, {"p99.99", .9999}};
	uint64_t dropped = 0;

	for (unsigned which = 0; which < SOCKETS; which++)
		dropped += clients->dropped[which];
	printf("{\"sent\": %llu, \"unsent\": %llu, \"answered\": %llu, \"late\": %llu, "
	       "\"wrong\": %llu, \"own_drops\": %llu",
		(unsigned long long)clients->sent, (unsigned long long)clients->unsent,
		(unsigned long long)clients->answered, (unsigned long long)clients->late,
		(unsigned long long)clients->wrong, (unsigned long long)dropped);
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		printf(", \"%s\": %.1f", percentiles[i].name,
			(double)histogram_percentile(&clients->latency, percentiles[i].part) / 1e3);
	printf(", \"max\": %.1f}\n", (double)clients->latency.longest / 1e3);
}

int main(int argc, char **argv)
{
	static struct clients clients;
	bool cookies = argc == 6 && strcmp(argv[5], "cookies") == 0;

	if (argc < 5 || (argc > 5 && !cookies)) {
		fprintf(stderr, "usage: clients SERVER RECORDS RATE SECONDS [cookies]\n");
		return 2;
	}
	clients.records = (uint32_t)strtoul(argv[2], NULL, 10);
	if (clients.records == 0) {
		fprintf(stderr,
			"clients: RECORDS is how many addresses from 10.0.0.1 on have one\n");
		return 2;
	}
	prctl(PR_SET_TIMERSLACK, 1);
	for (unsigned which = 0; which < SOCKETS; which++)
		clients.socket[which] = open_socket(argv[1]);
	if (cookies)
		learn_cookie(&clients);
	run(&clients, strtod(argv[3], NULL), strtod(argv[4], NULL));
	print(&clients);
	return 0;
}
