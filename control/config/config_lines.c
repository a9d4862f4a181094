/* SPDX-License-Identifier: BSD-3-Clause */
/* Walks libyaml's events with the current path in one buffer; depth and path length are bounded. */
#include "control/config/config_lines.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* The schema is four levels deep; what lies deeper is refused by it and needs no line. */
enum { DEPTH_MAX = 8, PATH_BYTES = 128 };

struct line {
	unsigned line;
	char path[PATH_BYTES];
};

struct config_lines {
	struct line *list;
	size_t count, capacity;
	unsigned broken; /* the line of libyaml's complaint, or 0 */
};

/* One open mapping or sequence. */
struct level {
	size_t path_length; /* of the container's own path */
	unsigned index;	    /* of the next item, in a sequence */
	bool sequence, expects_value;
};

struct walk {
	struct config_lines *lines;
	struct level level[DEPTH_MAX];
	unsigned depth;	  /* open containers that are tracked */
	unsigned ignored; /* open containers below DEPTH_MAX */
	char path[PATH_BYTES];
};

static void note(struct walk *walk, unsigned line)
{
	struct config_lines *lines = walk->lines;
	struct line *list = lines->list;

	if (lines->count == lines->capacity) {
		size_t capacity = lines->capacity ? 2 * lines->capacity : 64;

		list = realloc(lines->list, capacity * sizeof(*list));
		if (!list)
			return; /* a message without its line is better than none */
		lines->list = list;
		lines->capacity = capacity;
	}
	list[lines->count].line = line;
	strcpy(list[lines->count++].path, walk->path);
}

static void append(struct walk *walk, size_t at, const char *text)
{
	snprintf(walk->path + at, sizeof(walk->path) - at, "%s", text);
}

/* Before a value: a list item gets its own path here; a mapping's value has its key's. */
static void enter_value(struct walk *walk, unsigned line)
{
	struct level *top = walk->depth ? &walk->level[walk->depth - 1] : NULL;
	char item[24];

	if (!top || !top->sequence)
		return;
	snprintf(item, sizeof(item), "[%u]", top->index++);
	append(walk, top->path_length, item);
	note(walk, line);
}

static void open_container(struct walk *walk, bool sequence, unsigned line)
{
	if (walk->depth == DEPTH_MAX || walk->ignored) {
		walk->ignored++;
		return;
	}
	enter_value(walk, line);
	walk->level[walk->depth++] =
		(struct level){.path_length = strlen(walk->path), .sequence = sequence};
}

static void end_value(struct walk *walk)
{
	if (walk->depth)
		walk->level[walk->depth - 1].expects_value = false;
}

static void close_container(struct walk *walk)
{
	if (walk->ignored) {
		walk->ignored--;
		return;
	}
	if (walk->depth)
		walk->depth--;
	end_value(walk);
}

static void scalar(struct walk *walk, const char *text, unsigned line)
{
	struct level *top = walk->depth ? &walk->level[walk->depth - 1] : NULL;

	if (walk->ignored || !top)
		return;
	if (top->sequence || top->expects_value) {
		enter_value(walk, line);
		end_value(walk);
		return;
	}
	if (top->path_length) {
		append(walk, top->path_length, ".");
		append(walk, strlen(walk->path), text);
	} else {
		append(walk, 0, text);
	}
	top->expects_value = true;
	note(walk, line);
}

/* Returns false at the end of the first document. */
static bool event(struct walk *walk, const yaml_event_t *event)
{
	unsigned line = (unsigned)event->start_mark.line + 1;

	switch (event->type) {
	case YAML_MAPPING_START_EVENT:
		open_container(walk, false, line);
		return true;
	case YAML_SEQUENCE_START_EVENT:
		open_container(walk, true, line);
		return true;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		close_container(walk);
		return true;
	case YAML_SCALAR_EVENT:
		scalar(walk, (const char *)event->data.scalar.value, line);
		return true;
	case YAML_ALIAS_EVENT:
		scalar(walk, "*", line);
		return true;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		return false;
	default:
		return true;
	}
}

struct config_lines *config_lines_new(const char *text, size_t bytes)
{
	struct walk walk = {.lines = calloc(1, sizeof(*walk.lines))};
	yaml_parser_t parser;
	yaml_event_t next;
	bool more = true;

	if (!walk.lines || !yaml_parser_initialize(&parser)) {
		free(walk.lines);
		return NULL;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
	while (more && yaml_parser_parse(&parser, &next)) {
		more = event(&walk, &next);
		yaml_event_delete(&next);
	}
	if (more)
		walk.lines->broken = (unsigned)parser.problem_mark.line + 1;
	yaml_parser_delete(&parser);
	return walk.lines;
}

/* The line of the `nth` key at `path`, from 0; 0 when there are not so many. */
static unsigned exact(const struct config_lines *lines, const char *path, unsigned nth)
{
	for (size_t i = 0; i < lines->count; i++)
		if (strcmp(lines->list[i].path, path) == 0 && nth-- == 0)
			return lines->list[i].line;
	return 0;
}

unsigned config_lines_again(const struct config_lines *lines, const char *path)
{
	return exact(lines, path, 1);
}

unsigned config_lines_of(const struct config_lines *lines, const char *path)
{
	char part[PATH_BYTES];
	unsigned line;

	snprintf(part, sizeof(part), "%s", path);
	for (;;) {
		char *dot = strrchr(part, '.'), *bracket = strrchr(part, '[');
		char *cut = dot > bracket ? dot : bracket;

		line = exact(lines, part, 0);
		if (line || !cut)
			return line;
		*cut = '\0';
	}
}

const char *config_lines_path(const struct config_lines *lines, const char *key, unsigned line)
{
	for (size_t i = 0; i < lines->count; i++) {
		const char *dot = strrchr(lines->list[i].path, '.');
		const char *last = dot ? dot + 1 : lines->list[i].path;

		if (lines->list[i].line >= line && strcmp(last, key) == 0)
			return lines->list[i].path;
	}
	return NULL;
}

unsigned config_lines_broken(const struct config_lines *lines)
{
	return lines->broken;
}

void config_lines_free(struct config_lines *lines)
{
	if (!lines)
		return;
	free(lines->list);
	free(lines);
}
