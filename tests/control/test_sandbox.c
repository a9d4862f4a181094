/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each case is a process of its own that enters a profile as the daemon's threads do, and then
 * tries what it may not: the kernel's answer, or the kernel's signal, is the result.
 */
#include "control/sandbox/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/ethernet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a case ends in, where it does not end in an errno. */
enum { DONE = 0, KILLED = 1000 };

static char folder[] = "/tmp/arpad-test-sandbox-XXXXXX";
static char store[64], outside[64], config[64], control_socket[64];
static int open_pipe[2], stranger_pid;

/* Returns the errno of a failed call. */
static int refused(long result)
{
	return result < 0 ? errno : DONE;
}

static int write_into(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? errno : refused(write(fd, "x", 1));
}

static int try_read_shadow(void)
{
	return refused(open("/etc/shadow", O_RDONLY));
}

static int try_list_root(void)
{
	return refused(open("/", O_RDONLY | O_DIRECTORY));
}

static int try_read_own_memory_map(void)
{
	return refused(open("/proc/self/maps", O_RDONLY));
}

static int try_write_outside(void)
{
	return write_into(outside);
}

static int try_make_in_store(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/new", store);
	return refused(open(path, O_WRONLY | O_CREAT, 0600));
}

static int try_write_config(void)
{
	return write_into(config);
}

static int try_write_store(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/data.mdb", store);
	return write_into(path);
}

static int try_read_config(void)
{
	return refused(open(config, O_RDONLY));
}

static int try_remove_control_socket(void)
{
	return refused(unlink(control_socket));
}

static int try_remove_store_file(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/data.mdb", store);
	return refused(unlink(path));
}

static int try_execute(void)
{
	char *const words[] = {(char *)(uintptr_t) "/bin/true", NULL};

	return refused(execve(words[0], words, NULL));
}

static int try_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return refused(child);
}

static int try_packet_socket(void)
{
	return refused(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
}

static int try_unix_socket(void)
{
	return refused(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int try_udp_socket(void)
{
	return refused(socket(AF_INET, SOCK_DGRAM, 0));
}

static int try_connect(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return errno;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return refused(connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

static int try_become_root(void)
{
	return refused(syscall(SYS_setuid, 0));
}

static int try_mount(void)
{
	return refused(mount("none", "/mnt", "tmpfs", 0, NULL));
}

static int try_load_program(void)
{
	union bpf_attr attribute = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER};

	return refused(syscall(SYS_bpf, BPF_PROG_LOAD, &attribute, sizeof(attribute)));
}

static int try_map_lookup(void)
{
	union bpf_attr attribute = {.map_fd = (uint32_t)-1};

	return refused(syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attribute, sizeof(attribute)));
}

static int try_signal_stranger(void)
{
	return refused(kill(stranger_pid, SIGTERM));
}

static int try_trace(void)
{
	return refused(ptrace(PTRACE_ATTACH, stranger_pid, NULL, NULL));
}

static int try_read_strangers_memory(void)
{
	char octet;
	struct iovec here = {&octet, 1}, there = {&octet, 1};

	return refused(syscall(SYS_process_vm_readv, stranger_pid, &here, 1, &there, 1, 0));
}

static int try_unshare(void)
{
	return refused(syscall(SYS_unshare, 0x10000000 /* a user namespace */));
}

static int try_executable_memory(void)
{
	void *page = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : DONE;
}

static int try_make_code_of_data(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : refused(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int try_type_into_the_terminal(void)
{
	return refused(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

static int try_module(void)
{
	return refused(syscall(SYS_init_module, "", 0, ""));
}

static int try_io_uring(void)
{
	return refused(syscall(SYS_io_uring_setup, 1, NULL));
}

static int try_change_mode(void)
{
	return refused(chmod(config, 0666));
}

static int try_hostname(void)
{
	return refused(sethostname("other", 5));
}

/* What all threads go on to do. */
static int try_work(void)
{
	const struct timespec moment = {.tv_nsec = 1};
	char octet = 'x', *memory = malloc(1 << 22);

	if (!memory)
		return ENOMEM;
	memset(memory, 1, 1 << 22);
	free(memory);
	if (write(open_pipe[1], &octet, 1) != 1 || read(open_pipe[0], &octet, 1) != 1)
		return errno;
	return refused(nanosleep(&moment, NULL));
}

static void *thread_body(void *context)
{
	*(int *)context = try_work();
	return NULL;
}

static int try_thread(void)
{
	pthread_t thread;
	int result = -1, error = pthread_create(&thread, NULL, thread_body, &result);

	if (error)
		return error;
	pthread_join(thread, NULL);
	return result;
}

/* abort() must still leave the signal that makes a core. */
static int try_abort(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

struct attempt {
	const char *name;
	int (*run)(void);
	int control, worker, tolerant_worker, listener, helper, store;
};

/* Helper: the calls of the process, and Landlock without any file. */
static const struct attempt attempts[] = {
	{"read /etc/shadow", try_read_shadow, EACCES, EPERM, EPERM, EPERM, EACCES, EACCES},
	{"list the root", try_list_root, EACCES, EPERM, EPERM, EPERM, EACCES, EACCES},
	{"read its own memory map", try_read_own_memory_map, EACCES, EPERM, EPERM, EPERM, EACCES,
		EACCES},
	{"write outside of the store", try_write_outside, EACCES, EPERM, EPERM, EPERM, EACCES,
		EACCES},
	{"make a file in the store", try_make_in_store, DONE, EPERM, EPERM, EPERM, EACCES, DONE},
	{"remove a file of the store", try_remove_store_file, DONE, KILLED, EPERM, EPERM, EACCES,
		DONE},
	{"write the configuration", try_write_config, EACCES, EPERM, EPERM, EPERM, EACCES, EACCES},
	{"change a mode", try_change_mode, EPERM, KILLED, EPERM, EPERM, EPERM, EPERM},
	{"execute", try_execute, KILLED, KILLED, KILLED, KILLED, KILLED, KILLED},
	{"fork", try_fork, EPERM, KILLED, EPERM, EPERM, EPERM, EPERM},
	{"packet socket", try_packet_socket, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM},
	{"Unix socket", try_unix_socket, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM},
	{"TCP connection", try_connect, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM},
	{"become root", try_become_root, KILLED, KILLED, KILLED, KILLED, KILLED, KILLED},
	{"mount", try_mount, KILLED, KILLED, KILLED, KILLED, KILLED, KILLED},
	{"load a BPF program", try_load_program, EPERM, KILLED, EPERM, EPERM, EPERM, EPERM},
	{"signal a stranger", try_signal_stranger, EPERM, KILLED, EPERM, EPERM, EPERM, EPERM},
	{"trace a stranger", try_trace, KILLED, KILLED, KILLED, KILLED, KILLED, KILLED},
	{"read a stranger's memory", try_read_strangers_memory, KILLED, KILLED, KILLED, KILLED,
		KILLED, KILLED},
	{"unshare", try_unshare, KILLED, KILLED, KILLED, KILLED, KILLED, KILLED},
	{"memory to execute", try_executable_memory, EPERM, KILLED, EPERM, EPERM, EPERM, EPERM},
	{"code of data", try_make_code_of_data, EPERM, KILLED, EPERM, EPERM, EPERM, EPERM},
	{"type into the terminal", try_type_into_the_terminal, EPERM, KILLED, EPERM, EPERM, EPERM,
		EPERM},
	{"load a module", try_module, KILLED, KILLED, KILLED, KILLED, KILLED, KILLED},
	{"io_uring", try_io_uring, KILLED, KILLED, KILLED, KILLED, KILLED, KILLED},
	{"set the host's name", try_hostname, EPERM, KILLED, EPERM, EPERM, EPERM, EPERM},
	/* And what must go on. */
	{"work", try_work, DONE, DONE, DONE, DONE, DONE, DONE},
	{"write the store", try_write_store, DONE, EPERM, EPERM, EPERM, EACCES, DONE},
	{"read the configuration", try_read_config, DONE, EPERM, EPERM, EPERM, EACCES, EACCES},
	{"remove the control socket", try_remove_control_socket, DONE, KILLED, EPERM, EPERM, EACCES,
		EACCES},
	{"UDP socket", try_udp_socket, DONE, EPERM, EPERM, EPERM, DONE, EPERM},
	{"use an open BPF map", try_map_lookup, EBADF, KILLED, EPERM, EPERM, EBADF, EPERM},
	{"start a thread", try_thread, DONE, KILLED, EPERM, EPERM, DONE, DONE},
	{"abort", try_abort, SIGABRT, SIGABRT, SIGABRT, SIGABRT, SIGABRT, SIGABRT},
};

/* Of some cases alone. */
static const char *dnstap_socket, *dnstap_file;

static struct sandbox made(bool workers_kill)
{
	const struct sandbox_files files = {.store_directory = store,
		.config = config,
		.control_socket = control_socket,
		.dnstap_socket = dnstap_socket,
		.dnstap_file = dnstap_file};
	struct sandbox sandbox;

	sandbox_open(&sandbox, true, &files, workers_kill);
	return sandbox;
}

/* In a process of its own: what the attempt came to. */
static int outcome(const struct attempt *attempt, enum sandbox_profile profile, bool workers_kill)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct sandbox sandbox = made(workers_kill);

		signal(SIGSYS, SIG_DFL);
		sandbox_enter_process(&sandbox);
		sandbox_enter(&sandbox, profile);
		if (sandbox.seccomp_off[0] || sandbox.landlock_off[0])
			_exit(255);
		_exit(attempt->run());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* A kernel or a build without one of the two shows its reason, and has nothing to be tried. */
static bool is_off(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct sandbox sandbox = made(true);

		_exit(sandbox.seccomp_off[0] || sandbox.landlock_off[0] ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status) == 1;
}

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	assert_true(fd >= 0);
	close(fd);
}

/* What an attempt may have removed or made. */
static void restore_store(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/new", store);
	unlink(path);
	snprintf(path, sizeof(path), "%s/data.mdb", store);
	make_file(path);
}

static void check(enum sandbox_profile profile, bool workers_kill, size_t expected)
{
	if (is_off()) {
		skip();
		return;
	}
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *attempt = &attempts[i];
		int wanted = *(const int *)((const char *)attempt + expected);
		int got;
		FILE *file = fopen(control_socket, "w");

		assert_non_null(file);
		fclose(file);
		restore_store();
		got = outcome(attempt, profile, workers_kill);
		if (got != wanted)
			fail_msg("%s: %d and not %d", attempt->name, got, wanted);
	}
}

static void test_control(void **state)
{
	(void)state;
	check(SANDBOX_CONTROL, true, offsetof(struct attempt, control));
}

static void test_worker(void **state)
{
	(void)state;
	check(SANDBOX_WORKER, true, offsetof(struct attempt, worker));
}

static void test_tolerant_worker(void **state)
{
	(void)state;
	check(SANDBOX_WORKER, false, offsetof(struct attempt, tolerant_worker));
}

static void test_listener(void **state)
{
	(void)state;
	check(SANDBOX_LISTENER, true, offsetof(struct attempt, listener));
}

/* Beside the listener's calls only such as need a file that is open. */
static void test_metrics(void **state)
{
	(void)state;
	check(SANDBOX_METRICS, true, offsetof(struct attempt, listener));
}

static void test_store(void **state)
{
	(void)state;
	check(SANDBOX_STORE, true, offsetof(struct attempt, store));
}

/* It may as little as a worker, but what is forbidden fails. */
static void test_observer(void **state)
{
	(void)state;
	check(SANDBOX_OBSERVER, true, offsetof(struct attempt, tolerant_worker));
}

static void test_helper(void **state)
{
	(void)state;
	check(SANDBOX_HELPER, true, offsetof(struct attempt, helper));
}

static int try_connect_unix(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", outside); /* a file */
	return refused(connect(fd, (const struct sockaddr *)&address, sizeof(address)));
}

static int try_rename_in_store(void)
{
	char from[80], to[80];

	snprintf(from, sizeof(from), "%s/data.mdb", store);
	snprintf(to, sizeof(to), "%s/new", store);
	return refused(rename(from, to));
}

/* Its file is in the store's folder here. What the kernel refuses a file for is no EPERM. */
static void test_dnstap(void **state)
{
	static const struct {
		const char *name;
		int (*run)(void);
		int to_socket, to_file, control;
	} tried[] = {
		{"connect", try_connect_unix, ECONNREFUSED, ECONNREFUSED, ECONNREFUSED},
		{"UDP socket", try_udp_socket, EPERM, EPERM, DONE},
		{"make a file", try_make_in_store, EACCES, DONE, DONE},
		{"rename a file", try_rename_in_store, EACCES, DONE, DONE},
		{"read the configuration", try_read_config, EACCES, EACCES, DONE},
		{"write elsewhere", try_write_outside, EACCES, EACCES, EACCES},
		{"start a thread", try_thread, DONE, DONE, DONE},
		{"work", try_work, DONE, DONE, DONE},
		{"execute", try_execute, KILLED, KILLED, KILLED},
	};
	char file[80];

	(void)state;
	if (is_off()) {
		skip();
		return;
	}
	snprintf(file, sizeof(file), "%s/out.tap", store);
	for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
		const struct attempt attempt = {.name = tried[i].name, .run = tried[i].run};
		int got[3];

		restore_store();
		dnstap_socket = outside;
		got[0] = outcome(&attempt, SANDBOX_DNSTAP, true);
		restore_store();
		got[1] = outcome(&attempt, SANDBOX_CONTROL, true);
		restore_store();
		dnstap_file = file;
		got[2] = outcome(&attempt, SANDBOX_DNSTAP, true);
		dnstap_socket = dnstap_file = NULL;
		if (got[0] != tried[i].to_socket || got[1] != tried[i].control ||
			got[2] != tried[i].to_file)
			fail_msg("%s: %d %d %d", tried[i].name, got[0], got[1], got[2]);
	}
}

static void test_unwanted_is_off_with_a_reason(void **state)
{
	const struct sandbox_files files = {
		.store_directory = store, .config = config, .control_socket = control_socket};
	struct sandbox sandbox;

	(void)state;
	sandbox_open(&sandbox, false, &files, true);
	assert_string_equal(sandbox.seccomp_off, "privileges.sandbox is no");
	sandbox_enter_process(&sandbox);
	sandbox_enter(&sandbox, SANDBOX_WORKER);
	assert_int_equal(try_read_config(), DONE);
	assert_int_equal(try_executable_memory(), DONE);
}

/* Threads that were there before are held by the calls of the process too. */
static void *wait_then_try(void *context)
{
	char octet;

	if (read(open_pipe[0], &octet, 1) != 1)
		return NULL;
	*(int *)context = try_packet_socket();
	return NULL;
}

static void test_threads_that_exist_are_held_too(void **state)
{
	int status;
	pid_t child;

	(void)state;
	if (is_off()) {
		skip();
		return;
	}
	child = fork();
	if (child == 0) {
		struct sandbox sandbox = made(true);
		pthread_t thread;
		int result = -1;

		if (pthread_create(&thread, NULL, wait_then_try, &result) != 0)
			_exit(254);
		sandbox_enter_process(&sandbox);
		if (sandbox.seccomp_off[0] || write(open_pipe[1], "x", 1) != 1)
			_exit(255);
		pthread_join(thread, NULL);
		_exit(result);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EPERM);
}

static void test_a_path_that_is_missing_is_a_reason(void **state)
{
	int status;
	pid_t child;

	(void)state;
	if (is_off()) {
		skip();
		return;
	}
	child = fork();
	if (child == 0) {
		struct sandbox sandbox = made(true);

		sandbox.files.store_directory = "/nonexistent";
		sandbox_enter(&sandbox, SANDBOX_CONTROL);
		_exit(strstr(sandbox.landlock_off, "No such file") ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int set_up(void **state)
{
	char path[80];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(store, sizeof(store), "%s/store", folder);
	snprintf(outside, sizeof(outside), "%s/outside", folder);
	snprintf(path, sizeof(path), "%s/etc", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(config, sizeof(config), "%s/etc/arpad.yaml", folder);
	snprintf(path, sizeof(path), "%s/run", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(control_socket, sizeof(control_socket), "%s/run/sock", folder);
	assert_int_equal(mkdir(store, 0700), 0);
	snprintf(path, sizeof(path), "%s/data.mdb", store);
	make_file(path);
	make_file(outside);
	make_file(config);
	assert_int_equal(pipe(open_pipe), 0);
	stranger_pid = fork();
	if (stranger_pid == 0) {
		pause();
		_exit(0);
	}
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {
		"/store/data.mdb", "/etc/arpad.yaml", "/run/sock", "/outside"};
	static const char *const folders[] = {"/store", "/etc", "/run", ""};
	char path[80];
	int status;

	(void)state;
	/* It lives: none of the attempts reached it. */
	assert_int_equal(waitpid(stranger_pid, &status, WNOHANG), 0);
	kill(stranger_pid, SIGKILL);
	waitpid(stranger_pid, &status, 0);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", folder, names[i]);
		unlink(path);
	}
	for (unsigned i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", folder, folders[i]);
		assert_int_equal(rmdir(path), 0);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_worker),
		cmocka_unit_test(test_tolerant_worker),
		cmocka_unit_test(test_listener),
		cmocka_unit_test(test_helper),
		cmocka_unit_test(test_dnstap),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_observer),
		cmocka_unit_test(test_threads_that_exist_are_held_too),
		cmocka_unit_test(test_a_path_that_is_missing_is_a_reason),
		cmocka_unit_test(test_unwanted_is_off_with_a_reason),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
