/* SPDX-License-Identifier: BSD-3-Clause */
/* What the data half's tests share: short ways to say prefixes and names, and a directory. */
#ifndef ARPAD_TESTS_CONTROL_SUPPORT_H
#define ARPAD_TESTS_CONTROL_SUPPORT_H

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/presentation.h"
#include "control/rrset_buffer.h"
#include "control/update/update.h"

/* A prefix or an address from text that must be right. */
struct prefix at(const char *text);

/* A name from text that must be right. */
struct wire_name named(const char *text);

/* A PTR RRset of the names given, ended by NULL. Free it with rrset_buffer_free. */
struct rrset_buffer ptr_set(uint32_t ttl, ...) __attribute__((sentinel));

/* A fresh directory; and its removal with the files in it. */
const char *directory_make(void);
void directory_remove(const char *directory);

/* Fails unless `failure` has `code` and its text holds `part`. */
void assert_failure(const struct failure *failure, enum failure_code code, const char *part);

#endif
