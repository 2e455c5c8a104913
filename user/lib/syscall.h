#pragma once

/*
 * Linux i386 system calls for programs without a C library.
 *
 * Every call returns what the kernel returns: a negative errno, never -1 with errno set. Numbers
 * and structures come from the kernel's own UAPI headers. Only int 0x80 enters (no vDSO), so that
 * what is called is what is seen.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/errno.h>
#include <linux/mman.h>
#include <asm/stat.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/uio.h>
#include <linux/utsname.h>
#include <linux/wait.h>

#define PAGE_SIZE 4096u

/* Of access(2); the UAPI headers do not have them. */
#define F_OK 0
#define X_OK 1

static inline long syscall0(long nr)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(nr) : "memory");
	return ret;
}

static inline long syscall1(long nr, long a)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a) : "memory");
	return ret;
}

static inline long syscall2(long nr, long a, long b)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b) : "memory");
	return ret;
}

static inline long syscall3(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

static inline long syscall4(long nr, long a, long b, long c, long d)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
	return ret;
}

static inline long syscall5(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a"(ret)
		     : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
		     : "memory");
	return ret;
}

long syscall6(long nr, long a, long b, long c, long d, long e, long f);

/*
 * Whether a call's result is an error: the last page of the address space is never a valid pointer.
 */
static inline bool is_error(long ret)
{
	return (unsigned long)ret >= (unsigned long)-4095;
}

static inline bool is_error_ptr(const void *p)
{
	return is_error((long)p);
}

/* --- processes --- */

static inline void __attribute__((noreturn)) sys_exit(int status)
{
	for (;;)
		syscall1(__NR_exit_group, status);
}

static inline int sys_fork(void)
{
	return syscall0(__NR_fork);
}

static inline int sys_execve(const char *path, char *const argv[], char *const envp[])
{
	return syscall3(__NR_execve, (long)path, (long)argv, (long)envp);
}

/* `status` and `usage` may be NULL */
static inline int sys_wait4(int pid, int *status, int options, void *usage)
{
	return syscall4(__NR_wait4, pid, (long)status, options, (long)usage);
}

static inline int sys_getpid(void)
{
	return syscall0(__NR_getpid);
}

static inline int sys_getppid(void)
{
	return syscall0(__NR_getppid);
}

static inline int sys_kill(int pid, int signal)
{
	return syscall2(__NR_kill, pid, signal);
}

static inline int sys_setpgid(int pid, int group)
{
	return syscall2(__NR_setpgid, pid, group);
}

static inline int sys_getpgid(int pid)
{
	return syscall1(__NR_getpgid, pid);
}

static inline int sys_setsid(void)
{
	return syscall0(__NR_setsid);
}

/* The bit of a signal in the sets that follow. */
#define SIGNAL_BIT(signo) (1ull << ((signo)-1))

/* What rt_sigaction takes, which the UAPI headers have for the older sigaction only. */
struct signal_action {
	void (*handler)(int signo);
	unsigned long flags;
	void (*restorer)(void); /* signal_return, with SA_RESTORER | SA_SIGINFO */
	uint64_t mask;
};

void signal_return(void);

static inline int sys_rt_sigaction(int signo, const struct signal_action *action,
				   struct signal_action *old)
{
	return syscall4(__NR_rt_sigaction, signo, (long)action, (long)old, sizeof(action->mask));
}

/* `how` is SIG_BLOCK and the like; `old` may be NULL */
static inline int sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old)
{
	return syscall4(__NR_rt_sigprocmask, how, (long)set, (long)old, sizeof(*set));
}

/* Returns the signal; `info` and `timeout` may be NULL. */
static inline int sys_rt_sigtimedwait(const uint64_t *set, void *info,
				      const struct timespec *timeout)
{
	return syscall4(__NR_rt_sigtimedwait, (long)set, (long)info, (long)timeout, sizeof(*set));
}

static inline int sys_sched_yield(void)
{
	return syscall0(__NR_sched_yield);
}

static inline int sys_nanosleep(const struct timespec *want, struct timespec *left)
{
	return syscall2(__NR_nanosleep, (long)want, (long)left);
}

static inline int sys_reboot(int magic1, int magic2, int command)
{
	return syscall4(__NR_reboot, magic1, magic2, command, 0);
}

static inline int sys_uname(struct new_utsname *name)
{
	return syscall1(__NR_uname, (long)name);
}

/* --- memory --- */

/* `offset_pages` is in pages, as mmap2 has it */
static inline void *sys_mmap(void *at, size_t len, int prot, int flags, int fd, long offset_pages)
{
	return (void *)syscall6(__NR_mmap2, (long)at, len, prot, flags, fd, offset_pages);
}

static inline int sys_munmap(void *at, size_t len)
{
	return syscall2(__NR_munmap, (long)at, len);
}

static inline int sys_mprotect(void *at, size_t len, int prot)
{
	return syscall3(__NR_mprotect, (long)at, len, prot);
}

static inline void *sys_mremap(void *at, size_t old_len, size_t new_len, int flags, void *to)
{
	return (void *)syscall5(__NR_mremap, (long)at, old_len, new_len, flags, (long)to);
}

static inline int sys_madvise(void *at, size_t len, int advice)
{
	return syscall3(__NR_madvise, (long)at, len, advice);
}

/* Returns the new break, or the old one where it cannot move: brk has no errors. */
static inline char *sys_brk(void *to)
{
	return (char *)syscall1(__NR_brk, (long)to);
}

/* --- files --- */

static inline int sys_open(const char *path, int flags, int mode)
{
	return syscall3(__NR_open, (long)path, flags, mode);
}

static inline int sys_close(int fd)
{
	return syscall1(__NR_close, fd);
}

static inline long sys_read(int fd, void *to, size_t len)
{
	return syscall3(__NR_read, fd, (long)to, len);
}

static inline long sys_write(int fd, const void *from, size_t len)
{
	return syscall3(__NR_write, fd, (long)from, len);
}

static inline long sys_lseek(int fd, long offset, int whence)
{
	return syscall3(__NR_lseek, fd, offset, whence);
}

static inline long sys_pread64(int fd, void *to, size_t len, uint64_t offset)
{
	return syscall5(__NR_pread64, fd, (long)to, len, (long)offset, (long)(offset >> 32));
}

/* What getdents64 writes: Linux's struct linux_dirent64, which no UAPI header has. */
struct dirent64 {
	uint64_t ino;
	int64_t offset;
	uint16_t len;
	uint8_t type;
	char name[];
} __attribute__((packed));

static inline long sys_getdents64(int fd, void *to, size_t len)
{
	return syscall3(__NR_getdents64, fd, (long)to, len);
}

/* A seek past 2 GiB, where lseek's answer would not fit: the new offset goes to *result. */
static inline int sys_llseek(int fd, uint64_t offset, uint64_t *result, int whence)
{
	return syscall5(__NR__llseek, fd, (long)(offset >> 32), (long)offset, (long)result, whence);
}

static inline int sys_pipe(int fds[2])
{
	return syscall1(__NR_pipe, (long)fds);
}

static inline int sys_stat64(const char *path, struct stat64 *st)
{
	return syscall2(__NR_stat64, (long)path, (long)st);
}

static inline int sys_fstat64(int fd, struct stat64 *st)
{
	return syscall2(__NR_fstat64, fd, (long)st);
}

static inline int sys_access(const char *path, int mode)
{
	return syscall2(__NR_access, (long)path, mode);
}

static inline int sys_chdir(const char *path)
{
	return syscall1(__NR_chdir, (long)path);
}

static inline int sys_mkdir(const char *path, int mode)
{
	return syscall2(__NR_mkdir, (long)path, mode);
}

static inline int sys_symlink(const char *target, const char *path)
{
	return syscall2(__NR_symlink, (long)target, (long)path);
}

static inline int sys_ioctl(int fd, unsigned int request, long argument)
{
	return syscall3(__NR_ioctl, fd, request, argument);
}

/* The copy is 10 or above and closed by exec; `fd` is 0 to 9. */
static inline int sys_copy_away(int fd)
{
	return syscall3(__NR_fcntl64, fd, F_DUPFD_CLOEXEC, 10);
}

static inline int sys_dup2(int fd, int to)
{
	return syscall2(__NR_dup2, fd, to);
}

/* Returns the length with the 0 at its end. */
static inline int sys_getcwd(char *to, size_t size)
{
	return syscall2(__NR_getcwd, (long)to, size);
}

static inline int sys_lstat64(const char *path, struct stat64 *st)
{
	return syscall2(__NR_lstat64, (long)path, (long)st);
}

static inline int sys_readlink(const char *path, char *to, size_t size)
{
	return syscall3(__NR_readlink, (long)path, (long)to, size);
}
