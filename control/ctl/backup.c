/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKUP_TIMEOUT_S = 600, PIECE_BYTES = 64 * 1024 };

struct backup {
	FILE *out;
	const char *path;
	char *text;
	size_t room;
};

static bool refuse_file(const char *path, const char *what)
{
	output_message("%s can't be %s: %s", path, what, strerror(errno));
	return false;
}

static bool take_text(void *context, struct span item)
{
	struct backup *backup = context;
	size_t bytes;

	if (item.bytes > backup->room) {
		char *text = realloc(backup->text, item.bytes);

		if (!text) {
			output_message("out of memory");
			return false;
		}
		backup->text = text;
		backup->room = item.bytes;
	}
	bytes = span_text(item, backup->text);
	if (fwrite(backup->text, 1, bytes, backup->out) != bytes)
		return refuse_file(backup->path, "written");
	return true;
}

static enum ctl_status receive(const struct ctl *ctl, struct backup *backup)
{
	struct ctl patient = *ctl;
	const struct list_form form = {.take = take_text, .context = backup};
	enum ctl_status status;

	if (!patient.timeout_s)
		patient.timeout_s = BACKUP_TIMEOUT_S;
	status = verbs_list(&patient, "store.backup", NULL, &form);
	free(backup->text);
	return status;
}

/* A name is on disk when its folder is. */
static bool sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;
	bool done;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		slash ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return done || refuse_file(folder, "brought to disk");
}

static enum ctl_status keep(struct backup *backup, const char *temporary)
{
	if (fflush(backup->out) != 0 || fsync(fileno(backup->out)) != 0 ||
		rename(temporary, backup->path) != 0) {
		refuse_file(backup->path, "written");
		return CTL_FAILED;
	}
	return sync_folder(backup->path) ? CTL_OK : CTL_FAILED;
}

static enum ctl_status write_file(const struct ctl *ctl, const char *path)
{
	struct backup backup = {.path = path};
	char temporary[PATH_MAX];
	enum ctl_status status;
	int fd;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= PATH_MAX)
		return verbs_usage("the file's path is too long");
	fd = mkostemp(temporary, O_CLOEXEC);
	backup.out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!backup.out) {
		refuse_file(path, "made");
		return CTL_FAILED;
	}
	status = receive(ctl, &backup);
	if (status == CTL_OK)
		status = keep(&backup, temporary);
	if (status != CTL_OK)
		unlink(temporary);
	fclose(backup.out);
	if (status == CTL_OK && !ctl->quiet)
		fprintf(stderr, "%s is written\n", path);
	return status;
}

enum ctl_status backup_write(const struct ctl *ctl, const char *path)
{
	struct backup backup = {.out = stdout, .path = "standard output"};

	return strcmp(path, "-") == 0 ? receive(ctl, &backup) : write_file(ctl, path);
}

/* The octets up to the last newline: so no character is cut. 0: none of `bytes`. */
static size_t whole_lines(const char *text, size_t bytes)
{
	const char *end = memrchr(text, '\n', bytes);

	return end ? (size_t)(end - text) + 1 : 0;
}

static enum ctl_status send_piece(
	const struct ctl *ctl, json_int_t number, const char *text, size_t bytes)
{
	json_t *result, *string = json_stringn(text, bytes);
	enum ctl_status status;

	if (!string) {
		output_message("the backup is not UTF-8; it was changed since it was written");
		return CTL_FAILED;
	}
	status = verbs_call_within(ctl, BACKUP_TIMEOUT_S, "store.restore.data",
		json_pack("{s:I, s:o}", "restore", number, "text", string), &result);
	json_decref(result);
	return status;
}

static enum ctl_status send_file(const struct ctl *ctl, const char *path, int fd, json_int_t number)
{
	enum ctl_status status = CTL_OK;
	char piece[PIECE_BYTES];
	size_t held = 0;

	while (status == CTL_OK) {
		ssize_t got = read(fd, piece + held, sizeof(piece) - held);
		size_t whole;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			refuse_file(path, "read");
			return CTL_FAILED;
		}
		held += (size_t)got;
		whole = got ? whole_lines(piece, held) : held;
		if (!whole && held == sizeof(piece)) {
			output_message("%s is no backup: a line of it is too long", path);
			return CTL_FAILED;
		}
		if (whole)
			status = send_piece(ctl, number, piece, whole);
		memmove(piece, piece + whole, held - whole);
		held -= whole;
		if (!got)
			break;
	}
	return status;
}

static void print_restored(const char *path, json_t *result, bool dry_run)
{
	printf("%s %s: %lld records", path, dry_run ? "is whole" : "restored",
		verbs_number(result, "records"));
	if (dry_run)
		puts(" (a dry run)");
	else
		printf(" (change %lld)\n", verbs_number(result, "seq"));
}

static enum ctl_status restore(const struct ctl *ctl, const char *path, int fd, bool dry_run)
{
	json_t *result;
	json_int_t number;
	enum ctl_status status = verbs_call(ctl, "store.restore.begin", NULL, &result);

	if (status != CTL_OK)
		return status;
	number = json_integer_value(json_object_get(result, "restore"));
	json_decref(result);
	status = send_file(ctl, path, fd, number);
	if (status != CTL_OK) {
		client_close(ctl->kept); /* and with it what was sent */
		return status;
	}
	status = verbs_call_within(ctl, BACKUP_TIMEOUT_S, "store.restore.commit",
		json_pack("{s:I, s:b}", "restore", number, "dry_run", dry_run), &result);
	if (status == CTL_OK && ctl->format != OUTPUT_TEXT)
		verbs_print_json(result);
	else if (status == CTL_OK && !ctl->quiet)
		print_restored(path, result, dry_run);
	json_decref(result);
	return status;
}

enum ctl_status backup_restore(const struct ctl *ctl, const char *path, bool dry_run)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	enum ctl_status status;

	if (fd < 0) {
		refuse_file(path, "opened");
		return CTL_FAILED;
	}
	status = restore(ctl, standard ? "standard input" : path, fd, dry_run);
	if (!standard)
		close(fd);
	return status;
}
