/*
 * fork: an address space is copied without copying a page.
 *
 * The VMAs are copied as a tree, shape and colours with them. Of the pages only what cannot be
 * found again is shared: anonymous frames of private mappings, read-only for both from then on, so
 * that the first to write takes a copy. Pages of files and of shared memory are left out; the
 * child's first touch maps them from the page cache. The cost is that of the frames mapped, not of
 * the address space.
 *
 * When memory runs out half-way the child is given up like any other address space. The parent's
 * pages are then read-only with one owner, which its next write finds out.
 */
#include "lib/err.h"
#include "lib/string.h"
#include "mm/vm/lazyfree.h"
#include "mm/vm/unmap.h"
#include "mm/vm/vma.h"

/* One table's part, from..end. => anonymous frames shared. */
static u32 share_entries(pte_t *to, pte_t *from, pte_t *end)
{
	u32 shared = 0;

	do {
		pte_t entry = *from;
		struct page *page = pte_page(entry);

		if (pte_none(entry)) {
			pte_t *next = pte_skip_none(from, end);

			to += next - from;
			from = next;
			continue;
		}
		if (likely(page != zero_page)) {
			if (unlikely(!(page->flags & PG_ANON))) {
				from++, to++;
				continue;
			}
			page->refcount++;
			page->mapcount++;
			shared++;
			entry.v &= ~(PTE_WRITE | PTE_OWNED);
			set_pte(from, entry);
		}
		set_pte(to++, pte_mkold(entry)); /* the child has used nothing yet */
		from++;
	} while (from < end);
	return shared;
}

static int share_vma(struct mm_struct *mm, struct vm_area_struct *vma, struct mm_struct *from)
{
	vaddr_t addr, next;

	for (addr = vma->start; addr < vma->end; addr = next) {
		pte_t *source, *target;

		next = table_end(addr, vma->end);
		if (!pte_table_exists(from, addr))
			continue;
		if (!pte_table_exists(mm, addr) && pte_table_alloc(mm, addr))
			return -ENOMEM;
		source = pte_of(addr);
		target = pte_map_other(mm, addr);
		mm->rss_anon +=
			share_entries(target, source, source + ((next - addr) >> PAGE_SHIFT));
		pte_unmap_other(target);
	}
	return 0;
}

static int share_pages(struct mm_struct *mm, struct mm_struct *from)
{
	struct vm_area_struct *vma;

	for_each_vma (mm, vma) {
		bool copied = vma->has_anon && !(vma->flags & VM_WIPEONFORK);

		vma->populated = vma->has_anon = copied;
		if (copied && share_vma(mm, vma, from))
			return -ENOMEM;
	}
	return 0;
}

/* Overcommit: what is promised to the parent is promised to the child too, VMA by VMA. */
static noinline bool may_promise_again(const struct mm_struct *from)
{
	const struct vm_area_struct *vma;
	u32 nr_pages = 0;

	for_each_vma (from, vma) {
		if (vma->flags & VM_DONTFORK)
			continue;
		if (commit_policy.mode == COMMIT_GUESS)
			nr_pages = 0; /* which looks at each request alone */
		nr_pages += vma->flags & VM_ACCOUNT ? vma_pages(vma) : 0;
		if (!commit_permits(from, nr_pages))
			return false;
	}
	return true;
}

struct mm_struct *dup_mm(struct mm_struct *from)
{
	const size_t copied_from = offsetof(struct mm_struct, total_vm);
	struct mm_struct *mm;
	int error;

	if (unlikely(from->account_vm > commit_free_pass) && !may_promise_again(from))
		return NULL;
	mm = mm_create();
	if (!mm)
		return NULL;
	memcpy((char *)mm + copied_from, (char *)from + copied_from, sizeof(*mm) - copied_from);
	vm_committed += mm->account_vm;
	error = vma_clone_all(mm, from);
	if (!error) {
		error = share_pages(mm, from);
		flush_tlb_user();
	}
	if (error) {
		mm_put(mm);
		return NULL;
	}
	if (unlikely(from->lazyfree))
		lazyfree_list(mm);
	mm->min_flt = mm->maj_flt = 0;
	mm->hiwater_vm = mm->total_vm;
	mm->hiwater_rss = mm->rss_anon;
	return mm;
}
