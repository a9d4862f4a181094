/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of configurations as files, loaded or refused. */
#ifndef ARPAD_TESTS_CONTROL_CONFIG_FIXTURE_H
#define ARPAD_TESTS_CONTROL_CONFIG_FIXTURE_H

#include "control/config/config.h"

extern char config_fixture_folder[]; /* of this run */
extern char config_fixture_path[64]; /* the one file in it */

/* cmocka's set-up and tear-down of a group. */
int config_fixture_open(void **state);
int config_fixture_close(void **state);

void config_fixture_write(const char *text);

/* What is valid: for config_free. */
struct config *config_fixture_load(const char *text);

/* What is not; `message` is what follows the file's path. */
void config_fixture_refuse(const char *text, const char *message);

#endif
