/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses as lines of CSV (RFC 4180): address,name[,ttl[,description[,tenant[,tags]]]], tags as
 * key=value;key=value. A first line with a field "address" names the columns, which then may come
 * in any order; created, modified, seq, status and zone are read over. A field that is not
 * there says nothing; one that is empty says that there is none, but for an empty ttl.
 */
#ifndef ARPAD_CONTROL_IMPORT_CSV_H
#define ARPAD_CONTROL_IMPORT_CSV_H

#include "control/import/import_object.h"

#include <stdbool.h>

enum { IMPORT_CSV_COLUMNS_MAX = 16 };

/* A zeroed struct is at the start of a file. The members are import_csv.c's. */
struct import_csv {
	bool started;
	unsigned columns;
	uint8_t column[IMPORT_CSV_COLUMNS_MAX];
};

/*
 * Reads one line, without its end, into `object`, which borrows `line`, where quoted fields are
 * undone. 1; 0: it was the header; or -1 with FAILURE_INVALID.
 */
int import_csv_read(struct import_csv *csv, char *line, size_t bytes, struct import_object *object,
	struct failure *failure);

#endif
