/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_suggest.h"

#include "control/nearest.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 128 };

struct walk {
	void (*visit)(void *context, const char *path, const cyaml_schema_value_t *schema);
	void *context;
	char path[PATH_BYTES];
};

static const cyaml_schema_field_t *fields_of(const cyaml_schema_value_t *schema, const char **list)
{
	*list = "";
	if (schema->type == CYAML_SEQUENCE) {
		schema = schema->sequence.entry;
		*list = "[]";
	}
	return schema->type == CYAML_MAPPING ? schema->mapping.fields : NULL;
}

/* As deep as the schema. */
static void walk_fields(struct walk *walk, const cyaml_schema_field_t *fields)
{
	size_t length = strlen(walk->path);

	for (; fields->key; fields++) {
		const cyaml_schema_field_t *below;
		const char *list;

		snprintf(walk->path + length, sizeof(walk->path) - length, "%s%s",
			length ? "." : "", fields->key);
		walk->visit(walk->context, walk->path, &fields->value);
		below = fields_of(&fields->value, &list);
		strcat(walk->path, list);
		if (below)
			walk_fields(walk, below);
	}
	walk->path[length] = '\0';
}

void config_suggest_walk(const cyaml_schema_value_t *top,
	void (*visit)(void *context, const char *path, const cyaml_schema_value_t *schema),
	void *context)
{
	struct walk walk = {.visit = visit, .context = context};

	walk_fields(&walk, top->mapping.fields);
}

/* What the other sections have. */
struct search {
	const char *key;
	char same[CONFIG_SUGGEST_BYTES / 2]; /* the sections with this very key */
	char near[PATH_BYTES];
	unsigned distance; /* of `near` */
};

static void compare(void *context, const char *path, const cyaml_schema_value_t *schema)
{
	struct search *search = context;
	const char *dot = strrchr(path, '.');
	const char *last = dot ? dot + 1 : path;
	unsigned distance = nearest_distance(search->key, last);
	size_t length = strlen(search->same);

	(void)schema;
	if (distance == 0 && !dot)
		snprintf(search->same, sizeof(search->same), "the top level");
	else if (distance == 0)
		snprintf(search->same + length, sizeof(search->same) - length, "%s%.*s",
			length ? " or " : "", (int)(dot - path), path);
	if (!nearest_is_slip(search->key, last) || distance >= search->distance)
		return;
	search->distance = distance;
	snprintf(search->near, sizeof(search->near), "%s", path);
}

/* The sibling that is nearest, or that the key is the beginning of (idle, of idle-ms), or NULL. */
static const char *sibling(const cyaml_schema_field_t *siblings, const char *key)
{
	unsigned best = ~0u;
	const char *found = NULL;
	size_t length = strlen(key);

	for (; siblings->key; siblings++) {
		unsigned distance = nearest_distance(key, siblings->key);

		if (strncmp(siblings->key, key, length) == 0 && siblings->key[length] == '-')
			distance = 1;
		else if (!nearest_is_slip(key, siblings->key))
			continue;
		if (distance < best) {
			best = distance;
			found = siblings->key;
		}
	}
	return found;
}

void config_suggest(const cyaml_schema_value_t *top, const cyaml_schema_field_t *siblings,
	const char *key, char text[static CONFIG_SUGGEST_BYTES])
{
	struct search search = {.key = key, .distance = ~0u};
	const char *near = *key ? sibling(siblings, key) : NULL;

	text[0] = '\0';
	if (!*key)
		return;
	config_suggest_walk(top, compare, &search);
	if (near && search.same[0])
		snprintf(text, CONFIG_SUGGEST_BYTES, "; did you mean %s, or the %s of %s?", near,
			key, search.same);
	else if (near)
		snprintf(text, CONFIG_SUGGEST_BYTES, "; did you mean %s?", near);
	else if (search.same[0])
		snprintf(text, CONFIG_SUGGEST_BYTES, " here; it belongs in %s", search.same);
	else if (search.near[0])
		snprintf(text, CONFIG_SUGGEST_BYTES, " here; did you mean %s?", search.near);
}
