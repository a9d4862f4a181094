/* SPDX-License-Identifier: BSD-3-Clause */
/* What the checks of a host say: a list of rows, in the order in which they were made. */
#ifndef ARPAD_CONTROL_PREFLIGHT_VERDICT_H
#define ARPAD_CONTROL_PREFLIGHT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

enum { VERDICT_SUBJECT_BYTES = 64, VERDICT_TEXT_BYTES = 384 };

struct verdict_row {
	enum verdict verdict;
	char subject[VERDICT_SUBJECT_BYTES];
	char found[VERDICT_TEXT_BYTES];
	char mend[VERDICT_TEXT_BYTES]; /* "": nothing has to be done */
	bool command; /* `mend` is for root's shell as it stands; else a sentence */
};

/* Zero it first. */
struct verdicts {
	struct verdict_row *rows;
	size_t count, room;
	bool no_memory; /* rows are missing */
};

/* One row more. Octets that are no printable ASCII become '?', what is too long is cut. */
void verdict_add(struct verdicts *verdicts, enum verdict verdict, const char *subject,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* How what the last row found is mended: by a command, or by what a person has to do. */
void verdict_run(struct verdicts *verdicts, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void verdict_do(struct verdicts *verdicts, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

size_t verdict_count(const struct verdicts *verdicts, enum verdict verdict);

/* "ok", "warn", "fail" */
const char *verdict_name(enum verdict verdict);

void verdicts_release(struct verdicts *verdicts);

#endif
