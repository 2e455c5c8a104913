/*
 * What a frame holds, from kpageflags (Linux, Documentation/admin-guide/mm/pagemap.rst).
 *
 *   not System RAM in iomem, or no page, or offline    reserved
 *   buddy, or on a hot list                            free
 *   slab, pgtable                                      slab, page tables
 *   anon                                               anonymous
 *   not anon, but swapbacked                           shmem: shared memory and its files
 *   lru, mmap, uptodate, dirty, writeback              file
 *   tail of a larger page                              what its head holds
 *   anything else                                      kernel: its image, mem_map, stacks, buffers
 *
 * Kernels before 6.12 mark only the first frame of a free block. That this is one of them shows in
 * far fewer marked frames than there are free ones; there a free block is taken to reach as far as
 * its alignment permits and nothing is known of the frames.
 */
#include "user/memmap/memmap.h"

#include <linux/kernel-page-flags.h>

#include "user/lib/io.h"
#include "user/lib/proc.h"
#include "user/lib/syscall.h"

#define BIT(n)         (1ull << (n))

#define ANONYMOUS_BITS (BIT(KPF_ANON) | BIT(KPF_KSM) | BIT(KPF_HUGE))
#define FILE_BITS \
	(BIT(KPF_LRU) | BIT(KPF_MMAP) | BIT(KPF_UPTODATE) | BIT(KPF_DIRTY) | BIT(KPF_WRITEBACK))
#define MAX_BLOCK 1024 /* frames of the largest free block */

static struct {
	unsigned long first, end;
} ram[64];
static unsigned int ram_count, ram_at;

static uint64_t entries[1024];
static unsigned long entries_first, entries_count;
static int fd = -1;

static bool heads_only;
static unsigned long free_end; /* of the free block that the last head begins, if heads_only */
static unsigned long marked;   /* frames marked free since frames_begin */
static enum content last;

/* Whole frames of System RAM, as the kernel counts them. */
static bool read_ram(void)
{
	static struct lines lines;
	char *line;

	ram_count = 0;
	if (!lines_open(&lines, "/proc/iomem"))
		return false;
	while ((line = lines_next(&lines))) {
		uint64_t from, to;
		const char *s;

		if (*line == ' ' || !strstr(line, ": System RAM"))
			continue;
		s = take_hex(line, &from);
		take_hex(s + 1, &to);
		if (!to || ram_count == ARRAY_SIZE(ram))
			continue; /* zeros are told to those who are not root */
		ram[ram_count].first = (from + PAGE_SIZE - 1) / PAGE_SIZE;
		ram[ram_count++].end = (to + 1) / PAGE_SIZE;
	}
	return true;
}

static bool is_ram(unsigned long frame)
{
	while (ram_at < ram_count && frame >= ram[ram_at].end)
		ram_at++;
	return !ram_count || (ram_at < ram_count && frame >= ram[ram_at].first);
}

bool frames_begin(void)
{
	long free_kb = meminfo_kb("MemFree");

	fd = sys_open("/proc/kpageflags", O_RDONLY, 0);
	if (fd < 0) {
		printf("memmap: /proc/kpageflags cannot be read, error %d\n", -fd);
		return false;
	}
	read_ram();
	heads_only = marked && free_kb > 0 && marked < (unsigned long)free_kb / 4 / 2;
	entries_count = 0;
	ram_at = 0;
	free_end = 0;
	marked = 0;
	last = RESERVED;
	return true;
}

void frames_end(void)
{
	sys_close(fd);
}

/* Returns false for frames that the kernel has no entry for. */
static bool flags_of(unsigned long frame, uint64_t *flags)
{
	if (frame < entries_first || frame - entries_first >= entries_count) {
		entries_first = frame;
		entries_count = read_entries(fd, frame, entries, ARRAY_SIZE(entries));
		if (!entries_count)
			return false;
	}
	*flags = entries[frame - entries_first];
	return true;
}

static bool is_free(unsigned long frame, uint64_t flags)
{
	unsigned long block = frame & -frame;

	if (flags & BIT(KPF_HOT))
		return true;
	if (flags & BIT(KPF_BUDDY)) {
		marked++;
		free_end = frame + (block && block < MAX_BLOCK ? block : MAX_BLOCK);
		return true;
	}
	if (flags)
		free_end = 0;
	return heads_only && frame < free_end;
}

static enum content content_of(unsigned long frame)
{
	uint64_t flags;

	if (!flags_of(frame, &flags) || flags & (BIT(KPF_NOPAGE) | BIT(KPF_OFFLINE)) ||
	    !is_ram(frame))
		return RESERVED;
	if (is_free(frame, flags))
		return FREE;
	if (flags & BIT(KPF_SLAB))
		return SLAB;
	if (flags & BIT(KPF_PGTABLE))
		return TABLES;
	if (flags & ANONYMOUS_BITS)
		return ANON;
	if (flags & BIT(KPF_ZERO_PAGE))
		return KERNEL;
	if (flags & BIT(KPF_SWAPBACKED))
		return SHMEM;
	if (flags & FILE_BITS)
		return FILE_PAGE;
	return flags & BIT(KPF_COMPOUND_TAIL) ? last : KERNEL;
}

enum content frame_content(unsigned long frame)
{
	return last = content_of(frame);
}
