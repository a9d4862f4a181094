/* SPDX-License-Identifier: BSD-3-Clause */
/* Request lines in, reply lines out, with a real store and table and no socket. */
#ifndef ARPAD_TESTS_CONTROL_COMMAND_FIXTURE_H
#define ARPAD_TESTS_CONTROL_COMMAND_FIXTURE_H

#include "control/command/command.h"
#include "control/command/request.h"
#include "tests/control/backend.h"

#include <stddef.h>

/* What the requests of one test act on. */
extern struct backend backend;
extern struct session *session;

/* Before and after each test. */
int open_all(void **state);
int close_all(void **state);

/* Runs `count` lines, 16 at most, as one batch; the replies, one after the other, are for free().
 */
char *run_batch(const char *const *lines, size_t count);

/* Every reply line of a request that was run, for free(). Frees the request. */
char *collect(struct request *request);

/* Runs one line; its reply lines are for free(). */
char *run(const char *line);
char *run_bytes(const char *line, size_t bytes);

/* Takes the times of PTR objects, which differ from run to run, out of replies. Returns `text`. */
char *without_times(char *text);

/* Runs one line, whose reply without_times is `reply`. */
void expect(const char *line, const char *reply);

/* Runs one line, whose reply is an error of this name with `part` in its message. */
void expect_error(const char *line, const char *name, const char *part);

/* The same of a method and its parameters, which are written with ' for ". `result` likewise. */
char *call(const char *method, const char *params);
void gives(const char *method, const char *params, const char *result);
void refuses(const char *method, const char *params, const char *name, const char *part);

/* Adds 192.0.2.0/24, as change 1. */
void add_zone(void);

/* Sets the PTRs of the first `count` addresses of 10.0.0.0/8, which is a zone. */
void set_many(unsigned count);

#endif
