/*
 * Highmem windows. A lowmem page costs its direct-map address.
 */
#pragma once

#include "lib/compiler.h"
#include "mm/phys/page.h"
#include "arch/i386/cpu/paging.h"

#define KMAP_LOCAL_SLOTS 16

/* Temporary mappings of one thread, a stack. Embedded in struct thread. */
struct kmap_local_stack {
	u32 depth;
	pte_t saved[KMAP_LOCAL_SLOTS]; /* while the thread does not run */
};

void kmap_init(void);

/* Maps a highmem page in the running thread's next slot. */
void *kmap_local_highmem(struct page *page);
void kunmap_local_highmem(void *addr);
/* Temporary mapping; undone in reverse order. The thread may sleep or be switched meanwhile. Never fails. */
static inline void *kmap_local(struct page *page)
{
	if (likely(!page_is_highmem(page)))
		return phys_to_virt(page_to_phys(page));
	return kmap_local_highmem(page);
}
static inline void kunmap_local(void *addr)
{
	if (unlikely((vaddr_t)addr >= FIXMAP_BASE))
		kunmap_local_highmem(addr);
}
/* Maps any frame number, RAM or not (a table of another address space, a firmware table). Undone by kunmap_local. */
void *kmap_local_pfn(pfn_t pfn);

/* The stack of the running thread. The scheduler stores it at every switch; before there are threads it is one of our
 * own. */
extern struct kmap_local_stack *kmap_local_running;
/* A switch where one of the two has slots in use: the scheduler calls it (and stores kmap_local_running itself) with
 * interrupts off. prev's slots are saved, next's restored. */
void kmap_local_switch(struct kmap_local_stack *prev, struct kmap_local_stack *next);

/* Persistent mapping, counted: kmap of a mapped page gives the same address. NULL when all slots are taken
 * and none can be had. */
__must_check void *kmap(struct page *page);
void kunmap(struct page *page);

/* Whole pages by the shortest way. */
void clear_highpage(struct page *page);
void copy_highpage(struct page *to, struct page *from);

/* 0, or -EIO after a printk of what is wrong. */
int kmap_check(void);
/* For the reports. */
u32 kmap_slots_used(void);
u32 kmap_nr_table_pages(void); /* its page tables */
u32 kmap_nr_slot_pages(void);  /* the frames of its table of slots */
