/* SPDX-License-Identifier: BSD-3-Clause */
/* What somebody may have meant who wrote a key that is not there. Pure. */
#ifndef ARPAD_CONTROL_CONFIG_SUGGEST_H
#define ARPAD_CONTROL_CONFIG_SUGGEST_H

#include <cyaml/cyaml.h>
#include <stddef.h>

enum { CONFIG_SUGGEST_BYTES = 256 };

/*
 * Writes what follows "there is no such key": "; did you mean queues?" for a slip of a key of the
 * same mapping, "; it belongs in listen" for one that another section has, "" for none of these.
 */
void config_suggest(const cyaml_schema_value_t *top, const cyaml_schema_field_t *siblings,
	const char *key, char text[static CONFIG_SUGGEST_BYTES]);

/*
 * Calls `visit` with the path of every key of the schema, "ports[].kernel.rate", and what may stand
 * there; mappings before their keys.
 */
void config_suggest_walk(const cyaml_schema_value_t *top,
	void (*visit)(void *context, const char *path, const cyaml_schema_value_t *schema),
	void *context);

#endif
