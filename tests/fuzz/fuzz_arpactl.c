/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What arpactl reads: replies, taken apart as text and by the JSON library, with the same result
 * where that takes them; lines, rows and objects of a user's, which become whole requests or a
 * complaint; statistics, which become rows and pages that fit; keys; what it prints, which holds no
 * control character.
 */
#include "control/ctl/keys.h"
#include "control/ctl/output.h"
#include "control/ctl/request_text.h"
#include "control/ctl/span.h"
#include "control/ctl/stats_rows.h"
#include "control/ctl/top_view.h"
#include "control/ctl/words.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t count);

static void check(bool good)
{
	if (!good)
		abort();
}

static void compare(struct span text, json_t *value);

static void compare_string(struct span text, json_t *value)
{
	char *octets = malloc(text.bytes + 1);
	size_t bytes = span_text(text, octets);

	check(bytes == json_string_length(value) &&
		memcmp(octets, json_string_value(value), bytes) == 0);
	free(octets);
}

/* Members in the text's order; of a key that is there twice the library keeps the last. */
static void compare_members(struct span text, json_t *value)
{
	size_t index = 0;
	struct span_walk walk;
	struct span key, item;
	int more;

	check(span_walk_begin(&walk, text));
	while ((more = span_walk_next(&walk, &key, &item)) == 1) {
		if (json_is_array(value))
			compare(item, json_array_get(value, index));
		check((key.at != NULL) == json_is_object(value));
		index++;
	}
	check(more == 0);
	if (json_is_array(value))
		check(index == json_array_size(value));
}

static void compare(struct span text, json_t *value)
{
	if (json_is_string(value))
		compare_string(text, value);
	else if (json_is_array(value) || json_is_object(value))
		compare_members(text, value);
}

static void walk_anything(struct span text)
{
	struct span_walk walk;
	struct span key, item;
	char *octets = malloc(text.bytes + 1);

	span_text(text, octets);
	if (span_walk_begin(&walk, text))
		while (span_walk_next(&walk, &key, &item) == 1)
			check(span_text(item, octets) <= item.bytes);
	free(octets);
}

/* A request is one line, and JSON. */
static void check_request(struct request_buffer *buffer, const char *wrong)
{
	if (buffer->bytes) {
		json_t *request;

		check(!wrong && buffer->octets[buffer->bytes - 1] == '\n' &&
			memchr(buffer->octets, '\n', buffer->bytes) ==
				buffer->octets + buffer->bytes - 1);
		request = json_loadb(buffer->octets, buffer->bytes, JSON_REJECT_DUPLICATES, NULL);
		check(json_is_object(request));
		json_decref(request);
	}
	buffer->bytes = 0;
}

static void make_requests(const char *text, size_t bytes)
{
	struct request_frame frame;
	struct request_buffer buffer = {0};
	char *copy = malloc(bytes + 1), address[REQUEST_ADDRESS_BYTES];
	const char *wrong;
	json_t *object;

	memcpy(copy, text, bytes);
	check(request_frame_init(&frame, "ptr.set", bytes % 3, json_pack("{s:i}", "ttl", 5)));
	if (!memchr(copy, '\n', bytes)) {
		wrong = request_of_line(&buffer, &frame, 1, copy, bytes, address);
		check_request(&buffer, wrong);
	}
	wrong = request_of_object(&buffer, &frame, 2, copy, bytes, address);
	check_request(&buffer, wrong);
	check(request_csv_row(copy, bytes) <= bytes);
	object = request_csv_object(copy, bytes, &wrong);
	check(!object == !!wrong);
	if (object) {
		wrong = request_of_json(&buffer, &frame, 3, object, address);
		check_request(&buffer, wrong);
	}
	request_frame_release(&frame);
	free(buffer.octets);
	free(copy);
}

static void split(const char *text, size_t bytes)
{
	char *line = strndup(text, bytes);
	struct words words;

	check(words_split(line, &words) != WORDS_NO_MEMORY);
	for (int i = 0; i < words.count; i++)
		check(strlen(words.word[i]) <= bytes);
	words_release(&words);
	free(line);
}

static void clean(const char *text, size_t bytes)
{
	char *to = malloc(6 * bytes + 1);
	size_t length = output_clean(text, bytes, false, to);

	for (size_t i = 0; i < length; i++)
		check((unsigned char)to[i] >= ' ' && to[i] != 0x7f &&
			!((unsigned char)to[i] == 0xc2 && (unsigned char)to[i + 1] < 0xa0));
	free(to);
}

static void draw(struct top_facts *facts, unsigned rows, unsigned columns)
{
	struct screen screen;
	char *text;

	check(screen_init(&screen, rows, columns));
	top_draw(facts, &screen);
	text = malloc(screen_row_bytes(&screen));
	for (unsigned row = 0; row < rows; row++) {
		size_t length = screen_row(&screen, row, false, text);

		check(length <= columns);
		for (size_t i = 0; i < length; i++)
			check(text[i] >= ' ' && text[i] <= '~');
	}
	free(text);
	screen_fini(&screen);
}

/* One value as the answer to all that top asks, and as two results of stats. */
static void show(json_t *value)
{
	struct stats_rows rows;
	struct stats_span span;
	struct sample sample, before;
	struct sample_rates rates;
	struct top_facts facts = {.now = &sample, .rates = &rates, .top = value, .zones = value};
	const char *wrong;

	stats_rows_read(value, &rows);
	for (size_t i = 0; i < rows.count; i++)
		if (rows.row[i].kind == STATS_RATIO)
			stats_ratio_since(&rows, &rows, &rows.row[i]);
	stats_rows_release(&rows);
	check(stats_span_of(value, value, &span, &wrong) == !wrong);
	sample_read(value, value, &sample);
	before = sample;
	before.monotonic_ms = sample.monotonic_ms / 2;
	before.seq = 1;
	sample_rates(&before, &sample, &rates);
	json_decref(sample_rates_json(&sample, &rates));
	for (facts.view = TOP_SERVER; facts.view <= TOP_ZONES; facts.view++) {
		draw(&facts, 24, 80);
		draw(&facts, 7, 33);
	}
}

static void press(const char *text, size_t bytes)
{
	char *typed = malloc(bytes + 1);
	size_t left = bytes;

	memcpy(typed, text, bytes);
	while (left) {
		size_t before = left;

		keys_take(typed, &left);
		check(left < before);
	}
	free(typed);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t count)
{
	/* Without a NUL behind it: the sanitizer sees who reads on. */
	char *text = malloc(count ? count : 1);
	struct span whole = {text, count};
	json_t *value;

	memcpy(text, octets, count);
	value = json_loadb(text, count, 0, NULL);
	if (value) {
		compare(whole, value);
		show(value);
	}
	json_decref(value);
	press(text, count);
	walk_anything(whole);
	make_requests(text, count);
	split(text, count);
	clean(text, count);
	free(text);
	return 0;
}
