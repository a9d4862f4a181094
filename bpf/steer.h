/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets reach us: the process's side of the XDP program on one interface. DPDK's driver
 * loads and attaches the program; this finds it again by interface, and fills its maps.
 */
#ifndef ARPAD_BPF_STEER_H
#define ARPAD_BPF_STEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEER_ERROR_BYTES = 512 };

struct steer;

/*
 * Whoever takes the lines that libbpf has to say, instead of standard error; for the whole process,
 * in whatever thread libbpf is called.
 */
void steer_log(void (*take)(bool error, const char *text));

/*
 * Before the driver attaches: removes a program of ours that a dead process left on `interface`,
 * and waits for one whose process is just ending, a second at most.
 * Returns 0 when the interface is free, -ENODEV when it does not exist, -EBUSY when a stranger's
 * program, or that of an arpad that still runs, is attached (it is left alone), or -errno; then
 * `error` holds one sentence that says what to do.
 */
int steer_clear_stale(const char *interface, char error[static STEER_ERROR_BYTES]);

/*
 * After the driver attached: finds our program on `interface` and its maps, writes our process and
 * the interface's MAC address into the settings, and ties the program to this process: the kernel
 * detaches it when the process ends, however that is (kernels before 5.9: only steer_close does).
 * Steering stays off. Returns 0, or -errno and the sentence. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN;
 * what follows needs no capability (kernels before 5.19: CAP_BPF, where unprivileged BPF is off).
 */
int steer_open(const char *interface, struct steer **steer, char error[static STEER_ERROR_BYTES]);

/* Address set: `bytes` is 4 or 16 octets in network order. 0, -ENOSPC when full, or -errno. */
int steer_add_address(struct steer *steer, uint8_t family, const uint8_t *bytes);
int steer_remove_address(struct steer *steer, uint8_t family, const uint8_t *bytes);

/*
 * Turns redirection of UDP `port` (host order) to our addresses on. 0 or -errno, as those below.
 */
int steer_enable(struct steer *steer, uint16_t port);
/* Off, since we serve no more, or since the kernel's sockets shall serve; counted apart. */
int steer_disable(struct steer *steer);
int steer_drain(struct steer *steer);

/*
 * Steers frames to this MAC address, 6 octets, from now on: the interface got a new one. 0 or
 * -errno.
 */
int steer_set_mac(struct steer *steer, const uint8_t *mac);

/* Sum over CPUs of one verdict's packets (enum steer_verdict); 0 when it can't be read. */
uint64_t steer_verdict_count(const struct steer *steer, unsigned verdict);

/* Whether the kernel detaches the program when this process ends. */
bool steer_is_tied(const struct steer *steer);

/*
 * Turns steering off, detaches our program if it is still ours, frees. Takes NULL. Before the
 * driver closes its port: it detaches whatever is attached then, and complains of a program that is
 * tied.
 */
void steer_close(struct steer *steer);

#endif
