/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/facts_socket.h"

#include "control/preflight/facts_text.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TCP_LISTENS = 0x0a };

/* The kernel prints each 32 bits as a number of this machine. */
static bool parse_address(const char *text, struct ip_address *address)
{
	size_t figures = strspn(text, "0123456789ABCDEFabcdef");
	unsigned words = (unsigned)figures / 8;

	if (figures != 8 && figures != 32)
		return false;
	*address = (struct ip_address){.family = words == 1 ? 4 : 6};
	for (unsigned i = 0; i < words; i++) {
		uint32_t word;
		char part[9];

		memcpy(part, text + (size_t)i * 8, 8);
		part[8] = '\0';
		word = (uint32_t)strtoul(part, NULL, 16);
		memcpy(address->bytes + (size_t)i * 4, &word, sizeof(word));
	}
	return true;
}

bool facts_socket_parse(const char *line, bool tcp, struct facts_socket *socket)
{
	char local[40], remote[48];
	unsigned port, state;
	unsigned long inode;

	*socket = (struct facts_socket){.tcp = tcp};
	if (sscanf(line, " %*[0-9]: %39[0-9A-Fa-f]:%4x %47s %2x %*s %*s %*s %*s %*s %lu", local,
		    &port, remote, &state, &inode) != 5)
		return false;
	socket->port = (uint16_t)port;
	socket->inode = inode;
	return parse_address(local, &socket->address) && (!tcp || state == TCP_LISTENS);
}

/* Of system.slice alone: what a person has started in a session belongs to no unit to be stopped.
 */
void facts_unit_of_cgroup(const char *text, char *unit, size_t bytes)
{
	static const char slice[] = ":/system.slice/", suffix[] = ".service";
	const char *name = strstr(text, slice);
	size_t length, suffix_length = sizeof(suffix) - 1;

	unit[0] = '\0';
	if (!name)
		return;
	name += sizeof(slice) - 1;
	length = strcspn(name, "\n");
	if (memchr(name, '/', length) || length <= suffix_length ||
		memcmp(name + length - suffix_length, suffix, suffix_length) != 0)
		return;
	snprintf(unit, bytes, "%.*s", (int)(length - suffix_length), name);
}

static bool is_wanted(const struct config *config, uint16_t port)
{
	if (port == config->port || port == config->metrics.address.port)
		return true;
	for (size_t i = 0; i < config->address_count; i++)
		if (config->addresses[i].port == port)
			return true;
	return false;
}

static void read_table(const char *root, const char *name, bool tcp, struct facts *facts)
{
	char path[FACTS_PATH_BYTES], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc/net/%s", root, name);
	file = fopen(path, "re");
	while (file && facts->socket_count < FACTS_SOCKETS_MAX && fgets(line, sizeof(line), file)) {
		struct facts_socket *socket = &facts->sockets[facts->socket_count];

		if (facts_socket_parse(line, tcp, socket) && is_wanted(facts->config, socket->port))
			facts->socket_count++;
	}
	if (file)
		fclose(file);
}

static void name_owner(const char *root, int pid, struct facts_socket *socket)
{
	char text[4096];

	socket->pid = pid;
	facts_read(socket->process, sizeof(socket->process), root, "/proc/%d/comm", pid);
	facts_read(text, sizeof(text), root, "/proc/%d/cgroup", pid);
	facts_unit_of_cgroup(text, socket->unit, sizeof(socket->unit));
}

/* One of a process's descriptors: "socket:[INODE]". */
static void look_at(const char *root, int pid, const char *descriptor, struct facts *facts)
{
	char target[FACTS_NAME_BYTES];
	unsigned long inode;

	facts_link(target, sizeof(target), root, "/proc/%d/fd/%s", pid, descriptor);
	if (sscanf(target, "socket:[%lu]", &inode) != 1)
		return;
	for (unsigned i = 0; i < facts->socket_count; i++)
		if (facts->sockets[i].inode == inode && !facts->sockets[i].pid)
			name_owner(root, pid, &facts->sockets[i]);
}

static void look_into(const char *root, int pid, struct facts *facts)
{
	char path[FACTS_PATH_BYTES];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/proc/%d/fd", root, pid);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)) != NULL)
		look_at(root, pid, entry->d_name, facts);
	if (folder)
		closedir(folder);
}

void facts_read_sockets(const char *root, struct facts *facts)
{
	char path[FACTS_PATH_BYTES];
	struct dirent *entry;
	DIR *folder;

	read_table(root, "udp", false, facts);
	read_table(root, "udp6", false, facts);
	read_table(root, "tcp", true, facts);
	read_table(root, "tcp6", true, facts);
	if (!facts->socket_count)
		return;
	snprintf(path, sizeof(path), "%s/proc", root);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)) != NULL) {
		long pid = facts_number(entry->d_name, 0);

		if (pid > 0 && pid < INT32_MAX)
			look_into(root, (int)pid, facts);
	}
	if (folder)
		closedir(folder);
}
