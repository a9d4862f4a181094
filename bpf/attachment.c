/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds an interface's XDP program by asking the kernel: nothing is pinned, so nothing stays
 * behind in a file system and no bpffs is needed. No program is changed but by a detach that
 * names it.
 */
#include "bpf/attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
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
	attachment->program_fd = bpf_prog_get_fd_by_id(attachment->id);
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
		int fd = bpf_map_get_fd_by_id(attachment->map_ids[i]);

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
