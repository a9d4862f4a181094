/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * systemd's journal, by its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): an entry is one
 * datagram. libsystemd is not asked, since it opens its socket when it first logs, which threads in
 * their sandboxes may not.
 */
#ifndef ARPAD_CONTROL_LOG_JOURNAL_H
#define ARPAD_CONTROL_LOG_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether standard error goes to the journal: $JOURNAL_STREAM has its device and inode. */
bool log_journal_is_ours(void);

/* Opens the socket, while it may be. False: there is none; errno tells. Once. */
bool log_journal_open(void);

/*
 * Sends one entry, lines of "FIELD=value". False: the journal does not take it, since it is being
 * restarted or gone. Any thread.
 */
bool log_journal_send(const char *entry, size_t bytes);

#endif
