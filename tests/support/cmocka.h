/* SPDX-License-Identifier: BSD-3-Clause */
/* cmocka with the headers that it needs before it, in the order it needs them. */
#ifndef ARPAD_TESTS_SUPPORT_CMOCKA_H
#define ARPAD_TESTS_SUPPORT_CMOCKA_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
