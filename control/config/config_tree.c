/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Walks a YAML document and the schema together, so it never goes deeper than the schema does, and
 * the path in its one buffer is made of known keys only.
 */
#include "control/config/config_tree.h"

#include "control/config/config_suggest.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { PATH_BYTES = 128, SHOWN_BYTES = 60 };

struct config_tree {
	json_t *root;
	json_t *lines; /* by path */
};

struct reader {
	struct config_tree *tree;
	struct config_problems *problems;
	const cyaml_schema_value_t *top;
	yaml_document_t document;
	bool *seen; /* by node: a node that is met again came by an alias */
	bool no_memory;
	char path[PATH_BYTES];
	size_t length; /* of the path */
};

static void note(struct reader *reader, unsigned line)
{
	if (json_object_set_new(reader->tree->lines, reader->path, json_integer(line)) != 0)
		reader->no_memory = true;
}

/* Goes down to a key or an item; returns where to go back to. */
static size_t enter(struct reader *reader, const char *before, const char *step, const char *after)
{
	size_t was = reader->length;
	int added = snprintf(reader->path + was, sizeof(reader->path) - was, "%s%s%s",
		was || *after ? before : "", step, after);

	reader->length = was + (size_t)added;
	return was;
}

static void leave(struct reader *reader, size_t was)
{
	reader->length = was;
	reader->path[was] = '\0';
}

static void refuse_shape(struct reader *reader, unsigned line, const char *what)
{
	config_problems_add(reader->problems, reader->path, line, true, "%s", what);
}

static unsigned line_of(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

static json_t *read_value(
	struct reader *reader, int index, unsigned line, const cyaml_schema_value_t *schema);

static const cyaml_schema_field_t *field_of(const cyaml_schema_field_t *fields, const char *key)
{
	for (; fields->key; fields++)
		if (strcmp(fields->key, key) == 0)
			return fields;
	return NULL;
}

static void refuse_key(
	struct reader *reader, const char *key, unsigned line, const cyaml_schema_field_t *siblings)
{
	char suggestion[CONFIG_SUGGEST_BYTES], path[PATH_BYTES + SHOWN_BYTES + 2];

	config_suggest(reader->top, siblings, key, suggestion);
	snprintf(path, sizeof(path), "%s%s%.*s", reader->path, reader->length ? "." : "",
		SHOWN_BYTES, key);
	config_problems_add(
		reader->problems, path, line, true, "there is no such key%s", suggestion);
}

static void read_pair(struct reader *reader, const yaml_node_pair_t *pair,
	const cyaml_schema_field_t *fields, json_t *object)
{
	const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
	const cyaml_schema_field_t *field;
	unsigned line = line_of(key);
	const char *name = (const char *)key->data.scalar.value;
	json_t *value;
	size_t was;

	if (key->type != YAML_SCALAR_NODE) {
		refuse_shape(reader, line, "a key must be a word");
		return;
	}
	field = field_of(fields, name);
	if (!field) {
		refuse_key(reader, name, line, fields);
		return;
	}
	was = enter(reader, ".", field->key, "");
	if (json_object_get(object, field->key)) {
		refuse_shape(reader, line, "the key is given twice");
	} else {
		note(reader, line);
		value = read_value(reader, pair->value, line, &field->value);
		if (value && json_object_set_new(object, field->key, value) != 0)
			reader->no_memory = true;
	}
	leave(reader, was);
}

static json_t *read_mapping(
	struct reader *reader, const yaml_node_t *node, const cyaml_schema_value_t *schema)
{
	json_t *object = json_object();

	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		object && pair < node->data.mapping.pairs.top; pair++)
		read_pair(reader, pair, schema->mapping.fields, object);
	reader->no_memory |= !object;
	return object;
}

/* An item that can't be read keeps its place, so that those behind it keep their numbers. */
static void read_item(
	struct reader *reader, int index, const cyaml_schema_value_t *schema, json_t *array)
{
	const yaml_node_t *node = yaml_document_get_node(&reader->document, index);
	size_t at = json_array_size(array), was;
	unsigned line = line_of(node);
	char number[24];
	json_t *value;

	snprintf(number, sizeof(number), "%zu", at);
	was = enter(reader, "[", number, "]");
	note(reader, line);
	value = read_value(reader, index, line, schema);
	if (!value)
		value = schema->type == CYAML_MAPPING ? json_object() : json_string("");
	if (json_array_append_new(array, value) != 0)
		reader->no_memory = true;
	leave(reader, was);
}

static json_t *read_sequence(struct reader *reader, const yaml_node_t *node, unsigned line,
	const cyaml_schema_value_t *schema)
{
	size_t count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	json_t *array;

	if (count < schema->sequence.min || count > schema->sequence.max) {
		config_problems_add(reader->problems, reader->path, line, true,
			"the list has %zu entries, and may have from %u to %u", count,
			schema->sequence.min, schema->sequence.max);
		return NULL;
	}
	array = json_array();
	for (yaml_node_item_t *item = node->data.sequence.items.start;
		array && item < node->data.sequence.items.top; item++)
		read_item(reader, *item, schema->sequence.entry, array);
	reader->no_memory |= !array;
	return array;
}

/* What could be no part of a name, path or address, and would end the text for the C library. */
static bool has_control(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return true;
	return false;
}

static json_t *read_scalar(struct reader *reader, const yaml_node_t *node, unsigned line,
	const cyaml_schema_value_t *schema)
{
	const char *text = (const char *)node->data.scalar.value;
	size_t length = node->data.scalar.length;
	json_t *value;

	if (has_control(text, length)) {
		refuse_shape(reader, line, "the text holds a control character");
		return NULL;
	}
	if (length > schema->string.max) {
		config_problems_add(reader->problems, reader->path, line, true,
			"the text has %zu octets and may have %u", length, schema->string.max);
		return NULL;
	}
	value = json_stringn_nocheck(text, length);
	reader->no_memory |= !value;
	return value;
}

/* An empty section is none: "dpdk:" with all of its keys in comments. */
static bool is_nothing(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
		node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static json_t *read_value(
	struct reader *reader, int index, unsigned line, const cyaml_schema_value_t *schema)
{
	const yaml_node_t *node = yaml_document_get_node(&reader->document, index);

	if (reader->seen[index - 1]) {
		refuse_shape(reader, line, "YAML aliases are not supported");
		return NULL;
	}
	reader->seen[index - 1] = true;
	switch (schema->type) {
	case CYAML_MAPPING:
		if (node->type == YAML_MAPPING_NODE)
			return read_mapping(reader, node, schema);
		refuse_shape(reader, line,
			is_nothing(node) ? "the section is empty; give it a key, or leave it out"
					 : "this must be keys with values");
		return NULL;
	case CYAML_SEQUENCE:
		if (node->type == YAML_SEQUENCE_NODE)
			return read_sequence(reader, node, line, schema);
		refuse_shape(reader, line, "this must be a list");
		return NULL;
	default:
		if (node->type == YAML_SCALAR_NODE)
			return read_scalar(reader, node, line, schema);
		refuse_shape(reader, line,
			node->type == YAML_SEQUENCE_NODE ? "this must be one value, not a list"
							 : "this must be one value, not keys");
		return NULL;
	}
}

static void read_document(struct reader *reader)
{
	const yaml_node_t *root = yaml_document_get_root_node(&reader->document);
	size_t nodes = (size_t)(reader->document.nodes.top - reader->document.nodes.start);

	if (!root || is_nothing(root)) {
		config_problems_add(reader->problems, "", 0, true, "the file has no keys");
		return;
	}
	if (root->type != YAML_MAPPING_NODE) {
		config_problems_add(reader->problems, "", line_of(root), true,
			"the file has no keys, such as \"listen:\"");
		return;
	}
	reader->seen = calloc(nodes, sizeof(*reader->seen));
	if (!reader->seen) {
		reader->no_memory = true;
		return;
	}
	json_decref(reader->tree->root);
	reader->tree->root = read_mapping(reader, root, reader->top);
	free(reader->seen);
}

static void read_text(struct reader *reader, const char *text, size_t bytes)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser)) {
		reader->no_memory = true;
		return;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
	if (yaml_parser_load(&parser, &reader->document)) {
		read_document(reader);
		yaml_document_delete(&reader->document);
	} else if (parser.error == YAML_MEMORY_ERROR) {
		reader->no_memory = true;
	} else {
		config_problems_add(reader->problems, "", (unsigned)parser.problem_mark.line + 1,
			true, "this is not YAML: %s",
			parser.problem ? parser.problem : "unreadable");
	}
	yaml_parser_delete(&parser);
}

struct config_tree *config_tree_new(const char *text, size_t bytes,
	const cyaml_schema_value_t *schema, struct config_problems *problems)
{
	struct reader reader = {
		.tree = calloc(1, sizeof(*reader.tree)), .problems = problems, .top = schema};

	if (!reader.tree)
		return NULL;
	reader.tree->root = json_object();
	reader.tree->lines = json_object();
	if (reader.tree->root && reader.tree->lines)
		read_text(&reader, text, bytes);
	if (!reader.no_memory && reader.tree->root && reader.tree->lines)
		return reader.tree;
	config_tree_free(reader.tree);
	return NULL;
}

json_t *config_tree_root(const struct config_tree *tree)
{
	return tree->root;
}

bool config_tree_has(const struct config_tree *tree, const char *path)
{
	return json_object_get(tree->lines, path) != NULL;
}

unsigned config_tree_line(const struct config_tree *tree, const char *path)
{
	char part[PATH_BYTES];

	snprintf(part, sizeof(part), "%s", path);
	for (;;) {
		char *dot = strrchr(part, '.'), *bracket = strrchr(part, '[');
		char *cut = dot > bracket ? dot : bracket;
		json_t *line = json_object_get(tree->lines, part);

		if (line || !cut)
			return (unsigned)json_integer_value(line);
		*cut = '\0';
	}
}

void config_tree_free(struct config_tree *tree)
{
	if (!tree)
		return;
	json_decref(tree->lines);
	json_decref(tree->root);
	free(tree);
}
