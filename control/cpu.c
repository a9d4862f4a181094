/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ends the program with one sentence where the CPU lacks what the rest of it is compiled for, which
 * would end with an illegal instruction. Compiled for any x86-64 (control/meson.build) and run
 * before the first initializer, of DPDK's libraries too; so it may use nothing but system calls.
 */
#include <unistd.h>

static const char sentence[] = "This program needs a CPU with SSE4.2 and POPCNT (x86-64-v2), as "
			       "servers have had since 2008. "
			       "In a virtual machine, choose a newer model of CPU: the host's "
			       "(\"host\"), or \"Nehalem\".\n";

static void require_cpu(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"))
		return;
	if (write(STDERR_FILENO, sentence, sizeof(sentence) - 1) < 0) {
		/* nobody listens; the exit status says it too */
	}
	_exit(1);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_all)(
	void) = require_cpu;
