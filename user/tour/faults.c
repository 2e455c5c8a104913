/* Page faults: one for each first touch, none after that, and whether a disk was read for it. */
#include "user/tour/tour.h"

#ifndef MAP_POPULATE
#define MAP_POPULATE 0x8000
#endif

#define PAGES 64
#define LEN   (PAGES * PAGE_SIZE)

static long touch(volatile char *p, bool write, const char *what)
{
	long faults = minor_faults();

	for (int i = 0; i < PAGES; i++) {
		if (write)
			p[i * PAGE_SIZE] = 1;
		else
			(void)p[i * PAGE_SIZE];
	}
	faults = minor_faults() - faults;
	printf("    %-52s %4ld minor faults\n", what, faults);
	return faults;
}

void tour_faults(void)
{
	long first, again, dropped, read, written, populated, major;
	char *p = map_pages(LEN), *ready;

	if (!p || minor_faults() < 0) {
		skip("no memory, or no /proc/self/stat");
		return;
	}
	printf("  64 pages:\n");
	major = major_faults();
	minor_faults();
	first = touch(p, true, "written for the first time");
	again = touch(p, true, "written again");
	sys_madvise(p, LEN, MADV_DONTNEED);
	dropped = touch(p, true, "written after MADV_DONTNEED took them away");
	sys_madvise(p, LEN, MADV_DONTNEED);
	read = touch(p, false, "read, after it took them again");
	written = touch(p, true, "then written");
	sys_munmap(p, LEN);
	ready = sys_mmap(NULL, LEN, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	populated = is_error_ptr(ready) ? PAGES
					: touch(ready, true, "mapped with MAP_POPULATE, written");
	if (!is_error_ptr(ready))
		sys_munmap(ready, LEN);
	major = major_faults() - major;
	claim(first == PAGES, "a first touch is a fault, %ld of them", first);
	claim(again == 0, "a second is none");
	claim(dropped == PAGES, "what was given back has to be fetched again");
	claim(read == PAGES && written == PAGES,
	      "reading first costs two faults: the page of zeros, then one's own");
	claim(populated == 0, "what is asked for at once comes without a fault");
	claim_machine(major == 0, "nothing was read from a disk for these: no major fault");
}
