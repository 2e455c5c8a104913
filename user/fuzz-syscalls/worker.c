/*
 * A worker: its memory, its files, and the choice of what it calls.
 *
 * It lives below a root directory of its own, a tmpfs that the watching process mounted and takes
 * away again, so that it may make, rename and delete whatever it can name.
 */
#include "user/fuzz-syscalls/fuzz.h"

#include <asm/signal.h>
#include <linux/stat.h>

#define ALARM_US 20000 /* wakes it from what it waits for */

/* --- its memory --- */

void make_arena(void)
{
	uint32_t *word;

	if (is_error_ptr(
		    sys_mmap(ARENA, ARENA_LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)))
		return;
	sys_munmap(ARENA + ARENA_LEN, PAGE_SIZE);
	/* values that structures may hold: pointers, lengths, small numbers */
	for (word = (uint32_t *)ARENA; word < (uint32_t *)(ARENA + 6 * PAGE_SIZE);
	     word += 1 + below(16))
		*word = random_any();
	sys_mprotect(ARENA + PAGE_SIZE, PAGE_SIZE, PROT_READ);
	sys_mprotect(ARENA + 3 * PAGE_SIZE, PAGE_SIZE, PROT_NONE);
}

/* --- its files --- */

/* Descriptors from 0 on. What would be seen or waited for is not among them: no console, nothing that blocks. */
static const struct {
	const char *name;
	int flags;
} own_files[] = {
	{"/dev/zero", O_RDWR},
	{"/dev/null", O_RDWR},
	{"/dev/null", O_RDWR},
	{"/file", O_RDWR | O_CREAT},
	{"/", O_RDONLY | O_DIRECTORY},
	{"/fifo", O_RDWR},
	{"/file", O_RDWR | O_APPEND},
	{"/dev/tty1", O_RDWR | O_NOCTTY},
	{"/proc/self/maps", O_RDONLY},
	{"/proc", O_RDONLY | O_DIRECTORY},
	{"/dev/full", O_RDWR},
	{"/dev/urandom", O_RDONLY},
	{"/tmp", O_RDONLY | O_DIRECTORY},
};

static void open_files(void)
{
	int pipe[2], fd;

	for (uint32_t i = 0; i < ARRAY_SIZE(own_files); i++) {
		if (syscall2(__NR_fcntl64, i, F_GETFD) >= 0)
			continue;
		fd = sys_open(own_files[i].name, own_files[i].flags | O_NONBLOCK, 0600);
		if (fd >= 0 && fd != (int)i) {
			syscall2(__NR_dup2, fd, i);
			sys_close(fd);
		}
	}
	if (syscall2(__NR_pipe2, (long)pipe, O_NONBLOCK) == 0) {
		for (uint32_t i = 0; i < 2; i++) {
			syscall2(__NR_dup2, pipe[i], ARRAY_SIZE(own_files) + i);
			if (pipe[i] >= (int)ARRAY_SIZE(own_files) + 2)
				sys_close(pipe[i]);
		}
	}
	fd = syscall2(__NR_memfd_create, (long)"fuzz", 2);
	if (fd >= 0 && fd != (int)NR_OWN_FDS - 1) {
		syscall2(__NR_dup2, fd, NR_OWN_FDS - 1);
		sys_close(fd);
	}
}

static void write_file(const char *name, const void *data, uint32_t len)
{
	int fd = sys_open(name, O_WRONLY | O_CREAT, 0755);

	sys_write(fd, data, len);
	sys_close(fd);
}

/* The tree that paths and names in random.c are for. The program is still seen from outside. */
static bool enter_tree(const char *root)
{
	static const struct {
		const char *name;
		uint32_t minor;
	} memory_devices[] = {
		{"/dev/null", 3}, {"/dev/zero", 5}, {"/dev/full", 7}, {"/dev/urandom", 9}};
	static char program[32 * 1024];
	static const char script[] = "#!/bin/true word\n";
	long len = read_file("/bin/true", program, sizeof(program));

	if (syscall1(__NR_chroot, (long)root) || syscall1(__NR_chdir, (long)"/"))
		return false;
	for (const char *const *dir =
		     (const char *const[]){"/bin", "/dev", "/proc", "/tmp", "/d", NULL};
	     *dir; dir++)
		syscall2(__NR_mkdir, (long)*dir, 0755);
	syscall5(__NR_mount, (long)"proc", (long)"/proc", (long)"proc", 0, 0);
	for (uint32_t i = 0; i < ARRAY_SIZE(memory_devices); i++)
		syscall3(__NR_mknod, (long)memory_devices[i].name, S_IFCHR | 0666,
			 1 << 8 | memory_devices[i].minor);
	syscall3(__NR_mknod, (long)"/dev/tty1", S_IFCHR | 0666, 4 << 8 | 1);
	syscall3(__NR_mknod, (long)"/fifo", S_IFIFO | 0666, 0);
	syscall2(__NR_symlink, (long)"loop", (long)"/loop");
	syscall2(__NR_symlink, (long)"d", (long)"/link");
	if (len > 0)
		write_file("/bin/true", program, len);
	write_file("/bin/script", script, sizeof(script) - 1);
	return true;
}

/* --- any call at all --- */

/* Not called: what stops the machine, and what may signal or change those that are no workers. */
static bool is_left_out(uint32_t nr)
{
	static const uint16_t left_out[] = {
		__NR_reboot,
		__NR_chroot,
		__NR_kill,
		__NR_tkill,
		__NR_tgkill,
		__NR_rt_sigqueueinfo,
		__NR_rt_tgsigqueueinfo,
		__NR_prlimit64,
		__NR_process_vm_writev,
		__NR_setpgid,
		__NR_setpriority,
		__NR_sched_setparam,
		__NR_sched_setscheduler,
		__NR_sched_setaffinity,
		__NR_pidfd_send_signal,
		__NR_pidfd_open,
		__NR_fork,
		__NR_vfork,
		__NR_clone,
		__NR_clone3,
		__NR_ptrace,
		__NR_exit,
		__NR_exit_group,
		__NR_pause,
		__NR_rt_sigsuspend,
		__NR_sigsuspend,
		__NR_sigreturn,
		__NR_rt_sigreturn,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(left_out); i++)
		if (left_out[i] == nr)
			return true;
	return false;
}

static void call_any(void)
{
	uint32_t nr = one_in(20) ? random_word() : below(HIGHEST_CALL);

	if (!is_left_out(nr))
		syscall6(nr, random_any(), random_any(), random_any(), random_any(), random_any(),
			 random_any());
}

/* --- one call --- */

void call_something(uint32_t mask)
{
	const struct known_call *call;

	if ((mask & ANY) && one_in(mask == ANY ? 1 : 8)) {
		call_any();
		return;
	}
	if (one_in(20)) {
		call_special(mask);
		return;
	}
	/* bounded: a mask on a stack that was written over may fit nothing */
	for (uint32_t tries = 0; tries < 1000; tries++) {
		call = &known_calls[below(nr_known_calls)];
		if ((call->group & mask) && one_in(call->rarely))
			break;
	}
	call_known(call);
}

/* What would end it is handled, as far as it likes, but not what its own faults send. */
static void set_handlers(void)
{
	static const uint32_t faults =
		1u << SIGSEGV | 1u << SIGBUS | 1u << SIGILL | 1u << SIGFPE | 1u << SIGTRAP;
	const uint32_t action[5] = {(uint32_t)fuzz_handler, SA_SIGINFO | SA_RESTORER,
				    (uint32_t)fuzz_restorer};

	for (int signo = 1; signo <= 64; signo++)
		if (signo > 31 || !(faults >> signo & 1))
			syscall4(__NR_rt_sigaction, signo, (long)action, 0, 8);
}

static void set_alarm(void)
{
	const uint32_t every[4] = {0, ALARM_US, 0, ALARM_US};

	syscall3(__NR_setitimer, 0, (long)every, 0);
}

/* Files without a name are not limited by the tree. */
static void limit_files(void)
{
	const uint32_t limit[2] = {1 << 20, 1 << 20};

	syscall2(__NR_setrlimit, 1 /* RLIMIT_FSIZE */, (long)limit);
}

void work(uint32_t index, uint32_t seed, uint32_t calls, uint32_t mask, const char *root)
{
	syscall2(__NR_setpgid, 0, 0);
	for (int signo = 1; signo < 32; signo++)
		syscall2(__NR_signal, signo, 0 /* SIG_DFL */);
	for (int fd = 0; fd < 3; fd++)
		sys_close(fd);
	if (!enter_tree(root))
		sys_exit(1);
	limit_files();
	random_seed(seed);
	for (uint32_t done = 0; done < calls; done++) {
		if (done % 256 == 0) {
			make_arena();
			open_files();
			set_handlers();
			set_alarm();
		}
		shared->tally[index].done = done;
		shared->tally[index].not_done = ~done;
		call_something(mask);
	}
	shared->tally[index].done = calls;
	shared->tally[index].not_done = ~calls;
	sys_exit(0);
}
