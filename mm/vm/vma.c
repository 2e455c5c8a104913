/*
 * Virtual memory areas of an address space.
 *
 * An area (VMA) is a run of pages with the same rights and the same source. An address space keeps
 * its VMAs twice: as a list in order of address, for walks and for neighbours, and as a red-black
 * tree, for lookup and for finding room (gap.c). Two VMAs that follow each other in the list are
 * ancestor and descendant in the tree, so a new one hangs below one of its neighbours and no search
 * is needed to find the place.
 *
 * find_vma() looks at the last VMA found before it goes down the tree. Faults come in runs, so
 * mostly that is the one.
 *
 * Neighbours with the same flags and source, whose offsets continue, are always joined, so that brk
 * or mmap in small steps makes one VMA, and mprotect there and back leaves no trace; but what was
 * written to keeps VM_ACCOUNT.
 *
 * Rejected: an array (moves on insertion), a maple or B-tree (faster for thousands of VMAs, and ten
 * times the code).
 */
#include "mm/vm/vma.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/vm/fault.h"
#include "mm/vm/gap.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/pgtable.h"

struct kmem_cache *vma_cache;

__init void vma_init(void)
{
	vma_cache = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0, 0, NULL);
	BUG_ON(!vma_cache);
}

/* ---- lookup ---- */

/* Is it the one behind the last found, or the gap before that? brk asks so. */
static __always_inline bool is_behind(const struct vm_area_struct *last, vaddr_t addr)
{
	return last && addr >= last->end && (!last->next || addr < last->next->end);
}

static __always_inline struct vm_area_struct *find_in_tree(struct rb_node *node, vaddr_t addr)
{
	struct vm_area_struct *found = NULL;

	while (node) {
		struct vm_area_struct *vma = vma_of(node);

		if (addr >= vma->end) {
			node = node->right;
			continue;
		}
		found = vma;
		if (addr >= vma->start)
			break;
		node = node->left;
	}
	return found;
}

static __always_inline struct vm_area_struct *find_beyond_cache(struct mm_struct *mm, vaddr_t addr)
{
	struct vm_area_struct *found;

	if (is_behind(mm->cache, addr))
		found = mm->cache->next;
	else
		found = find_in_tree(mm->vmas.node, addr);
	if (found && found->start <= addr)
		mm->cache = found;
	return found;
}

struct vm_area_struct *find_vma_slow(struct mm_struct *mm, vaddr_t addr)
{
	return find_beyond_cache(mm, addr);
}

struct vm_area_struct *find_extend_vma(struct mm_struct *mm, vaddr_t addr)
{
	struct vm_area_struct *vma = find_beyond_cache(mm, addr);

	if (!vma || addr >= vma->start)
		return vma;
	return vma->flags & VM_GROWSDOWN ? expand_stack(mm, vma, addr & PAGE_MASK) : NULL;
}

struct vm_area_struct *vma_at(struct mm_struct *mm, vaddr_t addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->start <= addr ? vma : NULL;
}

/* ---- accounting ---- */

/* Counts pages (perhaps negative) with these flags by their kind. */
static __always_inline void count_kind(struct mm_struct *mm, u32 flags, s32 pages)
{
	if (vma_is_data(flags))
		mm->data_vm += pages;
	else if (flags & VM_GROWSDOWN)
		mm->stack_vm += pages;
	else if ((flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
		mm->exec_vm += pages;
	else
		mm->other_vm += pages;
}

/* What is promised, and what is locked. */
static __always_inline void count_claims(struct mm_struct *mm, u32 flags, s32 pages)
{
	if (flags & VM_ACCOUNT) {
		mm->account_vm += pages;
		vm_committed += pages;
	}
	if (unlikely(flags & VM_LOCKED))
		mm->locked_vm += pages;
}

/* pages may be negative. */
static __always_inline void account_more(struct mm_struct *mm, u32 flags, s32 pages)
{
	count_kind(mm, flags, pages);
	count_claims(mm, flags, pages);
	mm->total_vm += pages;
	if (mm->total_vm > mm->hiwater_vm)
		mm->hiwater_vm = mm->total_vm;
}

static __always_inline void account_less(struct mm_struct *mm, u32 flags, u32 pages)
{
	count_kind(mm, flags, -(s32)pages);
	count_claims(mm, flags, -(s32)pages);
	mm->total_vm -= pages;
}

static void set_code_limit(struct mm_struct *mm, vaddr_t limit)
{
	if (mm->code_limit == limit)
		return;
	mm->code_limit = limit;
	if (mm->code_limit_changed)
		mm->code_limit_changed(mm);
}

static __always_inline void code_added(struct mm_struct *mm, const struct vm_area_struct *vma)
{
	if ((vma->flags & VM_EXEC) && vma->end > mm->code_limit)
		set_code_limit(mm, vma->end);
}

/* Code up to end has gone. */
static __always_inline void code_removed(struct mm_struct *mm, u32 old_flags, vaddr_t end)
{
	struct vm_area_struct *vma = mm->last;

	if (likely(!(old_flags & VM_EXEC)) || end != mm->code_limit)
		return;
	while (vma && !(vma->flags & VM_EXEC))
		vma = vma->prev;
	set_code_limit(mm, vma ? vma->end : 0);
}

u32 vma_pte_bits(u32 flags)
{
	if (!(flags & (VM_READ | VM_WRITE | VM_EXEC)))
		return PTE_PROTNONE;
	return PTE_PRESENT | PTE_USER | PTE_ACCESSED | (flags & VM_WRITE ? PTE_WRITABLE : 0);
}

/* ---- list and tree ---- */

static __always_inline void link_list(struct mm_struct *mm, struct vm_area_struct *vma,
				      struct vm_area_struct *prev, struct vm_area_struct *next)
{
	vma->prev = prev;
	vma->next = next;
	if (prev)
		prev->next = vma;
	else
		mm->first = vma;
	if (next)
		next->prev = vma;
	else
		mm->last = vma;
}

/* Puts vma before next. */
static __always_inline void link_vma(struct mm_struct *mm, struct vm_area_struct *vma,
				     struct vm_area_struct *next)
{
	struct vm_area_struct *prev = vma_prev(mm, next);
	struct rb_node *parent = NULL, **link = &mm->vmas.node;

	/* Of two neighbours one has no child between them. */
	if (prev && !prev->node.right) {
		parent = &prev->node;
		link = &parent->right;
	} else if (next) {
		parent = &next->node;
		link = &parent->left;
	}
	link_list(mm, vma, prev, next);
	vma->room_bound = gap_below(vma);
	gap_appears(parent, vma->room_bound);
	rb_insert_updated(&mm->vmas, &vma->node, parent, link, gap_update);
	mm->nr_vmas++;
	mm->cache = vma;
	if (vma->mapping)
		list_add_tail(&vma->mapping_node, &vma->mapping->vmas);
}

static __always_inline void unlink_vma(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->prev, *next = vma->next;

	if (prev)
		prev->next = next;
	else
		mm->first = next;
	if (next) {
		next->prev = prev;
		gap_appears(&next->node, gap_below(next));
	} else {
		mm->last = prev;
	}
	rb_erase_updated(&mm->vmas, &vma->node, gap_update);
	mm->nr_vmas--;
	if (mm->cache == vma)
		mm->cache = prev;
	if (vma->mapping)
		list_del(&vma->mapping_node);
}

static __always_inline void insert(struct mm_struct *mm, struct vm_area_struct *vma,
				   struct vm_area_struct *next)
{
	vma->mm = mm;
	vma->pte_bits = vma_pte_bits(vma->flags);
	link_vma(mm, vma, next);
	account_more(mm, vma->flags, vma_pages(vma));
	code_added(mm, vma);
}

void vma_insert(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *next)
{
	insert(mm, vma, next);
}

static __always_inline void take_out(struct mm_struct *mm, struct vm_area_struct *vma)
{
	unlink_vma(mm, vma);
	account_less(mm, vma->flags, vma_pages(vma));
	code_removed(mm, vma->flags, vma->end);
}

void vma_remove(struct mm_struct *mm, struct vm_area_struct *vma)
{
	take_out(mm, vma);
}

void vma_remove_and_close(struct mm_struct *mm, struct vm_area_struct *first,
			  struct vm_area_struct *above)
{
	struct vm_area_struct *vma = first, *next;

	do {
		take_out(mm, vma); /* its own links stay as they were */
		vma = vma->next;
	} while (vma != above);
	for (vma = first; vma != above; vma = next) {
		next = vma->next;
		vma_close(vma);
	}
}

/* ---- changes ---- */

void vma_resize(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	vaddr_t old_end = vma->end;
	s32 more = (s32)((end - start) >> PAGE_SHIFT) - (s32)vma_pages(vma);

	if (start != vma->start) {
		vma->pgoff += (start >> PAGE_SHIFT) - (vma->start >> PAGE_SHIFT);
		vma->start = start;
		gap_appears(&vma->node, gap_below(vma));
	}
	vma->end = end;
	if (end < old_end && vma->next)
		gap_appears(&vma->next->node, gap_below(vma->next));
	account_more(mm, vma->flags, more);
	code_added(mm, vma);
	if (end < old_end)
		code_removed(mm, vma->flags, old_end);
}

/* vma's flags were old. */
static noinline void claims_or_code_changed(struct mm_struct *mm, struct vm_area_struct *vma,
					    u32 old)
{
	s32 pages = vma_pages(vma);

	count_claims(mm, old, -pages);
	count_claims(mm, vma->flags, pages);
	code_added(mm, vma);
	if (!(vma->flags & VM_EXEC))
		code_removed(mm, old, vma->end);
}

void vma_set_flags(struct mm_struct *mm, struct vm_area_struct *vma, u32 flags)
{
	u32 old = vma->flags;
	s32 pages = vma_pages(vma);

	count_kind(mm, old, -pages);
	count_kind(mm, flags, pages);
	vma->flags = flags;
	vma->pte_bits = vma_pte_bits(flags);
	if (unlikely((old ^ flags) & (VM_EXEC | VM_ACCOUNT | VM_LOCKED)))
		claims_or_code_changed(mm, vma, old);
}

static struct vm_area_struct *vma_split(struct mm_struct *mm, struct vm_area_struct *vma,
					vaddr_t addr)
{
	struct vm_area_struct *upper = vma_alloc();

	if (!upper)
		return NULL;
	*upper = *vma;
	upper->start = addr;
	upper->pgoff += (addr - vma->start) >> PAGE_SHIFT;
	vma->end = addr;
	link_vma(mm, upper, vma->next); /* no gap is larger, no page more or less */
	if (upper->ops && upper->ops->open)
		upper->ops->open(upper);
	return upper;
}

struct vm_area_struct *vma_isolate(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t start,
				   vaddr_t end)
{
	if (vma->start < start) {
		vma = vma_split(mm, vma, start);
		if (!vma)
			return NULL;
	}
	if (vma->end > end && !vma_split(mm, vma, end)) {
		vma_merge(mm, vma);
		return NULL;
	}
	return vma;
}

struct vm_area_struct *vma_isolate_range(struct mm_struct *mm, struct vm_area_struct *first,
					 vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *last;

	first = vma_isolate(mm, first, MAX(first->start, start), MIN(first->end, end));
	if (!first || first->end == end)
		return first;
	last = find_vma(mm, end);
	if (last && last->start < end && !vma_split(mm, last, end)) {
		vma_merge(mm, first);
		return NULL;
	}
	return first;
}

/* upper becomes part of vma, which ends where it begins. */
static void absorb(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *upper)
{
	vma->populated |= upper->populated;
	vma->has_anon |= upper->has_anon;
	vma->end = upper->end;
	unlink_vma(mm, upper);
	mm->cache = vma;
	vma_close(upper);
}

struct vm_area_struct *vma_merge(struct mm_struct *mm, struct vm_area_struct *vma)
{
	if (vma->next && vma_can_join(vma, vma->next))
		absorb(mm, vma, vma->next);
	if (vma->prev && vma_can_join(vma->prev, vma)) {
		vma = vma->prev;
		absorb(mm, vma, vma->next);
	}
	return vma;
}

int vma_change_part(struct vm_area_struct **part, vaddr_t start, vaddr_t end, u32 flags)
{
	struct vm_area_struct *vma = *part;
	struct mm_struct *mm = vma->mm;

	if (flags == vma->flags)
		return 0;
	if (vma->start < start || vma->end > end) {
		if (mm->nr_vmas >= max_map_count)
			return -ENOMEM;
		vma = vma_isolate(mm, vma, start, end);
		if (!vma)
			return -ENOMEM;
	}
	vma_set_flags(mm, vma, flags);
	*part = vma_merge(mm, vma);
	return 0;
}

struct vm_area_struct *vma_add(struct mm_struct *mm, struct vm_area_struct *vma,
			       struct vm_area_struct *next)
{
	struct vm_area_struct *prev = vma_prev(mm, next);

	if (prev && vma_can_join(prev, vma)) {
		vma_resize(mm, prev, prev->start, vma->end);
		if (next && vma_can_join(prev, next))
			absorb(mm, prev, next);
		vma_free(vma);
		return prev;
	}
	if (next && vma_can_join(vma, next)) {
		vma_resize(mm, next, vma->start, next->end);
		vma_free(vma);
		return next;
	}
	insert(mm, vma, next);
	if (vma->ops && vma->ops->open)
		vma->ops->open(vma);
	return vma;
}

/* ---- fork ---- */

/* Copies a subtree as it stands, colours and gaps included, and appends its VMAs to mm's list in
 * order. */
static int clone_subtree(struct mm_struct *mm, struct rb_node *from, struct rb_node *parent,
			 struct rb_node **link)
{
	struct vm_area_struct *vma = vma_alloc(), *old = vma_of(from);

	if (!vma)
		return -ENOMEM;
	memcpy(vma, old, sizeof(*vma));
	vma->node.parent = parent;
	vma->node.left = vma->node.right = NULL;
	vma->mm = mm;
	if (from->left && clone_subtree(mm, from->left, &vma->node, &vma->node.left)) {
		vma_free(vma);
		return -ENOMEM;
	}
	link_list(mm, vma, mm->last, NULL);
	*link = &vma->node;
	mm->nr_vmas++;
	if (vma->mapping)
		list_add_tail(&vma->mapping_node, &vma->mapping->vmas);
	if (vma->ops && vma->ops->open)
		vma->ops->open(vma);
	if (from->right)
		return clone_subtree(mm, from->right, &vma->node, &vma->node.right);
	return 0;
}

/* Frees what was cloned: by the list, for the tree is not whole. */
static void unclone(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *next;

	for (vma = mm->first; vma; vma = next) {
		next = vma->next;
		if (vma->mapping)
			list_del(&vma->mapping_node);
		vma_close(vma);
	}
	mm->vmas = RB_ROOT;
	mm->first = mm->last = NULL;
	mm->nr_vmas = 0;
}

/* Locks are not inherited. mm counts none. */
static noinline void forget_locks(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	for_each_vma (mm, vma) {
		vma->flags &= ~VM_LOCK_BITS;
		if (vma->prev && vma_can_join(vma->prev, vma))
			vma = vma_merge(mm, vma);
	}
	mm->locked_vm = 0;
}

int vma_clone_all(struct mm_struct *mm, struct mm_struct *from)
{
	struct vm_area_struct *vma, *next;

	if (!from->vmas.node)
		return 0;
	if (clone_subtree(mm, from->vmas.node, NULL, &mm->vmas.node)) {
		unclone(mm);
		return -ENOMEM;
	}
	for (vma = mm->first; vma; vma = next) {
		next = vma->next;
		if (unlikely(vma->flags & VM_DONTFORK))
			vma_remove_and_close(mm, vma, next);
	}
	if (unlikely(from->locked_vm))
		forget_locks(mm);
	return 0;
}
