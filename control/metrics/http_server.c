/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/http_server.h"

#include "control/metrics/http_request.h"
#include "dataplane/counters.h"

#include <errno.h>
#include <event2/event_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LINGER_BYTES = 64 << 10, /* of what a client sends behind its request: so much is read */
	RETRY_MS = 100,
	HEAD_BYTES = 256,
};

struct connection {
	TAILQ_ENTRY(connection) all;
	struct http_server *server;
	struct event readable, writable, deadline;
	int fd;
	size_t received, discarded;
	bool answered;
	struct text out;
	size_t sent;
	char request[HTTP_REQUEST_MAX_BYTES];
};

TAILQ_HEAD(connections, connection);

struct http_server {
	struct http_counters counters;
	struct event_base *base;
	struct event acceptable, retry;
	int listener;
	http_page *page;
	void *context;
	struct connections all; /* the oldest first */
	unsigned count;
};

static void drop(struct connection *connection)
{
	struct http_server *server = connection->server;

	TAILQ_REMOVE(&server->all, connection, all);
	server->count--;
	event_del(&connection->readable);
	event_del(&connection->writable);
	event_del(&connection->deadline);
	close(connection->fd);
	text_free(&connection->out);
	free(connection);
}

static const char *reason(unsigned status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	default:
		return "HTTP Version Not Supported";
	}
}

static void put_answer(struct connection *connection, const struct http_answer *answer, bool body)
{
	char head[HEAD_BYTES];
	int bytes = snprintf(head, sizeof(head),
		"HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
		"Cache-Control: no-store\r\nConnection: close\r\n\r\n",
		answer->status, reason(answer->status), answer->type, answer->body.bytes,
		answer->status == 405 ? "Allow: GET, HEAD\r\n" : "");

	text_add(&connection->out, head, (size_t)bytes);
	if (body)
		text_add(&connection->out, answer->body.octets, answer->body.bytes);
}

static void refuse(struct connection *connection, unsigned status)
{
	struct http_answer answer = {.status = status, .type = "text/plain"};

	counter_add(&connection->server->counters.refused, 1);
	text_add_string(&answer.body, reason(status));
	text_add(&answer.body, "\n", 1);
	put_answer(connection, &answer, true);
	text_free(&answer.body);
}

static void answer_page(struct connection *connection, const char *path, bool body)
{
	struct http_server *server = connection->server;
	struct http_answer answer = {.status = 0};

	server->page(server->context, path, &answer);
	if (!answer.status) {
		refuse(connection, 404);
	} else if (answer.body.failed) {
		connection->out.failed = true;
	} else {
		counter_add(&server->counters.answered, 1);
		put_answer(connection, &answer, body);
	}
	text_free(&answer.body);
}

static void answer(struct connection *connection, enum http_verdict verdict, const char *path)
{
	switch (verdict) {
	case HTTP_GET:
	case HTTP_HEAD:
		answer_page(connection, path, verdict == HTTP_GET);
		break;
	case HTTP_BAD_METHOD:
		refuse(connection, 405);
		break;
	case HTTP_TOO_LARGE:
		refuse(connection, 431);
		break;
	case HTTP_BAD_VERSION:
		refuse(connection, 505);
		break;
	default:
		refuse(connection, 400);
	}
}

/*
 * What is left unread when a socket closes makes the kernel reset the connection, and the reply
 * would be lost with it: so the end is told, and what still comes is read for a while.
 */
static void linger(struct connection *connection)
{
	shutdown(connection->fd, SHUT_WR);
	event_add(&connection->readable, NULL);
}

static void send_out(struct connection *connection)
{
	struct text *out = &connection->out;

	if (out->failed) {
		counter_add(&connection->server->counters.no_memory, 1);
		drop(connection);
		return;
	}
	while (connection->sent < out->bytes) {
		ssize_t sent = send(connection->fd, out->octets + connection->sent,
			out->bytes - connection->sent, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			event_add(&connection->writable, NULL);
			return;
		}
		if (sent <= 0) {
			drop(connection);
			return;
		}
		connection->sent += (size_t)sent;
	}
	linger(connection);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	send_out(context);
}

/* Behind the request: read and forgotten. */
static void discard(struct connection *connection)
{
	ssize_t got = recv(connection->fd, connection->request, sizeof(connection->request), 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		connection->discarded += (size_t)got;
	if (got <= 0 || connection->discarded > LINGER_BYTES)
		drop(connection);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;
	char path[HTTP_PATH_BYTES];
	enum http_verdict verdict;
	ssize_t got;

	(void)what;
	if (connection->answered) {
		discard(connection);
		return;
	}
	got = recv(fd, connection->request + connection->received,
		sizeof(connection->request) - connection->received, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		drop(connection);
		return;
	}
	connection->received += (size_t)got;
	verdict = http_request_read(connection->request, connection->received, path);
	if (verdict == HTTP_MORE)
		return;
	connection->answered = true;
	event_del(&connection->readable);
	answer(connection, verdict, path);
	send_out(connection);
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;

	(void)fd;
	(void)what;
	counter_add(&connection->server->counters.late, 1);
	drop(connection);
}

/* False: no memory, and `fd` is the caller's still. */
static bool take(struct http_server *server, int fd)
{
	const struct timeval deadline = {.tv_sec = HTTP_CONNECTION_S};
	struct connection *connection = malloc(sizeof(*connection));

	if (!connection)
		return false;
	memset(connection, 0, offsetof(struct connection, request));
	connection->server = server;
	connection->fd = fd;
	event_assign(&connection->readable, server->base, fd, EV_READ | EV_PERSIST, on_readable,
		connection);
	event_assign(&connection->writable, server->base, fd, EV_WRITE, on_writable, connection);
	evtimer_assign(&connection->deadline, server->base, on_deadline, connection);
	TAILQ_INSERT_TAIL(&server->all, connection, all);
	server->count++;
	if (event_add(&connection->readable, NULL) != 0 ||
		event_add(&connection->deadline, &deadline) != 0) {
		counter_add(&server->counters.no_memory, 1);
		drop(connection);
	}
	return true;
}

static void on_retry(evutil_socket_t fd, short what, void *context)
{
	struct http_server *server = context;

	(void)fd;
	(void)what;
	event_add(&server->acceptable, NULL);
}

/* With no descriptor left the listener would stay readable for ever. */
static void rest(struct http_server *server)
{
	const struct timeval soon = {.tv_usec = RETRY_MS * 1000};

	event_del(&server->acceptable);
	event_add(&server->retry, &soon);
}

static void on_acceptable(evutil_socket_t listener, short what, void *context)
{
	struct http_server *server = context;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			rest(server);
		return;
	}
	if (server->count == HTTP_CONNECTIONS_MAX) {
		counter_add(&server->counters.crowded, 1);
		drop(TAILQ_FIRST(&server->all));
	}
	if (!take(server, fd)) {
		counter_add(&server->counters.no_memory, 1);
		close(fd);
	}
}

struct http_server *http_server_new(
	struct event_base *base, int listener, http_page *page, void *context)
{
	struct http_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->base = base;
	server->listener = listener;
	server->page = page;
	server->context = context;
	TAILQ_INIT(&server->all);
	event_assign(
		&server->acceptable, base, listener, EV_READ | EV_PERSIST, on_acceptable, server);
	evtimer_assign(&server->retry, base, on_retry, server);
	if (event_add(&server->acceptable, NULL) == 0)
		return server;
	free(server);
	return NULL;
}

const struct http_counters *http_server_counters(const struct http_server *server)
{
	return &server->counters;
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	while (!TAILQ_EMPTY(&server->all))
		drop(TAILQ_FIRST(&server->all));
	event_del(&server->acceptable);
	event_del(&server->retry);
	close(server->listener);
	free(server);
}
