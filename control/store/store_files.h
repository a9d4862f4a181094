/* SPDX-License-Identifier: BSD-3-Clause */
/* The store's directory: made when it is missing, held by one process at a time. */
#ifndef ARPAD_CONTROL_STORE_FILES_H
#define ARPAD_CONTROL_STORE_FILES_H

#include "control/failure.h"

/*
 * Makes `directory` if its parent exists, and locks it. Returns a descriptor that holds the lock
 * until it is closed (or the process ends, however it ends); -1: a failure.
 */
int store_files_lock(const char *directory, struct failure *failure);

/* Makes the names of new files in `directory`, and its own, durable. 0 or -1. */
int store_files_sync(const char *directory, struct failure *failure);

#endif
