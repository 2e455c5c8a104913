/*
 * Two-level paging (Intel SDM vol. 3A 4.3): entry types, their bits, the page-table window.
 *
 * PDE 1023 of every page directory names the directory itself. So the PTEs of the current address
 * space are one array at PTE_WINDOW and its PDEs one array at PDE_WINDOW: pte_of() and pde_of() are
 * address computations. pte_of(va) may be dereferenced only while pde_of(va) is present and not large.
 *
 * Nothing here sleeps or allocates. Entries are written only through set_pte() and set_pde().
 */
#pragma once

#include "arch/i386/cpu/layout.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

typedef struct {
	u32 v;
} pte_t;
typedef struct {
	u32 v;
} pde_t;

#define PTE_PRESENT      0x001u
#define PTE_WRITE        0x002u
#define PTE_USER         0x004u
#define PTE_PWT          0x008u
#define PTE_PCD          0x010u
#define PTE_ACCESSED     0x020u
#define PTE_DIRTY        0x040u
#define PTE_LARGE        0x080u /* in a PDE: 4 MB page */
#define PTE_GLOBAL       0x100u
#define PTE_SOFT         0xE00u /* bits 9-11: for software */

#define PAGE_SHIFT_LARGE 22
#define PAGE_SIZE_LARGE  (1u << PAGE_SHIFT_LARGE)
#define PTRS_PER_TABLE   1024u

static_assert(sizeof(pte_t) == 4 && sizeof(pde_t) == 4, "hardware layout");

static inline u32 pde_index(vaddr_t va)
{
	return va >> 22;
}
static inline u32 pte_index(vaddr_t va)
{
	return (va >> 12) & 1023;
}
static inline pte_t *pte_of(vaddr_t va)
{
	return (pte_t *)PTE_WINDOW + (va >> 12);
}
/* The address that an entry of the window maps: (slot - PTE_WINDOW) / 4 * PAGE_SIZE, modulo 2^32. */
static inline vaddr_t pte_vaddr(const pte_t *slot)
{
	static_assert(PTE_WINDOW << 10 == 0, "the window's own address drops out");
	return (vaddr_t)slot << 10;
}
static inline pde_t *pde_of(vaddr_t va)
{
	return (pde_t *)PDE_WINDOW + (va >> 22);
}

static inline pte_t mk_pte(pfn_t pfn, u32 bits)
{
	return (pte_t){pfn.n << 12 | bits};
}
static inline pde_t mk_pde(pfn_t pfn, u32 bits)
{
	return (pde_t){pfn.n << 12 | bits};
}
static inline bool pte_none(pte_t p)
{
	return p.v == 0;
}
static inline bool pte_present(pte_t p)
{
	return p.v & PTE_PRESENT;
}
static inline bool pte_write(pte_t p)
{
	return p.v & PTE_WRITE;
}
static inline bool pte_dirty(pte_t p)
{
	return p.v & PTE_DIRTY;
}
static inline bool pte_young(pte_t p)
{
	return p.v & PTE_ACCESSED;
}
static inline pfn_t pte_pfn(pte_t p)
{
	return (pfn_t){p.v >> 12};
}
static inline pte_t pte_wrprotect(pte_t p)
{
	return (pte_t){p.v & ~PTE_WRITE};
}
static inline pte_t pte_mkwrite(pte_t p)
{
	return (pte_t){p.v | PTE_WRITE};
}
static inline pte_t pte_mkdirty(pte_t p)
{
	return (pte_t){p.v | PTE_DIRTY};
}
static inline pte_t pte_mkyoung(pte_t p)
{
	return (pte_t){p.v | PTE_ACCESSED};
}
static inline pte_t pte_mkold(pte_t p)
{
	return (pte_t){p.v & ~PTE_ACCESSED};
}
static inline bool pde_none(pde_t p)
{
	return p.v == 0;
}
static inline bool pde_present(pde_t p)
{
	return p.v & PTE_PRESENT;
}
static inline bool pde_large(pde_t p)
{
	return p.v & PTE_LARGE;
}
static inline pfn_t pde_pfn(pde_t p)
{
	return (pfn_t){p.v >> 12};
}

/* The only writers. A single aligned store, so the processor never sees half an entry. */
static inline void set_pte(pte_t *slot, pte_t entry)
{
	*(volatile u32 *)&slot->v = entry.v;
}
static inline void set_pde(pde_t *slot, pde_t entry)
{
	*(volatile u32 *)&slot->v = entry.v;
}

/* Bits of every kernel mapping: PTE_GLOBAL where the processor has it, else 0. */
extern u32 pte_global;
#define PTE_KERNEL    (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | pte_global)
#define PTE_KERNEL_RO (PTE_PRESENT | PTE_ACCESSED | pte_global)
#define PTE_KERNEL_IO (PTE_KERNEL | PTE_PCD | PTE_PWT) /* device memory: uncached */

/* TLB. flush_tlb_page() where one page changed; flush_tlb_user() reloads CR3 (global entries stay);
 * flush_tlb_all() drops global entries too. None is needed for an entry that was not present. */
void flush_tlb_page_slow(vaddr_t va); /* a CR3 reload: no INVLPG on this processor (cpu=noinvlpg) */
extern bool cpu_invlpg;
static inline void flush_tlb_page(vaddr_t va)
{
	if (likely(cpu_invlpg))
		asm volatile("invlpg (%0)" ::"r"(va) : "memory");
	else
		flush_tlb_page_slow(va);
}
void flush_tlb_user(void);
void flush_tlb_all(void);

/*
 * A page directory. The frame is owned by whoever fills the struct in; it lies in the direct map.
 * Every registered directory shares the kernel's PDEs: kernel_pde_set() writes all of them.
 */
struct pgdir {
	paddr_t phys;
	pde_t *entries; /* the frame's direct-map address */
	struct list_head all;
};
extern pde_t boot_page_directory[PTRS_PER_TABLE];
extern struct pgdir kernel_pgdir; /* the one of boot; used while no process is */

/* Fills kernel PDEs and the window entry of p (phys and entries set, user part already zero). */
void pgdir_register(struct pgdir *p);
/* Must not be the current one. The frame stays the caller's. */
void pgdir_unregister(struct pgdir *p);
/* Writes the PDE of kernel address va in every directory. va is in [VMALLOC_BASE, FIXMAP_END). */
void kernel_pde_set(vaddr_t va, pde_t entry);
/* Loads CR3 if p is not the current directory. */
void pgdir_switch(struct pgdir *p);
struct pgdir *pgdir_current(void);
