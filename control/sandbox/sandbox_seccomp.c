/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The lists were made from what strace saw of every thread over AF_XDP, from start to stop, with
 * what the C library and the drivers of devices may use by their source. Calls are allowed whatever
 * their arguments where workers make them often: the kernel then answers from a bitmap, without
 * running the filter.
 */
#include "control/sandbox/sandbox_seccomp.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* libseccomp gives calls that the machine's architecture lacks negative numbers. */
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Of every thread: memory, time, waiting, its own end, and descriptors that are open. */
static const int common[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(getcpu),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(nanosleep),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sendto),
	SCMP_SYS(time),
	SCMP_SYS(write),
	SCMP_SYS(writev),
};

/* What a driver's or the C library's complaint about something else may try: it is cut short. */
static const int worker_refused[] = {
	SCMP_SYS(close),
	SCMP_SYS(connect),
	SCMP_SYS(fstat),
	SCMP_SYS(lseek),
	SCMP_SYS(newfstatat),
	SCMP_SYS(openat),
	SCMP_SYS(socket),
	SCMP_SYS(statx),
};

static const int listener[] = {
	SCMP_SYS(accept4),
	SCMP_SYS(close),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(fcntl),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
};

/* Beside the listener's: to read again what of /proc was opened before. */
static const int metrics[] = {
	SCMP_SYS(getdents64),
	SCMP_SYS(getrlimit),
	SCMP_SYS(lseek),
	SCMP_SYS(pread64),
	SCMP_SYS(prlimit64),
};

/* Of the store's thread: files, and a thread that LMDB makes for a copy. */
static const int store[] = {
	SCMP_SYS(access),
	SCMP_SYS(close),
	SCMP_SYS(fallocate),
	SCMP_SYS(fcntl),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(fsync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(getdents64),
	SCMP_SYS(lseek),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(pwritev),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(stat),
	SCMP_SYS(statfs),
	SCMP_SYS(statx),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
};

/* Of libfstrm's thread, and of the one that makes it: a socket or a file, opened again. */
static const int dnstap[] = {
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sendmsg),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(setsockopt),
};

/* Of the control thread: store, configuration, sockets, threads; and closing all of it. */
static const int control[] = {
	SCMP_SYS(accept),
	SCMP_SYS(access),
	SCMP_SYS(bind),
	SCMP_SYS(capget),
	SCMP_SYS(capset),
	SCMP_SYS(dup),
	SCMP_SYS(epoll_create),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(eventfd2),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fallocate),
	SCMP_SYS(fdatasync),
	SCMP_SYS(flock),
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(fsync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(getdents64),
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getrlimit),
	SCMP_SYS(getuid),
	SCMP_SYS(landlock_add_rule),
	SCMP_SYS(landlock_create_ruleset),
	SCMP_SYS(landlock_restrict_self),
	SCMP_SYS(listen),
	SCMP_SYS(lseek),
	SCMP_SYS(lstat),
	SCMP_SYS(membarrier),
	SCMP_SYS(msync),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(pipe2),
	SCMP_SYS(pread64),
	SCMP_SYS(prlimit64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(pwritev),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(seccomp),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(stat),
	SCMP_SYS(statfs),
	SCMP_SYS(statx),
	SCMP_SYS(sysinfo),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(uname),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
};

/* No part of arpad, and no library that it uses, makes one of these while it serves. */
static const int never[] = {
	SCMP_SYS(add_key),
	SCMP_SYS(chroot),
	SCMP_SYS(delete_module),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(finit_module),
	SCMP_SYS(fsmount),
	SCMP_SYS(fsopen),
	SCMP_SYS(init_module),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(ioperm),
	SCMP_SYS(iopl),
	SCMP_SYS(kcmp),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(kexec_load),
	SCMP_SYS(keyctl),
	SCMP_SYS(mount),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(open_tree),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(pivot_root),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(ptrace),
	SCMP_SYS(reboot),
	SCMP_SYS(request_key),
	SCMP_SYS(setgid),
	SCMP_SYS(setgroups),
	SCMP_SYS(setns),
	SCMP_SYS(setresgid),
	SCMP_SYS(setresuid),
	SCMP_SYS(setuid),
	SCMP_SYS(swapoff),
	SCMP_SYS(swapon),
	SCMP_SYS(umount2),
	SCMP_SYS(unshare),
	SCMP_SYS(userfaultfd),
};

/* Of bpf(2): the maps that are open, and no more. */
static const unsigned bpf_commands[] = {BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM, BPF_MAP_GET_NEXT_KEY, BPF_MAP_LOOKUP_BATCH, BPF_MAP_UPDATE_BATCH,
	BPF_MAP_DELETE_BATCH};

static const unsigned socket_ioctls[] = {FIONREAD, FIONBIO};

static const int families[] = {AF_INET, AF_INET6, AF_NETLINK};

/* linux/prctl.h's; sys/prctl.h is not made for being included beside seccomp.h's helpers. */
enum { SET_NAME = 15, GET_SECCOMP = 21, SET_NO_NEW_PRIVS = 38, GET_NO_NEW_PRIVS = 39 };
static const unsigned prctls[] = {SET_NAME, GET_SECCOMP, SET_NO_NEW_PRIVS, GET_NO_NEW_PRIVS};

/* SCMP_CMP32 leaves a field out, which clang warns of. */
static struct scmp_arg_cmp is(unsigned argument, uint32_t value)
{
	return (struct scmp_arg_cmp){.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value};
}

static struct scmp_arg_cmp has(unsigned argument, uint32_t mask, uint32_t value)
{
	return (struct scmp_arg_cmp){
		.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

static int add_list(scmp_filter_ctx filter, uint32_t action, const int *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int rc = list[i] < 0 ? 0 : seccomp_rule_add(filter, action, list[i], 0);

		if (rc)
			return rc;
	}
	return 0;
}

/* Allows `call` where argument `index` is one of a list. */
static int add_values(
	scmp_filter_ctx filter, int call, unsigned index, const unsigned *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, is(index, list[i]));

		if (rc)
			return rc;
	}
	return 0;
}

/* Memory that may be executed is not made any more. */
static int add_memory(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, has(2, PROT_EXEC, 0));

	return rc ? rc
		  : seccomp_rule_add(
			    filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, has(2, PROT_EXEC, 0));
}

/* What abort() needs to leave a core: a signal to a thread of ours. */
static int add_common(scmp_filter_ctx filter)
{
	int rc = add_list(filter, SCMP_ACT_ALLOW, common, COUNT(common));

	rc = rc ? rc : add_memory(filter);
	return rc ? rc
		  : seccomp_rule_add(
			    filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, is(0, (uint32_t)getpid()));
}

/* A thread, never a process. clone3 hides its flags: told that it is missing, libc takes clone. */
static int add_threads(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(
		filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, has(0, CLONE_THREAD, CLONE_THREAD));

	return rc ? rc : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int add_sockets(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < COUNT(families); i++) {
		int rc = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, is(0, (uint32_t)families[i]));

		if (rc)
			return rc;
	}
	return 0;
}

/*
 * By what devices call themselves: sockets and interfaces, TUN and TAP, vhost, VFIO, RDMA (mlx5).
 * So not the terminal that started us, into which one could type.
 */
static int add_devices(scmp_filter_ctx filter)
{
	static const struct {
		uint32_t mask, value;
	} kinds[] = {{0xff00, 0x8900}, {0xffffff00, 0x40045400}, {0xffffff00, 0x80045400},
		{0xff00, 0xaf00}, {0xff00, 0x3b00}, {0xff00, 0x1b00}};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			has(1, kinds[i].mask, kinds[i].value));

		if (rc)
			return rc;
	}
	return 0;
}

static int fill_process(scmp_filter_ctx filter)
{
	int rc = add_common(filter);

	rc = rc ? rc : add_list(filter, SCMP_ACT_ALLOW, listener, COUNT(listener));
	rc = rc ? rc : add_list(filter, SCMP_ACT_ALLOW, control, COUNT(control));
	rc = rc ? rc : add_threads(filter);
	rc = rc ? rc : add_sockets(filter);
	rc = rc ? rc : add_values(filter, SCMP_SYS(ioctl), 1, socket_ioctls, COUNT(socket_ioctls));
	rc = rc ? rc : add_devices(filter);
	rc = rc ? rc : add_values(filter, SCMP_SYS(bpf), 0, bpf_commands, COUNT(bpf_commands));
	rc = rc ? rc : add_values(filter, SCMP_SYS(prctl), 0, prctls, COUNT(prctls));
	return rc ? rc : add_list(filter, SCMP_ACT_KILL_PROCESS, never, COUNT(never));
}

static int add_connections(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(
		filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, is(0, (uint32_t)AF_UNIX));

	return rc ? rc : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);
}

static int fill_process_that_connects(scmp_filter_ctx filter)
{
	int rc = fill_process(filter);

	return rc ? rc : add_connections(filter);
}

static int fill_dnstap(scmp_filter_ctx filter)
{
	int rc = add_common(filter);

	rc = rc ? rc : add_list(filter, SCMP_ACT_ALLOW, dnstap, COUNT(dnstap));
	rc = rc ? rc : add_connections(filter);
	rc = rc ? rc : add_values(filter, SCMP_SYS(prctl), 0, prctls, COUNT(prctls));
	return rc ? rc : add_threads(filter);
}

static int fill_strict_worker(scmp_filter_ctx filter)
{
	int rc = add_common(filter);

	return rc ? rc
		  : add_list(filter, SCMP_ACT_ERRNO(EPERM), worker_refused, COUNT(worker_refused));
}

static int fill_listener(scmp_filter_ctx filter)
{
	int rc = add_common(filter);

	rc = rc ? rc : add_list(filter, SCMP_ACT_ALLOW, listener, COUNT(listener));
	return rc ? rc
		  : add_values(filter, SCMP_SYS(ioctl), 1, socket_ioctls, COUNT(socket_ioctls));
}

static int fill_metrics(scmp_filter_ctx filter)
{
	int rc = fill_listener(filter);

	return rc ? rc : add_list(filter, SCMP_ACT_ALLOW, metrics, COUNT(metrics));
}

static int fill_store(scmp_filter_ctx filter)
{
	int rc = add_common(filter);

	rc = rc ? rc : add_list(filter, SCMP_ACT_ALLOW, store, COUNT(store));
	rc = rc ? rc : add_values(filter, SCMP_SYS(prctl), 0, prctls, COUNT(prctls));
	return rc ? rc : add_threads(filter);
}

/*
 * SSB: without it, kernels before 5.16 slow every filtered thread down by mitigations that matter
 * only to code which is not trusted with its own memory.
 */
static int load(uint32_t otherwise, int (*fill)(scmp_filter_ctx filter), bool all_threads)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int rc;

	if (!filter)
		return -ENOMEM;
	rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	if (rc == -EOPNOTSUPP) /* a kernel without the flag has not the slowness either */
		rc = 0;
	rc = rc ? rc : seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!rc && all_threads)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	rc = rc ? rc : fill(filter);
	rc = rc ? rc : seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

int sandbox_seccomp_process(bool connects)
{
	return load(
		SCMP_ACT_ERRNO(EPERM), connects ? fill_process_that_connects : fill_process, true);
}

int sandbox_seccomp_worker(bool kill)
{
	if (kill)
		return load(SCMP_ACT_KILL_PROCESS, fill_strict_worker, false);
	return load(SCMP_ACT_ERRNO(EPERM), add_common, false);
}

int sandbox_seccomp_listener(void)
{
	return load(SCMP_ACT_ERRNO(EPERM), fill_listener, false);
}

int sandbox_seccomp_metrics(void)
{
	return load(SCMP_ACT_ERRNO(EPERM), fill_metrics, false);
}

int sandbox_seccomp_store(void)
{
	return load(SCMP_ACT_ERRNO(EPERM), fill_store, false);
}

int sandbox_seccomp_dnstap(void)
{
	return load(SCMP_ACT_ERRNO(EPERM), fill_dnstap, false);
}

int sandbox_seccomp_observer(void)
{
	return load(SCMP_ACT_ERRNO(EPERM), add_common, false);
}
