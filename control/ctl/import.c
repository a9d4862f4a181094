/* SPDX-License-Identifier: BSD-3-Clause */
/* begin, data in pieces with a few in flight, commit. Any failure ends the connection, and with it
 * the import: nothing has changed then. */
#include "control/ctl/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PIECE_BYTES = 64 * 1024, /* about a thousand records: some milliseconds of arpad's time */
	PIECES_IN_FLIGHT = 4,
	/* The commit of ten million records takes a minute on a slow disk. */
	DEFAULT_TIMEOUT_S = 600,
	/* Between two lines of progress: on a terminal, elsewhere. */
	PROGRESS_TERMINAL_MS = 200,
	PROGRESS_MS = 2000,
};

struct import {
	const struct ctl *ctl;
	const char *path; /* for messages */
	struct client client;
	int fd;
	json_int_t number;
	unsigned in_flight;
	json_int_t id;
	unsigned long long bytes, records;
	double started, shown;
	bool terminal;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void show_progress(struct import *import)
{
	double time = now();
	double elapsed = time - import->started;

	if ((time - import->shown) * 1000 < (import->terminal ? PROGRESS_TERMINAL_MS : PROGRESS_MS))
		return;
	import->shown = time;
	fprintf(stderr, "%s%.1f MB, %llu records, %.0f records/s%s", import->terminal ? "\r" : "",
		(double)import->bytes / 1e6, import->records, (double)import->records / elapsed,
		import->terminal ? "\033[K" : "\n");
}

static void clear_progress(const struct import *import)
{
	if (import->terminal)
		fputs("\r\033[K", stderr);
}

/* JSON carries text, zone files octets: what is no ASCII goes as \DDD (RFC 1035 5.1). */
static json_t *piece_text(const unsigned char *octets, size_t count)
{
	char *text = malloc(4 * count + 1);
	size_t length = 0;
	json_t *result;

	if (!text)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (octets[i] && octets[i] < 0x80)
			text[length++] = (char)octets[i];
		else
			length += (size_t)sprintf(text + length, "\\%03u", octets[i]);
	}
	result = json_stringn(text, length);
	free(text);
	return result;
}

static enum ctl_status take_reply(struct import *import)
{
	json_t *reply, *result;
	enum ctl_status status = client_receive(&import->client, &reply);

	if (status == CTL_NOT_RUNNING)
		fprintf(stderr, "arpactl: arpad has closed the connection\n");
	if (status != CTL_OK)
		return status;
	import->in_flight--;
	if (json_object_get(reply, "error"))
		clear_progress(import);
	status = client_check(reply, import->path, import->ctl->json);
	result = json_object_get(reply, "result");
	import->records = (unsigned long long)verbs_number(result, "records");
	json_decref(reply);
	if (status == CTL_OK)
		show_progress(import);
	return status;
}

static enum ctl_status send_piece(struct import *import, const unsigned char *octets, size_t count)
{
	json_t *text = piece_text(octets, count);
	json_t *params = json_pack("{s:I, s:o}", "import", import->number, "text", text);
	enum ctl_status status = CTL_OK;

	if (!text || !params) {
		fprintf(stderr, "arpactl: out of memory\n");
		json_decref(params);
		return CTL_FAILED;
	}
	import->bytes += count;
	import->in_flight++;
	status = client_send(&import->client, ++import->id, "zone.import.data", params);
	while (status == CTL_OK && import->in_flight >= PIECES_IN_FLIGHT)
		status = take_reply(import);
	return status;
}

static enum ctl_status send_file(struct import *import)
{
	static unsigned char octets[PIECE_BYTES];
	enum ctl_status status = CTL_OK;

	while (status == CTL_OK) {
		ssize_t got = read(import->fd, octets, sizeof(octets));

		if (got == 0)
			break;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fprintf(stderr, "arpactl: %s can't be read: %s\n", import->path,
				strerror(errno));
			return CTL_FAILED;
		}
		status = send_piece(import, octets, (size_t)got);
	}
	while (status == CTL_OK && import->in_flight)
		status = take_reply(import);
	clear_progress(import);
	return status;
}

static enum ctl_status begin(struct import *import, const char *zone)
{
	json_t *result;
	enum ctl_status status = client_call(&import->client, "zone.import.begin",
		json_pack("{s:s}", "zone", zone), import->ctl->json, &result);

	import->number = json_integer_value(json_object_get(result, "import"));
	json_decref(result);
	return status;
}

static enum ctl_status commit(struct import *import)
{
	json_t *result;
	enum ctl_status status = client_call(&import->client, "zone.import.commit",
		json_pack("{s:I}", "import", import->number), import->ctl->json, &result);

	if (status != CTL_OK)
		return status;
	if (import->ctl->json)
		verbs_print_json(result);
	else
		printf("%s imported: %lld records in %.1f s (change %lld)\n",
			verbs_text(result, "zone"), verbs_number(result, "records"),
			now() - import->started, verbs_number(result, "seq"));
	json_decref(result);
	return CTL_OK;
}

static enum ctl_status transfer(struct import *import, const char *zone)
{
	enum ctl_status status = verbs_connect(import->ctl, DEFAULT_TIMEOUT_S, &import->client);

	if (status != CTL_OK)
		return status;
	status = begin(import, zone);
	if (status == CTL_OK)
		status = send_file(import);
	if (status == CTL_OK)
		status = commit(import);
	client_close(&import->client);
	return status;
}

enum ctl_status import_run(const struct ctl *ctl, const char *zone, const char *path)
{
	struct import import = {
		.ctl = ctl,
		.path = path,
		.fd = STDIN_FILENO,
		.started = now(),
		.shown = now(),
		.terminal = isatty(STDERR_FILENO),
	};
	enum ctl_status status;

	if (strcmp(path, "-") != 0)
		import.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (import.fd < 0) {
		fprintf(stderr, "arpactl: %s can't be opened: %s\n", path, strerror(errno));
		return CTL_FAILED;
	}
	status = transfer(&import, zone);
	if (import.fd != STDIN_FILENO)
		close(import.fd);
	return status;
}
