/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/observer/dnstap_pipe.h"

#include "control/observer/dnstap_message.h"

#include <errno.h>
#include <fcntl.h>
#include <fstrm.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	/* A collector that takes nothing for so long is left; so an end never hangs on it. */
	WAIT_S = 2,
	/* Of clients' addresses: not everybody's. */
	FILE_MODE = 0640,
	IOV_MOST = 1024,
};

static fstrm_res failed(struct dnstap_pipe *pipe, int error)
{
	atomic_store_explicit(&pipe->error, error, memory_order_relaxed);
	return fstrm_res_failure;
}

static int open_socket(const struct dnstap_pipe *pipe)
{
	const struct timeval wait = {.tv_sec = WAIT_S};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", pipe->socket);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0 ||
		connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

/* What an earlier run wrote is kept once, for a file of frames can't be appended to. */
static int open_file(struct dnstap_pipe *pipe)
{
	char old[PATH_MAX];
	int fd;

	if (snprintf(old, sizeof(old), "%s.old", pipe->file) >= (int)sizeof(old))
		return -ENAMETOOLONG;
	if (rename(pipe->file, old) != 0 && errno != ENOENT)
		return -errno;
	fd = open(pipe->file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	pipe->file_bytes = 0;
	return fd < 0 ? -errno : fd;
}

static fstrm_res on_open(void *context)
{
	struct dnstap_pipe *pipe = context;
	int fd;

	/* Once it is full it stays so: a new one would push the first one out. */
	if (atomic_load_explicit(&pipe->error, memory_order_relaxed) == EFBIG)
		return fstrm_res_failure;
	fd = pipe->socket ? open_socket(pipe) : open_file(pipe);
	if (fd < 0)
		return failed(pipe, -fd);
	pipe->fd = fd;
	atomic_store_explicit(&pipe->open, true, memory_order_relaxed);
	return fstrm_res_success;
}

static fstrm_res on_close(void *context)
{
	struct dnstap_pipe *pipe = context;

	atomic_store_explicit(&pipe->open, false, memory_order_relaxed);
	if (pipe->fd >= 0)
		close(pipe->fd);
	pipe->fd = -1;
	return fstrm_res_success;
}

static fstrm_res on_read(void *context, void *octets, size_t bytes)
{
	struct dnstap_pipe *pipe = context;
	char *at = octets;

	while (bytes > 0) {
		ssize_t got = recv(pipe->fd, at, bytes, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return failed(pipe, got < 0 ? errno : ECONNRESET);
		at += got;
		bytes -= (size_t)got;
	}
	return fstrm_res_success;
}

static size_t length_of(const struct iovec *pieces, int count)
{
	size_t bytes = 0;

	for (int i = 0; i < count; i++)
		bytes += pieces[i].iov_len;
	return bytes;
}

/* Takes what was written off the front. Returns how many pieces are done. */
static int advance(struct iovec *pieces, int count, size_t bytes)
{
	int done = 0;

	while (done < count && bytes >= pieces[done].iov_len)
		bytes -= pieces[done++].iov_len;
	if (done < count) {
		pieces[done].iov_base = (char *)pieces[done].iov_base + bytes;
		pieces[done].iov_len -= bytes;
	}
	return done;
}

static ssize_t write_some(const struct dnstap_pipe *pipe, struct iovec *pieces, int count)
{
	struct msghdr message = {.msg_iov = pieces, .msg_iovlen = (size_t)count};

	return pipe->socket ? sendmsg(pipe->fd, &message, MSG_NOSIGNAL)
			    : writev(pipe->fd, pieces, count);
}

static int write_all(const struct dnstap_pipe *pipe, struct iovec *pieces, int count)
{
	while (count > 0) {
		ssize_t wrote = write_some(pipe, pieces, count);
		int done;

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return errno;
		done = advance(pieces, count, (size_t)wrote);
		pieces += done;
		count -= done;
	}
	return 0;
}

/* A frame is its length and its octets; the frames of the protocol itself are one piece. */
static unsigned frames_in(const struct iovec *pieces, int count)
{
	static const uint8_t escape[4];

	if (count < 2 || (pieces[0].iov_len == 4 && memcmp(pieces[0].iov_base, escape, 4) == 0))
		return 0;
	return (unsigned)count / 2;
}

static fstrm_res on_write(void *context, const struct iovec *given, int count)
{
	struct dnstap_pipe *pipe = context;
	struct iovec pieces[IOV_MOST];
	int error;

	if (count > IOV_MOST)
		return failed(pipe, EMSGSIZE);
	memcpy(pieces, given, (size_t)count * sizeof(*given));
	pipe->file_bytes += length_of(pieces, count);
	if (pipe->file && frames_in(given, count) && pipe->file_bytes > pipe->file_max_bytes)
		return failed(pipe, EFBIG);
	error = write_all(pipe, pieces, count);
	if (error)
		return failed(pipe, error);
	atomic_fetch_add_explicit(&pipe->sent, frames_in(given, count), memory_order_relaxed);
	return fstrm_res_success;
}

static fstrm_res on_destroy(void *context)
{
	return on_close(context);
}

static struct fstrm_rdwr *make_ends(struct dnstap_pipe *pipe)
{
	struct fstrm_rdwr *ends = fstrm_rdwr_init(pipe);

	if (!ends)
		return NULL;
	fstrm_rdwr_set_destroy(ends, on_destroy);
	fstrm_rdwr_set_open(ends, on_open);
	fstrm_rdwr_set_close(ends, on_close);
	fstrm_rdwr_set_write(ends, on_write);
	if (pipe->socket)
		fstrm_rdwr_set_read(ends, on_read); /* a collector answers, a file does not */
	return ends;
}

struct fstrm_writer *dnstap_pipe_writer(struct dnstap_pipe *pipe)
{
	struct fstrm_writer_options *options = fstrm_writer_options_init();
	struct fstrm_rdwr *ends = make_ends(pipe);
	struct fstrm_writer *writer = NULL;

	if (options && ends &&
		fstrm_writer_options_add_content_type(options, dnstap_content_type,
			DNSTAP_CONTENT_TYPE_BYTES) == fstrm_res_success)
		writer = fstrm_writer_init(options, &ends);
	fstrm_writer_options_destroy(&options);
	if (ends)
		fstrm_rdwr_destroy(&ends);
	return writer;
}
