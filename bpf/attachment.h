/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever XDP program an interface carries: its identity and its maps, read from the kernel. */
#ifndef ARPAD_BPF_ATTACHMENT_H
#define ARPAD_BPF_ATTACHMENT_H

#include <linux/bpf.h>
#include <stdint.h>

enum { ATTACHMENT_MAPS_MAX = 16 }; /* our program has four */

/* id 0: nothing is attached. */
struct attachment {
	uint32_t id;
	uint32_t mode; /* XDP_FLAGS_*_MODE, which a detach has to repeat */
	int program_fd;
	char name[BPF_OBJ_NAME_LEN];
	uint32_t map_ids[ATTACHMENT_MAPS_MAX];
	uint32_t map_count;
};

/*
 * Reads what interface `interface_index` carries; 0 or -errno. A program of another process can be
 * opened with CAP_SYS_ADMIN only: -EPERM, and its id is known. In every case attachment_close() is
 * owed.
 */
int attachment_read(int interface_index, struct attachment *attachment);
void attachment_close(struct attachment *attachment);

/*
 * A descriptor of the program's map of this name and value size, the caller's to close; -ENOENT
 * when it has none such, or -errno.
 */
int attachment_open_map(
	const struct attachment *attachment, const char *name, uint32_t value_bytes);

/*
 * Detaches this very program, and nothing that replaced it meanwhile. 0 or -errno: -EBUSY when a
 * bpf_link holds it, which goes with its last descriptor.
 */
int attachment_detach(int interface_index, const struct attachment *attachment);

/*
 * Makes a bpf_link of an attachment by netlink, in the same mode: the kernel detaches the program
 * when the link's last descriptor is closed, however the process ends, and asks for no capability
 * then. Nothing is attached for a moment. Returns the link's descriptor, the caller's to close, or
 * -errno; then the program is attached as it was, as on a kernel without such links (before 5.9).
 * Needs CAP_NET_ADMIN.
 */
int attachment_link(int interface_index, const struct attachment *attachment);

#endif
