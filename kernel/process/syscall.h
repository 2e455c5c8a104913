/*
 * System calls: how one is written, and the list of all.
 *
 * A call is written with the arguments it has,
 *
 *	SYSCALL_DEFINE2(munmap, vaddr_t, addr, u32, len)
 *	{
 *		return do_munmap(current->mm, addr, len);
 *	}
 *
 * which makes sys_munmap(regs) out of it, taking them from EBX, ECX, EDX, ESI, EDI, EBP. The result
 * goes to EAX. A call that edits the registers (exec, clone) is written as
 * long sys_NAME(struct trap_frame *regs).
 */
#pragma once

#include "arch/i386/cpu/regs.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/process/task.h"
#include "lib/compiler.h"
#include "lib/err.h"

#define SYSCALL_BODY(name, params, args)                \
	static __always_inline long call_##name params; \
	long sys_##name(struct trap_frame *regs)        \
	{                                               \
		return call_##name args;                \
	}                                               \
	static __always_inline long call_##name params

#define SYSCALL_DEFINE0(name)                                   \
	static __always_inline long call_##name(void);          \
	long sys_##name(struct trap_frame *regs __maybe_unused) \
	{                                                       \
		return call_##name();                           \
	}                                                       \
	static __always_inline long call_##name(void)
#define SYSCALL_DEFINE1(name, t1, a1) SYSCALL_BODY(name, (t1 a1), ((t1)regs->ebx))
#define SYSCALL_DEFINE2(name, t1, a1, t2, a2) \
	SYSCALL_BODY(name, (t1 a1, t2 a2), ((t1)regs->ebx, (t2)regs->ecx))
#define SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3) \
	SYSCALL_BODY(name, (t1 a1, t2 a2, t3 a3), ((t1)regs->ebx, (t2)regs->ecx, (t3)regs->edx))
#define SYSCALL_DEFINE4(name, t1, a1, t2, a2, t3, a3, t4, a4) \
	SYSCALL_BODY(name, (t1 a1, t2 a2, t3 a3, t4 a4),      \
		     ((t1)regs->ebx, (t2)regs->ecx, (t3)regs->edx, (t4)regs->esi))
#define SYSCALL_DEFINE5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	SYSCALL_BODY(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5),       \
		     ((t1)regs->ebx, (t2)regs->ecx, (t3)regs->edx, (t4)regs->esi, (t5)regs->edi))
#define SYSCALL_DEFINE6(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)                    \
	SYSCALL_BODY(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6),                           \
		     ((t1)regs->ebx, (t2)regs->ecx, (t3)regs->edx, (t4)regs->esi, (t5)regs->edi, \
		      (t6)regs->ebp))

/* X(number's name, function): everything the kernel answers; what is not here is -ENOSYS and counted. */
#define SYSCALLS(X)                                                   \
	/* exit.c */                                                  \
	X(exit, exit)                                                 \
	X(exit_group, exit_group)                                     \
	/* wait_calls.c */                                            \
	X(waitpid, waitpid)                                           \
	X(wait4, wait4)                                               \
	X(waitid, waitid)                                             \
	X(getrusage, getrusage)                                       \
	/* fork.c, exec.c */                                          \
	X(fork, fork)                                                 \
	X(vfork, vfork)                                               \
	X(clone, clone)                                               \
	X(clone3, clone3)                                             \
	X(execve, execve)                                             \
	/* sigcalls.c */                                              \
	X(kill, kill)                                                 \
	X(tkill, tkill)                                               \
	X(tgkill, tgkill)                                             \
	X(rt_sigqueueinfo, rt_sigqueueinfo)                           \
	X(rt_tgsigqueueinfo, rt_tgsigqueueinfo)                       \
	X(rt_sigaction, rt_sigaction)                                 \
	X(sigaction, sigaction)                                       \
	X(signal, signal)                                             \
	X(rt_sigprocmask, rt_sigprocmask)                             \
	X(sigprocmask, sigprocmask)                                   \
	X(sgetmask, sgetmask)                                         \
	X(ssetmask, ssetmask)                                         \
	X(rt_sigpending, rt_sigpending)                               \
	X(sigpending, sigpending)                                     \
	X(rt_sigsuspend, rt_sigsuspend)                               \
	X(sigsuspend, sigsuspend)                                     \
	X(rt_sigtimedwait, rt_sigtimedwait)                           \
	X(rt_sigtimedwait_time64, rt_sigtimedwait64)                  \
	X(sigaltstack, sigaltstack)                                   \
	X(pause, pause)                                               \
	X(restart_syscall, restart_syscall)                           \
	/* sigframe.c */                                              \
	X(sigreturn, sigreturn)                                       \
	X(rt_sigreturn, rt_sigreturn)                                 \
	/* itimer.c */                                                \
	X(alarm, alarm)                                               \
	X(setitimer, setitimer)                                       \
	X(getitimer, getitimer)                                       \
	/* futex.c */                                                 \
	X(futex, futex)                                               \
	X(futex_time64, futex_time64)                                 \
	X(set_robust_list, set_robust_list)                           \
	X(get_robust_list, get_robust_list)                           \
	/* mmap_calls.c */                                            \
	X(brk, brk)                                                   \
	X(mmap, old_mmap)                                             \
	X(mmap2, mmap2)                                               \
	X(munmap, munmap)                                             \
	X(mprotect, mprotect)                                         \
	X(mremap, mremap)                                             \
	X(remap_file_pages, remap_file_pages)                         \
	X(madvise, madvise)                                           \
	/* memory_calls.c */                                          \
	X(mincore, mincore)                                           \
	X(mlock, mlock)                                               \
	X(mlock2, mlock2)                                             \
	X(munlock, munlock)                                           \
	X(mlockall, mlockall)                                         \
	X(munlockall, munlockall)                                     \
	X(msync, msync)                                               \
	X(fadvise64, fadvise64)                                       \
	X(fadvise64_64, fadvise64_64)                                 \
	X(process_vm_readv, process_vm_readv)                         \
	X(process_vm_writev, process_vm_writev)                       \
	/* memfd_calls.c */                                           \
	X(memfd_create, memfd_create)                                 \
	/* shm_calls.c */                                             \
	X(shmget, shmget)                                             \
	X(shmat, shmat)                                               \
	X(shmdt, shmdt)                                               \
	X(shmctl, shmctl)                                             \
	X(ipc, ipc)                                                   \
	/* file_calls.c */                                            \
	X(preadv, preadv)                                             \
	X(pwritev, pwritev)                                           \
	X(preadv2, preadv2)                                           \
	X(pwritev2, pwritev2)                                         \
	X(vmsplice, vmsplice)                                         \
	X(flock, flock)                                               \
	X(read, read)                                                 \
	X(write, write)                                               \
	X(readv, readv)                                               \
	X(writev, writev)                                             \
	X(pread64, pread64)                                           \
	X(pwrite64, pwrite64)                                         \
	X(lseek, lseek)                                               \
	X(_llseek, llseek)                                            \
	X(fcntl, fcntl)                                               \
	X(fcntl64, fcntl)                                             \
	X(ioctl, ioctl)                                               \
	/* descriptor_calls.c */                                      \
	X(close, close)                                               \
	X(close_range, close_range)                                   \
	X(dup, dup)                                                   \
	X(dup2, dup2)                                                 \
	X(dup3, dup3)                                                 \
	X(pipe, pipe)                                                 \
	X(pipe2, pipe2)                                               \
	/* size_calls.c */                                            \
	X(ftruncate, ftruncate)                                       \
	X(ftruncate64, ftruncate64)                                   \
	X(truncate, truncate)                                         \
	X(truncate64, truncate64)                                     \
	X(fallocate, fallocate)                                       \
	X(fsync, fsync)                                               \
	X(fdatasync, fsync)                                           \
	X(sync, sync)                                                 \
	X(syncfs, syncfs)                                             \
	X(sync_file_range, sync_file_range)                           \
	X(readahead, readahead)                                       \
	/* copy_calls.c */                                            \
	X(sendfile, sendfile)                                         \
	X(sendfile64, sendfile64)                                     \
	X(copy_file_range, copy_file_range)                           \
	X(splice, splice)                                             \
	X(tee, tee)                                                   \
	/* dir_calls.c */                                             \
	X(getdents, getdents)                                         \
	X(getdents64, getdents64)                                     \
	/* poll_calls.c */                                            \
	X(poll, poll)                                                 \
	X(ppoll, ppoll)                                               \
	X(ppoll_time64, ppoll_time64)                                 \
	X(select, old_select)                                         \
	X(_newselect, newselect)                                      \
	X(pselect6, pselect6)                                         \
	X(pselect6_time64, pselect6_time64)                           \
	/* name_calls.c */                                            \
	X(mkdir, mkdir)                                               \
	X(mkdirat, mkdirat)                                           \
	X(mknod, mknod)                                               \
	X(mknodat, mknodat)                                           \
	X(symlink, symlink)                                           \
	X(symlinkat, symlinkat)                                       \
	X(link, link)                                                 \
	X(linkat, linkat)                                             \
	X(rmdir, rmdir)                                               \
	X(unlink, unlink)                                             \
	X(unlinkat, unlinkat)                                         \
	X(rename, rename)                                             \
	X(renameat, renameat)                                         \
	X(renameat2, renameat2)                                       \
	/* attr_calls.c */                                            \
	X(chmod, chmod)                                               \
	X(fchmod, fchmod)                                             \
	X(fchmodat, fchmodat)                                         \
	X(chown, chown)                                               \
	X(lchown, lchown)                                             \
	X(fchown, fchown)                                             \
	X(chown32, chown32)                                           \
	X(lchown32, lchown32)                                         \
	X(fchown32, fchown32)                                         \
	X(fchownat, fchownat)                                         \
	X(utime, utime)                                               \
	X(utimes, utimes)                                             \
	X(futimesat, futimesat)                                       \
	X(utimensat, utimensat)                                       \
	X(utimensat_time64, utimensat_time64)                         \
	/* xattr_calls.c */                                           \
	X(setxattr, setxattr)                                         \
	X(lsetxattr, lsetxattr)                                       \
	X(fsetxattr, fsetxattr)                                       \
	X(getxattr, getxattr)                                         \
	X(lgetxattr, lgetxattr)                                       \
	X(fgetxattr, fgetxattr)                                       \
	X(listxattr, listxattr)                                       \
	X(llistxattr, llistxattr)                                     \
	X(flistxattr, flistxattr)                                     \
	X(removexattr, removexattr)                                   \
	X(lremovexattr, lremovexattr)                                 \
	X(fremovexattr, fremovexattr)                                 \
	/* mount_calls.c */                                           \
	X(mount, mount)                                               \
	X(umount, umount)                                             \
	X(umount2, umount2)                                           \
	/* socket_calls.c */                                          \
	X(socket, socket)                                             \
	X(socketpair, socketpair)                                     \
	X(socketcall, socketcall)                                     \
	/* cap_calls.c */                                             \
	X(capget, capget)                                             \
	X(capset, capset)                                             \
	/* user_calls.c */                                            \
	X(getuid, getuid)                                             \
	X(geteuid, geteuid)                                           \
	X(getuid32, getuid32)                                         \
	X(geteuid32, geteuid32)                                       \
	X(setuid, setuid)                                             \
	X(setuid32, setuid32)                                         \
	X(setreuid, setreuid)                                         \
	X(setreuid32, setreuid32)                                     \
	X(setresuid, setresuid)                                       \
	X(setresuid32, setresuid32)                                   \
	X(getresuid32, getresuid32)                                   \
	X(getresuid, getresuid)                                       \
	X(setfsuid, setfsuid)                                         \
	X(setfsuid32, setfsuid32)                                     \
	X(getgid, getgid)                                             \
	X(getegid, getegid)                                           \
	X(getgid32, getgid32)                                         \
	X(getegid32, getegid32)                                       \
	X(setgid, setgid)                                             \
	X(setgid32, setgid32)                                         \
	X(setregid, setregid)                                         \
	X(setregid32, setregid32)                                     \
	X(setresgid, setresgid)                                       \
	X(setresgid32, setresgid32)                                   \
	X(getresgid32, getresgid32)                                   \
	X(getresgid, getresgid)                                       \
	X(setfsgid, setfsgid)                                         \
	X(setfsgid32, setfsgid32)                                     \
	X(getgroups32, getgroups32)                                   \
	X(setgroups32, setgroups32)                                   \
	X(getgroups, getgroups)                                       \
	X(setgroups, setgroups)                                       \
	/* path_calls.c */                                            \
	X(open, open)                                                 \
	X(openat, openat)                                             \
	X(openat2, openat2)                                           \
	X(creat, creat)                                               \
	X(readlink, readlink)                                         \
	X(readlinkat, readlinkat)                                     \
	X(access, access)                                             \
	X(faccessat, faccessat)                                       \
	X(faccessat2, faccessat2)                                     \
	X(chdir, chdir)                                               \
	X(fchdir, fchdir)                                             \
	X(getcwd, getcwd)                                             \
	X(umask, umask)                                               \
	X(chroot, chroot)                                             \
	/* stat_calls.c */                                            \
	X(stat64, stat64)                                             \
	X(lstat64, lstat64)                                           \
	X(stat, stat)                                                 \
	X(lstat, lstat)                                               \
	X(fstat, fstat)                                               \
	X(fstat64, fstat64)                                           \
	X(fstatat64, fstatat64)                                       \
	X(statx, statx)                                               \
	X(statfs, statfs)                                             \
	X(fstatfs, fstatfs)                                           \
	X(statfs64, statfs64)                                         \
	X(fstatfs64, fstatfs64)                                       \
	/* clock_calls.c */                                           \
	X(time, time)                                                 \
	X(times, times)                                               \
	X(gettimeofday, gettimeofday)                                 \
	X(clock_gettime, clock_gettime)                               \
	X(clock_gettime64, clock_gettime64)                           \
	X(clock_getres, clock_getres)                                 \
	X(clock_getres_time64, clock_getres_time64)                   \
	X(clock_settime, clock_settime)                               \
	X(clock_settime64, clock_settime64)                           \
	X(settimeofday, settimeofday)                                 \
	X(stime, stime)                                               \
	/* time_calls.c */                                            \
	X(nanosleep, nanosleep)                                       \
	X(clock_nanosleep, clock_nanosleep)                           \
	X(clock_nanosleep_time64, clock_nanosleep64)                  \
	X(sched_yield, sched_yield)                                   \
	/* id_calls.c */                                              \
	X(getpid, getpid)                                             \
	X(gettid, gettid)                                             \
	X(getppid, getppid)                                           \
	X(getpgrp, getpgrp)                                           \
	X(getpgid, getpgid)                                           \
	X(setpgid, setpgid)                                           \
	X(getsid, getsid)                                             \
	X(setsid, setsid)                                             \
	X(set_tid_address, set_tid_address)                           \
	X(set_thread_area, set_thread_area)                           \
	X(get_thread_area, get_thread_area)                           \
	/* limits.c */                                                \
	X(getrlimit, old_getrlimit)                                   \
	X(ugetrlimit, ugetrlimit)                                     \
	X(setrlimit, setrlimit)                                       \
	X(prlimit64, prlimit64)                                       \
	/* priority_calls.c */                                        \
	X(sched_getscheduler, sched_getscheduler)                     \
	X(sched_setscheduler, sched_setscheduler)                     \
	X(sched_getparam, sched_getparam)                             \
	X(sched_setparam, sched_setparam)                             \
	X(sched_get_priority_max, sched_get_priority_max)             \
	X(sched_get_priority_min, sched_get_priority_min)             \
	X(getpriority, getpriority)                                   \
	X(setpriority, setpriority)                                   \
	X(nice, nice)                                                 \
	X(sched_rr_get_interval, sched_rr_get_interval)               \
	X(sched_rr_get_interval_time64, sched_rr_get_interval_time64) \
	X(ioprio_get, ioprio_get)                                     \
	X(ioprio_set, ioprio_set)                                     \
	/* sched_calls.c */                                           \
	X(sched_getaffinity, sched_getaffinity)                       \
	X(sched_setaffinity, sched_setaffinity)                       \
	X(getcpu, getcpu)                                             \
	X(membarrier, membarrier)                                     \
	X(personality, personality)                                   \
	X(prctl, prctl)                                               \
	/* pidfd_calls.c */                                           \
	X(pidfd_open, pidfd_open)                                     \
	X(pidfd_send_signal, pidfd_send_signal)                       \
	X(pidfd_getfd, pidfd_getfd)                                   \
	/* event_calls.c */                                           \
	X(eventfd, eventfd)                                           \
	X(eventfd2, eventfd2)                                         \
	X(timerfd_create, timerfd_create)                             \
	X(timerfd_settime, timerfd_settime)                           \
	X(timerfd_gettime, timerfd_gettime)                           \
	X(timerfd_settime64, timerfd_settime64)                       \
	X(timerfd_gettime64, timerfd_gettime64)                       \
	/* epoll_calls.c */                                           \
	X(epoll_create, epoll_create)                                 \
	X(epoll_create1, epoll_create1)                               \
	X(epoll_ctl, epoll_ctl)                                       \
	X(epoll_wait, epoll_wait)                                     \
	X(epoll_pwait, epoll_pwait)                                   \
	X(epoll_pwait2, epoll_pwait2)                                 \
	/* posix_timers.c */                                          \
	X(timer_create, timer_create)                                 \
	X(timer_delete, timer_delete)                                 \
	X(timer_settime, timer_settime)                               \
	X(timer_gettime, timer_gettime)                               \
	X(timer_settime64, timer_settime64)                           \
	X(timer_gettime64, timer_gettime64)                           \
	X(timer_getoverrun, timer_getoverrun)                         \
	/* system_calls.c */                                          \
	X(uname, uname)                                               \
	X(sethostname, sethostname)                                   \
	X(setdomainname, setdomainname)                               \
	X(sysinfo, sysinfo)                                           \
	X(syslog, syslog)                                             \
	X(getrandom, getrandom)                                       \
	X(reboot, reboot)

#define DECLARE_SYSCALL(number, function) long sys_##function(struct trap_frame *regs);
SYSCALLS(DECLARE_SYSCALL)
#undef DECLARE_SYSCALL

/* The highest number of Linux 6.1 on i386 is that of set_mempolicy_home_node, 450. */
#define SYSCALL_TABLE_SIZE 451u

/* ---- syscalls.c: for the report ---- */
struct unknown_call {
	u32 nr, times;
	char program[16]; /* the last that made it */
};
/* Counting the calls that there are; "on" begins from 0. Those that there are not are always counted. */
void syscalls_count(bool on);
const char *syscall_name(u32 nr); /* NULL: there is no such call */
u32 syscall_count(u32 nr);
const struct unknown_call *syscall_unknown(u32 i); /* NULL: there are no more than i */

/* A path from user memory into a page of its own: ERR_PTR(-EFAULT, -ENAMETOOLONG, -ENOMEM),
 * and -ENOENT for "". */
__must_check char *path_get(vaddr_t user);
void path_put(char *path);

static inline void __user *uptr(vaddr_t addr)
{
	return (void __user *)addr;
}
