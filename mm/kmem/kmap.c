/*
 * Windows onto highmem: frames that have no address in the direct map.
 *
 *   FIXMAP_BASE  | slot 0 | slot 1 | ... | slot 15 |         kmap_local: a stack, of the running thread
 *   PKMAP_BASE   | slot 0 | slot 1 | ... | slot 1023 |       kmap: counted, anybody's
 *
 * kmap_local is a push: the next entry of one page table whose address is a constant, written where nothing was,
 * so nothing needs to be flushed; kunmap_local clears it and invalidates the one page. The slots belong to whoever runs.
 * A thread that is switched away with mappings takes the entries with it and gets them back in the same
 * slots, so its addresses stay good. Most switches find both threads without any.
 *
 * kmap finds a frame's slot in a hash table by the frame, and a free one on a list. Both arrays, and the page
 * table, are only there on a machine with highmem.
 *
 * A page of lowmem never comes here: its address is arithmetic (kmap.h).
 */
#include "mm/kmem/kmap.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/phys/buddy.h"
#include <asm/errno.h>

/* ---- kmap_local ---- */

static struct kmap_local_stack boot_stack; /* before there are threads */
struct kmap_local_stack *kmap_local_running = &boot_stack;

static inline vaddr_t local_va(u32 slot)
{
	return FIXMAP_BASE + slot * PAGE_SIZE;
}
static inline pte_t *local_pte(u32 slot)
{
	return pte_of(FIXMAP_BASE) + slot;
}

static inline void *push(pfn_t pfn)
{
	struct kmap_local_stack *stack = kmap_local_running;
	u32 slot = stack->depth;

	BUG_ON(slot == KMAP_LOCAL_SLOTS);
	stack->depth = slot + 1;
	set_pte(local_pte(slot), mk_pte(pfn, PTE_KERNEL));
	return (void *)local_va(slot);
}

static inline void pop(void)
{
	u32 slot = --kmap_local_running->depth;

	set_pte(local_pte(slot), (pte_t){0});
	flush_tlb_page(local_va(slot));
}

void *kmap_local_highmem(struct page *page)
{
	return push(make_pfn(page_to_pfn(page)));
}

void *kmap_local_pfn(pfn_t pfn)
{
	return pfn.n < max_low_pfn ? phys_to_virt(pfn_to_paddr(pfn)) : push(pfn);
}

void kunmap_local_highmem(void *addr)
{
	u32 depth = kmap_local_running->depth;

	/* In reverse order, and once. */
	BUG_ON(!depth || ((vaddr_t)addr & PAGE_MASK) != local_va(depth - 1));
	pop();
}

void kmap_local_switch(struct kmap_local_stack *prev, struct kmap_local_stack *next)
{
	for (u32 slot = 0; slot < prev->depth; slot++) {
		prev->saved[slot] = *local_pte(slot);
		set_pte(local_pte(slot), (pte_t){0});
		flush_tlb_page(local_va(slot));
	}
	for (u32 slot = 0; slot < next->depth; slot++)
		set_pte(local_pte(slot), next->saved[slot]);
}

/* ---- whole pages ---- */

void clear_highpage(struct page *page)
{
	if (page_is_highmem(page)) {
		clear_page(push(make_pfn(page_to_pfn(page))));
		pop();
	} else {
		clear_page(phys_to_virt(page_to_phys(page)));
	}
}

void copy_highpage(struct page *to, struct page *from)
{
	void *src = kmap_local(from);
	void *dst = kmap_local(to);

	copy_page(dst, src);
	kunmap_local(dst);
	kunmap_local(src);
}

/* ---- kmap ---- */

#define HASH_BITS 8
#define NO_SLOT   0xFFFFu

struct pkmap_slot {
	struct page *page; /* NULL: free */
	u16 users;
	u16 next; /* in its hash chain, or on the list of free ones */
};

static struct pkmap_slot *slots; /* PKMAP_SLOTS of them; NULL without highmem */
static u16 chains[1u << HASH_BITS];
static u16 free_slot;
static u32 nr_used;

static inline vaddr_t slot_va(u32 slot)
{
	return PKMAP_BASE + slot * PAGE_SIZE;
}

static u16 *chain_of(const struct page *page)
{
	return &chains[page_to_pfn(page) & ((1u << HASH_BITS) - 1)];
}

/* The link that names the page's slot, or ends its chain. */
static u16 *find_link(const struct page *page)
{
	u16 *link = chain_of(page);

	while (*link != NO_SLOT && slots[*link].page != page)
		link = &slots[*link].next;
	return link;
}

void *kmap(struct page *page)
{
	u16 *link, slot;

	if (!page_is_highmem(page))
		return page_address(page);
	link = find_link(page);
	slot = *link;
	if (slot == NO_SLOT) {
		if (free_slot == NO_SLOT)
			return NULL;
		slot = free_slot;
		free_slot = slots[slot].next;
		slots[slot] = (struct pkmap_slot){.page = page, .next = NO_SLOT};
		*link = slot;
		set_pte(pte_of(slot_va(slot)), mk_pte(make_pfn(page_to_pfn(page)), PTE_KERNEL));
		nr_used++;
	}
	BUG_ON(slots[slot].users == 0xFFFF);
	slots[slot].users++;
	return (void *)slot_va(slot);
}

void kunmap(struct page *page)
{
	u16 *link, slot;

	if (!page_is_highmem(page))
		return;
	link = find_link(page);
	slot = *link;
	BUG_ON(slot == NO_SLOT);
	if (--slots[slot].users)
		return;
	*link = slots[slot].next;
	slots[slot] = (struct pkmap_slot){.next = free_slot};
	free_slot = slot;
	set_pte(pte_of(slot_va(slot)), (pte_t){0});
	flush_tlb_page(slot_va(slot));
	nr_used--;
}

u32 kmap_nr_table_pages(void)
{
	return slots ? 2 : 1;
}

u32 kmap_nr_slot_pages(void)
{
	return slots ? DIV_ROUND_UP(PKMAP_SLOTS * sizeof(struct pkmap_slot), PAGE_SIZE) : 0;
}

u32 kmap_slots_used(void)
{
	return kmap_local_running->depth + nr_used;
}

/* ---- boot ---- */

static void add_table(vaddr_t va)
{
	struct page *page = alloc_page(GFP_HIGHUSER | __GFP_NOFAILPOINT);

	if (!page)
		panic("no memory for the page tables of kmap");
	page->flags |= PG_TABLE;
	kernel_pde_set(va,
		       mk_pde(make_pfn(page_to_pfn(page)), PTE_PRESENT | PTE_WRITE | PTE_ACCESSED));
	flush_tlb_page((vaddr_t)pte_of(va));
	clear_page(pte_of(va));
}

__init void kmap_init(void)
{
	u32 len = PKMAP_SLOTS * sizeof(struct pkmap_slot);
	struct page *page;

	add_table(FIXMAP_BASE);
	memset(chains, 0xFF, sizeof(chains));
	free_slot = NO_SLOT;
	nr_used = 0;
	slots = NULL;
	if (max_pfn == max_low_pfn)
		return;
	add_table(PKMAP_BASE);
	page = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NOFAILPOINT, len > PAGE_SIZE);
	static_assert(PKMAP_SLOTS * sizeof(struct pkmap_slot) <= 2 * PAGE_SIZE, "order 1");
	if (!page)
		panic("no memory for kmap");
	slots = page_address(page);
	for (u32 slot = PKMAP_SLOTS; slot-- > 0;) {
		slots[slot].next = free_slot;
		free_slot = slot;
	}
}

/* ---- verification ---- */

static int bad(const char *what, u32 slot)
{
	printk("kmap_check: slot %u: %s\n", slot, what);
	return -EIO;
}

static int check_local(void)
{
	u32 depth = kmap_local_running->depth;

	if (depth > KMAP_LOCAL_SLOTS)
		return bad("the stack is too deep", depth);
	for (u32 i = 0; i < KMAP_LOCAL_SLOTS; i++) {
		if (pte_present(*local_pte(i)) != (i < depth))
			return bad("mapped without need, or not mapped", i);
	}
	return 0;
}

static int check_slot(u32 slot, u32 hash)
{
	const struct page *page = slots[slot].page;
	pte_t pte = *pte_of(slot_va(slot));

	if (!page || !slots[slot].users || chain_of(page) != &chains[hash])
		return bad("in a hash chain, but not in use there", slot);
	if (!pte_present(pte) || pte_pfn(pte).n != page_to_pfn(page))
		return bad("maps another frame than it says", slot);
	return 0;
}

int kmap_check(void)
{
	u32 used = 0, nr_free = 0;
	int err = check_local();

	if (err || !slots)
		return err;
	for (u32 hash = 0; hash < ARRAY_SIZE(chains); hash++) {
		for (u16 slot = chains[hash]; slot != NO_SLOT; slot = slots[slot].next) {
			if (slot >= PKMAP_SLOTS || used++ == nr_used)
				return bad("where a hash chain is broken", slot);
			err = check_slot(slot, hash);
			if (err)
				return err;
		}
	}
	for (u16 slot = free_slot; slot != NO_SLOT; slot = slots[slot].next) {
		if (slot >= PKMAP_SLOTS || nr_free++ == PKMAP_SLOTS)
			return bad("where the list of free slots is broken", slot);
		if (slots[slot].page || pte_present(*pte_of(slot_va(slot))))
			return bad("free, but in use", slot);
	}
	return used == nr_used && used + nr_free == PKMAP_SLOTS ? 0
								: bad("in all, lost", PKMAP_SLOTS);
}
