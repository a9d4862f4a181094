/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Standard input and the connection are polled together, so that an acknowledgement is printed when
 * it comes, however slowly the lines do. Replies come in order: the window is a ring.
 */
#include "control/ctl/bulk.h"

#include "control/ctl/request_text.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	/* Two of arpad's batches: one is made while the other is answered. */
	WINDOW = 8192,
	/* The longest line, and enough of them for one read. */
	INPUT_BYTES = 256 * 1024,
	/* Requests that wait for the socket; no more are made beyond it. */
	OUTPUT_BYTES = 256 * 1024,
	DEFAULT_TIMEOUT_S = 30,
};

enum bulk_form { BULK_LINES, BULK_CSV, BULK_OBJECTS };

struct bulk {
	const struct ctl *ctl;
	struct client *client;
	struct request_frame frame;
	void (*print)(json_t *result);
	enum bulk_form form;
	char input[INPUT_BYTES];
	size_t start, end;
	bool ended; /* of standard input */
	struct request_buffer output;
	size_t pushed;	/* octets of the output that are sent */
	json_t *joined; /* CSV: the object whose names may go on in the next row */
	char sent[WINDOW][REQUEST_ADDRESS_BYTES]; /* the addresses in flight, by request number */
	long long window, next, answered;	  /* requests made and answered */
	unsigned long line;
	unsigned long long refused, not_there;
	bool printed;
};

static void refuse(struct bulk *bulk, const char *why)
{
	output_message("line %lu: %s", bulk->line, why);
	bulk->refused++;
}

static char *next_address(struct bulk *bulk)
{
	return bulk->sent[bulk->next % WINDOW];
}

/* What became of a line: a request, nothing, or a complaint. */
static void made(struct bulk *bulk, const char *wrong)
{
	if (wrong)
		refuse(bulk, wrong);
	else if (*next_address(bulk))
		bulk->next++;
}

static void send_joined(struct bulk *bulk)
{
	if (bulk->joined)
		made(bulk,
			request_of_json(&bulk->output, &bulk->frame, bulk->next, bulk->joined,
				next_address(bulk)));
	bulk->joined = NULL;
}

static bool same_text(json_t *one, json_t *other, const char *key)
{
	return strcmp(verbs_text(one, key), verbs_text(other, key)) == 0;
}

static bool is_heading(const struct bulk *bulk, const char *row, size_t bytes)
{
	static const char first[] = "address,";

	return bulk->line == 1 && bytes >= sizeof(first) - 1 &&
		strncasecmp(row, first, sizeof(first) - 1) == 0;
}

/* Rows of one address that follow each other are one change, with all their names. */
static void take_row(struct bulk *bulk, char *row, size_t bytes)
{
	const char *wrong = NULL;
	json_t *object;

	if (row[0] == '\n' || (row[0] == '\r' && bytes <= 2) || is_heading(bulk, row, bytes))
		return;
	object = request_csv_object(row, bytes, &wrong);
	if (!object) {
		refuse(bulk, wrong);
		return;
	}
	if (bulk->joined && same_text(bulk->joined, object, "address")) {
		json_array_extend(
			json_object_get(bulk->joined, "names"), json_object_get(object, "names"));
		json_decref(object);
	} else {
		send_joined(bulk);
		bulk->joined = object;
	}
}

static unsigned long newlines(const char *text, size_t bytes)
{
	unsigned long count = 0;

	for (size_t i = 0; i < bytes; i++)
		count += text[i] == '\n';
	return count;
}

static void take_line(struct bulk *bulk, char *line, size_t bytes)
{
	bulk->line++;
	if (bulk->form == BULK_CSV) {
		unsigned long within = newlines(line, bytes - 1);

		take_row(bulk, line, bytes);
		bulk->line += within;
		return;
	}
	if (bytes && line[bytes - 1] == '\n')
		bytes--;
	if (bulk->form == BULK_OBJECTS)
		made(bulk,
			request_of_object(&bulk->output, &bulk->frame, bulk->next, line, bytes,
				next_address(bulk)));
	else
		made(bulk,
			request_of_line(&bulk->output, &bulk->frame, bulk->next, line, bytes,
				next_address(bulk)));
}

static bool has_room(const struct bulk *bulk)
{
	return bulk->next - bulk->answered < bulk->window && bulk->output.bytes < OUTPUT_BYTES;
}

/* The octets of the first line; the last one may lack its end. 0: no whole line. */
static size_t line_bytes(const struct bulk *bulk)
{
	const char *from = bulk->input + bulk->start, *stop;
	size_t left = bulk->end - bulk->start, bytes;

	if (!left)
		return 0;
	if (bulk->form == BULK_CSV) {
		bytes = request_csv_row(from, left);
	} else {
		stop = memchr(from, '\n', left);
		bytes = stop ? (size_t)(stop - from) + 1 : 0;
	}
	return bytes || !bulk->ended ? bytes : left;
}

static void take_lines(struct bulk *bulk)
{
	size_t bytes;

	while (has_room(bulk) && (bytes = line_bytes(bulk)) > 0) {
		take_line(bulk, bulk->input + bulk->start, bytes);
		bulk->start += bytes;
	}
	if (bulk->ended && bulk->start == bulk->end && has_room(bulk))
		send_joined(bulk);
}

static enum ctl_status read_input(struct bulk *bulk)
{
	ssize_t got;

	memmove(bulk->input, bulk->input + bulk->start, bulk->end - bulk->start);
	bulk->end -= bulk->start;
	bulk->start = 0;
	if (bulk->end == INPUT_BYTES) {
		output_message("line %lu is too long", bulk->line + 1);
		return CTL_FAILED;
	}
	got = read(STDIN_FILENO, bulk->input + bulk->end, INPUT_BYTES - bulk->end);
	if (got < 0 && errno != EINTR && errno != EAGAIN) {
		output_message("standard input: %s", strerror(errno));
		return CTL_FAILED;
	}
	if (got == 0)
		bulk->ended = true;
	else if (got > 0)
		bulk->end += (size_t)got;
	return CTL_OK;
}

static void push_output(struct bulk *bulk)
{
	if (bulk->output.bytes > bulk->pushed)
		bulk->pushed += client_push(bulk->client, bulk->output.octets + bulk->pushed,
			bulk->output.bytes - bulk->pushed);
	if (bulk->pushed == bulk->output.bytes)
		bulk->pushed = bulk->output.bytes = 0;
}

static void print_warnings(json_t *result, const char *address)
{
	json_t *warning;
	size_t index;

	json_array_foreach (json_object_get(result, "warnings"), index, warning)
		output_message("%s: warning: %s", address, json_string_value(warning));
}

/* Only what is shown of a result is read. */
static void print_result(struct bulk *bulk, struct span result, const char *address)
{
	bool warns = span_member(result, "warnings").at != NULL;
	json_t *object = warns || bulk->print ? json_loadb(result.at, result.bytes, 0, NULL) : NULL;

	if (bulk->ctl->json) {
		output_lines(result.at, result.bytes);
		putchar('\n');
	} else if (bulk->print) {
		bulk->print(object);
	} else if (!bulk->ctl->quiet) {
		fputs(address, stdout);
		putchar('\n');
	}
	print_warnings(object, address);
	json_decref(object);
	bulk->printed = true;
}

static void take_error(struct bulk *bulk, struct span line, const char *address)
{
	json_t *reply = json_loadb(line.at, line.bytes, 0, NULL);

	if (client_check(reply, address, false) == CTL_NOTHING)
		bulk->not_there++;
	bulk->refused++;
	json_decref(reply);
}

/* A reply is for the oldest request in flight. */
static enum ctl_status take_reply(struct bulk *bulk, struct span line)
{
	const char *address = bulk->sent[bulk->answered % WINDOW];
	struct span result = span_member(line, "result");

	if (bulk->answered == bulk->next) {
		take_error(bulk, line, NULL);
		return CTL_FAILED;
	}
	if (result.at)
		print_result(bulk, result, address);
	else
		take_error(bulk, line, address);
	bulk->answered++;
	return CTL_OK;
}

static enum ctl_status take_replies(struct bulk *bulk)
{
	enum ctl_status status = CTL_OK;
	struct span line;

	while (status == CTL_OK) {
		status = client_poll_line(bulk->client, &line);
		if (status == CTL_NOT_RUNNING)
			client_explain_lost();
		if (status == CTL_OK && !line.at)
			break;
		if (status == CTL_OK)
			status = take_reply(bulk, line);
	}
	if (bulk->printed)
		fflush(stdout); /* whoever reads this may count on the changes from here on */
	bulk->printed = false;
	return status;
}

/* Waits for lines, when there is room for them, for replies, and until the socket takes more. */
static enum ctl_status wait_for_any(struct bulk *bulk)
{
	bool want_input = !bulk->ended && has_room(bulk);
	bool owed = bulk->answered < bulk->next;
	struct pollfd wait[2] = {
		{.fd = bulk->client->fd, .events = POLLIN},
		{.fd = want_input ? STDIN_FILENO : -1, .events = POLLIN},
	};
	int ready;

	if (bulk->output.bytes)
		wait[0].events |= POLLOUT;
	ready = poll(wait, 2, owed ? bulk->client->timeout_ms : CLIENT_NO_TIMEOUT);
	if (ready < 0)
		return errno == EINTR && !client_interrupted ? CTL_OK : CTL_FAILED;
	if (ready == 0) {
		output_message("arpad has not answered within %d s; -t waits longer",
			bulk->client->timeout_ms / 1000);
		return CTL_TIMEOUT;
	}
	return want_input && wait[1].revents ? read_input(bulk) : CTL_OK;
}

static bool is_done(const struct bulk *bulk)
{
	return bulk->ended && bulk->start == bulk->end && !bulk->joined &&
		bulk->answered == bulk->next;
}

static enum ctl_status run(struct bulk *bulk)
{
	enum ctl_status status = CTL_OK;

	while (status == CTL_OK) {
		take_lines(bulk);
		if (bulk->output.failed) {
			output_message("out of memory");
			return CTL_FAILED;
		}
		push_output(bulk);
		if (is_done(bulk))
			return CTL_OK;
		status = wait_for_any(bulk);
		if (status == CTL_OK)
			status = take_replies(bulk);
	}
	return status;
}

static enum ctl_status choose_form(struct bulk *bulk, const char *name)
{
	if (!*name || strcmp(name, "text") == 0)
		bulk->form = BULK_LINES;
	else if (strcmp(name, "csv") == 0)
		bulk->form = BULK_CSV;
	else if (strcmp(name, "ndjson") == 0)
		bulk->form = BULK_OBJECTS;
	else
		return verbs_usage("--format takes text, csv or ndjson, not \"%s\"", name);
	return CTL_OK;
}

static enum ctl_status run_connected(struct bulk *bulk)
{
	enum ctl_status status;
	long long most;

	bulk->client = verbs_kept(bulk->ctl, DEFAULT_TIMEOUT_S, &status);
	if (!bulk->client)
		return status;
	most = bulk->client->max_in_flight;
	bulk->window = most > 0 && most < WINDOW ? most : WINDOW;
	status = run(bulk);
	bulk->client->busy = status != CTL_OK;
	if (status == CTL_OK && bulk->refused)
		status = bulk->refused == bulk->not_there ? CTL_NOTHING : CTL_FAILED;
	return status;
}

enum ctl_status bulk_run(const struct ctl *ctl, const struct verb *verb,
	struct arguments *arguments, unsigned names, void (*print)(json_t *result))
{
	static struct bulk bulk;
	enum ctl_status status;

	memset(&bulk, 0, sizeof(bulk));
	bulk.ctl = ctl;
	bulk.print = print;
	json_object_del(arguments->params, "address");
	status = choose_form(&bulk, verbs_text(arguments->own, "format"));
	if (status == CTL_OK &&
		!request_frame_init(&bulk.frame, verb->method, names, verbs_take(arguments))) {
		output_message("out of memory");
		status = CTL_FAILED;
	}
	if (status == CTL_OK)
		status = run_connected(&bulk);
	request_frame_release(&bulk.frame);
	json_decref(bulk.joined);
	free(bulk.output.octets);
	return status;
}
