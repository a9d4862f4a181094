/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bpf/interfaces.h"

#include "bpf/attachment.h"

#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *object_path;

bool interfaces_make(const char *object)
{
	object_path = object;
	return support_enter_namespace() &&
		!system("ip link add " INTERFACE " type veth peer name steer1 && "
			"ip link add " GENERIC " type bridge");
}

void interfaces_clean(void)
{
	detach_any(INTERFACE);
	detach_any(GENERIC);
}

uint32_t attached_id(const char *interface)
{
	uint32_t id = 0;

	assert_int_equal(bpf_xdp_query_id((int)if_nametoindex(interface), 0, &id), 0);
	return id;
}

static void attach(const char *interface, int program_fd)
{
	assert_int_equal(bpf_xdp_attach((int)if_nametoindex(interface), program_fd,
				 XDP_FLAGS_UPDATE_IF_NOEXIST, NULL),
		0);
}

void detach_any(const char *interface)
{
	bpf_xdp_detach((int)if_nametoindex(interface), 0, NULL);
}

/* Attached, and held by nothing but the interface: as after the process died. */
void attach_ours(const char *interface)
{
	struct loaded loaded = support_load(object_path);

	attach(interface, loaded.program_fd);
	bpf_object__close(loaded.object);
}

void attach_stranger(const char *interface)
{
	const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "stranger", "GPL", pass, 2, NULL);

	assert_true(fd >= 0);
	attach(interface, fd);
	close(fd);
}

struct steer *open_ours(const char *interface)
{
	char sentence[STEER_ERROR_BYTES];
	struct steer *steer = NULL;

	assert_int_equal(steer_open(interface, &steer, sentence), 0);
	assert_non_null(steer);
	return steer;
}

struct steer_settings read_settings(const char *interface)
{
	struct attachment attachment;
	struct steer_settings settings;
	const uint32_t first = 0;

	assert_int_equal(attachment_read((int)if_nametoindex(interface), &attachment), 0);
	int fd = attachment_open_map(&attachment, STEER_SETTINGS_NAME, sizeof(settings));
	assert_true(fd >= 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &first, &settings), 0);
	close(fd);
	attachment_close(&attachment);
	return settings;
}

void write_settings(const char *interface, const struct steer_settings *settings)
{
	struct attachment attachment;
	const uint32_t first = 0;

	assert_int_equal(attachment_read((int)if_nametoindex(interface), &attachment), 0);
	int fd = attachment_open_map(&attachment, STEER_SETTINGS_NAME, sizeof(*settings));
	assert_int_equal(bpf_map_update_elem(fd, &first, settings, BPF_ANY), 0);
	close(fd);
	attachment_close(&attachment);
}
