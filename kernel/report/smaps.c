/*
 * What the memory of a process consists of: PID/smaps for each VMA, PID/smaps_rollup for all of them
 * together, and PID/clear_refs, which starts the count of what is used anew.
 *
 *   Rss      frames that its entries point at; the zero page, which everybody maps, is not counted
 *   Pss      the same, each frame divided by the number of entries that point at it
 *   Shared   of Rss: frames with more than one entry, wherever those are
 *   Private  of Rss: the others. Their sum is what is called Uss, and what the end of the process frees
 *   Dirty    written through this entry, or known to differ from what the file holds
 *
 * Pss is kept as bytes with 12 bits behind the point, as Linux does, so that the Pss of many mappings
 * of one frame add up to the frame, but for less than a byte; only printing cuts it to kilobytes.
 */
#include "fs/file.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/err.h"
#include "lib/parse.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/pgtable.h"

#define PSS_SHIFT    12
#define PSS_OF_FRAME (1u << (PAGE_SHIFT + PSS_SHIFT))

/* What is said of a frame, in one number, so that counting it is one step. */
#define YOUNG    1u
#define DIRTY    2u
#define ANON     4u
#define SHARED   8u
#define NR_KINDS 16u

struct sizes {
	struct entry_visitor visitor;
	u32 frames[NR_KINDS];
	u64 shares[NR_KINDS]; /* Pss of the shared ones; a private frame's share is the frame */
	u64 pss_shmem, pss_locked; /* which its VMA decides */
};

/* ---- counting ---- */

static __always_inline void add_frame(struct sizes *z, const struct page *page, pte_t entry)
{
	u32 kind = (pte_young(entry) ? YOUNG : 0) |
		   (pte_dirty(entry) || (page->flags & PG_DIRTY) ? DIRTY : 0) |
		   (page->flags & PG_ANON ? ANON : 0);

	if (page->mapcount > 1) {
		kind |= SHARED;
		z->shares[kind] += PSS_OF_FRAME / (u32)page->mapcount;
	}
	z->frames[kind]++;
}

static void add_entries(struct entry_visitor *visitor, pte_t *pte, pte_t *last, vaddr_t addr)
{
	struct sizes *z = container_of(visitor, struct sizes, visitor);

	(void)addr;
	while (pte < last) {
		const struct page *page = pte_counted_page(*pte);

		if (likely(page))
			add_frame(z, page, *pte);
		else if (pte_none(*pte)) {
			pte = pte_skip_none(pte, last);
			continue;
		}
		pte++;
	}
}

/* Frames, and their Pss, of the kinds that have in `mask` the bits `kind`. */
static u32 frames_of(const struct sizes *z, u32 mask, u32 kind)
{
	u32 sum = 0;

	for (u32 i = 0; i < NR_KINDS; i++)
		if ((i & mask) == kind)
			sum += z->frames[i];
	return sum;
}

static u64 pss_of(const struct sizes *z, u32 mask, u32 kind)
{
	u64 sum = (u64)frames_of(z, mask | SHARED, kind) * PSS_OF_FRAME;

	for (u32 i = 0; i < NR_KINDS; i++)
		if ((i & mask) == kind)
			sum += z->shares[i];
	return sum;
}

static void sizes_of(struct vm_area_struct *vma, struct sizes *z)
{
	*z = (struct sizes){.visitor.visit = add_entries};
	vma_visit_entries(vma, &z->visitor);
	if (vma->mapping && vma->mapping->shmem)
		z->pss_shmem = pss_of(z, ANON, 0);
	if (vma->flags & VM_LOCKED)
		z->pss_locked = pss_of(z, 0, 0);
}

static void add_sizes(struct sizes *to, const struct sizes *z)
{
	for (u32 i = 0; i < NR_KINDS; i++) {
		to->frames[i] += z->frames[i];
		to->shares[i] += z->shares[i];
	}
	to->pss_shmem += z->pss_shmem;
	to->pss_locked += z->pss_locked;
}

/* ---- printing ---- */

static void line(struct seq *s, const char *name, u32 kb)
{
	seq_printf(s, "%-16s%8u kB\n", name, kb);
}

static void frames_line(struct seq *s, const char *name, u32 frames)
{
	line(s, name, frames_kb(frames));
}

static void pss_line(struct seq *s, const char *name, u64 pss)
{
	line(s, name, (u32)(pss >> (PSS_SHIFT + 10)));
}

static void show_sizes(struct seq *s, const struct sizes *z, bool rollup)
{
	/* What this kernel has not: pages given back lazily, huge pages, swap. */
	static const char *const none[] = {
		"LazyFree:",       "AnonHugePages:",   "ShmemPmdMapped:", "FilePmdMapped:",
		"Shared_Hugetlb:", "Private_Hugetlb:", "Swap:",           "SwapPss:"};

	const u32 sharing = SHARED | DIRTY;

	frames_line(s, "Rss:", frames_of(z, 0, 0));
	pss_line(s, "Pss:", pss_of(z, 0, 0));
	pss_line(s, "Pss_Dirty:", pss_of(z, DIRTY, DIRTY));
	if (rollup) {
		pss_line(s, "Pss_Anon:", pss_of(z, ANON, ANON));
		pss_line(s, "Pss_File:", pss_of(z, ANON, 0) - z->pss_shmem);
		pss_line(s, "Pss_Shmem:", z->pss_shmem);
	}
	frames_line(s, "Shared_Clean:", frames_of(z, sharing, SHARED));
	frames_line(s, "Shared_Dirty:", frames_of(z, sharing, SHARED | DIRTY));
	frames_line(s, "Private_Clean:", frames_of(z, sharing, 0));
	frames_line(s, "Private_Dirty:", frames_of(z, sharing, DIRTY));
	frames_line(s, "Referenced:", frames_of(z, YOUNG, YOUNG));
	frames_line(s, "Anonymous:", frames_of(z, ANON, ANON));
	for (u32 i = 0; i < ARRAY_SIZE(none); i++)
		line(s, none[i], 0);
	pss_line(s, "Locked:", z->pss_locked);
}

/* Linux's two letters for each flag, in the order of its bits. */
static void show_flags(struct seq *s, u32 flags)
{
	static const struct {
		u32 mask;
		char name[3];
	} names[] = {
		{VM_READ, "rd"},     {VM_WRITE, "wr"},      {VM_EXEC, "ex"},
		{VM_SHARED, "sh"},   {VM_MAYREAD, "mr"},    {VM_MAYWRITE, "mw"},
		{VM_MAYEXEC, "me"},  {VM_SHARED, "ms"},     {VM_GROWSDOWN, "gd"},
		{VM_LOCKED, "lo"},   {VM_SEQ_READ, "sr"},   {VM_RAND_READ, "rr"},
		{VM_DONTFORK, "dc"}, {VM_DONTEXPAND, "de"}, {VM_LOCKONFAULT, "lf"},
		{VM_ACCOUNT, "ac"},  {VM_NORESERVE, "nr"},  {VM_WIPEONFORK, "wf"},
		{VM_DONTDUMP, "dd"},
	};

	seq_puts(s, "VmFlags: ");
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(flags & names[i].mask))
			continue;
		/* Linux takes the first half of "shared" from a mapping that can never be written. */
		if (names[i].mask == VM_SHARED && names[i].name[0] == 's' && !(flags & VM_MAYWRITE))
			continue;
		seq_printf(s, "%s ", names[i].name);
	}
	seq_putc(s, '\n');
}

static int smaps_next(struct seq *s, struct task *t, u64 *cursor)
{
	struct vm_area_struct *vma = report_next_vma(t, cursor);
	struct sizes z;

	if (!vma)
		return 0;
	sizes_of(vma, &z);
	report_vma_line(s, vma);
	line(s, "Size:", (vma->end - vma->start) >> 10);
	line(s, "KernelPageSize:", PAGE_SIZE >> 10);
	line(s, "MMUPageSize:", PAGE_SIZE >> 10);
	show_sizes(s, &z, false);
	seq_puts(s, "THPeligible:    0\n");
	show_flags(s, vma->flags);
	return 1;
}

static int rollup_next(struct seq *s, struct task *t, u64 *cursor)
{
	const struct mm_struct *mm = t->thread.mm;
	struct vm_area_struct *vma;
	struct sizes sum = {.pss_shmem = 0}, z;

	if (*cursor)
		return 0;
	if (!mm)
		return -ESRCH;
	*cursor = 1;
	for_each_vma (mm, vma) {
		if (!vma->populated)
			continue;
		sizes_of(vma, &z);
		add_sizes(&sum, &z);
	}
	seq_printf(s, "%08x-%08x ---p 00000000 00:00 0          [rollup]\n",
		   mm->first ? mm->first->start : 0, mm->last ? mm->last->end : 0);
	show_sizes(s, &sum, true);
	return 1;
}

/* ---- clear_refs ---- */

enum { CLEAR_ALL = 1, CLEAR_ANON, CLEAR_MAPPED, CLEAR_SOFT_DIRTY, CLEAR_PEAK };

static void clear_young(struct entry_visitor *visitor, pte_t *pte, pte_t *last, vaddr_t addr)
{
	(void)visitor, (void)addr;
	for (pte = pte_skip_none(pte, last); pte < last; pte = pte_skip_none(pte + 1, last))
		set_pte(pte, pte_mkold(*pte));
}

/* Linux has no such mark on an i386, and says so by none ever; here there is none before it is asked for. */
static void clear_soft_dirty(struct entry_visitor *visitor, pte_t *pte, pte_t *last, vaddr_t addr)
{
	(void)visitor, (void)addr;
	for (pte = pte_skip_none(pte, last); pte < last; pte = pte_skip_none(pte + 1, last))
		set_pte(pte, soft_dirty_clear(*pte));
}

static int clear_refs_write(struct task *t, const char *text)
{
	struct mm_struct *mm = t->thread.mm;
	struct entry_visitor clear = {clear_young};
	struct vm_area_struct *vma;
	u32 what;

	if (parse_u32(text, 10, &what) || what < CLEAR_ALL || what > CLEAR_PEAK)
		return -EINVAL;
	if (!mm)
		return 0;
	if (what == CLEAR_PEAK) {
		mm->hiwater_rss = mm_rss(mm);
		return 0;
	}
	if (what == CLEAR_SOFT_DIRTY) {
		clear.visit = clear_soft_dirty;
		mm->soft_dirty = true;
	}
	for_each_vma (mm, vma)
		if (what == CLEAR_ALL || what == CLEAR_SOFT_DIRTY ||
		    (what == CLEAR_MAPPED) == (vma->mapping != NULL))
			vma_visit_entries(vma, &clear);
	if (mm ==
	    current_mm) /* the processor looks at entries, and marks them, only when it loads them */
		flush_tlb_user();
	return 0;
}

static struct report reports[] = {
	{.name = "PID/smaps", .next = smaps_next},
	{.name = "PID/smaps_rollup", .next = rollup_next},
	{.name = "PID/clear_refs", .mode = 0200, .write_task = clear_refs_write},
};

__init void smaps_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
