/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The lines of a backup: what is stored, for whatever store comes after this one. Each is an object
 * of JSON: first {"arpad-backup":1,...}; of each zone {"zone":...} and behind it its RRsets, those
 * of PTR at an address as {"address":...,"names":[...],...}, others as {"owner":...,"type":N,
 * "data":["hex",...],...}; last {"end":true,"zones":N,"records":N,"crc32c":"hex"} with the CRC of
 * all octets before that line. Pure.
 */
#ifndef ARPAD_CONTROL_BACKUP_WRITE_H
#define ARPAD_CONTROL_BACKUP_WRITE_H

#include "control/command/text.h"
#include "control/object.h"
#include "control/update/zone_settings.h"
#include "dataplane/dns/owner.h"

#include <stdint.h>

enum { BACKUP_FORMAT = 1 };

/* `time` in seconds since 1970; `sequence` that of the last change. */
void backup_write_head(struct text *text, uint64_t time, uint64_t sequence);
void backup_write_zone(
	struct text *text, const struct owner *apex, const struct zone_settings *settings);

/* A sound RRset. Its change's number is no part of it: that is the store's own. */
void backup_write_record(struct text *text, const struct owner *owner, const struct stored *stored);
void backup_write_end(struct text *text, uint64_t zones, uint64_t records, uint32_t crc);

#endif
