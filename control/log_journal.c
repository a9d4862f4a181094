/* SPDX-License-Identifier: BSD-3-Clause */
/* The socket is not connected: a journal that is restarted is found again by its path. */
#include "control/log_journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* As libsystemd has it: a burst of entries waits here, not in us. */
enum { SEND_BUFFER_BYTES = 8 << 20 };

static int fd = -1;
static const struct sockaddr_un journal = {
	.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};

bool log_journal_is_ours(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat about;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
		fstat(STDERR_FILENO, &about) == 0 && about.st_dev == device &&
		about.st_ino == inode;
}

bool log_journal_open(void)
{
	static const int bytes = SEND_BUFFER_BYTES;

	if (fd >= 0)
		return true;
	if (access(journal.sun_path, F_OK) != 0)
		return false;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return fd >= 0;
}

bool log_journal_send(const char *entry, size_t bytes)
{
	ssize_t sent;

	do
		sent = sendto(fd, entry, bytes, MSG_NOSIGNAL, (const struct sockaddr *)&journal,
			sizeof(journal));
	while (sent < 0 && errno == EINTR);
	return sent >= 0;
}
