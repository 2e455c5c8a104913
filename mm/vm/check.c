/*
 * mm_check: every invariant of an address space, verified from the bare structures up.
 *
 * List and tree hold the same VMAs in the same order; counters are what a recount gives;
 * every entry lies in a VMA, agrees with its rights, and points at a frame whose own counts agree;
 * every table has a VMA to serve.
 */
#include "lib/err.h"
#include "lib/printk.h"
#include "mm/kmem/kmap.h"
#include "mm/vm/gap.h"
#include "mm/vm/unmap.h"
#include "mm/vm/vma.h"

struct mm_count {
	u32 vmas, tables;
	u32 total, data, stack, exec;
	u32 account, locked;
	u32 anon, file, shmem;
	vaddr_t code_limit;
};

static int wrong(const struct mm_struct *mm, vaddr_t addr, const char *what)
{
	printk("mm_check: mm %p, %08x: %s\n", (const void *)mm, addr, what);
	return -EIO;
}

/* ---- VMAs ---- */

static const char *check_vma(const struct mm_struct *mm, const struct vm_area_struct *vma)
{
	vaddr_t low = vma->prev ? vma->prev->end : 0;

	if (vma->start >= vma->end || ((vma->start | vma->end) & ~PAGE_MASK) || vma->end > USER_END)
		return "not a range of user pages";
	if (vma->start < low)
		return "overlaps the VMA below";
	if (vma->next ? vma->next->prev != vma : mm->last != vma)
		return "the list is broken";
	if (vma->next && vma_can_join(vma, vma->next))
		return "could be one with the next";
	if (vma->mm != mm)
		return "belongs to another address space";
	if (vma->pte_bits != vma_pte_bits(vma->flags))
		return "PTE bits do not follow from the flags";
	if ((vma->flags & (VM_READ | VM_WRITE | VM_EXEC)) & ~(vma->flags >> 4))
		return "has rights that it may not have";
	if (!vma->mapping && vma->pgoff != vma->start >> PAGE_SHIFT)
		return "anonymous with an offset that is not its address";
	if (!vma->mapping && (vma->flags & VM_SHARED))
		return "shared without an object";
	if ((vma->flags & VM_ACCOUNT) && (vma->flags & VM_SHARED))
		return "shared, but promised as private";
	if (vma_account_bit(vma->flags) & ~vma->flags)
		return "private and writable, but not promised";
	if ((vma->flags & VM_LOCK_BITS) == VM_LOCKONFAULT)
		return "locked on fault, but not locked";
	if (vma->has_anon && !vma->populated)
		return "anonymous pages, but not populated";
	return NULL;
}

static void count_vma(const struct vm_area_struct *vma, struct mm_count *count)
{
	u32 pages = vma_pages(vma), flags = vma->flags;

	count->vmas++;
	count->total += pages;
	if ((flags & VM_EXEC) && !(flags & (VM_WRITE | VM_GROWSDOWN)))
		count->exec += pages;
	if (flags & VM_GROWSDOWN)
		count->stack += pages;
	else if ((flags & VM_WRITE) && !(flags & VM_SHARED))
		count->data += pages;
	if (flags & VM_ACCOUNT)
		count->account += pages;
	if (flags & VM_LOCKED)
		count->locked += pages;
	if (flags & VM_EXEC)
		count->code_limit = vma->end;
}

/* The tree, in order, against the list; and no bound is too small. */
static int check_tree(const struct mm_struct *mm)
{
	const struct vm_area_struct *expected = mm->first;
	struct rb_node *node;
	const char *what = rb_check(&mm->vmas);

	if (what)
		return wrong(mm, 0, what);
	rb_for_each (node, &mm->vmas) {
		const struct vm_area_struct *vma = rb_entry(node, struct vm_area_struct, node);

		if (vma != expected)
			return wrong(mm, vma->start, "tree and list differ");
		expected = vma->next;
		if (vma->room_bound < gap_below(vma))
			return wrong(mm, vma->start, "bound is less than its gap");
		if (node->parent && vma_of(node->parent)->room_bound < vma->room_bound)
			return wrong(mm, vma->start, "bound is more than the one above");
	}
	return expected ? wrong(mm, expected->start, "in the list but not in the tree") : 0;
}

static int check_vmas(const struct mm_struct *mm, struct mm_count *count)
{
	const struct vm_area_struct *vma;
	bool cache_found = !mm->cache;

	if (mm->first && mm->first->prev)
		return wrong(mm, mm->first->start, "the first VMA has one before it");
	for_each_vma (mm, vma) {
		const char *what = check_vma(mm, vma);

		if (what)
			return wrong(mm, vma->start, what);
		cache_found |= vma == mm->cache;
		count_vma(vma, count);
	}
	if (!cache_found)
		return wrong(mm, 0, "the cached VMA is not there");
	return check_tree(mm);
}

/* ---- entries ---- */

static const char *check_frame(const struct vm_area_struct *vma, pte_t entry,
			       struct mm_count *count)
{
	const struct page *page;

	if (!pfn_valid(pte_pfn(entry).n))
		return "maps a frame that does not exist";
	page = pte_page(entry);
	if (page == zero_page)
		return entry.v & (PTE_WRITE | PTE_OWNED) ? "zero page mapped for writing" : NULL;
	if (page->mapcount < 1 || page->refcount < page->mapcount)
		return "maps a frame whose counts are too low";
	if (page->flags & PG_ANON) {
		count->anon++;
		if (!vma->has_anon || (vma->flags & VM_SHARED))
			return "anonymous frame in a VMA that has none";
		if ((entry.v & PTE_OWNED) && page->mapcount != 1)
			return "owned frame is mapped elsewhere";
		return NULL;
	}
	if (!vma->mapping)
		return "frame of a file in anonymous memory";
	if ((entry.v & PTE_OWNED) && (!(vma->flags & VM_SHARED) || !(page->flags & PG_DIRTY)))
		return "page-cache page is writable, but private or clean";
	if ((page->flags & PG_PAGECACHE) &&
	    (page->mapping != vma->mapping || page->refcount <= page->mapcount))
		return "page-cache page of another file, or not counted by the cache";
	*(vma->mapping->shmem ? &count->shmem : &count->file) += 1;
	return NULL;
}

static const char *check_entry(const struct vm_area_struct *vma, pte_t entry,
			       struct mm_count *count)
{
	u32 rights = PTE_PRESENT | PTE_USER | PTE_PROTNONE;

	if (!vma)
		return "mapped outside all VMAs";
	if (!vma->populated)
		return "mapped in a VMA said to be empty";
	if ((entry.v & rights) != (vma->pte_bits & rights))
		return "entry and VMA differ about access";
	if (!(entry.v & PTE_WRITE) != !((entry.v & PTE_OWNED) && (vma->pte_bits & PTE_WRITE)))
		return "entry and VMA differ about writing";
	return check_frame(vma, entry, count);
}

static int check_table(struct mm_struct *mm, u32 index, struct mm_count *count)
{
	vaddr_t addr = index << PAGE_SHIFT_LARGE;
	const struct vm_area_struct *vma = mm->first;
	pte_t *table = kmap_local_pfn(pde_pfn(mm->pgdir.entries[index]));
	const char *what = NULL;
	u32 i;

	while (vma && vma->end <= addr)
		vma = vma->next;
	if (!vma || vma->start >= addr + PAGE_SIZE_LARGE)
		what = "a table that no VMA needs";
	for (i = 0; i < PTRS_PER_TABLE && !what; i++, addr += PAGE_SIZE) {
		while (vma && vma->end <= addr)
			vma = vma->next;
		if (!pte_none(table[i]))
			what = check_entry(vma && vma->start <= addr ? vma : NULL, table[i], count);
	}
	kunmap_local(table);
	count->tables++;
	return what ? wrong(mm, addr - PAGE_SIZE, what) : 0;
}

int mm_check(struct mm_struct *mm)
{
	struct mm_count count = {0};
	u32 i;
	int error = check_vmas(mm, &count);

	for (i = 0; i < pde_index(USER_END) && !error; i++)
		if (pde_present(mm->pgdir.entries[i]))
			error = check_table(mm, i, &count);
	if (error)
		return error;
	if (mm->nr_vmas != count.vmas || mm->nr_tables != count.tables)
		return wrong(mm, 0, "number of VMAs or tables is wrong");
	if (mm->total_vm != count.total || mm->data_vm != count.data ||
	    mm->stack_vm != count.stack || mm->exec_vm != count.exec ||
	    mm->total_vm != mm->data_vm + mm->stack_vm + mm->exec_vm + mm->other_vm)
		return wrong(mm, 0, "sizes do not add up");
	if (mm->rss_anon != count.anon || mm->rss_file != count.file ||
	    mm->rss_shmem != count.shmem)
		return wrong(mm, 0, "resident pages do not add up");
	if (mm->account_vm != count.account || mm->locked_vm != count.locked)
		return wrong(mm, 0, "promised or locked pages do not add up");
	if (mm->code_limit != count.code_limit)
		return wrong(mm, mm->code_limit, "code limit is not the end of the highest code");
	return 0;
}
