/* SPDX-License-Identifier: BSD-3-Clause */
/* The data of any type that ldns knows: text -> wire form, field by field. */
#ifndef ARPAD_CONTROL_ZONEFILE_TYPED_H
#define ARPAD_CONTROL_ZONEFILE_TYPED_H

#include "control/zonefile/zonefile_rdata.h"

/*
 * Reads the fields at `*cursor` and moves behind them; what is left there is not looked at. Returns
 * the length of `rdata`, which may still be unsound, or -1.
 */
int zonefile_typed_read(const struct zonefile_data *data, char **cursor,
	const struct zonefile_name *origin, uint8_t rdata[static ZONEFILE_RDATA_MAX_BYTES],
	struct failure *failure);

#endif
