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

struct sizes {
	struct entry_visitor visitor;
	/* frames */
	u32 rss, shared_clean, shared_dirty, private_clean, private_dirty, referenced, anon;
	/* bytes << PSS_SHIFT */
	u64 pss, pss_dirty, pss_anon, pss_file, pss_shmem, pss_locked;
};

/* ---- counting ---- */

static __always_inline void add_frame(struct sizes *z, const struct page *page, pte_t entry)
{
	bool dirty = pte_dirty(entry) || (page->flags & PG_DIRTY);
	u32 share = PSS_OF_FRAME;

	if (page->mapcount > 1) {
		share /= (u32)page->mapcount;
		*(dirty ? &z->shared_dirty : &z->shared_clean) += 1;
	} else {
		*(dirty ? &z->private_dirty : &z->private_clean) += 1;
	}
	z->rss++;
	z->pss += share;
	if (dirty)
		z->pss_dirty += share;
	if (pte_young(entry))
		z->referenced++;
	if (page->flags & PG_ANON) {
		z->anon++;
		z->pss_anon += share;
	}
}

static void add_entries(struct entry_visitor *visitor, pte_t *pte, pte_t *last, vaddr_t addr)
{
	struct sizes *z = container_of(visitor, struct sizes, visitor);

	(void)addr;
	for (pte = pte_skip_none(pte, last); pte < last; pte = pte_skip_none(pte + 1, last)) {
		const struct page *page = pte_counted_page(*pte);

		if (page)
			add_frame(z, page, *pte);
	}
}

static struct sizes sizes_of(struct vm_area_struct *vma)
{
	struct sizes z = {.visitor.visit = add_entries};

	vma_visit_entries(vma, &z.visitor);
	*(vma->mapping && vma->mapping->shmem ? &z.pss_shmem : &z.pss_file) = z.pss - z.pss_anon;
	if (vma->flags & VM_LOCKED)
		z.pss_locked = z.pss;
	return z;
}

static void add_sizes(struct sizes *to, const struct sizes *z)
{
	to->rss += z->rss;
	to->shared_clean += z->shared_clean;
	to->shared_dirty += z->shared_dirty;
	to->private_clean += z->private_clean;
	to->private_dirty += z->private_dirty;
	to->referenced += z->referenced;
	to->anon += z->anon;
	to->pss += z->pss;
	to->pss_dirty += z->pss_dirty;
	to->pss_anon += z->pss_anon;
	to->pss_file += z->pss_file;
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

	frames_line(s, "Rss:", z->rss);
	pss_line(s, "Pss:", z->pss);
	pss_line(s, "Pss_Dirty:", z->pss_dirty);
	if (rollup) {
		pss_line(s, "Pss_Anon:", z->pss_anon);
		pss_line(s, "Pss_File:", z->pss_file);
		pss_line(s, "Pss_Shmem:", z->pss_shmem);
	}
	frames_line(s, "Shared_Clean:", z->shared_clean);
	frames_line(s, "Shared_Dirty:", z->shared_dirty);
	frames_line(s, "Private_Clean:", z->private_clean);
	frames_line(s, "Private_Dirty:", z->private_dirty);
	frames_line(s, "Referenced:", z->referenced);
	frames_line(s, "Anonymous:", z->anon);
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
		{VM_READ, "rd"},        {VM_WRITE, "wr"},    {VM_EXEC, "ex"},
		{VM_SHARED, "sh"},      {VM_MAYREAD, "mr"},  {VM_MAYWRITE, "mw"},
		{VM_MAYEXEC, "me"},     {VM_SHARED, "ms"},   {VM_GROWSDOWN, "gd"},
		{VM_LOCKED, "lo"},      {VM_DONTFORK, "dc"}, {VM_DONTEXPAND, "de"},
		{VM_LOCKONFAULT, "lf"}, {VM_ACCOUNT, "ac"},  {VM_NORESERVE, "nr"},
		{VM_WIPEONFORK, "wf"},
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
	z = sizes_of(vma);
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
	struct sizes sum = {.rss = 0};

	if (*cursor)
		return 0;
	if (!mm)
		return -ESRCH;
	*cursor = 1;
	for_each_vma (mm, vma) {
		struct sizes z = sizes_of(vma);

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

static int clear_refs_write(struct task *t, const char *text)
{
	struct mm_struct *mm = t->thread.mm;
	struct entry_visitor young = {clear_young};
	struct vm_area_struct *vma;
	u32 what;

	if (parse_u32(text, 10, &what) || what < CLEAR_ALL || what > CLEAR_PEAK)
		return -EINVAL;
	if (!mm)
		return 0;
	if (what == CLEAR_PEAK)
		mm->hiwater_rss = mm_rss(mm);
	if (what >= CLEAR_SOFT_DIRTY)
		return 0;
	for_each_vma (mm, vma)
		if (what == CLEAR_ALL || (what == CLEAR_MAPPED) == (vma->mapping != NULL))
			vma_visit_entries(vma, &young);
	if (mm == current_mm) /* the processor sets the bit when it loads an entry */
		flush_tlb_user();
	return 0;
}

static struct report reports[] = {
	{.name = "PID/smaps", .next = smaps_next},
	{.name = "PID/smaps_rollup", .next = rollup_next},
	{.name = "PID/clear_refs", .mode = 0200, .write_task = clear_refs_write},
};

void smaps_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
