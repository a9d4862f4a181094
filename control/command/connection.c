/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Octets are read straight to where lines are cut, and the replies of a batch leave with one call.
 * Both buffers are bounded: what a client sends while enough of it waits stays in the kernel.
 */
#include "control/command/connection.h"

#include "control/command/json_write.h"
#include "control/command/request.h"
#include "control/log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	INPUT_FIRST_BYTES = 16 * 1024,
	READ_BYTES = 64 * 1024,	 /* asked for at once when there is a lot */
	IDLE_BYTES = 256 * 1024, /* a buffer that is larger is not kept while it is empty */
};

static size_t waiting_input(const struct connection *connection)
{
	return connection->end - connection->start;
}

static size_t pending(const struct connection *connection)
{
	return connection->output.bytes - connection->sent;
}

static void wake(struct connection *connection)
{
	connection->wake(connection->owner, connection);
}

static void break_off(struct connection *connection)
{
	connection->broken = true;
	event_del(connection->readable);
	event_del(connection->writable);
}

/* Room for one more read: by moving what is there to the front, or in a larger buffer. */
static int make_room(struct connection *connection)
{
	size_t used = waiting_input(connection), room = connection->room;
	char *larger;

	if (connection->start > 0) {
		memmove(connection->input, connection->input + connection->start, used);
		connection->start = 0;
		connection->end = used;
	}
	if (room - used >= INPUT_FIRST_BYTES / 2)
		return 0;
	room = room ? 2 * room : INPUT_FIRST_BYTES;
	larger = realloc(connection->input, room);
	if (!larger)
		return -ENOMEM;
	connection->input = larger;
	connection->room = room;
	return 0;
}

/* One read: the count, 0 at the end of the input, or -errno. `*more`: there may be more. */
static ssize_t read_some(struct connection *connection, bool *more)
{
	size_t free = connection->room - connection->end, asked;
	ssize_t got;

	*more = false;
	if (free < INPUT_FIRST_BYTES / 2) {
		if (make_room(connection) != 0)
			return -ENOMEM;
		free = connection->room - connection->end;
	}
	asked = free < READ_BYTES ? free : READ_BYTES;
	got = recv(connection->fd, connection->input + connection->end, asked, MSG_DONTWAIT);
	if (got < 0)
		return -errno;
	connection->end += (size_t)got;
	*more = (size_t)got == asked;
	return got;
}

/* The end of the input is no end of the output: a client may send, shut down, and then read. */
static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;
	bool more;
	ssize_t got;

	(void)fd;
	(void)what;
	do {
		got = read_some(connection, &more);
		if (waiting_input(connection) > COMMAND_LINE_MAX_BYTES) {
			event_del(connection->readable);
			connection->paused = true;
			break;
		}
	} while (more);
	if (got == 0) {
		connection->ended = true;
		event_del(connection->readable);
	} else if (got < 0 && got != -EAGAIN && got != -EINTR) {
		if (got == -ENOMEM)
			log_event(LOG_ERROR, "control-closed", NULL,
				"a control connection was closed: out of memory");
		break_off(connection);
	}
	wake(connection);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;

	(void)fd;
	(void)what;
	connection_send(connection);
	if (connection_is_over(connection) ||
		(pending(connection) <= CONNECTION_OUTPUT_MAX_BYTES / 2 &&
			connection_has_work(connection)))
		wake(connection);
}

static int greet(struct connection *connection)
{
	const struct actor *actor = command_session_actor(connection->session);
	struct text *out = &connection->output;

	text_add_string(out, "{\"hello\":\"arpad\",\"version\":\"" ARPAD_VERSION "\",\"api\":");
	text_add_number(out, COMMAND_API);
	text_add_string(out, ",\"pid\":");
	text_add_number(out, getpid());
	text_add_string(out, ",\"role\":\"");
	text_add_string(out, actor_role_name(actor->role));
	text_add(out, "\"", 1);
	if (actor->tenant) {
		text_add_string(out, ",\"tenant\":");
		json_write_string(out, actor->tenant->name, strlen(actor->tenant->name));
	}
	if (command_session_is_read_only(connection->session))
		text_add_string(out, ",\"read_only\":true");
	text_add_string(out, ",\"max_line\":");
	text_add_number(out, COMMAND_LINE_MAX_BYTES);
	text_add_string(out, ",\"max_in_flight\":");
	text_add_number(out, CONNECTION_REQUESTS_MAX);
	text_add(out, "}\n", 2);
	return out->failed ? -ENOMEM : 0;
}

struct connection *connection_new(
	struct event_base *base, int fd, const struct peer *peer, struct command *command)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	struct session *session = command_session_new(command);
	struct peer given = *peer;

	if (session)
		command_session_set_peer(session, peer);
	else
		access_peer_free(&given);
	if (!connection) {
		command_session_free(session);
		close(fd);
		return NULL;
	}
	connection->fd = fd;
	connection->session = session;
	connection->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable = event_new(base, fd, EV_WRITE, on_writable, connection);
	if (!session || !connection->readable || !connection->writable ||
		event_add(connection->readable, NULL) != 0 || greet(connection) != 0) {
		connection_free(connection);
		return NULL;
	}
	return connection;
}

void connection_free(struct connection *connection)
{
	if (connection->readable)
		event_free(connection->readable);
	if (connection->writable)
		event_free(connection->writable);
	close(connection->fd);
	request_free(connection->list);
	request_free_all(connection->lined_up);
	command_session_free(connection->session);
	text_free(&connection->output);
	free(connection->input);
	free(connection);
}

/* After this nothing the client sends is looked at. */
static void take_no_more(struct connection *connection)
{
	event_del(connection->readable);
	connection->start = connection->end = connection->scanned = 0;
	connection->closing = true;
}

static struct request *refuse_line(struct connection *connection)
{
	struct failure failure;

	take_no_more(connection);
	failure_set(&failure, FAILURE_TOO_LARGE,
		"the line is longer than %d bytes; the connection is closed",
		COMMAND_LINE_MAX_BYTES);
	return request_refused(connection->session, &failure);
}

/* Drops the octets of a line, and reads on when there is room again. */
static void drop_line(struct connection *connection, size_t bytes)
{
	connection->start += bytes;
	connection->scanned = 0;
	if (connection->start == connection->end) {
		connection->start = connection->end = 0;
		if (connection->room > IDLE_BYTES) {
			free(connection->input);
			connection->input = NULL;
			connection->room = 0;
		}
	}
	if (!connection->paused || waiting_input(connection) > COMMAND_LINE_MAX_BYTES)
		return;
	connection->paused = false;
	event_add(connection->readable, NULL);
}

/* The length of the first line without its newline, or -1 when none is complete. */
static ssize_t find_line(struct connection *connection)
{
	const char *line = connection->input + connection->start, *newline;
	size_t bytes = waiting_input(connection);

	/* What was searched once is not searched again, however slowly the line grows. */
	newline = bytes > connection->scanned
		? memchr(line + connection->scanned, '\n', bytes - connection->scanned)
		: NULL;
	if (newline)
		return newline - line;
	connection->scanned = bytes;
	return -1;
}

/* The next one of the line that was read last. */
static struct request *take_lined_up(struct connection *connection)
{
	struct request *request = connection->lined_up;

	connection->lined_up = request->next;
	request->next = NULL;
	if (request_streams(request))
		connection->list = request;
	return request;
}

static struct request *take_line(struct connection *connection, size_t *bytes)
{
	ssize_t length = find_line(connection);

	if (length > COMMAND_LINE_MAX_BYTES ||
		(length < 0 && waiting_input(connection) > COMMAND_LINE_MAX_BYTES))
		return refuse_line(connection);
	if (length < 0) {
		connection->closing = connection->ended; /* half a line is no request */
		return NULL;
	}
	connection->lined_up = request_parse(
		connection->session, connection->input + connection->start, (size_t)length);
	if (!connection->lined_up) {
		log_event(LOG_ERROR, "control-closed", NULL,
			"a control connection was closed: out of memory");
		take_no_more(connection);
		return NULL;
	}
	drop_line(connection, (size_t)length + 1);
	*bytes += (size_t)length + 1;
	return take_lined_up(connection);
}

struct request *connection_take(struct connection *connection, size_t *bytes)
{
	if (connection->list || connection->closing || connection->broken ||
		pending(connection) > CONNECTION_OUTPUT_MAX_BYTES)
		return NULL;
	return connection->lined_up ? take_lined_up(connection) : take_line(connection, bytes);
}

/* A client whose reply can't be built would wait for ever or count wrong: it is let go. */
static enum request_progress add_reply(struct connection *connection, struct request *request)
{
	enum request_progress progress = request_reply(request, &connection->output);

	if (!connection->output.failed)
		return progress;
	log_event(LOG_ERROR, "control-closed", NULL,
		"a control connection was closed: no memory for a reply");
	break_off(connection);
	return REQUEST_DONE;
}

void connection_reply(struct connection *connection, struct request *request)
{
	if (request == connection->list)
		return; /* its pages leave in connection_continue */
	add_reply(connection, request);
	request_free(request);
}

void connection_continue(struct connection *connection)
{
	enum request_progress progress;

	if (!connection->list || connection->waiting || connection->broken ||
		pending(connection) > CONNECTION_OUTPUT_MAX_BYTES)
		return;
	progress = add_reply(connection, connection->list);
	connection->waiting = progress == REQUEST_WAIT;
	if (progress != REQUEST_DONE)
		return;
	request_free(connection->list);
	connection->list = NULL;
}

/* What was sent goes: all of it at once, or when it is more than the rest, which is moved. */
static void drop_sent(struct connection *connection)
{
	struct text *output = &connection->output;

	if (pending(connection) == 0) {
		output->bytes = connection->sent = 0;
		if (output->room > IDLE_BYTES)
			text_free(output);
	} else if (connection->sent > output->bytes / 2) {
		output->bytes = pending(connection);
		memmove(output->octets, output->octets + connection->sent, output->bytes);
		connection->sent = 0;
	}
}

void connection_send(struct connection *connection)
{
	while (pending(connection) > 0 && !connection->broken) {
		ssize_t sent = send(connection->fd, connection->output.octets + connection->sent,
			pending(connection), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0)
			connection->sent += (size_t)sent;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			break_off(connection);
	}
	drop_sent(connection);
	if (pending(connection) > 0 && !connection->broken)
		event_add(connection->writable, NULL);
}

/* After the end of its input only this tells whether a client still reads. */
static bool has_left(const struct connection *connection)
{
	struct pollfd at = {.fd = connection->fd};

	return connection->ended && poll(&at, 1, 0) == 1 && (at.revents & POLLHUP);
}

void connection_nudge(struct connection *connection)
{
	if (!connection->waiting)
		return;
	if (has_left(connection))
		break_off(connection);
	connection->waiting = false;
	wake(connection);
}

bool connection_has_work(const struct connection *connection)
{
	if (connection->closing || connection->broken ||
		pending(connection) > CONNECTION_OUTPUT_MAX_BYTES)
		return false;
	if (connection->list)
		return !connection->waiting;
	return connection->lined_up || connection->ended ||
		waiting_input(connection) > connection->scanned;
}

bool connection_is_over(const struct connection *connection)
{
	return connection->broken ||
		(connection->closing && !connection->list && pending(connection) == 0);
}
