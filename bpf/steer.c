/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds our XDP program by interface, name and maps (nothing is pinned, so nothing is left in a
 * file system), and fills its maps. A program is touched only when it is ours: by its name, by
 * the layout of its settings, and by the process that they name.
 */
#include "bpf/steer.h"

#include "bpf/attachment.h"
#include "bpf/owner.h"
#include "bpf/steer_map.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ENDING_PAUSES = 100, ENDING_PAUSE_NS = 10000000 };

struct steer {
	int interface_index;
	uint32_t program_id;
	int link_fd; /* -1: a kernel without links */
	int settings_fd, addresses_fd, verdicts_fd;
	struct steer_settings settings;
	uint64_t *per_cpu; /* scratch for one verdict, an element a possible CPU */
	int cpus;
};

__attribute__((format(printf, 3, 4))) static int fail(
	char error[static STEER_ERROR_BYTES], int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error, STEER_ERROR_BYTES, format, arguments);
	va_end(arguments);
	return code;
}

static int fail_system(
	char error[static STEER_ERROR_BYTES], int code, const char *what, const char *interface)
{
	if (code == -EPERM || code == -EACCES)
		return fail(error, code,
			"cannot %s on %s: run arpad as root, or with CAP_BPF and CAP_NET_ADMIN",
			what, interface);
	return fail(error, code, "cannot %s on %s: %s", what, interface, strerror(-code));
}

static void (*log_taker)(bool error, const char *text);

__attribute__((format(printf, 2, 0))) static int take_line(
	enum libbpf_print_level level, const char *format, va_list arguments)
{
	static const char prefix[] = "libbpf: ";
	char line[STEER_ERROR_BYTES];
	const char *text = line;
	int bytes = vsnprintf(line, sizeof(line), format, arguments);

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(text, prefix, sizeof(prefix) - 1) == 0)
		text += sizeof(prefix) - 1;
	if (*text)
		log_taker(level == LIBBPF_WARN, text);
	return bytes;
}

void steer_log(void (*take)(bool error, const char *text))
{
	log_taker = take;
	libbpf_set_print(take_line);
}

static bool is_ours(const struct attachment *attachment)
{
	return !strcmp(attachment->name, STEER_PROGRAM_NAME);
}

/*
 * The link of a process that is being killed goes with its descriptors, a little after the process
 * counts as dead: the threads of a group end one by one.
 */
static int detach_dead(int interface_index, const struct attachment *attachment)
{
	const struct timespec pause = {.tv_nsec = ENDING_PAUSE_NS};
	uint32_t id = attachment->id;
	/* libbpf would print the kernel's refusal, which is no error here. */
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int rc = attachment_detach(interface_index, attachment);

	libbpf_set_print(print);
	for (int i = 0; i < ENDING_PAUSES && rc == -EBUSY; i++) {
		nanosleep(&pause, NULL);
		if (!bpf_xdp_query_id(interface_index, 0, &id) && id != attachment->id)
			return 0;
	}
	return rc;
}

static int fail_stranger(char error[static STEER_ERROR_BYTES], const char *interface,
	const struct attachment *attachment)
{
	return fail(error, -EBUSY,
		"%s carries the XDP program '%s' (id %" PRIu32
		") of somebody else: look with `bpftool net`, remove it with `ip link set dev %s "
		"xdp off`, or serve on another interface",
		interface, attachment->name, attachment->id, interface);
}

static int clear_attachment(const char *interface, int interface_index,
	const struct attachment *attachment, char error[static STEER_ERROR_BYTES])
{
	struct steer_settings settings = {0};
	const uint32_t first = 0;

	if (!attachment->id)
		return 0;
	if (!is_ours(attachment))
		return fail_stranger(error, interface, attachment);
	int fd = attachment_open_map(attachment, STEER_SETTINGS_NAME, sizeof(settings));
	if (fd == -ENOENT) /* our name, another layout: whose it is can't be known */
		return fail_stranger(error, interface, attachment);
	if (fd < 0)
		return fail_system(error, fd, "read the XDP program's maps", interface);
	int rc = bpf_map_lookup_elem(fd, &first, &settings) ? -errno : 0;
	close(fd);
	if (rc)
		return fail_system(error, rc, "read the XDP program's settings", interface);
	if (owner_lives(&settings))
		return fail(error, -EBUSY,
			"%s is served by another arpad, process %" PRIu32
			": stop that one, or serve on another interface",
			interface, settings.owner_pid);
	rc = detach_dead(interface_index, attachment);
	if (rc == -EBUSY)
		return fail(error, rc,
			"a dead arpad's XDP program on %s is held by a bpf_link of another "
			"process: find it with `bpftool link` and end it",
			interface);
	return rc ? fail_system(error, rc, "detach a dead arpad's XDP program", interface) : 0;
}

/* The interface's index and what is attached to it; the caller closes the attachment. */
static int look_up(const char *interface, int *interface_index, struct attachment *attachment,
	char error[static STEER_ERROR_BYTES])
{
	*attachment = (struct attachment){.program_fd = -1};
	*interface_index = (int)if_nametoindex(interface);
	if (!*interface_index)
		return fail(error, -ENODEV,
			"there is no interface %s in this network namespace: see `ip link`",
			interface);
	int rc = attachment_read(*interface_index, attachment);
	if (rc == -EPERM && attachment->id)
		return fail(error, rc,
			"%s carries an XDP program (id %" PRIu32
			"), and without CAP_SYS_ADMIN arpad can't tell whose: look with `bpftool "
			"net`, remove it with `ip link set dev %s xdp off`, then start again",
			interface, attachment->id, interface);
	return rc ? fail_system(error, rc, "look up the XDP program", interface) : 0;
}

int steer_clear_stale(const char *interface, char error[static STEER_ERROR_BYTES])
{
	struct attachment attachment;
	int interface_index;

	int rc = look_up(interface, &interface_index, &attachment, error);
	if (!rc)
		rc = clear_attachment(interface, interface_index, &attachment, error);
	attachment_close(&attachment);
	return rc;
}

static int write_settings(struct steer *steer)
{
	const uint32_t first = 0;

	return bpf_map_update_elem(steer->settings_fd, &first, &steer->settings, BPF_ANY) ? -errno
											  : 0;
}

static int open_maps(struct steer *steer, const struct attachment *attachment)
{
	steer->settings_fd =
		attachment_open_map(attachment, STEER_SETTINGS_NAME, sizeof(struct steer_settings));
	steer->addresses_fd =
		attachment_open_map(attachment, STEER_ADDRESSES_NAME, sizeof(uint8_t));
	steer->verdicts_fd = attachment_open_map(attachment, STEER_VERDICTS_NAME, sizeof(uint64_t));
	if (steer->settings_fd < 0)
		return steer->settings_fd;
	if (steer->addresses_fd < 0)
		return steer->addresses_fd;
	return steer->verdicts_fd < 0 ? steer->verdicts_fd : 0;
}

static void steer_free(struct steer *steer)
{
	if (steer->link_fd >= 0)
		close(steer->link_fd);
	if (steer->settings_fd >= 0)
		close(steer->settings_fd);
	if (steer->addresses_fd >= 0)
		close(steer->addresses_fd);
	if (steer->verdicts_fd >= 0)
		close(steer->verdicts_fd);
	free(steer->per_cpu);
	free(steer);
}

/* Frames to another address are not for us: those of virtual interfaces on this one, for example.
 */
static void put_mac(struct steer_settings *settings, const uint8_t *mac)
{
	memcpy(&settings->mac_first, mac, sizeof(settings->mac_first));
	memcpy(&settings->mac_rest, mac + sizeof(settings->mac_first), sizeof(settings->mac_rest));
}

static int read_mac(const char *interface, struct steer_settings *settings)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	int rc = ioctl(fd, SIOCGIFHWADDR, &request) ? -errno : 0;
	close(fd);
	put_mac(settings, (const uint8_t *)request.ifr_hwaddr.sa_data);
	return rc;
}

static int fill(struct steer *steer, const char *interface, const struct attachment *attachment,
	char error[static STEER_ERROR_BYTES])
{
	steer->cpus = libbpf_num_possible_cpus();
	if (steer->cpus < 0)
		return fail_system(error, steer->cpus, "count the CPUs for steering", interface);
	steer->per_cpu = calloc((size_t)steer->cpus, sizeof(*steer->per_cpu));
	if (!steer->per_cpu)
		return fail_system(error, -ENOMEM, "set up steering", interface);
	int rc = open_maps(steer, attachment);
	if (rc)
		return fail_system(error, rc, "open the XDP program's maps", interface);
	if (!owner_sign(&steer->settings))
		return fail(error, -ENOENT,
			"cannot read /proc/self/stat: mount /proc, arpad signs its XDP program "
			"with it");
	rc = read_mac(interface, &steer->settings);
	if (rc)
		return fail_system(error, rc, "read the MAC address", interface);
	rc = write_settings(steer);
	return rc ? fail_system(error, rc, "write the XDP program's settings", interface) : 0;
}

static int tie(struct steer *steer, const char *interface, const struct attachment *attachment,
	char error[static STEER_ERROR_BYTES])
{
	struct attachment now;

	steer->link_fd = attachment_link(steer->interface_index, attachment);
	if (steer->link_fd >= 0)
		return 0;
	/* Without a link all goes on, as long as the program is where it was. */
	int rc = attachment_read(steer->interface_index, &now);
	bool attached = !rc && now.id == steer->program_id;
	attachment_close(&now);
	return attached ? 0
			: fail_system(error, rc ? rc : steer->link_fd,
				  "attach the XDP program again", interface);
}

static int open_attachment(const char *interface, int interface_index,
	const struct attachment *attachment, struct steer **steer,
	char error[static STEER_ERROR_BYTES])
{
	if (!attachment->id)
		return fail(error, -ENOENT,
			"the driver attached no XDP program to %s: see `bpftool net`", interface);
	if (!is_ours(attachment))
		return fail_stranger(error, interface, attachment);
	struct steer *made = calloc(1, sizeof(*made));
	if (!made)
		return fail_system(error, -ENOMEM, "set up steering", interface);
	made->interface_index = interface_index;
	made->program_id = attachment->id;
	made->link_fd = made->settings_fd = made->addresses_fd = made->verdicts_fd = -1;
	int rc = fill(made, interface, attachment, error);
	if (!rc)
		rc = tie(made, interface, attachment, error);
	if (rc) {
		steer_free(made);
		return rc;
	}
	*steer = made;
	return 0;
}

int steer_open(const char *interface, struct steer **steer, char error[static STEER_ERROR_BYTES])
{
	struct attachment attachment;
	int interface_index;

	*steer = NULL;
	int rc = look_up(interface, &interface_index, &attachment, error);
	if (!rc)
		rc = open_attachment(interface, interface_index, &attachment, steer, error);
	attachment_close(&attachment);
	return rc;
}

static bool make_key(struct steer_address *key, uint8_t family, const uint8_t *bytes)
{
	if (family != 4 && family != 6)
		return false;
	*key = (struct steer_address){.family = family};
	memcpy(key->bytes, bytes, family == 4 ? 4 : 16);
	return true;
}

int steer_add_address(struct steer *steer, uint8_t family, const uint8_t *bytes)
{
	struct steer_address key;
	const uint8_t present = 1;

	if (!make_key(&key, family, bytes))
		return -EINVAL;
	if (!bpf_map_update_elem(steer->addresses_fd, &key, &present, BPF_ANY))
		return 0;
	return errno == E2BIG ? -ENOSPC : -errno; /* E2BIG: a hash map that is full */
}

int steer_remove_address(struct steer *steer, uint8_t family, const uint8_t *bytes)
{
	struct steer_address key;

	if (!make_key(&key, family, bytes))
		return -EINVAL;
	return bpf_map_delete_elem(steer->addresses_fd, &key) ? -errno : 0;
}

static int enter(struct steer *steer, enum steer_state state)
{
	steer->settings.state = state;
	return write_settings(steer);
}

int steer_enable(struct steer *steer, uint16_t port)
{
	steer->settings.port_be = htons(port);
	return enter(steer, STEER_ON);
}

int steer_disable(struct steer *steer)
{
	return enter(steer, STEER_OFF);
}

int steer_drain(struct steer *steer)
{
	return enter(steer, STEER_DRAINING);
}

/* While the kernel copies the element a frame may see half of it: it goes to the kernel. */
int steer_set_mac(struct steer *steer, const uint8_t *mac)
{
	put_mac(&steer->settings, mac);
	return write_settings(steer);
}

uint64_t steer_verdict_count(const struct steer *steer, unsigned verdict)
{
	const uint32_t key = verdict;
	uint64_t sum = 0;

	if (verdict >= STEER_VERDICTS ||
		bpf_map_lookup_elem(steer->verdicts_fd, &key, steer->per_cpu))
		return 0;
	for (int cpu = 0; cpu < steer->cpus; cpu++)
		sum += steer->per_cpu[cpu];
	return sum;
}

bool steer_is_tied(const struct steer *steer)
{
	return steer->link_fd >= 0;
}

void steer_close(struct steer *steer)
{
	struct attachment attachment;

	if (!steer)
		return;
	steer_disable(steer);
	/* A link goes with its descriptor. */
	if (steer->link_fd < 0) {
		if (!attachment_read(steer->interface_index, &attachment) &&
			attachment.id == steer->program_id)
			attachment_detach(steer->interface_index, &attachment);
		attachment_close(&attachment);
	}
	steer_free(steer);
}
