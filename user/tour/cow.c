/* fork copies no page. The first write does, and the last owner need not. */
#include "user/tour/tour.h"

/* What the child saw, sent through a pipe. */
struct child_report {
	long frame_before, count_before, frame_after, faults;
	char text;
};

static void report_from_child(volatile char *p, int to)
{
	struct child_report report;
	long faults;

	minor_faults(); /* takes its own copies of the pages that reading needs */
	report.frame_before = frame_of(p);
	report.count_before = map_count(report.frame_before);
	report.text = *p;
	faults = minor_faults();
	*p = 'c';
	report.faults = minor_faults() - faults;
	report.frame_after = frame_of(p);
	sys_write(to, &report, sizeof(report));
	sys_exit(0);
}

static void show_one_page(void)
{
	struct child_report child;
	volatile char *p = map_pages(PAGE_SIZE);
	long frame, faults, after;
	int fds[2], pid, status;

	if (!p || sys_pipe(fds)) {
		claim(NO, "a page and a pipe to show it with");
		return;
	}
	*p = 'p';
	frame = frame_of(p);
	pid = sys_fork();
	if (pid == 0)
		report_from_child(p, fds[1]);
	sys_close(fds[1]);
	if (pid < 0 || sys_read(fds[0], &child, sizeof(child)) != sizeof(child)) {
		claim(NO, "a child that reports");
		return;
	}
	sys_close(fds[0]);
	sys_wait4(pid, &status, 0, NULL);
	printf("  A page holds 'p'. The child reads it, then writes 'c'; then the parent "
	       "writes.\n");
	printf("    the parent's frame before fork                   0x%05lx\n", frame);
	printf("    the child's frame before it writes               0x%05lx, mapped %ld times\n",
	       child.frame_before, child.count_before);
	printf("    the child's frame after it has written           0x%05lx\n", child.frame_after);
	claim(frame < 0 ? UNSEEN : child.frame_before == frame && child.text == 'p',
	      "after fork both share one frame");
	claim(child.count_before < 0 ? UNSEEN : child.count_before == 2,
	      "the kernel counts two mappings of it");
	claim(frame < 0 ? UNSEEN : child.frame_after != frame && child.frame_after >= 0,
	      "the child's write gave it a frame of its own");
	claim(child.faults < 0 ? UNSEEN : child.faults == 1, "that took %ld minor fault",
	      child.faults);
	claim(*p == 'p' && (frame < 0 || frame_of(p) == frame),
	      "the parent still reads 'p', in its frame");
	minor_faults();
	faults = minor_faults();
	*p = 'q';
	faults = minor_faults() - faults;
	after = frame_of(p);
	printf("    the parent's frame after it has written, alone   0x%05lx\n", after);
	claim(frame < 0 ? UNSEEN : after == frame,
	      "the last owner's write kept the frame: no copy");
	claim(faults == 0 || faults == 1, "that took %ld minor fault", faults);
	sys_munmap((void *)p, PAGE_SIZE);
}

static void show_many_pages(void)
{
	size_t len = fitting(16 * MIB) / 2;
	struct waiting child;
	long before, during;
	char *p;

	len &= ~(PAGE_SIZE - 1);
	p = map_pages(len);
	if (!p) {
		claim(NO, "memory to show it with");
		return;
	}
	for (size_t i = 0; i < len; i += PAGE_SIZE)
		p[i] = 1;
	before = meminfo_kb("MemFree");
	child = start_waiting();
	during = meminfo_kb("MemFree");
	release(child);
	sys_munmap(p, len);
	claim_machine(before < 0 ? UNSEEN : child.pid && before - during < (long)(len / KIB / 4),
		      "a fork with %zu kB written took %ld kB: page tables and the process",
		      len / KIB, before - during);
}

void tour_cow(void)
{
	show_one_page();
	show_many_pages();
}
