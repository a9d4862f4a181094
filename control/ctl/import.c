/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * begin, data in pieces with a few in flight, the diff if it is wanted, commit. Any failure ends
 * the connection, and with it the import: nothing has changed then.
 */
#include "control/ctl/import.h"

#include "control/ctl/difference.h"
#include "control/ctl/piece.h"
#include "control/zonefile/zonefile_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
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
	INCLUDES_MAX = 10, /* one in the other; arpad takes no more */
};

struct import {
	const struct ctl *ctl;
	const struct import_options *options;
	const char *path; /* for messages */
	const char *format;
	unsigned long long file_bytes; /* 0: not known */
	struct client client;
	json_int_t number;
	unsigned in_flight;
	json_int_t id;
	unsigned long long bytes, records;
	double started, shown;
	bool terminal;
	char *line; /* room for one piece */
};

/* A file being sent. */
struct source {
	struct import *import;
	const struct source *outer; /* the file that includes it, or NULL */
	const char *path;
	int fd;
	unsigned depth;
	bool escaped;		  /* the last octet sent is a backslash of its own */
	unsigned long long lines; /* that were sent, where the text is UTF-8 */
	struct stat identity;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* How much of the file is sent, and how long the rest takes at the rate so far. */
static void show_share(const struct import *import, double elapsed)
{
	double share =
		import->file_bytes == 0 ? 0 : (double)import->bytes / (double)import->file_bytes;

	if (share > 0 && share <= 1)
		fprintf(stderr, ", %.0f %%, %.0f s left", share * 100, elapsed / share - elapsed);
}

static void show_progress(struct import *import)
{
	double time = now();
	double elapsed = time - import->started;

	if (import->ctl->quiet)
		return;
	if ((time - import->shown) * 1000 < (import->terminal ? PROGRESS_TERMINAL_MS : PROGRESS_MS))
		return;
	import->shown = time;
	fprintf(stderr, "%s%.1f MB, %llu records, %.0f records/s", import->terminal ? "\r" : "",
		(double)import->bytes / 1e6, import->records, (double)import->records / elapsed);
	show_share(import, elapsed);
	fputs(import->terminal ? "\033[K" : "\n", stderr);
}

static void clear_progress(const struct import *import)
{
	if (import->terminal)
		fputs("\r\033[K", stderr);
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
	if (json_object_get(result, "records"))
		import->records = (unsigned long long)verbs_number(result, "records");
	json_decref(reply);
	if (status == CTL_OK)
		show_progress(import);
	return status;
}

/* A request has been sent: waits for replies until fewer than `limit` are on their way. */
static enum ctl_status limit_flight(struct import *import, enum ctl_status status, unsigned limit)
{
	import->in_flight++;
	while (status == CTL_OK && import->in_flight >= limit)
		status = take_reply(import);
	return status;
}

/* Sends a request without waiting for its reply. Takes `params`. */
static enum ctl_status send_request(struct import *import, const char *method, json_t *params)
{
	if (!params) {
		fprintf(stderr, "arpactl: out of memory\n");
		return CTL_FAILED;
	}
	return limit_flight(import, client_send(&import->client, ++import->id, method, params),
		PIECES_IN_FLIGHT);
}

/* Zone files are octets; all else is UTF-8. */
static bool is_zone_file(const struct import *import)
{
	return strcmp(import->format, "zone") == 0;
}

static enum ctl_status send_piece(
	struct source *source, const char *text, size_t bytes, unsigned limit)
{
	struct import *import = source->import;
	bool *escaped = is_zone_file(import) ? &source->escaped : NULL;
	size_t length =
		piece_write(import->line, ++import->id, import->number, text, bytes, escaped);

	import->bytes += bytes;
	return limit_flight(import, client_send_line(&import->client, import->line, length), limit);
}

/* Whether the text may hold a $GENERATE directive, which makes many records of one line. */
static bool may_generate(const char *text, size_t bytes)
{
	static const char name[] = "$GENERATE";
	const char *end = text + bytes;

	while ((text = memchr(text, '$', (size_t)(end - text))) != NULL) {
		if ((size_t)(end - text) >= sizeof(name) - 1 &&
			strncasecmp(text, name, sizeof(name) - 1) == 0)
			return true;
		text++;
	}
	return false;
}

/* Line by line, each answered before the next is sent: so arpad has time for others in between. */
static enum ctl_status send_lines(struct source *source, const char *text, size_t bytes)
{
	enum ctl_status status = CTL_OK;

	while (status == CTL_OK && bytes > 0) {
		const char *end = memchr(text, '\n', bytes);
		size_t line = end ? (size_t)(end - text) + 1 : bytes;

		status = send_piece(source, text, line, 1);
		text += line;
		bytes -= line;
	}
	return status;
}

static int send_text(void *context, const char *text, size_t bytes)
{
	struct source *source = context;

	if (memchr(text, '\0', bytes)) {
		clear_progress(source->import);
		fprintf(stderr, "arpactl: %s: a NUL octet; this is no text\n", source->path);
		return CTL_FAILED;
	}
	if (may_generate(text, bytes))
		return (int)send_lines(source, text, bytes);
	return (int)send_piece(source, text, bytes, PIECES_IN_FLIGHT);
}

static int refuse(void *context, uint64_t line, const char *rule)
{
	const struct source *source = context;

	clear_progress(source->import);
	fprintf(stderr, "arpactl: %s:%llu: %s\n", source->path, (unsigned long long)line, rule);
	return CTL_FAILED;
}

static enum ctl_status send_source(struct source *source);

/* `file` as seen from the folder of the file that includes it. Free it. */
static char *included_path(const struct source *source, const char *file)
{
	const char *slash = strrchr(source->path, '/');
	int folder = file[0] == '/' || !slash ? 0 : (int)(slash - source->path) + 1;
	char *path;

	return asprintf(&path, "%.*s%s", folder, source->path, file) < 0 ? NULL : path;
}

static bool is_open(const struct source *source, const struct stat *identity)
{
	for (; source; source = source->outer)
		if (source->identity.st_dev == identity->st_dev &&
			source->identity.st_ino == identity->st_ino)
			return true;
	return false;
}

static enum ctl_status open_source(struct source *source)
{
	source->fd = open(source->path, O_RDONLY | O_CLOEXEC);
	if (source->fd >= 0 && fstat(source->fd, &source->identity) == 0)
		return CTL_OK;
	clear_progress(source->import);
	fprintf(stderr, "arpactl: %s can't be opened: %s\n", source->path, strerror(errno));
	return CTL_FAILED;
}

static enum ctl_status send_included(struct source *source, const char *file, const char *origin)
{
	struct import *import = source->import;
	json_t *params = json_pack(
		"{s:I, s:s, s:s*}", "import", import->number, "file", file, "origin", origin);
	enum ctl_status status = send_request(import, "import.include", params);

	if (status == CTL_OK)
		status = send_source(source);
	if (status != CTL_OK)
		return status;
	return send_request(
		import, "import.include-end", json_pack("{s:I}", "import", import->number));
}

static int include(void *context, const char *file, const char *origin)
{
	const struct source *outer = context;
	char *path = included_path(outer, file);
	struct source source = {.import = outer->import,
		.outer = outer,
		.path = path,
		.fd = -1,
		.depth = outer->depth + 1};
	enum ctl_status status = path ? open_source(&source) : CTL_FAILED;

	if (status == CTL_OK && (is_open(outer, &source.identity) || source.depth > INCLUDES_MAX)) {
		clear_progress(outer->import);
		fprintf(stderr, "arpactl: %s includes %s, which %s\n", outer->path, path,
			source.depth > INCLUDES_MAX ? "is more than 10 files deep"
						    : "is being read already");
		status = CTL_FAILED;
	}
	if (status == CTL_OK)
		status = send_included(&source, file, origin);
	if (source.fd >= 0)
		close(source.fd);
	free(path);
	return (int)status;
}

/* Reads into `piece`. CTL_OK with *got 0: the end. */
static enum ctl_status read_piece(
	const struct source *source, char *piece, size_t room, size_t *got)
{
	ssize_t done;

	do
		done = read(source->fd, piece, room);
	while (done < 0 && errno == EINTR);
	*got = done < 0 ? 0 : (size_t)done;
	if (done >= 0)
		return CTL_OK;
	clear_progress(source->import);
	fprintf(stderr, "arpactl: %s can't be read: %s\n", source->path, strerror(errno));
	return CTL_FAILED;
}

static enum ctl_status send_zone_file(struct source *source, char *piece)
{
	const struct zonefile_scan_sink sink = {send_text, include, refuse, source};
	enum ctl_status status = CTL_OK;
	struct zonefile_scan scan;
	size_t got;

	zonefile_scan_init(&scan, &sink);
	while (status == CTL_OK) {
		status = read_piece(source, piece, PIECE_BYTES, &got);
		if (status != CTL_OK)
			break;
		if (got == 0)
			return (enum ctl_status)zonefile_scan_finish(&scan);
		status = (enum ctl_status)zonefile_scan_feed(&scan, piece, got);
	}
	return status;
}

static unsigned long long count_lines(const char *text, size_t bytes)
{
	const char *end = text + bytes;
	unsigned long long lines = 0;

	for (; (text = memchr(text, '\n', (size_t)(end - text))) != NULL; text++)
		lines++;
	return lines;
}

/* Sends whole characters; moves what is left of the last one to the front and says how much. */
static enum ctl_status send_characters(struct source *source, char *piece, size_t *bytes, bool end)
{
	size_t whole = piece_utf8(piece, *bytes);
	enum ctl_status status;

	size_t text = strnlen(piece, whole);

	source->lines += count_lines(piece, text);
	if (*bytes - whole > 3 || (end && whole < *bytes) || text < whole)
		return (enum ctl_status)refuse(
			source, source->lines + 1, "this is no text: it must be UTF-8 without NUL");
	status = whole == 0 ? CTL_OK : send_piece(source, piece, whole, PIECES_IN_FLIGHT);
	*bytes -= whole;
	memmove(piece, piece + whole, *bytes);
	return status;
}

static enum ctl_status send_utf8(struct source *source, char *piece)
{
	size_t kept = 0, got = 1;
	enum ctl_status status = CTL_OK;

	while (status == CTL_OK && got > 0) {
		status = read_piece(source, piece + kept, PIECE_BYTES - kept, &got);
		kept += got;
		if (status == CTL_OK)
			status = send_characters(source, piece, &kept, got == 0);
	}
	return status;
}

static enum ctl_status send_source(struct source *source)
{
	char *piece = malloc(PIECE_BYTES);
	enum ctl_status status;

	if (!piece) {
		fprintf(stderr, "arpactl: out of memory\n");
		return CTL_FAILED;
	}
	status = is_zone_file(source->import) ? send_zone_file(source, piece)
					      : send_utf8(source, piece);
	free(piece);
	return status;
}

static enum ctl_status send_all(struct source *source)
{
	struct import *import = source->import;
	enum ctl_status status = send_source(source);

	while (status == CTL_OK && import->in_flight)
		status = take_reply(import);
	clear_progress(import);
	return status;
}

static bool ends_with(const char *text, const char *end)
{
	size_t bytes = strlen(text), end_bytes = strlen(end);

	return bytes >= end_bytes && strcasecmp(text + bytes - end_bytes, end) == 0;
}

static const char *choose_format(const struct import_options *options)
{
	if (options->format)
		return options->format;
	if (ends_with(options->path, ".csv"))
		return "csv";
	if (ends_with(options->path, ".ndjson") || ends_with(options->path, ".jsonl"))
		return "ndjson";
	return options->zone && !options->mode ? "zone" : "csv";
}

static enum ctl_status begin(struct import *import)
{
	const struct import_options *options = import->options;
	json_t *result;
	enum ctl_status status = client_call(&import->client, "import.begin",
		json_pack("{s:s, s:s*, s:s*, s:s*}", "format", import->format, "mode",
			options->mode, "zone", options->zone, "prefix", options->prefix),
		import->ctl->json, &result);

	import->number = json_integer_value(json_object_get(result, "import"));
	json_decref(result);
	return status;
}

/* ---- What would change ---- */

static void print_row(const struct ctl *ctl, const json_t *row)
{
	char *text = json_dumps(row, JSON_COMPACT);

	if (!text)
		return;
	if (ctl->json)
		puts(text);
	else
		difference_print((struct span){text, strlen(text)});
	free(text);
}

static enum ctl_status show_diff(struct import *import)
{
	enum ctl_status status = client_send(&import->client, ++import->id, "import.diff",
		json_pack("{s:I}", "import", import->number));
	bool more = true;

	while (status == CTL_OK && more) {
		json_t *reply = NULL, *row;
		size_t index;

		status = client_receive(&import->client, &reply);
		if (status == CTL_OK)
			status = client_check(reply, import->path, import->ctl->json);
		json_array_foreach (json_object_get(reply, "result"), index, row)
			print_row(import->ctl, row);
		more = json_is_true(json_object_get(reply, "more"));
		json_decref(reply);
	}
	return status;
}

static void print_result(const struct import *import, json_t *result)
{
	const char *zone = verbs_text(result, "zone");
	json_t *warning;
	size_t index;

	json_array_foreach (json_object_get(result, "warnings"), index, warning)
		fprintf(stderr, "arpactl: %s: %s\n", import->path, json_string_value(warning));

	printf("%s%s%s: %lld records in %.1f s, %lld added, %lld changed, %lld removed, %lld as "
	       "they were",
		zone, *zone ? " " : "", import->options->dry_run ? "not imported" : "imported",
		verbs_number(result, "records"), now() - import->started,
		verbs_number(result, "added"), verbs_number(result, "changed"),
		verbs_number(result, "removed"), verbs_number(result, "unchanged"));
	if (import->options->dry_run)
		puts(" (a dry run)");
	else
		printf(" (change %lld)\n", verbs_number(result, "seq"));
}

static enum ctl_status commit(struct import *import)
{
	json_t *result;
	enum ctl_status status = client_call(&import->client, "import.commit",
		json_pack("{s:I, s:b}", "import", import->number, "dry_run",
			import->options->dry_run),
		import->ctl->json, &result);

	if (status != CTL_OK)
		return status;
	if (import->ctl->json)
		verbs_print_json(result);
	else if (!import->ctl->quiet)
		print_result(import, result);
	json_decref(result);
	return CTL_OK;
}

static enum ctl_status transfer(struct source *source)
{
	struct import *import = source->import;
	enum ctl_status status = verbs_connect(import->ctl, DEFAULT_TIMEOUT_S, &import->client);

	if (status != CTL_OK)
		return status;
	status = begin(import);
	if (status == CTL_OK)
		status = send_all(source);
	if (status == CTL_OK && import->options->diff)
		status = show_diff(import);
	if (status == CTL_OK)
		status = commit(import);
	client_close(&import->client);
	return status;
}

static enum ctl_status open_first(struct source *source)
{
	enum ctl_status status = strcmp(source->path, "-") != 0 ? open_source(source) : CTL_OK;

	if (source->fd > STDIN_FILENO && S_ISREG(source->identity.st_mode))
		source->import->file_bytes = (unsigned long long)source->identity.st_size;
	return status;
}

enum ctl_status import_run(const struct ctl *ctl, const struct import_options *options)
{
	struct import import = {
		.ctl = ctl,
		.options = options,
		.path = options->path,
		.format = choose_format(options),
		.started = now(),
		.shown = now(),
		.terminal = isatty(STDERR_FILENO),
		.line = malloc(piece_line_bytes(PIECE_BYTES)),
	};
	struct source source = {.import = &import, .path = options->path, .fd = STDIN_FILENO};
	enum ctl_status status = open_first(&source);

	if (!import.line) {
		fprintf(stderr, "arpactl: out of memory\n");
		status = CTL_FAILED;
	}
	if (status == CTL_OK)
		status = transfer(&source);
	free(import.line);
	if (source.fd > STDIN_FILENO)
		close(source.fd);
	return status;
}
