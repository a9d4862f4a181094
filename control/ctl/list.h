/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of any length, printed as they come: rows are cut out of the reply's text and passed on,
 * and only what a table or CSV needs of them is looked at.
 */
#ifndef ARPAD_CONTROL_CTL_LIST_H
#define ARPAD_CONTROL_CTL_LIST_H

#include "control/ctl/client.h"
#include "control/ctl/output.h"

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_EACH, /* an array: a line for each of its items; as text for programs all in one */
	COLUMN_LIST, /* an array in one cell */
	COLUMN_TAGS, /* an object, as key=value;key=value */
};

struct column {
	const char *heading; /* NULL ends the columns; CSV has it in small letters */
	const char *key;     /* of the row */
	enum column_kind kind;
	bool optional; /* in text only on a terminal, and only where a row has it */
};

struct list_form {
	const struct column *columns; /* NULL: items are pieces of text, one behind the other */
	/* Prints a row as text in place of columns; may be NULL. */
	void (*print)(struct span row);
	/* Takes each item in place of all printing, false: it failed and said why; may be NULL. */
	bool (*take)(void *context, struct span item);
	void *context;
	bool follows; /* it has no end: each reply is printed at once */
};

/*
 * Prints the replies to a request that has been sent, up to the last one. A result that is no list
 * is printed as JSON. Errors have been
 * explained; as JSON too where nothing was printed yet.
 */
enum ctl_status list_receive(
	enum output_format format, const struct list_form *form, struct client *client);

/* A cell as the octets of its text, malloc'ed with a NUL behind them; NULL: no memory. For print
 * functions. */
char *list_cell(struct span row, const struct column *column, size_t *bytes);

#endif
