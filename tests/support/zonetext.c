/* SPDX-License-Identifier: BSD-3-Clause */
/* A line is `owner type ttl rdata,...`; VECTORS_DIR comes from the build. */
#include "tests/support/zonetext.h"

#include "dataplane/dns/wire.h"

#include "tests/support/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *line)
{
	fprintf(stderr, "%s/zones.txt: not an RRset: %.60s\n", VECTORS_DIR, line);
	abort();
}

/* The owner of the line before when it is the same, else a new one. */
static struct zonetext_owner *owner_of(struct zonetext *text, const char *hex)
{
	struct zonetext_owner *owner = text->owners ? &text->owner[text->owners - 1] : NULL;
	size_t bytes;
	uint8_t *name = hex_read(hex, &bytes);

	if (!name || bytes > sizeof(owner->name))
		fail(hex);
	if (!owner || memcmp(owner->name, name, bytes) != 0) {
		owner = &text->owner[text->owners++];
		memcpy(owner->name, name, bytes);
		owner_from_name(owner->name, bytes, &owner->owner);
	}
	free(name);
	return owner;
}

static void add_rdata(struct rrset *set, uint8_t *end, const char *hex)
{
	size_t bytes;
	uint8_t *rdata = hex_read(hex, &bytes);

	if (!rdata)
		fail(hex);
	wire_put16(end, (uint16_t)bytes);
	memcpy(end + 2, rdata, bytes);
	free(rdata);
	set->rdata_bytes += 2 + (uint32_t)bytes;
	set->count++;
}

static void read_line(struct zonetext *text, char *line)
{
	char *rest = line, *part[4], *item;
	struct zonetext_owner *owner;
	struct rrset *set;
	uint8_t *rdata;

	for (unsigned i = 0; i < 4; i++) {
		part[i] = strsep(&rest, " \n");
		if (!part[i] || !*part[i])
			fail(line);
	}
	owner = owner_of(text, part[0]);
	if (owner->sets == ZONETEXT_SETS_MAX)
		fail(line);
	rdata = malloc(2 * strlen(part[3])); /* "-" takes the most: a length of two octets */
	if (!rdata)
		fail(line);
	set = &owner->set[owner->sets++];
	*set = (struct rrset){.type = (uint16_t)atoi(part[1]),
		.ttl = (uint32_t)strtoul(part[2], NULL, 10),
		.rdata = rdata};
	while ((item = strsep(&part[3], ",")) != NULL)
		add_rdata(set, rdata + set->rdata_bytes, item);
}

static size_t count_lines(FILE *in)
{
	size_t lines = 0;

	for (int c; (c = getc(in)) != EOF;)
		lines += c == '\n';
	rewind(in);
	return lines;
}

void zonetext_open(struct zonetext *text)
{
	FILE *in = fopen(VECTORS_DIR "/zones.txt", "r");
	char *line = NULL;
	size_t room = 0;

	if (!in)
		fail("the file cannot be opened");
	/* All at once: an owner must not move, its key borrows its name. */
	*text = (struct zonetext){.owner = calloc(count_lines(in), sizeof(*text->owner))};
	if (!text->owner)
		fail("no memory");
	while (getline(&line, &room, in) > 0)
		if (line[0] != '#')
			read_line(text, line);
	free(line);
	fclose(in);
}

void zonetext_close(struct zonetext *text)
{
	for (size_t i = 0; i < text->owners; i++)
		for (unsigned s = 0; s < text->owner[i].sets; s++)
			free((void *)text->owner[i].set[s].rdata);
	free(text->owner);
}
