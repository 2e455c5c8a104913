/*
 * Frames by number: kpagecount and kpageflags as Linux has them (Documentation/admin-guide/mm/pagemap.rst), and
 * pagoda/frames, which is ours: what every frame that there is holds, once as the owners count and once by looking at each.
 *
 * The two are found in different ways, so that they can be held against each other: an owner counts when it takes a
 * frame and gives it back, the census goes through mem_map. Both add up to all frames.
 */
#include "fs/file.h"
#include "kernel/report/figures.h"
#include "kernel/report/report.h"
#include "lib/err.h"
#include "lib/string.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "mm/phys/bootmem.h"
#include "mm/phys/zone.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"
#include <linux/kernel-page-flags.h>

#define ENTRY_SIZE ((u32)sizeof(u64))
#define BIT(n)     (1ull << (n))

/* Linux has these for its own developers, outside the header. */
#define KPF_RESERVED 32
/* Ours, where Linux has none: free on a hot list, of a vmalloc area, of a kernel stack. */
#define KPF_HOT     48
#define KPF_VMALLOC 49
#define KPF_STACK   50

/* ---- one frame ---- */

static enum frame_kind kind_of_cached(const struct page *page)
{
	return page->mapping->shmem ? FRAME_SHMEM : FRAME_FILE;
}

/* Of a frame that heads a block or is one by itself. */
static enum frame_kind kind_of(const struct page *page)
{
	static const struct {
		u32 flag;
		enum frame_kind kind;
	} kinds[] = {
		{PG_RESERVED, FRAME_RESERVED}, {PG_BUDDY, FRAME_BUDDY},
		{PG_HOT, FRAME_HOT},           {PG_SLAB, FRAME_SLAB},
		{PG_ANON, FRAME_ANON},         {PG_TABLE, FRAME_TABLE},
		{PG_KSTACK, FRAME_STACK},      {PG_VMALLOC, FRAME_VMALLOC},
		{PG_COMPOUND, FRAME_BLOCK},
	};
	u32 flags = page->flags;

	if (flags & PG_PAGECACHE)
		return kind_of_cached(page);
	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++)
		if (flags & kinds[i].flag)
			return kinds[i].kind;
	return FRAME_SINGLE;
}

/* Frames of the block that this one heads. */
static u32 block_frames(const struct page *page)
{
	return page->flags & (PG_BUDDY | PG_COMPOUND) ? 1u << page->private : 1;
}

/* The head of the block that holds frame pfn, if it is not one by itself: blocks are aligned to their size. */
static u32 block_head(u32 pfn)
{
	for (unsigned order = 1; order < MAX_ORDER; order++) {
		u32 head = ALIGN_DOWN(pfn, 1u << order);

		if (head != pfn && block_frames(pfn_to_page(head)) > pfn - head)
			return head;
	}
	return pfn;
}

/* ---- kpagecount, kpageflags ---- */

/* What a frame's kind says; and the flags that only a page of user memory has. */
static u64 kind_bits(enum frame_kind kind)
{
	switch (kind) {
	case FRAME_BUDDY:
		return BIT(KPF_BUDDY);
	case FRAME_HOT:
		return BIT(KPF_HOT);
	case FRAME_SLAB:
		return BIT(KPF_SLAB);
	case FRAME_FILE:
		return BIT(KPF_LRU) | BIT(KPF_UNEVICTABLE);
	case FRAME_SHMEM:
		return BIT(KPF_LRU) | BIT(KPF_SWAPBACKED);
	case FRAME_ANON:
		return BIT(KPF_LRU) | BIT(KPF_SWAPBACKED) | BIT(KPF_ACTIVE) | BIT(KPF_ANON) |
		       BIT(KPF_UPTODATE);
	case FRAME_TABLE:
		return BIT(KPF_PGTABLE);
	case FRAME_STACK:
		return BIT(KPF_STACK);
	case FRAME_VMALLOC:
		return BIT(KPF_VMALLOC);
	case FRAME_RESERVED:
		return BIT(KPF_RESERVED);
	default:
		return 0;
	}
}

static u64 frame_bits(u32 pfn, u32 head)
{
	const struct page *page = pfn_to_page(pfn), *first = pfn_to_page(head);
	u64 bits = kind_bits(kind_of(first));

	if (first->flags & PG_COMPOUND)
		bits |= pfn == head ? BIT(KPF_COMPOUND_HEAD) : BIT(KPF_COMPOUND_TAIL);
	if (page == zero_page)
		return bits | BIT(KPF_ZERO_PAGE);
	if (page->flags & PG_PAGECACHE) {
		bits |= page->flags & PG_UPTODATE ? BIT(KPF_UPTODATE) : 0;
		bits |= page->flags & PG_DIRTY ? BIT(KPF_DIRTY) : 0;
		bits |= page->flags & PG_LOCKED ? BIT(KPF_LOCKED) : 0;
	}
	if (page->mapcount > 0)
		bits |= BIT(KPF_MMAP);
	return bits;
}

/* How many frames a request is for: *pfn is the first. 0 at the end, or errno. */
static ssize_t frames_asked(size_t len, u64 pos, u32 *pfn)
{
	if (pos % ENTRY_SIZE || len % ENTRY_SIZE)
		return -EINVAL;
	if (pos >= (u64)max_pfn * ENTRY_SIZE)
		return 0;
	*pfn = (u32)pos / ENTRY_SIZE;
	return MIN((u32)len / ENTRY_SIZE, max_pfn - *pfn);
}

static ssize_t kpagecount_read(void *buf, size_t len, u64 pos)
{
	u64 *out = buf;
	u32 pfn = 0;
	ssize_t n = frames_asked(len, pos, &pfn);

	for (ssize_t i = 0; i < n; i++)
		out[i] = MAX(pfn_to_page(pfn + i)->mapcount, 0);
	return n < 0 ? n : n * (ssize_t)ENTRY_SIZE;
}

static ssize_t kpageflags_read(void *buf, size_t len, u64 pos)
{
	u64 *out = buf;
	u32 pfn = 0, head;
	ssize_t n = frames_asked(len, pos, &pfn);

	if (n <= 0)
		return n;
	head = block_head(pfn);
	for (ssize_t i = 0; i < n; i++, pfn++) {
		if (pfn - head >= block_frames(pfn_to_page(head)))
			head = pfn;
		out[i] = frame_bits(pfn, head);
	}
	return n * (ssize_t)ENTRY_SIZE;
}

/* ---- all frames ---- */

void zone_census(const struct zone *z, u32 frames[NR_FRAME_KINDS])
{
	u32 end = z->start_pfn + z->spanned, n;

	memset(frames, 0, NR_FRAME_KINDS * sizeof(frames[0]));
	for (u32 pfn = z->start_pfn; pfn < end; pfn += n) {
		const struct page *page = pfn_to_page(pfn);

		n = block_frames(page);
		frames[kind_of(page)] += n;
	}
}

/* What the owners count. FRAME_SINGLE has no one owner, so it is left out. */
static void count_frames(u32 counted[NR_FRAME_KINDS])
{
	struct memory_figures f;
	const struct zone *z;

	memory_figures(&f);
	memset(counted, 0, NR_FRAME_KINDS * sizeof(counted[0]));
	counted[FRAME_BUDDY] = f.free - f.hot;
	counted[FRAME_HOT] = f.hot;
	counted[FRAME_SLAB] = f.slab;
	counted[FRAME_FILE] = f.cached - f.shmem;
	counted[FRAME_SHMEM] = f.shmem;
	counted[FRAME_ANON] = f.anon;
	counted[FRAME_TABLE] = f.tables + vmalloc_nr_table_pages() + kmap_nr_table_pages();
	counted[FRAME_STACK] = f.stacks;
	counted[FRAME_VMALLOC] = vmalloc_nr_pages() - f.stacks;
	counted[FRAME_BLOCK] = kmalloc_nr_large_pages() + kmap_nr_slot_pages();
	counted[FRAME_RESERVED] = max_pfn;
	for_each_zone (z)
		counted[FRAME_RESERVED] -= z->managed;
}

static void reserved_lines(struct seq *s)
{
	static const char *const uses[BOOTMEM_NR_USES] = {
		[BOOTMEM_KERNEL] = "kernel-image",  [BOOTMEM_MODULE] = "boot-archive",
		[BOOTMEM_MEMMAP] = "mem_map",       [BOOTMEM_TABLES] = "kernel-page-tables",
		[BOOTMEM_OTHER] = "boot-allocator",
	};
	const struct zone *z;
	u32 holes = max_pfn;

	for (unsigned i = 0; i < BOOTMEM_NR_USES; i++)
		seq_printf(s, "reserved %-20s %8u\n", uses[i], bootmem_pages(i));
	for_each_zone (z)
		holes -= z->present;
	seq_printf(s, "reserved %-20s %8u\n", "firmware-and-holes", holes);
}

static void frames_show(struct seq *s)
{
	static const char *const names[NR_FRAME_KINDS] = {
		[FRAME_BUDDY] = "free-blocks",
		[FRAME_HOT] = "free-hot-lists",
		[FRAME_SLAB] = "slab",
		[FRAME_FILE] = "file-cache",
		[FRAME_SHMEM] = "shared-memory",
		[FRAME_ANON] = "anonymous",
		[FRAME_TABLE] = "page-tables",
		[FRAME_STACK] = "kernel-stacks",
		[FRAME_VMALLOC] = "vmalloc",
		[FRAME_BLOCK] = "kernel-blocks",
		[FRAME_SINGLE] = "kernel-frames",
		[FRAME_RESERVED] = "reserved",
	};
	u32 counted[NR_FRAME_KINDS], found[NR_FRAME_KINDS] = {0}, sum = 0;
	const struct zone *z;

	count_frames(counted);
	for_each_zone (z) {
		u32 frames[NR_FRAME_KINDS];

		zone_census(z, frames);
		for (unsigned kind = 0; kind < NR_FRAME_KINDS; kind++)
			found[kind] += frames[kind];
	}
	seq_printf(s, "%-16s %8s %8s\n", "holds", "found", "counted");
	for (unsigned kind = 0; kind < NR_FRAME_KINDS; kind++) {
		seq_printf(s, "%-16s %8u", names[kind], found[kind]);
		if (kind == FRAME_SINGLE)
			seq_printf(s, " %8s\n", "-");
		else
			seq_printf(s, " %8u\n", counted[kind]);
		sum += found[kind];
	}
	seq_printf(s, "%-16s %8u %8u\n", "all", sum, max_pfn);
	reserved_lines(s);
}

static struct report reports[] = {
	{.name = "kpagecount", .mode = 0400, .read_at = kpagecount_read},
	{.name = "kpageflags", .mode = 0400, .read_at = kpageflags_read},
	{.name = "pagoda/frames", .show = frames_show},
};

__init void kpage_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
