/* SPDX-License-Identifier: BSD-3-Clause */
/* Plain sockets and poll: arpactl needs nothing of arpad but its protocol. */
#include "control/ctl/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What this program speaks; arpad's greeting says the same, or one of the two is too old. */
enum { API = 1, READ_BYTES = 65536 };

static enum ctl_status explain_connect(const char *path, int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		fprintf(stderr, "arpactl: arpad is not running (nobody listens at %s)\n", path);
		return CTL_NOT_RUNNING;
	case EACCES:
	case EPERM:
		fprintf(stderr, "arpactl: you may not use %s; run arpactl as root\n", path);
		return CTL_DENIED;
	default:
		fprintf(stderr, "arpactl: %s can't be reached: %s\n", path, strerror(error));
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
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		return CTL_OK;
	fprintf(stderr, "arpactl: arpad has not answered within %d s\n", client->timeout_ms / 1000);
	return CTL_TIMEOUT;
}

static enum ctl_status explain_lost(void)
{
	fprintf(stderr, "arpactl: arpad has closed the connection\n");
	return CTL_NOT_RUNNING;
}

static enum ctl_status read_greeting(struct client *client)
{
	json_t *hello;
	enum ctl_status status = client_receive(client, &hello);

	if (status == CTL_NOT_RUNNING)
		return explain_lost();
	if (status != CTL_OK)
		return status;
	status = client_check(hello, NULL, false);
	if (status == CTL_OK && json_integer_value(json_object_get(hello, "api")) != API) {
		fprintf(stderr,
			"arpactl: arpad speaks another version of the protocol; install the same "
			"version of both\n");
		status = CTL_FAILED;
	}
	json_decref(hello);
	return status;
}

enum ctl_status client_open(struct client *client, const char *path, int timeout_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error = 0;

	*client = (struct client){.fd = -1, .timeout_ms = timeout_ms};
	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "arpactl: the socket's path is too long: %s\n", path);
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
	return send_all(client, line, bytes);
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
		status = send_all(client, line, length + 1);
		free(line);
	} else {
		fprintf(stderr,
			"arpactl: the request can't be written: bad UTF-8 in an argument, "
			"or out of memory\n");
	}
	return status;
}

/* Makes room at the end of the input. */
static bool make_room(struct client *client)
{
	char *bigger;

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
	if (client->capacity - client->end < READ_BYTES && client->input && !make_room(client))
		return CTL_FAILED;
	if (!client->input) {
		client->input = malloc(READ_BYTES);
		client->capacity = client->input ? READ_BYTES : 0;
		if (!client->input)
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

/* Cuts a line off the input. CTL_OK with NULL: no whole line is there. */
static enum ctl_status cut_line(struct client *client, json_t **reply)
{
	char *from = client->input + client->start, *end = NULL;
	size_t length = client->end - client->start;

	*reply = NULL;
	if (length > client->scanned)
		end = memchr(from + client->scanned, '\n', length - client->scanned);
	if (!end) {
		client->scanned = length;
		return CTL_OK;
	}
	*reply = json_loadb(from, (size_t)(end - from), 0, NULL);
	client->start += (size_t)(end - from) + 1;
	client->scanned = 0;
	if (*reply)
		return CTL_OK;
	fprintf(stderr, "arpactl: arpad's reply is not JSON\n");
	return CTL_FAILED;
}

enum ctl_status client_poll(struct client *client, json_t **reply)
{
	enum ctl_status status = CTL_OK;
	bool nothing = false;

	*reply = NULL;
	for (;;) {
		if (client->input)
			status = cut_line(client, reply);
		if (status != CTL_OK || *reply || nothing)
			return status;
		status = fill(client, &nothing);
		if (status != CTL_OK)
			return status;
	}
}

enum ctl_status client_receive(struct client *client, json_t **reply)
{
	enum ctl_status status = client_poll(client, reply);

	while (status == CTL_OK && !*reply) {
		status = wait_for(client, POLLIN);
		if (status == CTL_OK)
			status = client_poll(client, reply);
	}
	return status;
}

enum ctl_status client_wait_end(struct client *client)
{
	json_t *reply;
	enum ctl_status status;

	while ((status = client_receive(client, &reply)) == CTL_OK)
		json_decref(reply);
	return status == CTL_NOT_RUNNING ? CTL_OK : status;
}

enum ctl_status client_check(json_t *reply, const char *subject, bool json)
{
	json_t *error = json_object_get(reply, "error");
	const char *name = json_string_value(json_object_get(error, "name"));
	const char *message = json_string_value(json_object_get(error, "message"));

	if (!error)
		return CTL_OK;
	fflush(stdout);
	fprintf(stderr, "arpactl: %s%s%s\n", subject ? subject : "", subject ? ": " : "",
		message ? message : "arpad gave no reason");
	if (json) {
		json_t *whole = json_pack("{s:O}", "error", error);

		json_dumpf(whole, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(whole);
	}
	return name && strcmp(name, "not-found") == 0 ? CTL_NOTHING : CTL_FAILED;
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
		return status == CTL_NOT_RUNNING ? explain_lost() : status;
	status = client_check(reply, NULL, json);
	if (status == CTL_OK)
		*result = json_incref(json_object_get(reply, "result"));
	json_decref(reply);
	return status;
}
