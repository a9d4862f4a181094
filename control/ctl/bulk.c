/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Standard input and the connection are polled together, so that an acknowledgement is printed when
 * it comes, however slowly the lines do. Replies come in order: the window is a ring.
 */
#include "control/ctl/bulk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* Enough to fill a group commit; so few that the replies fit the socket's buffer. */
	WINDOW = 512,
	/* An address, a name of 255 octets all written \DDD, a TTL. */
	LINE_BYTES = 2048,
	DEFAULT_TIMEOUT_S = 30,
};

struct bulk {
	struct client client;
	json_t *params; /* for every line */
	char input[LINE_BYTES];
	size_t length;
	bool ended;		   /* of standard input */
	char *sent[WINDOW];	   /* the addresses in flight, by request number */
	json_int_t next, answered; /* requests sent and answered */
	unsigned long line, refused;
};

static void refuse(struct bulk *bulk, const char *why)
{
	fprintf(stderr, "arpactl: line %lu: %s\n", bulk->line, why);
	bulk->refused++;
}

static enum ctl_status send_line(struct bulk *bulk, char *text)
{
	char *rest, *address = strtok_r(text, " \t\r", &rest);
	char *name = address ? strtok_r(NULL, " \t\r", &rest) : NULL;
	char *ttl = name ? strtok_r(NULL, " \t\r", &rest) : NULL;
	json_t *params;

	bulk->line++;
	if (!address || *address == '#')
		return CTL_OK;
	params = json_copy(bulk->params);
	if (!name || (ttl && strtok_r(NULL, " \t\r", &rest)) ||
		(ttl && !verbs_set_number(params, "ttl", ttl)) ||
		json_object_set_new(params, "address", json_string(address)) != 0 ||
		json_object_set_new(params, "name", json_string(name)) != 0) {
		refuse(bulk, "this is not \"ADDRESS NAME [TTL]\"");
		json_decref(params);
		return CTL_OK;
	}
	bulk->sent[bulk->next % WINDOW] = strdup(address);
	return client_send(&bulk->client, bulk->next++, "ptr.set", params);
}

static bool has_room(const struct bulk *bulk)
{
	return bulk->next - bulk->answered < WINDOW;
}

/* Sends the whole lines of the input, and at its end the last one without a newline. */
static enum ctl_status send_lines(struct bulk *bulk)
{
	enum ctl_status status = CTL_OK;
	size_t start = 0;

	while (status == CTL_OK && has_room(bulk) && start < bulk->length) {
		char *from = bulk->input + start;
		char *end = memchr(from, '\n', bulk->length - start);

		if (!end && !bulk->ended)
			break;
		if (!end)
			end = bulk->input + bulk->length;
		*end = '\0';
		start = (size_t)(end - bulk->input) + 1;
		status = send_line(bulk, from);
	}
	start = start < bulk->length ? start : bulk->length;
	memmove(bulk->input, bulk->input + start, bulk->length - start);
	bulk->length -= start;
	return status;
}

static enum ctl_status read_input(struct bulk *bulk)
{
	/* One octet stays free for the NUL of a last line without a newline. */
	size_t room = sizeof(bulk->input) - 1 - bulk->length;
	ssize_t got;

	if (!room) {
		fprintf(stderr, "arpactl: line %lu is too long\n", bulk->line + 1);
		return CTL_FAILED;
	}
	got = read(STDIN_FILENO, bulk->input + bulk->length, room);
	if (got < 0 && errno != EINTR && errno != EAGAIN) {
		fprintf(stderr, "arpactl: standard input: %s\n", strerror(errno));
		return CTL_FAILED;
	}
	if (got == 0)
		bulk->ended = true;
	else if (got > 0)
		bulk->length += (size_t)got;
	return CTL_OK;
}

static void take_reply(struct bulk *bulk, json_t *reply)
{
	char **address = &bulk->sent[bulk->answered % WINDOW];

	if (client_check(reply, *address, false) != CTL_OK) {
		bulk->refused++;
	} else {
		puts(*address);
		fflush(stdout); /* whoever reads this may count on the change from here on */
	}
	free(*address);
	*address = NULL;
	bulk->answered++;
	json_decref(reply);
}

static enum ctl_status take_replies(struct bulk *bulk)
{
	for (;;) {
		json_t *reply;
		enum ctl_status status = client_poll(&bulk->client, &reply);

		if (status == CTL_NOT_RUNNING)
			fprintf(stderr, "arpactl: arpad has closed the connection\n");
		if (status != CTL_OK || !reply)
			return status;
		if (bulk->answered == bulk->next) {
			status = client_check(reply, NULL, false);
			json_decref(reply);
			return status == CTL_OK ? CTL_FAILED : status;
		}
		take_reply(bulk, reply);
	}
}

/* Waits for a line, when there is room for one, and for replies. */
static enum ctl_status wait_for_either(struct bulk *bulk, bool want_input)
{
	struct pollfd wait[2] = {
		{.fd = bulk->client.fd, .events = POLLIN},
		{.fd = want_input ? STDIN_FILENO : -1, .events = POLLIN},
	};
	bool owed = bulk->answered < bulk->next;
	int ready = poll(wait, 2, owed ? bulk->client.timeout_ms : -1);

	if (ready < 0 && errno != EINTR)
		return CTL_FAILED;
	if (ready == 0) {
		fprintf(stderr, "arpactl: arpad has not answered within %d s\n",
			bulk->client.timeout_ms / 1000);
		return CTL_TIMEOUT;
	}
	return want_input && wait[1].revents ? read_input(bulk) : CTL_OK;
}

static enum ctl_status run(struct bulk *bulk)
{
	enum ctl_status status = CTL_OK;

	while (status == CTL_OK) {
		status = send_lines(bulk);
		if (status != CTL_OK)
			break;
		if (bulk->ended && !bulk->length && bulk->answered == bulk->next)
			return CTL_OK;
		status = wait_for_either(bulk, !bulk->ended && has_room(bulk));
		if (status == CTL_OK)
			status = take_replies(bulk);
	}
	return status;
}

enum ctl_status bulk_set(const struct ctl *ctl, json_t *params)
{
	static struct bulk bulk;
	enum ctl_status status = verbs_connect(ctl, DEFAULT_TIMEOUT_S, &bulk.client);

	bulk.params = params;
	if (status == CTL_OK) {
		status = run(&bulk);
		client_close(&bulk.client);
	}
	for (size_t i = 0; i < WINDOW; i++)
		free(bulk.sent[i]);
	json_decref(params);
	return status == CTL_OK && bulk.refused ? CTL_FAILED : status;
}
