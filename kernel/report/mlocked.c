/*
 * Frames that mlock holds, each counted once however many lock it.
 *
 * A lock belongs to a VMA, not to a frame, so the frames are counted when somebody asks: the entries of all locked VMAs
 * are visited, frames are marked when they are counted, and unmarked by a second visit. That cannot be done in an
 * interrupt; there the answer is what it was the last time, unless nothing is locked at all, which can be seen at once.
 */
#include "kernel/core/irq.h"
#include "kernel/core/thread.h"
#include "kernel/report/figures.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"

struct marker {
	struct entry_visitor visitor; /* first */
	bool count;                   /* else: take the marks away */
	struct mlocked_frames *zones;
};

static void count_frame(struct mlocked_frames *to, const struct page *page)
{
	if (page->flags & PG_ANON)
		to->anon++;
	else if (page->flags & PG_PAGECACHE && page->mapping->shmem)
		to->shmem++;
	else
		to->file++;
}

static void visit(struct entry_visitor *visitor, pte_t *pte, pte_t *end, vaddr_t addr)
{
	struct marker *m = container_of(visitor, struct marker, visitor);

	(void)addr;
	for (; pte < end; pte++) {
		struct page *page = pte_counted_page(*pte);

		if (!page)
			continue;
		if (m->count && !(page->flags & PG_MARKED))
			count_frame(&m->zones[page->flags & PG_ZONE_MASK], page);
		page->flags = m->count ? page->flags | PG_MARKED : page->flags & ~PG_MARKED;
	}
}

static void visit_all(struct marker *m)
{
	struct mm_struct *last = NULL;
	struct vm_area_struct *vma;
	struct thread *t;

	list_for_each_entry (t, &all_threads, all_node) {
		struct mm_struct *mm = t->mm;

		if (!mm || mm == last || !mm->locked_vm)
			continue;
		last = mm; /* threads of one process mostly stand together; twice does no harm */
		for_each_vma (mm, vma)
			if (vma->flags & VM_LOCKED)
				vma_visit_entries(vma, &m->visitor);
	}
}

static bool anything_locked(void)
{
	const struct thread *t;

	list_for_each_entry (t, &all_threads, all_node)
		if (t->mm && t->mm->locked_vm)
			return true;
	return false;
}

void mlocked_frames(struct mlocked_frames zone_frames[MAX_NR_ZONES])
{
	static struct mlocked_frames last[MAX_NR_ZONES];
	struct marker m = {.visitor = {.visit = visit}, .count = true, .zones = last};

	if (!anything_locked()) {
		memset(last, 0, sizeof(last));
	} else if (!in_interrupt()) {
		memset(last, 0, sizeof(last));
		visit_all(&m);
		m.count = false;
		visit_all(&m);
	}
	memcpy(zone_frames, last, sizeof(last));
}
