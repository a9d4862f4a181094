/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The request line that an import is made of: a piece of a zone file's text. A JSON reader that
 * goes octet by octet takes longer over it than all that follows; this one knows its form.
 */
#ifndef ARPAD_CONTROL_REQUEST_PIECE_H
#define ARPAD_CONTROL_REQUEST_PIECE_H

#include <jansson.h>
#include <stddef.h>

/*
 * The object that `line` is, a new reference, if it is written as
 * {"id":N,"method":"import.data","params":{"import":N,"text":"..."}} without blanks, the text
 * in ASCII with no escapes but \n, \r, \t, \" and \\. NULL: it is anything else, or there is no
 * memory; ask the JSON reader.
 */
json_t *request_piece_read(const char *line, size_t bytes);

#endif
