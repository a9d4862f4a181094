/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listener, the queue of connections that have something to say, and the batch event, which the
 * loop runs only when nothing is left to read.
 */
#include "control/command/socket.h"

#include "control/command/connection.h"
#include "control/log.h"

#include <errno.h>
#include <event2/listener.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BATCH_REQUESTS_MAX = 4096, /* one fsync for so many is cheap enough; memory is bounded */
	BATCH_BYTES_MAX = 2 << 20, /* JSON takes up to 40 times its text while it is read */
	RETRY_ACCEPT_S = 1,
};

TAILQ_HEAD(connections, connection);

struct socket {
	struct event_base *base;
	struct command *command;
	struct evconnlistener *listener;
	struct event *batch, *retry;
	struct connections all, queue;
	unsigned count, limit;
	bool read_only;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct stat file; /* ours, so that we never remove another's */
	struct request *requests[BATCH_REQUESTS_MAX];
	struct connection *senders[BATCH_REQUESTS_MAX];
};

static void enqueue(struct socket *socket, struct connection *connection)
{
	if (connection->ready)
		return;
	connection->ready = true;
	TAILQ_INSERT_TAIL(&socket->queue, connection, queue);
	event_active(socket->batch, 0, 0);
}

static void on_wake(void *owner, struct connection *connection)
{
	enqueue(owner, connection);
}

static void drop(struct socket *socket, struct connection *connection)
{
	if (connection->ready)
		TAILQ_REMOVE(&socket->queue, connection, queue);
	TAILQ_REMOVE(&socket->all, connection, all);
	socket->count--;
	connection_free(connection);
}

/* Takes what one connection may have run now; returns the new count. */
static size_t gather_from(
	struct socket *socket, struct connection *connection, size_t count, size_t *bytes)
{
	size_t limit = count + CONNECTION_REQUESTS_MAX;

	while (count < BATCH_REQUESTS_MAX && count < limit && *bytes < BATCH_BYTES_MAX) {
		struct request *request = connection_take(connection, bytes);

		if (!request)
			break;
		socket->requests[count] = request;
		socket->senders[count++] = connection;
	}
	return count;
}

/* Moves the connections of this turn to `turn`; those the bounds leave out stay queued. */
static size_t gather(struct socket *socket, struct connections *turn)
{
	size_t count = 0, bytes = 0;

	while (count < BATCH_REQUESTS_MAX && bytes < BATCH_BYTES_MAX) {
		struct connection *connection = TAILQ_FIRST(&socket->queue);

		if (!connection)
			break;
		TAILQ_REMOVE(&socket->queue, connection, queue);
		TAILQ_INSERT_TAIL(turn, connection, queue); /* still ready: in one queue at most */
		count = gather_from(socket, connection, count, &bytes);
	}
	return count;
}

static void on_batch(evutil_socket_t fd, short what, void *context)
{
	struct socket *socket = context;
	struct connections turn = TAILQ_HEAD_INITIALIZER(turn);
	struct connection *connection;
	size_t count = gather(socket, &turn);

	(void)fd;
	(void)what;
	command_run(socket->command, socket->requests, count);
	for (size_t i = 0; i < count; i++)
		connection_reply(socket->senders[i], socket->requests[i]);
	while ((connection = TAILQ_FIRST(&turn)) != NULL) {
		TAILQ_REMOVE(&turn, connection, queue);
		connection->ready = false;
		connection_continue(connection);
		connection_send(connection);
		if (connection_is_over(connection))
			drop(socket, connection);
		else if (connection_has_work(connection))
			enqueue(socket, connection);
	}
	if (!TAILQ_EMPTY(&socket->queue))
		event_active(socket->batch, 0, 0);
}

/* One line and the end: the client learns why. Its own limit is the kernel's socket buffer. */
static void refuse_client(const struct socket *socket, int fd, bool own)
{
	char line[256];
	int length = snprintf(line, sizeof(line),
		"{\"id\":null,\"error\":{\"code\":%d,\"name\":\"%s\",\"message\":"
		"\"%u connections are open, which is the limit%s; close one and try again\"}}\n",
		FAILURE_BUSY, failure_name(FAILURE_BUSY), socket->count,
		own ? "" : " (one place is kept for root)");

	if (send(fd, line, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) != length)
		log_event(LOG_DEBUG, "control-refused", NULL,
			"a client was refused and did not hear why");
	close(fd);
}

/* The last place is for those who must always get in. */
static bool is_full(const struct socket *socket, const struct peer *peer)
{
	return socket->count + (access_is_own(peer) ? 0 : 1) >= socket->limit;
}

static void admit(struct socket *socket, int fd, const struct peer *peer)
{
	struct connection *connection = connection_new(socket->base, fd, peer, socket->command);

	if (!connection) {
		log_event(LOG_ERROR, "control-refused", NULL,
			"a control connection was refused: out of memory");
		return;
	}
	connection->owner = socket;
	connection->wake = on_wake;
	TAILQ_INSERT_TAIL(&socket->all, connection, all);
	socket->count++;
	enqueue(socket, connection); /* the greeting */
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
	int address_bytes, void *context)
{
	struct socket *socket = context;
	struct peer peer;

	(void)listener;
	(void)address;
	(void)address_bytes;
	if (access_peer_read(fd, socket->read_only, &peer) != 0) {
		log_event(LOG_WARNING, "control-refused", NULL,
			"a control connection was closed: the kernel does not say whose it is");
		close(fd);
		return;
	}
	if (is_full(socket, &peer)) {
		refuse_client(socket, fd, access_is_own(&peer));
		access_peer_free(&peer);
		return;
	}
	admit(socket, fd, &peer);
}

/* Without descriptors accept fails again at once: pause instead of spinning. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
	struct socket *socket = context;
	const struct timeval pause = {.tv_sec = RETRY_ACCEPT_S};

	log_event(LOG_WARNING, "control-refused", NULL,
		"a control connection can't be accepted: %s", strerror(errno));
	evconnlistener_disable(listener);
	evtimer_add(socket->retry, &pause);
}

static void on_retry(evutil_socket_t fd, short what, void *context)
{
	struct socket *socket = context;

	(void)fd;
	(void)what;
	evconnlistener_enable(socket->listener);
}

/* 0 when nobody answers at `address`; a file without a listener is removed. */
static int clear_stale(const struct sockaddr_un *address, struct failure *failure)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error;
	struct stat file;

	if (fd < 0)
		return failure_set(
			failure, FAILURE_INTERNAL, "a socket can't be made: %s", strerror(errno));
	error = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
	close(fd);
	if (error == ENOENT)
		return 0;
	if (error == 0 || error == EAGAIN)
		return failure_set(failure, FAILURE_BUSY,
			"another arpad is running: it answers at %s", address->sun_path);
	if (error != ECONNREFUSED || lstat(address->sun_path, &file) != 0 ||
		!S_ISSOCK(file.st_mode))
		return failure_set(failure, FAILURE_INVALID,
			"%s is in the way of the control socket (%s); remove it or set "
			"control.socket",
			address->sun_path, strerror(error));
	if (unlink(address->sun_path) != 0)
		return failure_set(failure, FAILURE_INVALID,
			"the stale control socket %s can't be removed: %s", address->sun_path,
			strerror(errno));
	return 0;
}

/* The socket's own folder is made when only it is missing, as /run/arpad is after a boot. */
static void make_folder(const char *path)
{
	char copy[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	snprintf(copy, sizeof(copy), "%s", path);
	if (mkdir(dirname(copy), 0755) != 0 && errno != EEXIST)
		log_event(LOG_DEBUG, "folder-not-made", LOG_FIELDS(LOG_TEXT_FIELD("path", path)),
			"the folder of %s can't be made: %s", path, strerror(errno));
}

/* A listening descriptor, or -1. */
static int bind_path(const char *path, unsigned mode, struct failure *failure)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	mode_t old;
	int fd;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	make_folder(path);
	if (clear_stale(&address, failure) != 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	old = umask(~mode & 0777); /* so that the file never exists with other bits */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(fd, SOMAXCONN) != 0) {
		failure_set(failure, FAILURE_INVALID, "the control socket %s can't be made: %s",
			path, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	umask(old);
	return fd;
}

static int make_events(struct socket *socket, int fd)
{
	socket->batch = event_new(socket->base, -1, 0, on_batch, socket);
	socket->retry = evtimer_new(socket->base, on_retry, socket);
	if (!socket->batch || !socket->retry ||
		event_priority_set(socket->batch, SOCKET_PRIORITIES - 1) != 0)
		return -1;
	socket->listener = evconnlistener_new(socket->base, on_accept, socket,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!socket->listener)
		return -1;
	evconnlistener_set_error_cb(socket->listener, on_accept_error);
	return 0;
}

static int open_as(struct event_base *base, const char *path, unsigned mode, bool read_only,
	struct command *command, struct socket **out, struct failure *failure)
{
	struct socket *made;
	int fd;

	*out = NULL;
	fd = bind_path(path, mode, failure);
	if (fd < 0)
		return -1;
	made = calloc(1, sizeof(*made));
	if (!made) {
		close(fd);
		unlink(path);
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	}
	made->base = base;
	made->read_only = read_only;
	made->limit = read_only ? SOCKET_READ_ONLY_MAX : SOCKET_CONNECTIONS_MAX;
	made->command = command;
	TAILQ_INIT(&made->all);
	TAILQ_INIT(&made->queue);
	snprintf(made->path, sizeof(made->path), "%s", path);
	stat(path, &made->file);
	if (make_events(made, fd) != 0) {
		if (!made->listener)
			close(fd);
		socket_stop(made);
		socket_free(made);
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	}
	*out = made;
	return 0;
}

int socket_open(struct event_base *base, const char *path, unsigned mode, struct command *command,
	struct socket **out, struct failure *failure)
{
	return open_as(base, path, mode, false, command, out, failure);
}

int socket_open_read_only(struct event_base *base, const char *path, unsigned mode,
	struct command *command, struct socket **out, struct failure *failure)
{
	return open_as(base, path, mode, true, command, out, failure);
}

void socket_wake_followers(struct socket *socket)
{
	struct connection *connection;

	if (!socket)
		return;
	TAILQ_FOREACH(connection, &socket->all, all)
	connection_nudge(connection);
}

unsigned socket_count(const struct socket *socket)
{
	return socket ? socket->count : 0;
}

void socket_stop(struct socket *socket)
{
	struct connection *connection;
	struct stat now;

	if (!socket)
		return;
	if (socket->listener)
		evconnlistener_free(socket->listener);
	socket->listener = NULL;
	if (socket->batch)
		event_del(socket->batch);
	if (socket->retry)
		event_del(socket->retry);
	TAILQ_FOREACH(connection, &socket->all, all)
	{
		connection_send(connection);
		command_session_end(connection->session);
	}
	if (stat(socket->path, &now) == 0 && now.st_ino == socket->file.st_ino &&
		now.st_dev == socket->file.st_dev)
		unlink(socket->path);
}

void socket_free(struct socket *socket)
{
	if (!socket)
		return;
	while (!TAILQ_EMPTY(&socket->all))
		drop(socket, TAILQ_FIRST(&socket->all));
	if (socket->listener)
		evconnlistener_free(socket->listener);
	if (socket->batch)
		event_free(socket->batch);
	if (socket->retry)
		event_free(socket->retry);
	free(socket);
}
