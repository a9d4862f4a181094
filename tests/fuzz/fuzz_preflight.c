/* SPDX-License-Identifier: BSD-3-Clause */
/* The texts of /proc, /sys and units that arpactl preflight reads, whatever they hold. */
#include "control/preflight/facts_port.h"
#include "control/preflight/facts_socket.h"
#include "control/preflight/facts_text.h"
#include "control/preflight/facts_unit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t count);

static void check(bool good)
{
	if (!good)
		abort();
}

/* A list that is written is read as the same, unless it was cut. */
static void read_cpus(const char *text)
{
	char written[256];
	cpu_set_t list, again;

	facts_cpu_list(text, &list);
	facts_cpu_text(&list, written, sizeof(written));
	check(strlen(written) < sizeof(written));
	facts_cpu_list(written, &again);
	check(strlen(written) + 12 > sizeof(written) || CPU_EQUAL(&list, &again));
}

static void read_socket(const char *text)
{
	struct facts_socket socket;

	if (facts_socket_parse(text, false, &socket))
		check(socket.address.family == 4 || socket.address.family == 6);
	facts_socket_parse(text, true, &socket);
}

static void read_unit(const char *text)
{
	struct facts_starter starter;

	facts_starter_begin(&starter);
	facts_unit_parse(text, &starter);
	check(strlen(starter.user) < sizeof(starter.user));
	check(starter.memlock >= STARTER_UNSET && starter.files >= STARTER_UNSET);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t count)
{
	char *text = strndup((const char *)octets, count), name[16];
	unsigned major, minor;

	read_cpus(text);
	read_socket(text);
	read_unit(text);
	facts_unit_of_cgroup(text, name, sizeof(name));
	check(strlen(name) < sizeof(name) && !strchr(name, '/'));
	if (facts_pci_address(text, name, sizeof(name)))
		check(strspn(name, "0123456789abcdef:.") == strlen(name));
	facts_release(text, &major, &minor);
	facts_number(text, 0);
	facts_has_word(text, "tsc");
	facts_is_below(text, "/var/lib/arpad");
	free(text);
	return 0;
}
