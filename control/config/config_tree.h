/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A configuration's text as the mappings, lists and texts that the schema allows, and where each
 * stands. What the schema does not allow is a problem, and is not in the tree.
 */
#ifndef ARPAD_CONTROL_CONFIG_TREE_H
#define ARPAD_CONTROL_CONFIG_TREE_H

#include "control/config/config_problems.h"

#include <cyaml/cyaml.h>
#include <jansson.h>
#include <stddef.h>

struct config_tree;

/*
 * Reads the first document of the text, of anybody. NULL: no memory. Without any problem the tree
 * is all that the text says; else it is what could be read of it.
 */
struct config_tree *config_tree_new(const char *text, size_t bytes,
	const cyaml_schema_value_t *schema, struct config_problems *problems);

/* Objects, arrays and strings. Borrowed. */
json_t *config_tree_root(const struct config_tree *tree);

/* Whether the text has something at `path`. */
bool config_tree_has(const struct config_tree *tree, const char *path);

/*
 * The line of `path` ("ports[0].queues"), from 1; of its nearest parent when it is not there; 0
 * when unknown.
 */
unsigned config_tree_line(const struct config_tree *tree, const char *path);

void config_tree_free(struct config_tree *tree); /* takes NULL */

#endif
