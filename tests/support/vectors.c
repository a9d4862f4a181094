/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading vectors: a line is `name outcome query reply`; VECTORS_DIR comes from the build. */
#include "tests/support/vectors.h"

#include "tests/support/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *file, const char *line)
{
	fprintf(stderr, "%s/%s: not a vector: %.60s\n", VECTORS_DIR, file, line);
	abort();
}

static enum outcome outcome_of(const char *name)
{
	unsigned i = 0;

	while (i < OUTCOMES && strcmp(outcome_name((enum outcome)i), name) != 0)
		i++;
	return (enum outcome)i;
}

static void read_line(struct vectors *vectors, const char *file, char *line)
{
	char *rest = line, *part[4];
	struct vector *v;

	for (unsigned i = 0; i < 4; i++) {
		part[i] = strsep(&rest, " \n");
		if (!part[i] || !*part[i])
			fail(file, line);
	}
	vectors->vector = realloc(vectors->vector, (vectors->count + 1) * sizeof(*v));
	v = &vectors->vector[vectors->count++];
	v->name = strdup(part[0]);
	v->outcome = outcome_of(part[1]);
	if (v->outcome == OUTCOMES)
		fail(file, line);
	v->query = hex_read(part[2], &v->query_bytes);
	v->reply = hex_read(part[3], &v->reply_bytes);
	if (!v->query || !v->reply)
		fail(file, line);
}

void vectors_open(struct vectors *vectors, const char *file)
{
	char path[4096], *line = NULL;
	size_t room = 0;
	FILE *in;

	*vectors = (struct vectors){0};
	snprintf(path, sizeof(path), "%s/%s", VECTORS_DIR, file);
	in = fopen(path, "r");
	if (!in)
		fail(file, "the file cannot be opened");
	while (getline(&line, &room, in) > 0)
		if (line[0] != '#')
			read_line(vectors, file, line);
	free(line);
	fclose(in);
	if (vectors->count == 0)
		fail(file, "the file is empty");
}

void vectors_close(struct vectors *vectors)
{
	for (size_t i = 0; i < vectors->count; i++) {
		free(vectors->vector[i].name);
		free(vectors->vector[i].query);
		free(vectors->vector[i].reply);
	}
	free(vectors->vector);
}
