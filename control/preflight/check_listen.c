/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool is_any(const struct ip_address *address)
{
	static const uint8_t zero[16];

	return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

static bool is_same(const struct ip_address *one, const struct ip_address *other)
{
	return one->family == other->family &&
		memcmp(one->bytes, other->bytes, one->family == 4 ? 4 : 16) == 0;
}

static const char *write_address(const struct ip_address *address, char text[INET6_ADDRSTRLEN])
{
	inet_ntop(
		address->family == 4 ? AF_INET : AF_INET6, address->bytes, text, INET6_ADDRSTRLEN);
	return text;
}

/* Whether a socket on the one keeps us from the other. :: is taken to be all of IPv4 too. */
static bool collides(const struct ip_address *held, const struct ip_address *wanted)
{
	if (held->family == wanted->family)
		return is_any(held) || is_any(wanted) || is_same(held, wanted);
	return (held->family == 6 && is_any(held)) || (wanted->family == 6 && is_any(wanted));
}

static bool is_followed(const struct config *config, const char *interface)
{
	for (unsigned i = 0; i < config->interface_count; i++)
		if (strcmp(config->interfaces[i], interface) == 0)
			return true;
	return false;
}

static bool is_in_our_way(const struct facts *facts, const struct facts_socket *socket)
{
	const struct config *config = facts->config;
	const struct dns_listener_address *metrics = &config->metrics.address;

	if (config->metrics.listen && !config->metrics.path && socket->tcp &&
		metrics->port == socket->port && collides(&socket->address, &metrics->address))
		return true;
	for (size_t i = 0; i < config->address_count; i++)
		if (config->addresses[i].port == socket->port &&
			collides(&socket->address, &config->addresses[i].address))
			return true;
	for (unsigned i = 0; i < facts->address_count; i++)
		if (socket->port == config->port &&
			is_followed(config, facts->addresses[i].interface) &&
			collides(&socket->address, &facts->addresses[i].address))
			return true;
	return false;
}

static void mend_socket(const struct facts_socket *socket, struct verdicts *verdicts)
{
	if (strcmp(socket->process, "systemd-resolve") == 0)
		verdict_run(verdicts,
			"mkdir -p /etc/systemd/resolved.conf.d && printf "
			"'[Resolve]\\nDNSStubListener=no\\n' "
			">/etc/systemd/resolved.conf.d/no-stub.conf && systemctl restart "
			"systemd-resolved");
	else if (*socket->unit)
		verdict_run(verdicts, "systemctl disable --now %s", socket->unit);
	else if (socket->pid)
		verdict_run(verdicts, "kill %d", socket->pid);
	else
		verdict_do(verdicts,
			"run preflight as root, or `ss -ln%cp 'sport = :%u'`, to see whose it is",
			socket->tcp ? 't' : 'u', socket->port);
}

static void add_socket(const struct facts_socket *socket, struct verdicts *verdicts)
{
	char subject[VERDICT_SUBJECT_BYTES], address[INET6_ADDRSTRLEN], who[2 * FACTS_NAME_BYTES];

	snprintf(subject, sizeof(subject), "port %u", socket->port);
	write_address(&socket->address, address);
	if (socket->pid)
		snprintf(who, sizeof(who), "%s, process %d,", socket->process, socket->pid);
	else
		snprintf(who, sizeof(who), "somebody");
	if (strcmp(socket->process, "arpad") == 0) {
		verdict_add(verdicts, VERDICT_OK, subject, "%s serves there already (%s, %s)", who,
			address, socket->tcp ? "TCP" : "UDP");
		return;
	}
	verdict_add(verdicts, VERDICT_FAIL, subject, "%s holds %s (%s)%s", who, address,
		socket->tcp ? "TCP" : "UDP",
		strcmp(socket->process, "systemd-resolve") == 0
			? ": systemd-resolved's stub listener"
			: "");
	mend_socket(socket, verdicts);
}

/* One row for what one process holds: it is mended by one command. */
static bool is_said(const struct facts *facts, unsigned index)
{
	const struct facts_socket *socket = &facts->sockets[index];

	for (unsigned i = 0; i < index; i++)
		if (facts->sockets[i].pid == socket->pid && socket->pid &&
			is_in_our_way(facts, &facts->sockets[i]))
			return true;
	return false;
}

static void check_sockets(const struct facts *facts, struct verdicts *verdicts)
{
	unsigned found = 0;

	for (unsigned i = 0; i < facts->socket_count; i++)
		if (is_in_our_way(facts, &facts->sockets[i])) {
			if (!is_said(facts, i))
				add_socket(&facts->sockets[i], verdicts);
			found++;
		}
	if (!found) {
		const struct config *config = facts->config;
		unsigned port = config->address_count ? config->addresses[0].port : config->port;
		char subject[VERDICT_SUBJECT_BYTES];

		snprintf(subject, sizeof(subject), "port %u", port);
		verdict_add(verdicts, VERDICT_OK, subject, "free on every address of ours");
	}
}

static bool is_there(const struct facts *facts, const struct ip_address *address)
{
	for (unsigned i = 0; i < facts->address_count; i++)
		if (is_same(&facts->addresses[i].address, address))
			return true;
	return is_any(address);
}

/* A port that DPDK owns answers for them itself. */
static bool has_device(const struct config *config)
{
	for (unsigned i = 0; i < config->port_count; i++)
		if (config->ports[i].device)
			return true;
	return false;
}

static void check_addresses(const struct facts *facts, struct verdicts *verdicts)
{
	const struct config *config = facts->config;
	char text[INET6_ADDRSTRLEN];
	size_t there = 0;

	for (size_t i = 0; i < config->address_count; i++) {
		const struct ip_address *address = &config->addresses[i].address;

		if (is_there(facts, address)) {
			there++;
			continue;
		}
		write_address(address, text);
		verdict_add(verdicts, config->port_count ? VERDICT_WARN : VERDICT_FAIL, "addresses",
			"no interface has %s%s", text,
			config->port_count ? ": queries come only if somebody routes it here" : "");
		verdict_run(verdicts, "ip address add %s/%d dev lo", text,
			address->family == 4 ? 32 : 128);
	}
	if (there && there == config->address_count)
		verdict_add(
			verdicts, VERDICT_OK, "addresses", "%zu, on this host's interfaces", there);
}

void check_listen(const struct facts *facts, struct verdicts *verdicts)
{
	check_sockets(facts, verdicts);
	if (!has_device(facts->config))
		check_addresses(facts, verdicts);
}
