/* Calls that do not exist, and pointers that lead nowhere. */
#include "tests/abi/lib/abi.h"

/*
 * The end of user memory on a 64-bit Linux's i386 programs is the last page; 0xfffff000 is in
 * neither system's reach.
 */
#define BAD 0xfffff000l

int main(void)
{
	static const long bad[] = {0, 1, 0x10, BAD, BAD + 0xffc};
	struct new_utsname *torn;
	char *p = need_pages(2, PROT_READ | PROT_WRITE);
	int calls_alive;

	say("call 1000", syscall0(1000));
	say("call -1", syscall0(-1));
	say("call 0x7fffffff", syscall0(0x7fffffff));
	say("call 222, never given out", syscall0(222));
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		line("pointer %u:", i);
		say(" open", syscall3(__NR_open, bad[i], 0, 0));
		say(" execve", syscall3(__NR_execve, bad[i], 0, 0));
		say(" stat64", syscall2(__NR_stat64, bad[i], bad[i]));
		say(" pipe", syscall1(__NR_pipe, bad[i]));
		say(" uname", syscall1(__NR_uname, bad[i]));
		say(" nanosleep", syscall2(__NR_nanosleep, bad[i], 0));
		say(" clock_gettime", syscall2(__NR_clock_gettime, 1, bad[i]));
		say(" write", syscall3(__NR_write, 1, bad[i], 1));
		say(" writev", syscall3(__NR_writev, 1, bad[i], 1));
		say(" set_thread_area", syscall1(__NR_set_thread_area, bad[i]));
		say(" old mmap", syscall1(__NR_mmap, bad[i]));
		say(" fstatat64", syscall4(__NR_fstatat64, AT_FDCWD, bad[i], bad[i], 0));
		say(" statx", syscall5(__NR_statx, AT_FDCWD, bad[i], 0, 0x7ff, bad[i]));
	}
	/* a structure that ends in nothing */
	sys_munmap(p + PAGE_SIZE, PAGE_SIZE);
	torn = (struct new_utsname *)(p + PAGE_SIZE - 65);
	say("uname over the edge", sys_uname(torn));
	say("a path over the edge", sys_open(memset(p + PAGE_SIZE - 3, 'a', 3), O_RDONLY, 0));
	say("fstat64 over the edge", sys_fstat64(1, (struct stat64 *)(p + PAGE_SIZE - 8)));
	calls_alive = sys_getpid() > 0;
	line("and this program goes on: %s", calls_alive ? "yes" : "no");
	return 0;
}
