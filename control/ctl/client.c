/* SPDX-License-Identifier: BSD-3-Clause */
/* Plain sockets and poll: arpactl needs nothing of arpad but its protocol. */
#include "control/ctl/client.h"

#include "control/ctl/output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What this program speaks; arpad's greeting says the same, or one of the two is too old. */
enum { API = 1, READ_BYTES = 256 * 1024 };

volatile int client_interrupted;

static enum ctl_status explain_connect(const char *path, int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		output_message("arpad is not running (nobody listens at %s)", path);
		return CTL_NOT_RUNNING;
	case EACCES:
	case EPERM:
		output_message("you may not use %s; run arpactl as root, or name the socket that "
			       "you may use with -s",
			path);
		return CTL_DENIED;
	default:
		output_message("%s can't be reached: %s", path, strerror(error));
		return CTL_FAILED;
	}
}

/* Waits for `events`; CTL_TIMEOUT has been explained. */
static enum ctl_status wait_for(struct client *client, short events)
{
	struct pollfd wanted = {.fd = client->fd, .events = events};
	int ready;

	do
		ready = poll(&wanted, 1, client->timeout_ms);
	while (ready < 0 && errno == EINTR && !client_interrupted);
	if (ready > 0)
		return CTL_OK;
	if (ready < 0)
		return CTL_FAILED;
	output_message(
		"arpad has not answered within %d s; -t waits longer", client->timeout_ms / 1000);
	return CTL_TIMEOUT;
}

enum ctl_status client_explain_lost(void)
{
	output_message("arpad has closed the connection");
	return CTL_NOT_RUNNING;
}

static void copy_name(char *to, json_t *hello, const char *key)
{
	const char *name = json_string_value(json_object_get(hello, key));

	snprintf(to, CLIENT_NAME_BYTES, "%s", name ? name : "");
}

static enum ctl_status read_greeting(struct client *client)
{
	json_t *hello;
	enum ctl_status status = client_receive(client, &hello);

	if (status == CTL_NOT_RUNNING)
		return client_explain_lost();
	if (status != CTL_OK)
		return status;
	status = client_check(hello, NULL, false);
	if (status == CTL_OK && json_integer_value(json_object_get(hello, "api")) != API) {
		output_message("arpad speaks another version of the protocol; install the same "
			       "version of both");
		status = CTL_FAILED;
	}
	copy_name(client->role, hello, "role");
	copy_name(client->version, hello, "version");
	client->max_line = json_integer_value(json_object_get(hello, "max_line"));
	client->max_in_flight = json_integer_value(json_object_get(hello, "max_in_flight"));
	client->pid = json_integer_value(json_object_get(hello, "pid"));
	client->busy = false;
	json_decref(hello);
	return status;
}

enum ctl_status client_open(struct client *client, const char *path, int timeout_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error = 0;

	*client = (struct client){.fd = -1, .timeout_ms = timeout_ms};
	if (strlen(path) >= sizeof(address.sun_path)) {
		output_message("the socket's path is too long: %s", path);
		return CTL_USAGE;
	}
	strcpy(address.sun_path, path);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (client->fd < 0 ||
		connect(client->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		error = errno;
	return error ? explain_connect(path, error) : read_greeting(client);
}

void client_close(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	free(client->input);
	*client = (struct client){.fd = -1};
}

bool client_is_usable(struct client *client)
{
	char octet;

	return client->fd >= 0 && !client->busy && client->start == client->end &&
		recv(client->fd, &octet, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

/* EPIPE is no failure yet: arpad may have said why before it hung up, and the reader finds it. */
static enum ctl_status send_all(struct client *client, const char *bytes, size_t left)
{
	while (left) {
		ssize_t sent = send(client->fd, bytes, left, MSG_NOSIGNAL);
		enum ctl_status status;

		if (sent > 0) {
			bytes += sent;
			left -= (size_t)sent;
			continue;
		}
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EAGAIN)
			return CTL_OK;
		status = wait_for(client, POLLOUT);
		if (status != CTL_OK)
			return status;
	}
	return CTL_OK;
}

enum ctl_status client_send_line(struct client *client, const char *line, size_t bytes)
{
	client->busy = true;
	return send_all(client, line, bytes);
}

size_t client_push(struct client *client, const char *octets, size_t bytes)
{
	ssize_t sent = send(client->fd, octets, bytes, MSG_NOSIGNAL);

	client->busy = true;
	return sent > 0 ? (size_t)sent : 0;
}

enum ctl_status client_send(
	struct client *client, json_int_t id, const char *method, json_t *params)
{
	json_t *request = json_pack("{s:I, s:s}", "id", id, "method", method);
	enum ctl_status status = CTL_FAILED;
	char *line = NULL;
	size_t length;

	if (params)
		json_object_set_new(request, "params", params);
	if (request)
		line = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (line) {
		length = strlen(line);
		line[length] = '\n'; /* in place of the NUL: the length is known */
		status = client_send_line(client, line, length + 1);
		free(line);
	} else {
		output_message("the request can't be written: bad UTF-8 in an argument, or out of "
			       "memory");
	}
	return status;
}

/* Makes room at the end of the input. */
static bool make_room(struct client *client)
{
	char *bigger;

	if (client->start)
		memmove(client->input, client->input + client->start, client->end - client->start);
	client->end -= client->start;
	client->start = 0;
	if (client->capacity - client->end >= READ_BYTES)
		return true;
	bigger = realloc(client->input, 2 * client->capacity + READ_BYTES);
	if (!bigger)
		return false;
	client->input = bigger;
	client->capacity = 2 * client->capacity + READ_BYTES;
	return true;
}

/* CTL_OK: something came, or (`*nothing`) nothing is there now. */
static enum ctl_status fill(struct client *client, bool *nothing)
{
	ssize_t got;

	*nothing = false;
	if (client->capacity - client->end < READ_BYTES && !make_room(client)) {
		output_message("out of memory");
		return CTL_FAILED;
	}
	got = recv(client->fd, client->input + client->end, client->capacity - client->end, 0);
	if (got > 0) {
		client->end += (size_t)got;
		return CTL_OK;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		*nothing = true;
		return CTL_OK;
	}
	return CTL_NOT_RUNNING;
}

/* Cuts a line off the input; line->at is NULL when there is no whole one. */
static void cut_line(struct client *client, struct span *line)
{
	char *from = client->input + client->start, *end = NULL;
	size_t length = client->end - client->start;

	*line = (struct span){NULL, 0};
	if (length > client->scanned)
		end = memchr(from + client->scanned, '\n', length - client->scanned);
	if (!end) {
		client->scanned = length;
		return;
	}
	*line = (struct span){from, (size_t)(end - from)};
	client->start += line->bytes + 1;
	client->scanned = 0;
}

enum ctl_status client_poll_line(struct client *client, struct span *line)
{
	bool nothing = false;

	*line = (struct span){NULL, 0};
	for (;;) {
		enum ctl_status status;

		if (client->input)
			cut_line(client, line);
		if (line->at || nothing)
			return CTL_OK;
		status = fill(client, &nothing);
		if (status != CTL_OK)
			return status;
	}
}

enum ctl_status client_line(struct client *client, struct span *line)
{
	enum ctl_status status = client_poll_line(client, line);

	while (status == CTL_OK && !line->at) {
		status = wait_for(client, POLLIN);
		if (status == CTL_OK)
			status = client_poll_line(client, line);
	}
	return status;
}

enum ctl_status client_receive(struct client *client, json_t **reply)
{
	struct span line;
	enum ctl_status status = client_line(client, &line);

	*reply = NULL;
	if (status != CTL_OK)
		return status;
	*reply = json_loadb(line.at, line.bytes, 0, NULL);
	if (*reply)
		return CTL_OK;
	output_message("arpad's reply is not JSON");
	return CTL_FAILED;
}

enum ctl_status client_wait_end(struct client *client)
{
	struct span line;
	enum ctl_status status;

	while ((status = client_line(client, &line)) == CTL_OK)
		continue;
	return status == CTL_NOT_RUNNING ? CTL_OK : status;
}

static enum ctl_status status_of(const char *name)
{
	static const struct {
		const char *name;
		enum ctl_status status;
	} named[] = {{"not-found", CTL_NOTHING}, {"denied", CTL_DENIED}, {"timeout", CTL_TIMEOUT}};

	for (size_t i = 0; name && i < sizeof(named) / sizeof(named[0]); i++)
		if (strcmp(name, named[i].name) == 0)
			return named[i].status;
	return CTL_FAILED;
}

enum ctl_status client_check(json_t *reply, const char *subject, bool json)
{
	json_t *error = json_object_get(reply, "error");
	const char *message = json_string_value(json_object_get(error, "message"));

	if (!error)
		return CTL_OK;
	output_message("%s%s%s", subject ? subject : "", subject ? ": " : "",
		message ? message : "arpad gave no reason");
	if (json) {
		json_t *whole = json_pack("{s:O}", "error", error);

		json_dumpf(whole, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(whole);
	}
	return status_of(json_string_value(json_object_get(error, "name")));
}

enum ctl_status client_call(
	struct client *client, const char *method, json_t *params, bool json, json_t **result)
{
	json_t *reply;
	enum ctl_status status;

	*result = NULL;
	status = client_send(client, 1, method, params);
	if (status != CTL_OK)
		return status;
	status = client_receive(client, &reply);
	if (status != CTL_OK)
		return status == CTL_NOT_RUNNING ? client_explain_lost() : status;
	client->busy = false;
	status = client_check(reply, NULL, json);
	if (status == CTL_OK)
		*result = json_incref(json_object_get(reply, "result"));
	json_decref(reply);
	return status;
}
