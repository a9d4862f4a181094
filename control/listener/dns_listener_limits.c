/* SPDX-License-Identifier: BSD-3-Clause */
/* Apart from the listener, so that what only reads a configuration is not linked with it. */
#include "control/listener/dns_listener.h"

const struct dns_listener_limits dns_listener_limits_default = {
	.tcp_clients = 1024,
	.tcp_clients_per_network = 64,
	.idle_ms = 10000,
	.receive_ms = 5000,
	.send_ms = 5000,
	.buffer_bytes = 64 << 20,
};
