/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes -> messages -> replies -> bytes. The last step of every event may close and free the
 * connection: nothing touches it after that.
 */
#include "control/listener/dns_connection.h"

#include "control/listener/dns_listener_observe.h"
#include "control/listener/dns_listener_tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_MIN_BYTES = 256 }; /* most queries, once they are cut at all */

static struct dns_listener_counters *counters(const struct dns_connection *connection)
{
	return connection->tcp->core->counters;
}

static void buffer_free(struct dns_listener_tcp *tcp, struct dns_buffer *buffer)
{
	tcp->buffered_bytes -= buffer->capacity;
	free(buffer->bytes);
	*buffer = (struct dns_buffer){0};
}

/* Makes `bytes` the contents, of which the first `same` are there already. False: no room. */
static bool buffer_keep(struct dns_listener_tcp *tcp, struct dns_buffer *buffer,
	const uint8_t *bytes, size_t same, size_t length)
{
	size_t capacity = buffer->capacity ? buffer->capacity : BUFFER_MIN_BYTES;
	uint8_t *grown;

	while (capacity < length)
		capacity *= 2;
	if (capacity != buffer->capacity) {
		if (tcp->buffered_bytes + capacity - buffer->capacity > tcp->limits.buffer_bytes)
			return false;
		grown = realloc(buffer->bytes, capacity);
		if (!grown)
			return false;
		tcp->buffered_bytes += capacity - buffer->capacity;
		buffer->bytes = grown;
		buffer->capacity = (uint32_t)capacity;
	}
	memcpy(buffer->bytes + same, bytes + same, length - same);
	buffer->length = (uint32_t)length;
	return true;
}

static void readable(evutil_socket_t fd, short what, void *context);
static void writable(evutil_socket_t fd, short what, void *context);

static bool watch(struct dns_connection *connection, short what)
{
	return event_assign(&connection->event, connection->tcp->core->base, connection->fd,
		       what | EV_PERSIST, what == EV_READ ? readable : writable, connection) == 0 &&
		event_add(&connection->event, NULL) == 0;
}

bool dns_connection_open(struct dns_connection *connection, struct dns_listener_tcp *tcp, int fd)
{
	connection->tcp = tcp;
	connection->fd = fd;
	connection->state = DNS_CONNECTION_IDLE;
	return watch(connection, EV_READ);
}

void dns_connection_drop(int fd)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

void dns_connection_fini(struct dns_connection *connection, bool reset)
{
	event_del(&connection->event);
	buffer_free(connection->tcp, &connection->input);
	buffer_free(connection->tcp, &connection->output);
	if (reset)
		dns_connection_drop(connection->fd);
	else
		close(connection->fd);
}

/* RFC 7766 8: the length, then the message. Shorter than a header, it is no message. */
enum framing { FRAMING_PARTIAL, FRAMING_WHOLE, FRAMING_BROKEN };

static enum framing next_message(const uint8_t *bytes, size_t available, size_t *length)
{
	if (available < DNS_TCP_LENGTH_BYTES)
		return FRAMING_PARTIAL;
	*length = wire_get16(bytes);
	if (*length < WIRE_HEADER_BYTES)
		return FRAMING_BROKEN;
	return available < DNS_TCP_LENGTH_BYTES + *length ? FRAMING_PARTIAL : FRAMING_WHOLE;
}

/* One message in place; 0: no reply. */
static size_t answer_message(
	const struct dns_connection *connection, uint8_t *message, size_t length)
{
	const struct dns_listener_core *core = connection->tcp->core;
	const struct client client = {.address = connection->peer.bytes,
		.address_bytes = connection->peer.family == 4 ? 4 : 16,
		.transport = TRANSPORT_TCP};
	struct observation *seen =
		dns_listener_observe(core, OBSERVE_TCP, &client, message, length);
	enum outcome outcome;

	if (seen)
		dns_listener_observe_tcp(seen, connection->fd);
	counter_add(&core->counters->tcp_queries, 1);
	length = dns_listener_answer(
		core, &client, message, length, WIRE_MESSAGE_MAX_BYTES, &outcome);
	dns_listener_observed(core, seen, outcome, message, length);
	return length;
}

/*
 * Answers messages into the scratch output until it is full, the input holds no whole one more, or
 * one has no reply, which over TCP means that the client does not speak DNS. Returns what was used
 * of the input; `*filled` is the output's length.
 */
static size_t gather(struct dns_connection *connection, const uint8_t *input, size_t available,
	enum framing *framing, size_t *filled)
{
	const struct dns_listener_core *core = connection->tcp->core;
	uint8_t *output = connection->tcp->output;
	size_t used = 0, length, reply;

	*filled = 0;
	core->reader.online(core->reader.context);
	while ((*framing = next_message(input + used, available - used, &length)) ==
			FRAMING_WHOLE &&
		*filled < DNS_TCP_GATHER_BYTES) {
		uint8_t *message = output + *filled + DNS_TCP_LENGTH_BYTES;

		memcpy(message, input + used + DNS_TCP_LENGTH_BYTES, length);
		reply = answer_message(connection, message, length);
		if (reply == 0) {
			*framing = FRAMING_BROKEN;
			break;
		}
		wire_put16(output + *filled, (uint16_t)reply);
		*filled += DNS_TCP_LENGTH_BYTES + reply;
		used += DNS_TCP_LENGTH_BYTES + length;
	}
	core->reader.offline(core->reader.context);
	return used;
}

/* Sends what the kernel takes now. Returns the bytes taken, or -1: the client has gone. */
static ssize_t send_some(struct dns_connection *connection, const uint8_t *bytes, size_t length)
{
	ssize_t sent = send(connection->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent >= 0)
		counter_add(&counters(connection)->bytes_out, (uint64_t)sent);
	else if (errno == EAGAIN || errno == EINTR)
		sent = 0;
	return sent;
}

static void out_of_memory(struct dns_connection *connection)
{
	dns_listener_tcp_close(connection, true, &counters(connection)->closed_memory);
}

/* The kernel has taken `sent` of the replies: keeps the rest, and goes on when it takes more. */
static void start_sending(struct dns_connection *connection, size_t sent, size_t filled)
{
	struct dns_listener_tcp *tcp = connection->tcp;

	event_del(&connection->event);
	connection->sent = 0;
	if (!buffer_keep(tcp, &connection->output, tcp->output + sent, 0, filled - sent) ||
		!watch(connection, EV_WRITE))
		out_of_memory(connection);
	else
		dns_listener_tcp_enter(connection, DNS_CONNECTION_SENDING);
}

/* Keeps the input that is not used up; `was_kept` bytes at its start are in the buffer already. */
static bool keep_input(
	struct dns_connection *connection, const uint8_t *rest, size_t was_kept, size_t length)
{
	if (length == 0) {
		buffer_free(connection->tcp, &connection->input);
		return true;
	}
	return buffer_keep(connection->tcp, &connection->input, rest, was_kept, length);
}

/* The time of a message that began before this turn runs on; otherwise a new wait begins. */
static void wait_for_input(struct dns_connection *connection, bool progress)
{
	enum dns_connection_state state =
		connection->input.length ? DNS_CONNECTION_RECEIVING : DNS_CONNECTION_IDLE;

	if (progress || state != connection->state)
		dns_listener_tcp_enter(connection, state);
}

/*
 * Answers what `available` bytes of scratch input hold, up to one send; the first `kept` of them
 * are also in the connection's buffer. Afterwards the connection waits in its right state, or is
 * closed.
 */
static void answer(struct dns_connection *connection, size_t kept, size_t available)
{
	struct dns_listener_tcp *tcp = connection->tcp;
	enum framing framing;
	size_t used, filled;
	ssize_t sent;

	used = gather(connection, tcp->input, available, &framing, &filled);
	sent = filled ? send_some(connection, tcp->output, filled) : 0;
	if (sent < 0) {
		dns_listener_tcp_close(connection, true, NULL);
		return;
	}
	if (framing == FRAMING_BROKEN) {
		counter_add(&counters(connection)->closed_malformed, 1);
		connection->broken = true;
		used = available;
	}
	if (!keep_input(connection, tcp->input + used, used ? 0 : kept, available - used)) {
		out_of_memory(connection);
		return;
	}
	/* One send a turn, also for a client that takes all and has asked for more. */
	if ((size_t)sent < filled || framing == FRAMING_WHOLE)
		start_sending(connection, (size_t)sent, filled);
	else if (connection->broken)
		dns_listener_tcp_close(connection, false, NULL);
	else
		wait_for_input(connection, used != 0);
}

void dns_connection_read(struct dns_connection *connection)
{
	struct dns_listener_tcp *tcp = connection->tcp;
	size_t kept = connection->input.length;
	ssize_t got = recv(connection->fd, tcp->input + kept, DNS_TCP_READ_BYTES, MSG_DONTWAIT);

	if (got < 0) {
		if (errno != EAGAIN && errno != EINTR)
			dns_listener_tcp_close(connection, true, NULL);
		return;
	}
	/* Half-closed: all its whole messages are answered, so what is left will never be one. */
	if (got == 0) {
		dns_listener_tcp_close(connection, false, NULL);
		return;
	}
	counter_add(&counters(connection)->bytes_in, (uint64_t)got);
	if (kept)
		memcpy(tcp->input, connection->input.bytes, kept);
	answer(connection, kept, kept + (size_t)got);
}

static void readable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	dns_connection_read(context);
}

/* All replies are out: goes on with the messages that came before the client stopped reading. */
static void resume(struct dns_connection *connection)
{
	struct dns_listener_tcp *tcp = connection->tcp;
	size_t kept = connection->input.length;

	buffer_free(tcp, &connection->output);
	event_del(&connection->event);
	if (!watch(connection, EV_READ)) {
		out_of_memory(connection);
		return;
	}
	if (kept)
		memcpy(tcp->input, connection->input.bytes, kept);
	answer(connection, kept, kept);
}

static void writable(evutil_socket_t fd, short what, void *context)
{
	struct dns_connection *connection = context;
	struct dns_buffer *output = &connection->output;
	ssize_t sent = send_some(
		connection, output->bytes + connection->sent, output->length - connection->sent);

	(void)fd;
	(void)what;
	if (sent < 0) {
		dns_listener_tcp_close(connection, true, NULL);
		return;
	}
	connection->sent += (uint32_t)sent;
	if (connection->sent == output->length)
		resume(connection);
}
