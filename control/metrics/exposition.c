/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/exposition.h"

#include <stdio.h>

enum { NANOSECONDS_DIGITS = 9, DECIMAL_BYTES = 32 };

static const uint64_t nanoseconds_a_second = 1000000000;

/* `help` is ours: no backslash and no line feed in it. */
static void begin(
	struct exposition *exposition, const char *name, const char *type, const char *help)
{
	struct text *text = exposition->text;

	exposition->family = name;
	text_add_string(text, "# HELP ");
	text_add_string(text, name);
	text_add(text, " ", 1);
	text_add_string(text, help);
	text_add_string(text, "\n# TYPE ");
	text_add_string(text, name);
	text_add(text, " ", 1);
	text_add_string(text, type);
	text_add(text, "\n", 1);
}

void exposition_gauge(struct exposition *exposition, const char *name, const char *help)
{
	begin(exposition, name, "gauge", help);
}

void exposition_counter(struct exposition *exposition, const char *name, const char *help)
{
	begin(exposition, name, "counter", help);
}

void exposition_histogram(struct exposition *exposition, const char *name, const char *help)
{
	begin(exposition, name, "histogram", help);
}

static void add_value(struct text *text, const char *value)
{
	for (; *value; value++) {
		char octet = *value;

		if (octet == '\n')
			text_add(text, "\\n", 2);
		else if (octet == '\\' || octet == '"')
			text_add(text, (const char[]){'\\', octet}, 2);
		else
			text_add(text, octet >= ' ' && octet < 0x7f ? &octet : "?", 1);
	}
}

static void add_label(struct text *text, bool *first, const char *name, const char *value)
{
	text_add(text, *first ? "{" : ",", 1);
	*first = false;
	text_add_string(text, name);
	text_add(text, "=\"", 2);
	add_value(text, value);
	text_add(text, "\"", 1);
}

static void add_labels(struct text *text, const char *const *labels)
{
	bool first = true;

	for (; labels[0]; labels += 2)
		add_label(text, &first, labels[0], labels[1]);
	if (!first)
		text_add(text, "}", 1);
}

static void add_count(struct text *text, uint64_t value)
{
	char digits[DECIMAL_BYTES];

	text_add(text, digits, (size_t)snprintf(digits, sizeof(digits), "%lu", value));
}

/* Without the zeros that say nothing. */
static size_t write_seconds(uint64_t nanoseconds, char digits[static DECIMAL_BYTES])
{
	size_t bytes = (size_t)snprintf(digits, DECIMAL_BYTES, "%lu.%0*lu",
		nanoseconds / nanoseconds_a_second, NANOSECONDS_DIGITS,
		nanoseconds % nanoseconds_a_second);

	while (digits[bytes - 1] == '0')
		bytes--;
	bytes -= digits[bytes - 1] == '.';
	digits[bytes] = '\0';
	return bytes;
}

static void add_seconds(struct text *text, uint64_t nanoseconds)
{
	char digits[DECIMAL_BYTES];

	text_add(text, digits, write_seconds(nanoseconds, digits));
}

void exposition_put_sample(struct exposition *exposition, uint64_t value, const char *const *labels)
{
	struct text *text = exposition->text;

	text_add_string(text, exposition->family);
	add_labels(text, labels);
	text_add(text, " ", 1);
	add_count(text, value);
	text_add(text, "\n", 1);
}

void exposition_put_seconds(
	struct exposition *exposition, uint64_t nanoseconds, const char *const *labels)
{
	struct text *text = exposition->text;

	text_add_string(text, exposition->family);
	add_labels(text, labels);
	text_add(text, " ", 1);
	add_seconds(text, nanoseconds);
	text_add(text, "\n", 1);
}

static void add_bucket(struct exposition *exposition, const char *bound, uint64_t count)
{
	struct text *text = exposition->text;

	text_add_string(text, exposition->family);
	text_add_string(text, "_bucket{le=\"");
	text_add_string(text, bound);
	text_add_string(text, "\"} ");
	add_count(text, count);
	text_add(text, "\n", 1);
}

static void add_end(struct exposition *exposition, const char *suffix)
{
	text_add_string(exposition->text, exposition->family);
	text_add_string(exposition->text, suffix);
}

void exposition_buckets(struct exposition *exposition, const struct exposition_buckets *histogram)
{
	struct text *text = exposition->text;
	uint64_t count = 0, bound = histogram->bound;
	char digits[DECIMAL_BYTES];

	for (unsigned i = 0; i < histogram->count; i++, bound *= 2) {
		count += histogram->bucket[i];
		if (histogram->seconds)
			write_seconds(bound, digits);
		else
			snprintf(digits, sizeof(digits), "%lu", bound);
		add_bucket(exposition, digits, count);
	}
	count += histogram->bucket[histogram->count];
	add_bucket(exposition, "+Inf", count);
	add_end(exposition, "_sum ");
	if (histogram->seconds)
		add_seconds(text, histogram->sum);
	else
		add_count(text, histogram->sum);
	text_add(text, "\n", 1);
	add_end(exposition, "_count ");
	add_count(text, count);
	text_add(text, "\n", 1);
}
