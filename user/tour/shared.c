/* Shared memory: after fork both have the same frame, and stay with it when they write. */
#include "user/tour/tour.h"

#include <linux/kernel-page-flags.h>

void tour_shared(void)
{
	long frame, count = UNKNOWN, frames[2], shmem[2];
	volatile char *p;
	uint64_t flags;
	int fds[2], pid;

	shmem[0] = meminfo_kb("Shmem");
	p = sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (is_error_ptr((void *)p) || sys_pipe(fds)) {
		claim(NO, "a shared page and a pipe");
		return;
	}
	p[0] = 'p';
	shmem[1] = meminfo_kb("Shmem");
	frame = frame_of(p);
	flags = frame_flags(frame);
	pid = sys_fork();
	if (pid == 0) {
		p[1] = 'c';
		frames[0] = frame_of(p);
		frames[1] = map_count(frames[0]);
		sys_write(fds[1], frames, sizeof(frames));
		sys_exit(0);
	}
	sys_close(fds[1]);
	frames[0] = UNKNOWN;
	if (pid > 0 && sys_read(fds[0], frames, sizeof(frames)) == sizeof(frames))
		count = frames[1];
	sys_close(fds[0]);
	sys_wait4(pid, NULL, 0, NULL);
	printf("    the parent's frame 0x%05lx, the child's after it has written 0x%05lx\n", frame,
	       frames[0]);
	claim(p[0] == 'p' && p[1] == 'c', "the parent reads what the child wrote");
	claim(frame < 0 ? UNSEEN : frames[0] == frame && frame_of(p) == frame,
	      "no copy was made: both have one frame");
	claim(count < 0 ? UNSEEN : count == 2, "mapped %ld times while both had it", count);
	claim(!flags ? UNSEEN : !(flags >> KPF_ANON & 1) && (flags >> KPF_SWAPBACKED & 1),
	      "it is not anonymous: it belongs to a file that has no name");
	claim_machine(shmem[0] < 0 ? UNSEEN : shmem[1] - shmem[0] == 4,
		      "Shmem counts it: %ld kB, then %ld kB", shmem[0], shmem[1]);
	sys_munmap((void *)p, PAGE_SIZE);
}
