/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds an interface's XDP program by asking the kernel: nothing is pinned, so nothing stays
 * behind in a file system and no bpffs is needed. No program is changed but by a detach that
 * names it.
 */
#include "bpf/attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void attachment_close(struct attachment *attachment)
{
	if (attachment->program_fd >= 0)
		close(attachment->program_fd);
	attachment->program_fd = -1;
}

static uint32_t mode_flags(uint8_t attach_mode)
{
	switch (attach_mode) {
	case XDP_ATTACHED_DRV:
		return XDP_FLAGS_DRV_MODE;
	case XDP_ATTACHED_SKB:
		return XDP_FLAGS_SKB_MODE;
	case XDP_ATTACHED_HW:
		return XDP_FLAGS_HW_MODE;
	default:
		return 0;
	}
}

/* The driver may have it open in this process: then no right is needed to open it again. */
static int dup_own(const char *kind, uint32_t id, uint32_t (*id_of)(int fd))
{
	char path[64], target[64];
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	int found = -1;

	while (folder && found < 0 && (entry = readdir(folder))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		ssize_t length = readlink(path, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		if (!strcmp(target, kind) && id_of(fd) == id)
			found = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	}
	if (folder)
		closedir(folder);
	return found;
}

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = {0};
	uint32_t bytes = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &bytes) ? 0 : info.id;
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {0};
	uint32_t bytes = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &bytes) ? 0 : info.id;
}

/* By its number where this process has not got it: that needs CAP_SYS_ADMIN. */
static int open_program(uint32_t id)
{
	int fd = dup_own("anon_inode:bpf-prog", id, program_id);

	return fd >= 0 ? fd : bpf_prog_get_fd_by_id(id);
}

static int open_map(uint32_t id)
{
	int fd = dup_own("anon_inode:bpf-map", id, map_id);

	return fd >= 0 ? fd : bpf_map_get_fd_by_id(id);
}

int attachment_read(int interface_index, struct attachment *attachment)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info info = {.nr_map_ids = ATTACHMENT_MAPS_MAX,
		.map_ids = (uint64_t)(uintptr_t)attachment->map_ids};
	uint32_t info_bytes = sizeof(info);

	*attachment = (struct attachment){.program_fd = -1};
	int rc = bpf_xdp_query(interface_index, 0, &query);
	if (rc)
		return rc;
	attachment->mode = mode_flags(query.attach_mode);
	attachment->id = query.prog_id;
	if (query.attach_mode == XDP_ATTACHED_MULTI) /* then prog_id is 0 */
		attachment->id = query.drv_prog_id ? query.drv_prog_id : query.skb_prog_id;
	if (!attachment->id)
		return 0;
	attachment->program_fd = open_program(attachment->id);
	if (attachment->program_fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(attachment->program_fd, &info, &info_bytes))
		return -errno;
	memcpy(attachment->name, info.name, sizeof(attachment->name));
	attachment->map_count =
		info.nr_map_ids < ATTACHMENT_MAPS_MAX ? info.nr_map_ids : ATTACHMENT_MAPS_MAX;
	return 0;
}

int attachment_open_map(const struct attachment *attachment, const char *name, uint32_t value_bytes)
{
	for (uint32_t i = 0; i < attachment->map_count; i++) {
		struct bpf_map_info info = {0};
		uint32_t info_bytes = sizeof(info);
		int fd = open_map(attachment->map_ids[i]);

		if (fd < 0)
			return -errno;
		if (!bpf_obj_get_info_by_fd(fd, &info, &info_bytes) && !strcmp(info.name, name) &&
			info.value_size == value_bytes)
			return fd;
		close(fd);
	}
	return -ENOENT;
}

int attachment_detach(int interface_index, const struct attachment *attachment)
{
	/* With the expected program named, the kernel refuses if it was replaced meanwhile. */
	LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = attachment->program_fd);

	return bpf_xdp_detach(interface_index, (int)attachment->mode, &options);
}

static int link_create(int interface_index, const struct attachment *attachment)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = attachment->mode);
	int fd = bpf_link_create(attachment->program_fd, interface_index, BPF_XDP, &options);

	return fd < 0 ? -errno : fd;
}

int attachment_link(int interface_index, const struct attachment *attachment)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, options);
	const uint32_t if_free = attachment->mode | XDP_FLAGS_UPDATE_IF_NOEXIST;

	/*
	 * A link can't replace an attachment, so a kernel that has links says "busy" here, and any
	 * other is left as it is, without a moment in which nothing is attached.
	 */
	int fd = link_create(interface_index, attachment);
	if (fd != -EBUSY)
		return fd;
	int rc = attachment_detach(interface_index, attachment);
	if (rc)
		return rc;
	fd = link_create(interface_index, attachment);
	if (fd < 0)
		bpf_xdp_attach(interface_index, attachment->program_fd, if_free, &options);
	return fd;
}
