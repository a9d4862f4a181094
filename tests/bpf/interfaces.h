/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two interfaces in a namespace of the test's own, and programs on them: the driver's part (load,
 * attach if none is there, detach whatever is there) is played here. Each fails the test when it
 * can't do what it says.
 */
#ifndef ARPAD_TESTS_BPF_INTERFACES_H
#define ARPAD_TESTS_BPF_INTERFACES_H

#include "bpf/steer.h"
#include "bpf/steer_map.h"
#include "tests/bpf/support.h"

#define INTERFACE "steer0" /* a veth end: native XDP */
#define GENERIC	  "steer2" /* a bridge: generic XDP only */

/* Once; `object` is the program's file. False: this process may not. */
bool interfaces_make(const char *object);

/* Detaches what can be detached from both. */
void interfaces_clean(void);

uint32_t attached_id(const char *interface);

/* As the driver does; what stays attached is held by nothing but the interface. */
void attach_ours(const char *interface);
void attach_stranger(const char *interface);

/* Whatever it is, unless a link holds it; no failure. */
void detach_any(const char *interface);

struct steer *open_ours(const char *interface);
struct steer_settings read_settings(const char *interface);
void write_settings(const char *interface, const struct steer_settings *settings);

#endif
