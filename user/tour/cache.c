/* The page cache: the pages of a file, which read, write and mappings all use. */
#include "user/tour/tour.h"

#define PAGES 16u
#define LEN   (PAGES * PAGE_SIZE)

/* A file of LEN bytes 'f' that goes when it is closed. Returns its descriptor, or a negative errno. */
static int make_file(void)
{
	static const char *const paths[] = {"/tmp/tour-file", "/tour-file"};
	static char block[PAGE_SIZE];
	int fd = -ENOENT;

	memset(block, 'f', sizeof(block));
	for (unsigned int i = 0; fd < 0 && i < ARRAY_SIZE(paths); i++) {
		fd = sys_open(paths[i], O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd >= 0)
			syscall1(__NR_unlink, (long)paths[i]);
	}
	for (unsigned int i = 0; fd >= 0 && i < PAGES; i++)
		sys_write(fd, block, sizeof(block));
	return fd;
}

static char first_byte(int fd)
{
	char byte = '?';

	sys_pread64(fd, &byte, 1, 0);
	return byte;
}

static void show_maps(int fd, volatile char *shared, volatile char *other, volatile char *private)
{
	long frame, count, own;
	bool all_same;

	all_same = shared[0] == 'f' && other[0] == 'f' && private[0] == 'f';
	frame = frame_of(shared);
	count = map_count(frame);
	printf("    page 0, mapped shared, shared again, and private: frames 0x%05lx 0x%05lx "
	       "0x%05lx\n",
	       frame, frame_of(other), frame_of(private));
	claim(frame < 0 ? UNSEEN
			: all_same && frame_of(other) == frame && frame_of(private) == frame,
	      "three mappings of a file's page show one frame");
	claim(count < 0 ? UNSEEN : count == 3, "the kernel counts %ld", count);
	shared[0] = 's';
	claim(other[0] == 's' && private[0] == 's' && first_byte(fd) == 's',
	      "a write to a shared mapping is seen by all, and by read()");
	private[0] = 'p';
	own = frame_of(private);
	claim(frame < 0 ? UNSEEN : own != frame && own >= 0,
	      "a write to the private one gives it a frame of its own, 0x%05lx", own);
	claim(shared[0] == 's' && first_byte(fd) == 's' && private[0] == 'p',
	      "and the file does not change");
}

void tour_cache(void)
{
	long cached[2], faults;
	char *maps[3];
	int fd;

	cached[0] = meminfo_kb("Cached");
	fd = make_file();
	cached[1] = meminfo_kb("Cached");
	if (fd < 0) {
		skip("no place to make a file");
		return;
	}
	printf("    Cached before and after writing a file of 64 KB: %ld kB, %ld kB\n", cached[0],
	       cached[1]);
	claim_machine(cached[1] - cached[0] == LEN / KIB, "a file's pages are in the page cache");
	for (int i = 0; i < 3; i++)
		maps[i] = sys_mmap(NULL, LEN, PROT_READ | PROT_WRITE,
				   i == 2 ? MAP_PRIVATE : MAP_SHARED, fd, 0);
	if (is_error_ptr(maps[0]) || is_error_ptr(maps[1]) || is_error_ptr(maps[2])) {
		claim(NO, "it can be mapped three times");
		return;
	}
	show_maps(fd, maps[0], maps[1], maps[2]);
	cached[0] = meminfo_kb("Cached");
	faults = major_faults();
	for (unsigned int i = 0; i < PAGES; i++)
		(void)*(volatile char *)(maps[0] + i * PAGE_SIZE);
	cached[1] = meminfo_kb("Cached");
	claim_machine(cached[1] == cached[0], "mapping what is cached takes no more of the cache");
	claim(faults < 0 ? UNSEEN : major_faults() == faults, "and no major fault");
	for (int i = 0; i < 3; i++)
		sys_munmap(maps[i], LEN);
	sys_close(fd);
}
