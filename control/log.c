/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is one write(2) is whole lines, so lines never mix, whoever shares standard error. Threads
 * share nothing here but three settings; each makes its lines on its own stack.
 */
#include "control/log.h"

#include "control/log_journal.h"
#include "control/log_text.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	SENTENCE_BYTES = 2048, /* room for the longest failure; more is cut */
	VALUE_BYTES = 1024,
	FIELDS_BYTES = 4096,
	LINE_BYTES = 4 * SENTENCE_BYTES + FIELDS_BYTES,
	BATCH_BYTES = 64 * 1024,
};

static const char *const labels[] = {"ERROR ", "WARNING ", "INFO ", "DEBUG "};
static const char priorities[] = "3467"; /* of syslog */

static _Atomic(enum log_level) threshold = LOG_INFO;
static _Atomic(bool) to_journal;
static bool timed, auto_journal, opened;

/* A line under way: its text, and for the journal the fields that go behind it. */
struct line {
	struct log_text *text; /* of this line and those before */
	struct log_text fields;
	size_t start; /* of this line in `text` */
	enum log_level level;
	bool journal;
	char time[LOG_TEXT_TIME_BYTES + 1]; /* and a blank, or "" */
};

void log_open(void)
{
	opened = true;
	auto_journal = log_journal_is_ours();
	log_set_format(LOG_AUTO);
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&threshold, level, memory_order_relaxed);
}

void log_set_format(enum log_format format)
{
	bool journal = format == LOG_JOURNAL || (format == LOG_AUTO && auto_journal);

	if (!opened)
		return;
	/* The journal has times of its own for what comes on standard error, too. */
	timed = !auto_journal;
	atomic_store_explicit(&to_journal, journal && log_journal_open(), memory_order_relaxed);
}

bool log_wants(enum log_level level)
{
	return level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

static void write_all(const char *octets, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t written = write(STDERR_FILENO, octets + done, bytes - done);

		if (written <= 0)
			return; /* nobody is left to tell */
		done += (size_t)written;
	}
}

/* On standard error the journal reads a priority before the text. */
static void write_message(enum log_level level, const char *entry, size_t bytes)
{
	static const char key[] = "MESSAGE=";
	const char *end = memchr(entry, '\n', bytes);
	char text[LINE_BYTES + 4] = {'<', priorities[level], '>'};
	size_t length = (size_t)(end - entry) + 1 - (sizeof(key) - 1);

	memcpy(text + 3, entry + sizeof(key) - 1, length);
	write_all(text, 3 + length);
}

static void send_entry(const struct line *line)
{
	const char *entry = line->text->octets + line->start;
	size_t bytes = line->text->bytes - line->start;

	if (!log_journal_send(entry, bytes))
		write_message(line->level, entry, bytes);
}

/* "ARPAD_REMOTE_PORT=" of "remote-port" */
static void add_field_name(struct log_text *fields, const char *key)
{
	log_text_string(fields, "ARPAD_");
	for (; *key; key++) {
		char letter = *key == '-' ? '_' : *key;

		if (letter >= 'a' && letter <= 'z')
			letter = (char)(letter - 'a' + 'A');
		log_text_add(fields, &letter, 1);
	}
	log_text_add(fields, "=", 1);
}

static void set_time(struct line *line)
{
	struct timespec now;

	line->time[0] = '\0';
	if (!timed || line->journal)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	log_text_time(&now, line->time);
	strcat(line->time, " ");
}

static void line_begin(struct line *line, const char *event)
{
	line->start = line->text->bytes;
	if (line->journal) {
		log_text_string(line->text, "MESSAGE=");
		line->fields.bytes = 0;
		log_text_string(&line->fields, "PRIORITY=");
		log_text_add(&line->fields, &priorities[line->level], 1);
		log_text_string(&line->fields, "\nSYSLOG_IDENTIFIER=arpad\nARPAD_EVENT=");
		log_text_string(&line->fields, event);
		log_text_add(&line->fields, "\n", 1);
	} else {
		log_text_string(line->text, line->time);
		log_text_string(line->text, labels[line->level]);
	}
	log_text_string(line->text, event);
}

static void add_key(struct line *line, const char *key)
{
	log_text_add(line->text, " ", 1);
	log_text_string(line->text, key);
	log_text_add(line->text, "=", 1);
}

/* A field that does not fit as a whole is none; what of it fits is in the text. */
static void add_field(struct line *line, const char *key, const char *value, size_t bytes)
{
	struct log_text *fields = &line->fields;
	size_t before = fields->bytes;

	if (!line->journal)
		return;
	add_field_name(fields, key);
	log_text_sentence(fields, value, bytes);
	if (fields->bytes == fields->room)
		fields->bytes = before;
	else
		fields->octets[fields->bytes++] = '\n';
}

static void line_text(struct line *line, const char *key, const char *value)
{
	add_key(line, key);
	log_text_value(line->text, value, VALUE_BYTES);
	add_field(line, key, value, strnlen(value, VALUE_BYTES));
}

static void line_number(struct line *line, const char *key, long long value)
{
	size_t at;

	add_key(line, key);
	at = line->text->bytes;
	log_text_number(line->text, value);
	add_field(line, key, line->text->octets + at, line->text->bytes - at);
}

/* The fields have room of their own behind the text. */
static void line_end(struct line *line)
{
	struct log_text *text = line->text;

	text->octets[text->bytes++] = '\n';
	if (!line->journal)
		return;
	memcpy(text->octets + text->bytes, line->fields.octets, line->fields.bytes);
	text->bytes += line->fields.bytes;
	send_entry(line);
	text->bytes = line->start;
}

static void add_sentence(struct line *line, const char *format, va_list arguments)
{
	char sentence[SENTENCE_BYTES];

	if (vsnprintf(sentence, sizeof(sentence), format, arguments) < 0)
		return;
	log_text_string(line->text, " - ");
	log_text_sentence(line->text, sentence, strlen(sentence));
}

void log_event(enum log_level level, const char *event, const struct log_field *fields,
	const char *format, ...)
{
	char octets[LINE_BYTES + 1 + FIELDS_BYTES], field_octets[FIELDS_BYTES];
	struct log_text text = {.octets = octets, .room = LINE_BYTES};
	struct line line = {.text = &text,
		.fields = {.octets = field_octets, .room = FIELDS_BYTES - 1},
		.level = level,
		.journal = atomic_load_explicit(&to_journal, memory_order_relaxed)};
	va_list arguments;

	if (!log_wants(level))
		return;
	set_time(&line);
	line_begin(&line, event);
	for (; fields && fields->key; fields++)
		if (fields->text)
			line_text(&line, fields->key, fields->text);
		else
			line_number(&line, fields->key, fields->number);
	va_start(arguments, format);
	add_sentence(&line, format, arguments);
	va_end(arguments);
	line_end(&line);
	write_all(text.octets, text.bytes);
}

static char batch_octets[BATCH_BYTES], batch_fields[FIELDS_BYTES];
static struct log_text batch_text = {.octets = batch_octets};
static struct line batch = {
	.text = &batch_text, .fields = {.octets = batch_fields, .room = FIELDS_BYTES - 1}};

static void flush_batch(void)
{
	write_all(batch_text.octets, batch_text.bytes);
	batch_text.bytes = 0;
}

void log_batch_begin(enum log_level level)
{
	batch_text.bytes = 0;
	batch.level = level;
	batch.journal = atomic_load_explicit(&to_journal, memory_order_relaxed);
	set_time(&batch);
}

void log_batch_line(const char *event)
{
	if (sizeof(batch_octets) - batch_text.bytes <= LINE_BYTES + 1 + FIELDS_BYTES)
		flush_batch();
	batch_text.room = batch_text.bytes + LINE_BYTES;
	line_begin(&batch, event);
}

void log_batch_text(const char *key, const char *value)
{
	line_text(&batch, key, value);
}

void log_batch_number(const char *key, long long value)
{
	line_number(&batch, key, value);
}

void log_batch_line_end(void)
{
	line_end(&batch);
}

void log_batch_end(void)
{
	flush_batch();
}
