/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of imports and backups over the protocol share, above command_fixture.h. */
#ifndef ARPAD_TESTS_CONTROL_IMPORT_FIXTURE_H
#define ARPAD_TESTS_CONTROL_IMPORT_FIXTURE_H

#include "tests/control/command_fixture.h"

#include <jansson.h>

/* Runs a method; takes `params`. The whole reply, its pages joined: a new reference. */
json_t *ask(const char *method, json_t *params);

/* A member of a result that must be there. */
json_int_t number_of(json_t *reply, const char *key);

/* Begins with `params`, which it takes, and sends the text in pieces. The import's number. */
json_int_t import_send(json_t *params, const char *text);

/* The same to its end: the reply to the commit, or the first error. A new reference. */
json_t *import_all(json_t *params, const char *text);

/* The text of a list of strings, joined: an export or a backup. For free(). */
char *list_text(const char *method, json_t *params);

/* Restores; the reply to the commit, or the first error. */
json_t *restore_all(const char *text, size_t bytes);

/* Fails unless the reply is an error of this name that has `part`; frees it. */
void must_fail(json_t *reply, const char *name, const char *part);

/* Fails if the reply is an error; frees it. */
void must_succeed(json_t *reply);

#endif
