/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/trace.h"

#include "control/ctl/trace_row.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CELLS = 8,
	CELL_BYTES = 16,
	WIDTH_MOST = 39, /* of an IPv6 address: a longer name makes its own line longer */
};

struct tracing {
	const struct ctl *ctl;
	const struct trace_output *output;
	FILE *file; /* NULL: no capture */
	struct trace_streams streams;
	int width[CELLS];
	bool headed;
	unsigned long long rows, dropped, missed;
	char end[CELL_BYTES]; /* why it ended, as arpad says */
};

/* ---- Lines ---- */

static const struct {
	struct column column;
	int width; /* at least */
} cells[CELLS] = {
	{{"TIME", "time", COLUMN_TEXT, false}, 15},
	{{"CLIENT", "client", COLUMN_TEXT, false}, 15},
	{{"ASKED", "address", COLUMN_TEXT, false}, 15},
	{{"TYPE", "type", COLUMN_TEXT, false}, 4},
	{{"RESULT", "outcome", COLUMN_TEXT, false}, 9},
	{{"BYTES", "bytes", COLUMN_NUMBER, false}, 5},
	{{"BY", "transport", COLUMN_TEXT, false}, 3},
	{{"FLAGS", "flags", COLUMN_LIST, false}, 0},
};

static void print_cell(struct tracing *tracing, int cell, const char *text)
{
	int bytes = (int)strlen(text), *width = &tracing->width[cell];
	bool number = cells[cell].column.kind == COLUMN_NUMBER;

	if (*width < cells[cell].width)
		*width = cells[cell].width;
	if (*width < bytes && bytes <= WIDTH_MOST && cells[cell].width)
		*width = bytes;
	if (number)
		printf("%*s", *width - bytes, "");
	output_text(text, (size_t)bytes);
	if (cell == CELLS - 1)
		putchar('\n');
	else
		printf("%*s", 2 + (number || bytes > *width ? 0 : *width - bytes), "");
}

static void print_heading(struct tracing *tracing)
{
	if (!tracing->headed && output_is_terminal())
		for (int i = 0; i < CELLS; i++)
			print_cell(tracing, i, cells[i].column.heading);
	tracing->headed = true;
}

/* Of the day, to the microsecond: what a person compares with other logs. In UTC. */
static void shorten_time(char *text)
{
	char *start = strchr(text, 'T'), *dot = start ? strchr(start, '.') : NULL;

	if (!dot || strlen(dot) < 7)
		return;
	dot[7] = '\0';
	memmove(text, start + 1, strlen(start + 1) + 1);
}

/* A name that is no address stands in the address's place. */
static char *cell_text(struct span row, int cell)
{
	static const struct column name = {"ASKED", "name", COLUMN_TEXT, false};
	const struct column *column = &cells[cell].column;
	size_t bytes;

	if (strcmp(column->key, "address") == 0 && !span_member(row, column->key).at)
		column = &name;
	if (!span_member(row, column->key).at)
		return strdup(cell == CELLS - 1 ? "" : "-");
	return list_cell(row, column, &bytes);
}

static bool print_line(struct tracing *tracing, struct span row)
{
	print_heading(tracing);
	for (int i = 0; i < CELLS; i++) {
		char *text = cell_text(row, i);

		if (!text) {
			output_message("out of memory");
			return false;
		}
		if (i == 0)
			shorten_time(text);
		print_cell(tracing, i, text);
		free(text);
	}
	return true;
}

/* ---- The capture ---- */

static bool refuse_file(const struct tracing *tracing, const char *what)
{
	output_message("%s can't be %s: %s", tracing->output->path, what, strerror(errno));
	return false;
}

static bool write_octets(struct tracing *tracing, const uint8_t *octets, size_t bytes)
{
	if (fwrite(octets, 1, bytes, tracing->file) != bytes)
		return refuse_file(tracing, "written");
	return true;
}

static bool write_packet(struct tracing *tracing, const struct trace_row *row, bool reply)
{
	uint8_t block[TRACE_ROW_BLOCK_BYTES];
	size_t bytes = trace_row_block(row, reply, &tracing->streams, block);

	return write_octets(tracing, block, bytes);
}

/* At once, so that whoever reads along sees it. */
static bool write_packets(struct tracing *tracing, struct span item)
{
	struct trace_row row;

	if (!trace_row_read(item, &row))
		return true;
	if (!write_packet(tracing, &row, false) || !write_packet(tracing, &row, true))
		return false;
	return fflush(tracing->file) == 0 || refuse_file(tracing, "written");
}

static bool begin_file(struct tracing *tracing)
{
	uint8_t start[PCAPNG_START_BYTES];
	size_t bytes = pcapng_start(start, "arpactl " ARPAD_VERSION);

	return write_octets(tracing, start, bytes) &&
		(fflush(tracing->file) == 0 || refuse_file(tracing, "written"));
}

/* Only what is a file may be in the way, and only --force removes it. */
static bool clear_way(const struct tracing *tracing)
{
	const char *path = tracing->output->path;
	struct stat there;

	if (lstat(path, &there) != 0)
		return true;
	if (!tracing->output->force) {
		output_message("%s exists; choose another name or give --force", path);
		return false;
	}
	if (!S_ISREG(there.st_mode)) {
		output_message("%s is no regular file; choose another name", path);
		return false;
	}
	return unlink(path) == 0 || refuse_file(tracing, "replaced");
}

/* The packets are other people's: nobody else may read them. */
static bool open_file(struct tracing *tracing)
{
	const char *path = tracing->output->path;
	int fd;

	if (!path)
		return true;
	if (strcmp(path, "-") == 0) {
		if (isatty(STDOUT_FILENO)) {
			output_message("a capture is nothing for a terminal; give a file, or pipe "
				       "it into a program such as tshark -r -");
			return false;
		}
		tracing->file = stdout;
		return begin_file(tracing);
	}
	if (!clear_way(tracing))
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	tracing->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	return tracing->file ? begin_file(tracing) : refuse_file(tracing, "made");
}

static bool close_file(struct tracing *tracing)
{
	FILE *file = tracing->file;

	tracing->file = NULL;
	if (!file || file == stdout)
		return true;
	return fclose(file) == 0 || refuse_file(tracing, "written");
}

/* ---- Following ---- */

static unsigned long long member(struct span item, const char *key)
{
	struct span value = span_member(item, key);

	return value.at ? strtoull(value.at, NULL, 10) : 0;
}

/* What is no query: how it stands, or why it ended. */
static bool take_note(struct tracing *tracing, struct span item)
{
	struct span end = span_member(item, "end");

	if (!end.at && !span_member(item, "dropped").at)
		return false;
	tracing->dropped = member(item, "dropped");
	tracing->missed = member(item, "missed");
	if (end.at && end.bytes < CELL_BYTES)
		tracing->end[span_text(end, tracing->end)] = '\0';
	return true;
}

static bool take_item(void *context, struct span item)
{
	struct tracing *tracing = context;
	bool note = take_note(tracing, item);

	tracing->rows += !note;
	if (tracing->ctl->format != OUTPUT_TEXT && tracing->output->lines) {
		output_lines(item.at, item.bytes);
		putchar('\n');
	} else if (!note && tracing->output->lines && !print_line(tracing, item)) {
		return false;
	}
	return note || !tracing->file || write_packets(tracing, item);
}

static void print_summary(const struct tracing *tracing)
{
	const char *why = strcmp(tracing->end, "count") == 0 ? ", which is --count"
		: strcmp(tracing->end, "time") == 0	     ? "; --seconds are over"
							     : "";

	if (tracing->ctl->quiet || tracing->ctl->format != OUTPUT_TEXT)
		return;
	fflush(stdout);
	fprintf(stderr, "%llu %s%s\n", tracing->rows, tracing->rows == 1 ? "query" : "queries",
		why);
	if (tracing->dropped)
		fprintf(stderr,
			"%llu more were not shown: they came faster than they could be taken\n",
			tracing->dropped);
	if (tracing->missed)
		fprintf(stderr,
			"%llu observations of any kind found no room on their way; some may have "
			"belonged here\n",
			tracing->missed);
}

static void on_interrupt(int number)
{
	(void)number;
	client_interrupted = 1;
}

/* An interrupt ends the trace, not arpactl before the file is whole. The shell has its own. */
static enum ctl_status receive(struct tracing *tracing, json_t *params)
{
	const struct list_form form = {.take = take_item, .context = tracing, .follows = true};
	const struct sigaction interrupt = {.sa_handler = on_interrupt};
	struct sigaction before, terminate;
	enum ctl_status status;
	bool interrupted;

	sigaction(SIGINT, NULL, &before);
	sigaction(SIGTERM, &interrupt, &terminate);
	if (before.sa_handler == SIG_DFL)
		sigaction(SIGINT, &interrupt, NULL);
	status = verbs_list(tracing->ctl, "trace.follow", params, &form);
	interrupted = client_interrupted;
	if (before.sa_handler == SIG_DFL)
		client_interrupted = 0;
	sigaction(SIGINT, &before, NULL);
	sigaction(SIGTERM, &terminate, NULL);
	return interrupted ? CTL_OK : status;
}

enum ctl_status trace_follow(
	const struct ctl *ctl, json_t *params, const struct trace_output *output)
{
	struct tracing tracing = {.ctl = ctl, .output = output};
	enum ctl_status status;

	if (ctl->format == OUTPUT_CSV) {
		json_decref(params);
		return verbs_usage("queries that are followed come as text or ndjson, not as csv");
	}
	if (!open_file(&tracing)) {
		json_decref(params);
		close_file(&tracing);
		return CTL_FAILED;
	}
	status = receive(&tracing, params);
	if (!close_file(&tracing))
		return CTL_FAILED;
	if (status == CTL_OK)
		print_summary(&tracing);
	return status;
}
