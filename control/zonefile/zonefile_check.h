/* SPDX-License-Identifier: BSD-3-Clause */
/* Text that ldns reads to something it does not say. Pure; the text is untrusted. */
#ifndef ARPAD_CONTROL_ZONEFILE_CHECK_H
#define ARPAD_CONTROL_ZONEFILE_CHECK_H

#include <stdbool.h>

/* The data of a LOC record (RFC 1876 3): numbers in their ranges, nothing behind them. */
bool zonefile_check_location(const char *text);

/* The parameters of an SVCB or HTTPS record: a port below 65536 (RFC 9460 7.2). */
bool zonefile_check_parameters(const char *text);

#endif
