/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Changes, counted when they are acknowledged: over arpad's control socket so many in flight, or to
 * any server as UPDATE one at a time. With --fresh each acknowledged change is asked for over DNS
 * at once, and an answer with another name is stale. Prints one line of JSON.
 */
#include "bench/control/change_request.h"
#include "bench/histogram.h"
#include "bench/paths/pace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	FLIGHT_MAX = 4096,
	BUFFER_BYTES = 1 << 20,
	PATIENCE_MS = 1000,
	TRIES = 10,
	STRIDE = 7919, /* a prime: neighbours in time are far apart in the store */
};

struct options {
	const char *control;
	char *dns, *fresh;
	uint64_t records, flight, seconds, changes, rate, first;
};

struct changes {
	struct options options;
	int control, dns, fresh;
	uint64_t begin_ns, sent, done, refused, asked, stale, repeated;
	uint64_t sent_ns[FLIGHT_MAX];
	struct histogram latency;
	size_t kept; /* octets of an unfinished line in `in` */
	char in[BUFFER_BYTES], out[FLIGHT_MAX * CHANGE_LINE_MAX];
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "change_client: %s (%s)\n", what, strerror(errno));
	exit(1);
}

static uint32_t host_of(const struct changes *c, uint64_t number)
{
	return (uint32_t)(number * STRIDE % c->options.records);
}

/* The name of a change is of its own even beside earlier runs. */
static uint64_t name_of(const struct changes *c, uint64_t number)
{
	return c->options.first + number;
}

static bool is_over(const struct changes *c, uint64_t now)
{
	if (c->options.changes != 0 && c->sent >= c->options.changes)
		return true;
	return c->options.seconds != 0 &&
		now - c->begin_ns >= c->options.seconds * UINT64_C(1000000000);
}

static void note_done(struct changes *c, bool done, uint64_t now)
{
	histogram_add(&c->latency, now - c->sent_ns[c->done % FLIGHT_MAX]);
	c->refused += !done;
	c->done++;
}

/* ---- DNS ---- */

static size_t exchange(struct changes *c, int udp, const uint8_t *message, size_t bytes,
	uint16_t id, uint8_t *reply)
{
	for (unsigned tries = 0; tries < TRIES; tries++) {
		struct pollfd ready = {.fd = udp, .events = POLLIN};

		if (send(udp, message, bytes, 0) < 0)
			fail("a message could not be sent");
		while (poll(&ready, 1, PATIENCE_MS) > 0) {
			ssize_t got = recv(udp, reply, CHANGE_MESSAGE_MAX * 2, 0);

			if (got >= 2 && reply[0] == id >> 8 && reply[1] == (id & 255))
				return (size_t)got;
		}
		c->repeated++;
	}
	fail("no answer");
}

static void update_one(struct changes *c)
{
	uint8_t message[CHANGE_MESSAGE_MAX], reply[CHANGE_MESSAGE_MAX * 2];
	uint16_t id = (uint16_t)c->sent;
	size_t bytes = change_update(message, host_of(c, c->sent), name_of(c, c->sent), id);

	c->sent_ns[c->sent++ % FLIGHT_MAX] = pace_now_ns();
	bytes = exchange(c, c->dns, message, bytes, id, reply);
	note_done(c, change_update_done(reply, bytes, id), pace_now_ns());
}

/* Every acknowledged change from `first` on is asked for at once, then the answers are judged. */
static void ask_fresh(struct changes *c, uint64_t first)
{
	static bool answered[FLIGHT_MAX];
	uint8_t message[CHANGE_MESSAGE_MAX], reply[CHANGE_MESSAGE_MAX * 2];
	uint64_t count = c->done - first, left = count;

	for (uint64_t i = 0; i < count; i++) {
		size_t bytes = change_query(message, host_of(c, first + i), (uint16_t)(first + i));

		answered[i] = false;
		if (send(c->fresh, message, bytes, 0) < 0)
			fail("a query could not be sent");
	}
	while (left > 0) {
		struct pollfd ready = {.fd = c->fresh, .events = POLLIN};
		ssize_t got;
		uint64_t i;

		if (poll(&ready, 1, PATIENCE_MS) <= 0)
			break;
		got = recv(c->fresh, reply, sizeof(reply), 0);
		i = got < 2 ? count : (uint16_t)((reply[0] << 8 | reply[1]) - (uint16_t)first);
		if (i >= count || answered[i])
			continue;
		answered[i] = true;
		left--;
		c->stale += !change_answered(reply, (size_t)got, name_of(c, first + i));
	}
	for (uint64_t i = 0; left > 0 && i < count; i++) {
		uint16_t id = (uint16_t)(first + i);
		size_t bytes = change_query(message, host_of(c, first + i), id);

		if (answered[i])
			continue;
		c->repeated++;
		bytes = exchange(c, c->fresh, message, bytes, id, reply);
		c->stale += !change_answered(reply, bytes, name_of(c, first + i));
		left--;
	}
	c->asked += count;
}

/* ---- The control socket ---- */

static void write_all(int fd, const char *text, size_t bytes)
{
	while (bytes > 0) {
		ssize_t done = write(fd, text, bytes);

		if (done < 0)
			fail("the control socket ended");
		text += done;
		bytes -= (size_t)done;
	}
}

static void send_lines(struct changes *c, uint64_t count, uint64_t now)
{
	size_t bytes = 0;

	for (; count > 0; count--, c->sent++) {
		bytes += change_line(c->out + bytes, host_of(c, c->sent), name_of(c, c->sent));
		c->sent_ns[c->sent % FLIGHT_MAX] = now;
	}
	write_all(c->control, c->out, bytes);
}

static void receive_lines(struct changes *c)
{
	ssize_t got = read(c->control, c->in + c->kept, sizeof(c->in) - c->kept);
	uint64_t now = pace_now_ns();
	char *line = c->in, *end, *newline;

	if (got <= 0)
		fail("the control socket ended");
	end = c->in + c->kept + got;
	while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		bool done = change_line_done(line, (size_t)(newline - line));

		if (!done && c->refused == 0)
			fprintf(stderr, "change_client: %.*s\n", (int)(newline - line), line);
		note_done(c, done, now);
		line = newline + 1;
	}
	c->kept = (size_t)(end - line);
	memmove(c->in, line, c->kept);
}

/* How many may be sent now: what is not in flight, and what the rate allows. */
static uint64_t room(const struct changes *c, uint64_t now)
{
	uint64_t most = c->options.flight - (c->sent - c->done), due;

	if (c->options.changes != 0 && most > c->options.changes - c->sent)
		most = c->options.changes - c->sent;
	if (c->options.rate == 0)
		return most;
	due = (uint64_t)((double)(now - c->begin_ns) * 1e-9 * (double)c->options.rate) - c->sent;
	return (int64_t)due < 0 ? 0 : due < most ? due : most;
}

static void change_in_flight(struct changes *c)
{
	uint64_t now = pace_now_ns();

	while (!is_over(c, now) || c->done < c->sent) {
		uint64_t first = c->done;

		if (!is_over(c, now))
			send_lines(c, room(c, now), now);
		if (c->done < c->sent)
			receive_lines(c);
		else
			pace_pause();
		if (c->fresh >= 0)
			ask_fresh(c, first);
		now = pace_now_ns();
	}
}

/* ---- The whole ---- */

static int connect_udp(char *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	char *port = strchr(server, '@');
	int udp = socket(AF_INET, SOCK_DGRAM, 0), bytes = 8 << 20;

	if (port != NULL)
		*port++ = '\0';
	address.sin_port = htons((uint16_t)(port != NULL ? atoi(port) : 53));
	if (udp < 0 || inet_pton(AF_INET, server, &address.sin_addr) != 1 ||
		setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) != 0 ||
		connect(udp, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("no socket to the server");
	return udp;
}

static int connect_control(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char octet = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		fail("the path of the socket is too long");
	strcpy(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("no connection to the control socket");
	while (octet != '\n') /* the greeting */
		if (read(fd, &octet, 1) != 1)
			fail("no greeting");
	return fd;
}

static bool parse(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {{"control", required_argument, NULL, 'c'},
		{"dns", required_argument, NULL, 'd'}, {"fresh", required_argument, NULL, 'f'},
		{"records", required_argument, NULL, 'r'}, {"flight", required_argument, NULL, 'i'},
		{"seconds", required_argument, NULL, 's'},
		{"changes", required_argument, NULL, 'n'}, {"rate", required_argument, NULL, 'R'},
		{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		uint64_t number = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case 'c':
			options->control = optarg;
			break;
		case 'd':
			options->dns = optarg;
			break;
		case 'f':
			options->fresh = optarg;
			break;
		case 'r':
			options->records = number;
			break;
		case 'i':
			options->flight = number;
			break;
		case 's':
			options->seconds = number;
			break;
		case 'n':
			options->changes = number;
			break;
		case 'R':
			options->rate = number;
			break;
		default:
			return false;
		}
	}
	return optind == argc && (options->control == NULL) != (options->dns == NULL) &&
		options->records > 0 && options->records <= 1 << 24 && options->flight > 0 &&
		options->flight <= FLIGHT_MAX && (options->dns == NULL || options->flight == 1) &&
		options->seconds + options->changes > 0;
}

static void print(const struct changes *c)
{
	double seconds = (double)(pace_now_ns() - c->begin_ns) * 1e-9;

	printf("{\"changes\":%llu,\"refused\":%llu,\"seconds\":%.3f,\"rate\":%.1f,"
	       "\"p50_us\":%.1f,\"p99_us\":%.1f,\"asked\":%llu,\"stale\":%llu,"
	       "\"repeated\":%llu}\n",
		(unsigned long long)c->done, (unsigned long long)c->refused, seconds,
		(double)c->done / seconds, (double)histogram_percentile(&c->latency, 0.5) / 1e3,
		(double)histogram_percentile(&c->latency, 0.99) / 1e3, (unsigned long long)c->asked,
		(unsigned long long)c->stale, (unsigned long long)c->repeated);
}

int main(int argc, char **argv)
{
	static struct changes c = {.options = {.records = 1000, .flight = 1}, .fresh = -1};

	if (!parse(argc, argv, &c.options)) {
		fprintf(stderr,
			"usage: change_client --control SOCKET | --dns ADDRESS@PORT [--fresh "
			"ADDRESS@PORT]\n"
			"               [--records N] [--flight N] [--rate N] --seconds N | "
			"--changes N\n");
		return 2;
	}
	if (c.options.fresh != NULL)
		c.fresh = connect_udp(c.options.fresh);
	if (c.options.dns != NULL)
		c.dns = connect_udp(c.options.dns);
	else
		c.control = connect_control(c.options.control);
	c.begin_ns = pace_now_ns();
	c.options.first = c.begin_ns;
	if (c.options.dns == NULL)
		change_in_flight(&c);
	else
		while (!is_over(&c, pace_now_ns()))
			update_one(&c);
	print(&c);
	return c.refused != 0 || c.stale != 0;
}
