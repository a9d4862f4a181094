/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bufferevent whose input is paused at one line's length. Not by libevent's high watermark: that
 * calls back again and again while it is reached, and would keep the loop from ever idling.
 */
#include "control/connection.h"

#include "control/log.h"
#include "control/request.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t pending(const struct connection *connection)
{
	return evbuffer_get_length(bufferevent_get_output(connection->stream));
}

static void on_read(struct bufferevent *stream, void *context)
{
	struct connection *connection = context;

	if (evbuffer_get_length(bufferevent_get_input(stream)) > COMMAND_LINE_MAX_BYTES) {
		bufferevent_disable(stream, EV_READ);
		connection->paused = true;
	}
	connection->wake(connection->owner, connection);
}

static void on_write(struct bufferevent *stream, void *context)
{
	struct connection *connection = context;

	(void)stream;
	if (connection_is_over(connection))
		connection->gone(connection->owner, connection);
	else if (connection_has_work(connection))
		connection->wake(connection->owner, connection);
}

/* The end of the input is no end of the output: a client may send, shut down, and then read. */
static void on_event(struct bufferevent *stream, short what, void *context)
{
	struct connection *connection = context;

	(void)stream;
	if (!(what & BEV_EVENT_EOF)) {
		connection->gone(connection->owner, connection);
		return;
	}
	connection->ended = true;
	connection->wake(connection->owner, connection);
}

static int greet(struct connection *connection)
{
	json_t *hello = json_pack("{s:s, s:s, s:i, s:i, s:i}", "hello", "arpad", "version",
		ARPAD_VERSION, "api", COMMAND_API, "pid", (int)getpid(), "max_line",
		COMMAND_LINE_MAX_BYTES);
	char *line = hello ? json_dumps(hello, JSON_COMPACT) : NULL;
	int result = -1;

	if (line)
		result = evbuffer_add_printf(
				 bufferevent_get_output(connection->stream), "%s\n", line) < 0
			? -1
			: 0;
	free(line);
	json_decref(hello);
	return result;
}

struct connection *connection_new(struct event_base *base, int fd, struct command *command)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		close(fd);
		return NULL;
	}
	connection->session = command_session_new(command);
	connection->stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!connection->stream)
		close(fd);
	if (!connection->stream || !connection->session || greet(connection) != 0) {
		connection_free(connection);
		return NULL;
	}
	bufferevent_setcb(connection->stream, on_read, on_write, on_event, connection);
	bufferevent_setwatermark(connection->stream, EV_WRITE, CONNECTION_OUTPUT_MAX_BYTES / 2, 0);
	bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
	return connection;
}

void connection_free(struct connection *connection)
{
	request_free(connection->list);
	request_free_all(connection->lined_up);
	if (connection->stream)
		bufferevent_free(connection->stream);
	command_session_free(connection->session);
	free(connection);
}

/* After this nothing the client sends is looked at. */
static void take_no_more(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);

	bufferevent_disable(connection->stream, EV_READ);
	evbuffer_drain(input, evbuffer_get_length(input));
	connection->scanned = 0;
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
static void drop_line(struct connection *connection, struct evbuffer *input, size_t bytes)
{
	evbuffer_drain(input, bytes);
	connection->scanned = 0;
	if (!connection->paused || evbuffer_get_length(input) > COMMAND_LINE_MAX_BYTES)
		return;
	connection->paused = false;
	bufferevent_enable(connection->stream, EV_READ);
}

/* The length of the first line without its newline, or -1 when none is complete. */
static ev_ssize_t find_line(struct connection *connection, struct evbuffer *input)
{
	struct evbuffer_ptr from, end;

	/* What was searched once is not searched again, however slowly the line grows. */
	if (evbuffer_ptr_set(input, &from, connection->scanned, EVBUFFER_PTR_SET) != 0)
		return -1;
	end = evbuffer_search_eol(input, &from, NULL, EVBUFFER_EOL_LF);
	if (end.pos < 0)
		connection->scanned = evbuffer_get_length(input);
	return end.pos;
}

/* The next one of a line that was read. */
static struct request *take_lined_up(struct connection *connection)
{
	struct request *request = connection->lined_up;

	connection->lined_up = request->next;
	request->next = NULL;
	if (request_streams(request))
		connection->list = request;
	return request;
}

struct request *connection_take(struct connection *connection, size_t *bytes)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	struct request *request;
	ev_ssize_t length;
	const char *line;

	if (connection->list || connection->closing ||
		pending(connection) > CONNECTION_OUTPUT_MAX_BYTES)
		return NULL;
	if (connection->lined_up)
		return take_lined_up(connection);
	length = find_line(connection, input);
	if (length > COMMAND_LINE_MAX_BYTES ||
		(length < 0 && evbuffer_get_length(input) > COMMAND_LINE_MAX_BYTES))
		return refuse_line(connection);
	if (length < 0) {
		connection->closing = connection->ended; /* half a line is no request */
		return NULL;
	}
	line = (const char *)evbuffer_pullup(input, length + 1);
	request = line ? request_parse(connection->session, line, (size_t)length) : NULL;
	if (!request) {
		log_error("a control connection was closed: out of memory");
		take_no_more(connection);
		return NULL;
	}
	drop_line(connection, input, (size_t)length + 1);
	*bytes += (size_t)length + 1;
	connection->lined_up = request;
	return take_lined_up(connection);
}

static void release_line(const void *line, size_t bytes, void *unused)
{
	(void)bytes;
	(void)unused;
	free((void *)(uintptr_t)line);
}

/* A client whose reply can't be built would wait for ever or count wrong: it is let go. */
static enum request_progress send_line(struct connection *connection, struct request *request)
{
	struct text line = {.octets = NULL};
	enum request_progress progress = request_reply(request, &line);

	if (!line.failed &&
		(line.bytes == 0 ||
			evbuffer_add_reference(bufferevent_get_output(connection->stream),
				line.octets, line.bytes, release_line, NULL) == 0))
		return progress;
	text_free(&line);
	log_error("a control connection was closed: no memory for a reply");
	take_no_more(connection);
	return REQUEST_DONE;
}

void connection_reply(struct connection *connection, struct request *request)
{
	if (request == connection->list)
		return; /* its pages leave in connection_continue */
	send_line(connection, request);
	request_free(request);
}

void connection_continue(struct connection *connection)
{
	enum request_progress progress;

	if (!connection->list || connection->waiting ||
		pending(connection) > CONNECTION_OUTPUT_MAX_BYTES)
		return;
	progress = send_line(connection, connection->list);
	connection->waiting = progress == REQUEST_WAIT;
	if (progress != REQUEST_DONE)
		return;
	request_free(connection->list);
	connection->list = NULL;
}

void connection_nudge(struct connection *connection)
{
	if (!connection->waiting)
		return;
	connection->waiting = false;
	connection->wake(connection->owner, connection);
}

bool connection_has_work(const struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);

	if (connection->closing || pending(connection) > CONNECTION_OUTPUT_MAX_BYTES)
		return false;
	if (connection->list)
		return !connection->waiting;
	return connection->lined_up || connection->ended ||
		evbuffer_get_length(input) > connection->scanned;
}

bool connection_is_over(const struct connection *connection)
{
	return connection->closing && !connection->list && pending(connection) == 0;
}

void connection_flush(struct connection *connection)
{
	struct evbuffer *output = bufferevent_get_output(connection->stream);
	int fd = bufferevent_getfd(connection->stream);

	bufferevent_disable(connection->stream, EV_READ | EV_WRITE);
	/* bufferevent holds the front of its output; frozen buffers are written by nobody else. */
	evbuffer_unfreeze(output, 1);
	while (evbuffer_get_length(output) && evbuffer_write(output, fd) > 0)
		;
}
