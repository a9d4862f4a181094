/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shape of the configuration file: mappings, lists and text. Numbers stay text here; whoever
 * checks a value reads it strictly.
 */
#ifndef ARPAD_CONTROL_CONFIG_SCHEMA_H
#define ARPAD_CONTROL_CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>
#include <jansson.h>

/* A key that is not in the file is NULL. */
struct config_raw {
	struct config_raw_store {
		char *directory;
	} * store;
	struct config_raw_control {
		char *socket, *mode, *read_only_socket, *read_only_mode;
		struct config_raw_access {
			char *user, *group, *role, *tenant;
		} * access;
		unsigned access_count;
		struct config_raw_tenant {
			char *name, *quota;
			char **prefixes;
			unsigned prefixes_count;
		} * tenants;
		unsigned tenants_count;
	} * control;
	struct config_raw_log {
		char *level, *format;
	} * log;
	struct config_raw_listen {
		char **addresses;
		unsigned addresses_count;
		char *port;
		char **interfaces;
		unsigned interfaces_count;
	} * listen;
	struct config_raw_port {
		char *interface, *device, *queues, *buffers;
		struct config_raw_kernel {
			char *device, *interface, *rate;
			char **addresses;
			unsigned addresses_count;
			char **gateways;
			unsigned gateways_count;
		} * kernel;
	} * ports;
	unsigned ports_count;
	struct config_raw_dpdk {
		char *control_core;
		char **worker_cores;
		unsigned worker_cores_count;
		char *idle, *idle_us, *hugepages, *memory_mib;
		char **extra_args;
		unsigned extra_args_count;
	} * dpdk;
	struct config_raw_tcp {
		char *clients, *clients_per_network, *idle_ms, *receive_ms, *send_ms, *buffer_bytes;
	} * tcp;
	struct config_raw_answers {
		char *udp_size, *any, *nsid, *identity, *version, *cookies;
		char **cookie_secrets;
		unsigned cookie_secrets_count;
	} * answers;
	struct config_raw_privileges {
		char *user, *sandbox;
	} * privileges;
	struct config_raw_rate_limit {
		char *mode, *answers, *nxdomain, *errors, *referrals;
		char *ipv4_prefix, *ipv6_prefix, *slip, *burst, *entries;
		char **exempt;
		unsigned exempt_count;
	} * rate_limit;
	struct config_raw_metrics {
		char *listen, *zones, *dpdk_telemetry;
	} * metrics;
	struct config_raw_names {
		char *syntax;
	} * names;
	struct config_raw_journal {
		char *keep_days, *size_mib;
	} * journal;
	struct config_raw_dnstap {
		char *socket, *file, *file_mib, *identity, *version, *queries, *responses;
	} * dnstap;
	struct config_raw_health {
		char *drain_delay_ms;
	} * health;
	struct config_raw_observe {
		char *sample;
	} * observe;
	struct config_raw_zones {
		char **ns;
		unsigned ns_count;
		char *mname, *rname, *refresh, *retry, *expire, *minimum, *ttl;
	} * zones;
};

/* All keys and what may stand there. No list is in a list. */
extern const cyaml_schema_value_t config_schema_top;

/* What a tree of the schema's shape says. NULL: no memory. */
struct config_raw *config_schema_fill(const json_t *root);

void config_schema_free(struct config_raw *raw); /* takes NULL */

#endif
