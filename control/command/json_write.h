/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON as text, without blanks. */
#ifndef ARPAD_CONTROL_JSON_WRITE_H
#define ARPAD_CONTROL_JSON_WRITE_H

#include "control/command/text.h"

#include <jansson.h>

/* Adds `octets`, which are UTF-8, as a JSON string with its quotes. */
void json_write_string(struct text *text, const char *octets, size_t bytes);

/* Adds `value` as json_dumps writes it with JSON_COMPACT. It nests as deep as ours and no deeper.
 */
void json_write_value(struct text *text, const json_t *value);

#endif
