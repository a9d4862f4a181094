/* SPDX-License-Identifier: BSD-3-Clause */
/* What is logged, as text: set-up and tear-down of a test, and what came meanwhile. */
#ifndef ARPAD_TESTS_CONTROL_LOG_CAPTURE_H
#define ARPAD_TESTS_CONTROL_LOG_CAPTURE_H

/* cmocka's set-up: standard error goes into a pipe of 1 MiB. */
int log_capture_begin(void **state);

/* Everything since then, once; standard error is what it was. Borrowed until the next test. */
const char *log_capture_end(void);

/* cmocka's tear-down; the log's level is the usual one again. */
int log_capture_close(void **state);

#endif
