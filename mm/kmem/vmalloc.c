/*
 * Kernel virtual space: memory that is contiguous only for the processor, kernel stacks, device mappings.
 *
 *   VMALLOC_BASE                                                              VMALLOC_END
 *   |guard| area A     |guard|      gap      | area B |guard| area C |guard|      gap   |
 *
 * Areas are in a red-black tree by address. Each node keeps the gap in front of its area and the largest gap in its
 * subtree, so the lowest gap that is large enough is found by one walk down. An area claims the page behind it too,
 * which is never mapped, and so is the first page of all: an access just beyond either end of an area faults.
 *
 * Second-level tables are made when the first page under them is mapped, in highmem if there is any (they are only
 * touched through the page-table window), and given back when the last is gone; table_users[] counts. Kernel
 * PDEs are written into every page directory at once, so an access here never faults for a missing PDE.
 *
 * The frames of an area are in its PTEs and nowhere else: vfree() reads them back.
 *
 * On failure nothing is left: an area that could be mapped only in part is unmapped again. Nothing here sleeps.
 *
 * Rejected: an array of frame pointers for each area, as Linux has; it serves only to save reading the PTEs.
 */
#include "mm/kmem/vmalloc.h"
#include "arch/i386/cpu/paging.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/rbtree.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/phys/buddy.h"
#include <asm/errno.h>

#define GUARD       PAGE_SIZE
#define SPACE_START (VMALLOC_BASE + GUARD)
#define NR_TABLES   ((VMALLOC_END - VMALLOC_BASE) >> PAGE_SHIFT_LARGE)

/* From so many pages on, dropping the whole TLB costs less than dropping one page after the other. */
#define FLUSH_ALL_PAGES 64u

struct vm_area {
	struct rb_node node; /* in areas, by start */
	vaddr_t start;
	u32 len;     /* guard not included */
	u32 gap;     /* free bytes in front, behind the guard of the area before */
	u32 max_gap; /* largest in the subtree */
	enum vm_area_type type;
	paddr_t phys; /* of a mapping of given frames */
	void *caller;
};

static struct rb_root areas = RB_ROOT;
static struct kmem_cache *area_cache;
static u16 table_users[NR_TABLES]; /* PTEs present */
static u32 nr_pages_alloced, nr_stack_pages, nr_tables;

static struct vm_area *to_area(struct rb_node *node)
{
	return node ? rb_entry(node, struct vm_area, node) : NULL;
}
static vaddr_t claimed_end(const struct vm_area *a)
{
	return a->start + a->len + GUARD;
}

/* ---- places ---- */

static u32 node_max_gap(struct rb_node *node)
{
	return node ? to_area(node)->max_gap : 0;
}

static bool update_max_gap(struct rb_node *node)
{
	struct vm_area *a = to_area(node);
	u32 gap = MAX(a->gap, MAX(node_max_gap(node->left), node_max_gap(node->right)));
	bool changed = gap != a->max_gap;

	a->max_gap = gap;
	return changed;
}

/* Not during an insertion or removal: a rotation would sum it up, and the way up not be seen to have changed. */
static void set_gap(struct vm_area *a, u32 gap)
{
	a->gap = gap;
	rb_update(&a->node, update_max_gap);
}

/* The area behind the lowest gap of at least len, or NULL: only behind the last area may be room. */
static struct vm_area *find_gap(u32 len)
{
	struct rb_node *node = areas.node;

	if (node_max_gap(node) < len)
		return NULL;
	for (;;) {
		if (node_max_gap(node->left) >= len)
			node = node->left;
		else if (to_area(node)->gap >= len)
			return to_area(node);
		else
			node = node->right;
	}
}

/* Gives a (len set) the lowest place with room for it and its guard. */
static bool area_insert(struct vm_area *a)
{
	u32 need = a->len + GUARD;
	struct vm_area *next = find_gap(need);
	struct vm_area *last = to_area(rb_last(&areas));
	struct rb_node **link = &areas.node, *parent = NULL;

	if (next) {
		a->start = next->start - next->gap;
		parent = &next->node;
		link = &next->node.left;
		while (*link) {
			parent = *link;
			link = &parent->right;
		}
	} else {
		a->start = last ? claimed_end(last) : SPACE_START;
		if (VMALLOC_END - a->start < need)
			return false;
		if (last) {
			parent = &last->node;
			link = &last->node.right;
		}
	}
	a->gap = 0;
	a->max_gap = 0;
	rb_insert(&areas, &a->node, parent, link, update_max_gap);
	if (next)
		set_gap(next, next->gap - need);
	return true;
}

static void area_remove(struct vm_area *a)
{
	struct vm_area *next = to_area(rb_next(&a->node));

	rb_erase(&areas, &a->node, update_max_gap);
	if (next)
		set_gap(next, next->gap + a->gap + a->len + GUARD);
	kmem_cache_free(area_cache, a);
}

/* The area that claims addr, with its guard, or NULL. */
static struct vm_area *area_at(vaddr_t addr)
{
	struct rb_node *node = areas.node;

	while (node) {
		struct vm_area *a = to_area(node);

		if (addr < a->start)
			node = node->left;
		else if (addr >= claimed_end(a))
			node = node->right;
		else
			return a;
	}
	return NULL;
}

/* ---- mappings ---- */

static u32 table_index(vaddr_t va)
{
	return (va - VMALLOC_BASE) >> PAGE_SHIFT_LARGE;
}

static bool table_add(vaddr_t va)
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	vaddr_t table = (vaddr_t)pte_of(ALIGN_DOWN(va, PAGE_SIZE_LARGE));

	if (!page)
		return false;
	page->flags |= PG_TABLE;
	nr_tables++;
	kernel_pde_set(va,
		       mk_pde(make_pfn(page_to_pfn(page)), PTE_PRESENT | PTE_WRITE | PTE_ACCESSED));
	clear_page((void *)table);
	return true;
}

static void table_remove(vaddr_t va)
{
	struct page *page = pfn_to_page(pde_pfn(*pde_of(va)).n);

	kernel_pde_set(va, (pde_t){0});
	/* Its window; the processor also forgets the PDE. */
	flush_tlb_page((vaddr_t)pte_of(ALIGN_DOWN(va, PAGE_SIZE_LARGE)));
	nr_tables--;
	put_page(page);
}

static bool map_page(vaddr_t va, pfn_t pfn, u32 bits)
{
	u16 *users = &table_users[table_index(va)];

	if (!*users && !table_add(va))
		return false;
	++*users;
	set_pte(pte_of(va), mk_pte(pfn, bits));
	return true;
}

/* Unmaps [start, end) and gives the frames back if they are the area's own. */
static void unmap(vaddr_t start, vaddr_t end, bool free_frames)
{
	bool flush_each = (end - start) >> PAGE_SHIFT < FLUSH_ALL_PAGES;

	/* Entries first, then the TLB, then frames and tables: nothing is reused that can still be reached. */
	for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
		pte_t *pte = pte_of(va);

		set_pte(pte, (pte_t){pte->v & ~PTE_PRESENT});
		if (flush_each)
			flush_tlb_page(va);
	}
	if (!flush_each)
		flush_tlb_all();
	for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
		pte_t *pte = pte_of(va);

		if (free_frames)
			put_page(pfn_to_page(pte_pfn(*pte).n));
		set_pte(pte, (pte_t){0});
		if (!--table_users[table_index(va)])
			table_remove(va);
	}
}

/* A new area of len bytes (a multiple of a page, not 0) without any mapping, or NULL. */
static struct vm_area *area_create(u32 len, enum vm_area_type type, void *caller)
{
	struct vm_area *a = kmem_cache_alloc(area_cache, GFP_KERNEL);

	if (!a)
		return NULL;
	*a = (struct vm_area){.len = len, .type = type, .caller = caller};
	if (!area_insert(a)) {
		kmem_cache_free(area_cache, a);
		return NULL;
	}
	return a;
}

/* len rounded up to pages, or 0 if it is 0 or more than there can be. */
static u32 round_len(u32 len)
{
	return len && len <= VMALLOC_END - SPACE_START - GUARD ? ALIGN_UP(len, PAGE_SIZE) : 0;
}

/* ---- memory ---- */

static bool map_new_page(vaddr_t va, u32 page_flag)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	if (!page)
		return false;
	if (!map_page(va, make_pfn(page_to_pfn(page)), PTE_KERNEL)) {
		put_page(page);
		return false;
	}
	page->flags |= page_flag;
	return true;
}

static void count_pages(enum vm_area_type type, s32 nr_pages)
{
	nr_pages_alloced += nr_pages;
	if (type == VM_AREA_STACK)
		nr_stack_pages += nr_pages;
}

static void *alloc_area(size_t size, enum vm_area_type type, void *caller)
{
	u32 len = round_len(size);
	u32 page_flag = type == VM_AREA_STACK ? PG_KSTACK : PG_VMALLOC;
	struct vm_area *a;

	/* What cannot succeed does not begin. */
	if (!len || len >> PAGE_SHIFT > nr_free_pages())
		return NULL;
	a = area_create(len, type, caller);
	if (!a)
		return NULL;
	for (vaddr_t va = a->start; va < a->start + len; va += PAGE_SIZE) {
		if (!map_new_page(va, page_flag)) {
			unmap(a->start, va, true);
			area_remove(a);
			return NULL;
		}
	}
	count_pages(type, len >> PAGE_SHIFT);
	return (void *)a->start;
}

void *vmalloc(size_t len)
{
	return alloc_area(len, VM_AREA_ALLOC, __builtin_return_address(0));
}

void *vzalloc(size_t len)
{
	void *p = alloc_area(len, VM_AREA_ALLOC, __builtin_return_address(0));

	return p ? memset(p, 0, ALIGN_UP(len, PAGE_SIZE)) : NULL;
}

void *vmalloc_stack(size_t len)
{
	return alloc_area(len, VM_AREA_STACK, __builtin_return_address(0));
}

void vfree(const void *addr)
{
	struct vm_area *a;

	if (!addr)
		return;
	a = area_at((vaddr_t)addr);
	if (!a || a->start != (vaddr_t)addr || a->type == VM_AREA_IOREMAP || a->type == VM_AREA_MAP)
		panic("vfree of %p by %pS: not from vmalloc", addr, __builtin_return_address(0));
	count_pages(a->type, -(s32)(a->len >> PAGE_SHIFT));
	unmap(a->start, a->start + a->len, true);
	area_remove(a);
}

/* ---- given frames ---- */

/* Whether one of the frames belongs to the buddy or to somebody who has it from there. */
static bool has_managed_ram(u32 pfn, u32 end)
{
	for (; pfn < end && pfn_valid(pfn); pfn++) {
		if (!(pfn_to_page(pfn)->flags & PG_RESERVED))
			return true;
	}
	return false;
}

static void *map_area(paddr_t phys, u32 size, enum vm_area_type type, u32 bits, void *caller)
{
	u32 offset = phys & ~PAGE_MASK;
	u32 pfn = phys >> PAGE_SHIFT;
	u32 len = size <= VMALLOC_END - VMALLOC_BASE ? round_len(size + offset) : 0;
	struct vm_area *a;

	if (!size || !len || len - 1 > UINT32_MAX - (phys - offset) ||
	    has_managed_ram(pfn, pfn + (len >> PAGE_SHIFT)))
		return NULL;
	a = area_create(len, type, caller);
	if (!a)
		return NULL;
	a->phys = phys - offset;
	for (vaddr_t va = a->start; va < a->start + len; va += PAGE_SIZE) {
		if (!map_page(va, make_pfn(pfn++), bits)) {
			unmap(a->start, va, false);
			area_remove(a);
			return NULL;
		}
	}
	return (void *)(a->start + offset);
}

void *ioremap(paddr_t phys, size_t len)
{
	return map_area(phys, len, VM_AREA_IOREMAP, PTE_KERNEL_IO, __builtin_return_address(0));
}

void *memremap(paddr_t phys, size_t len)
{
	return map_area(phys, len, VM_AREA_MAP, PTE_KERNEL, __builtin_return_address(0));
}

void iounmap(void *addr)
{
	struct vm_area *a;

	if (!addr)
		return;
	a = area_at((vaddr_t)addr);
	if (!a || (a->type != VM_AREA_IOREMAP && a->type != VM_AREA_MAP))
		panic("iounmap of %p by %pS: not from ioremap", addr, __builtin_return_address(0));
	unmap(a->start, a->start + a->len, false);
	area_remove(a);
}

__init void vmalloc_init(void)
{
	areas = RB_ROOT;
	nr_pages_alloced = nr_stack_pages = nr_tables = 0;
	memset(table_users, 0, sizeof(table_users));
	area_cache = kmem_cache_create("vm_area", sizeof(struct vm_area), 0, 0, NULL);
	if (!area_cache)
		panic("no memory for vmalloc");
}

/* ---- reports ---- */

static void fill_info(const struct vm_area *a, struct vmalloc_info *info)
{
	*info = (struct vmalloc_info){
		.start = a->start,
		.end = a->start + a->len,
		.type = a->type,
		.phys = a->phys,
		.nr_pages = a->len >> PAGE_SHIFT,
		.caller = a->caller,
	};
}

void vmalloc_for_each(void (*fn)(const struct vmalloc_info *info, void *arg), void *arg)
{
	struct rb_node *node;
	struct vmalloc_info info;

	rb_for_each (node, &areas) {
		fill_info(to_area(node), &info);
		fn(&info, arg);
	}
}

bool vmalloc_find(vaddr_t addr, struct vmalloc_info *info, bool *in_guard)
{
	const struct vm_area *a = area_at(addr);

	if (!a)
		return false;
	fill_info(a, info);
	*in_guard = addr >= info->end;
	return true;
}

u32 vmalloc_nr_pages(void)
{
	return nr_pages_alloced;
}

u32 vmalloc_nr_stack_pages(void)
{
	return nr_stack_pages;
}

u32 vmalloc_nr_table_pages(void)
{
	return nr_tables;
}

/* ---- verification ---- */

static int bad(const char *what, vaddr_t va)
{
	printk("vmalloc_check: %#x: %s\n", va, what);
	return -EIO;
}

static u32 true_max_gap(struct rb_node *node)
{
	return node ? MAX(to_area(node)->gap,
			  MAX(node_max_gap(node->left), node_max_gap(node->right)))
		    : 0;
}

static int check_page(const struct vm_area *a, vaddr_t va)
{
	bool is_io = a->type == VM_AREA_IOREMAP;
	bool own = a->type == VM_AREA_ALLOC || a->type == VM_AREA_STACK;
	pte_t pte;

	if (!pde_present(*pde_of(va)))
		return bad("no table", va);
	pte = *pte_of(va);
	if (!pte_present(pte) || !pte_write(pte) || pte.v & PTE_USER || !(pte.v & PTE_PCD) == is_io)
		return bad("not mapped as it should be", va);
	if (own) {
		const struct page *page = pfn_to_page(pte_pfn(pte).n);

		if (!pfn_valid(pte_pfn(pte).n) || page->refcount <= 0 ||
		    !(page->flags & (a->type == VM_AREA_STACK ? PG_KSTACK : PG_VMALLOC)))
			return bad("maps a frame that is not the area's", va);
	} else if (pte_pfn(pte).n != (a->phys + (va - a->start)) >> PAGE_SHIFT) {
		return bad("maps another frame than the one given", va);
	}
	return 0;
}

static int check_tables(void)
{
	u32 tables = 0;

	for (u32 i = 0; i < NR_TABLES; i++) {
		vaddr_t base = VMALLOC_BASE + (i << PAGE_SHIFT_LARGE);
		u32 present = 0;

		tables += table_users[i] != 0;
		if (pde_present(*pde_of(base)) != (table_users[i] != 0))
			return bad("a table without use, or use without a table", base);
		if (pde_of(base)->v != kernel_pgdir.entries[pde_index(base)].v)
			return bad("page directories differ", base);
		for (u32 k = 0; table_users[i] && k < PTRS_PER_TABLE; k++)
			present += !pte_none(*pte_of(base + k * PAGE_SIZE));
		if (present != table_users[i])
			return bad("entries that are not counted", base);
	}
	return tables == nr_tables ? 0 : bad("tables are not counted right", 0);
}

int vmalloc_check(void)
{
	const char *what = rb_check(&areas);
	vaddr_t at = SPACE_START;
	struct rb_node *node;
	u32 mapped = 0, counted = 0, own = 0, stacks = 0;

	if (what)
		return bad(what, 0);
	rb_for_each (node, &areas) {
		struct vm_area *a = to_area(node);

		if (!a->len || a->len & ~PAGE_MASK || a->start - a->gap != at ||
		    a->gap & ~PAGE_MASK || claimed_end(a) > VMALLOC_END)
			return bad("the area overlaps, or its gap is wrong", a->start);
		if (a->max_gap != true_max_gap(node))
			return bad("the largest gap of the subtree is wrong", a->start);
		for (vaddr_t va = a->start; va < a->start + a->len; va += PAGE_SIZE) {
			int err = check_page(a, va);

			if (err)
				return err;
		}
		mapped += a->len >> PAGE_SHIFT;
		if (a->type == VM_AREA_ALLOC || a->type == VM_AREA_STACK)
			own += a->len >> PAGE_SHIFT;
		if (a->type == VM_AREA_STACK)
			stacks += a->len >> PAGE_SHIFT;
		at = claimed_end(a);
	}
	for (u32 i = 0; i < NR_TABLES; i++)
		counted += table_users[i];
	/* Every entry counted lies in an area, so the guards and gaps have none. */
	if (mapped != counted || own != nr_pages_alloced || stacks != nr_stack_pages)
		return bad("pages are not counted right", 0);
	return check_tables();
}
