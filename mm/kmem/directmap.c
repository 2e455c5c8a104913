/*
 * The direct map: physical [0, end) at KERNEL_BASE.
 *
 * Each 4 MB region gets the largest page that is true for all of it:
 *
 *   region                                   with PSE     without
 *   all below end, all writable              one 4 MB     a table of 4 KB
 *   holds text or read-only data             table        table
 *   holds `end`                              table        table, entries beyond end not present
 *   beyond end                               not present  not present
 *
 * Holes and reserved memory below `end` are mapped too: the firmware leaves tables there that are read at boot, and
 * device memory that low is uncached by the MTRRs or, before these, by the chip set's KEN# whatever a page says.
 * Beyond `end` nothing is mapped, for there devices live that a speculative cache fill must not touch.
 *
 * Boot has mapped the first megabytes with tables of its own, which it gives back later, and this code runs from
 * them. So a table is filled while it hangs in a spare place, through the page-table window there (its frame need not
 * be mapped), and then one store puts it, or a large page, in the place of boot's. The translation of no address
 * that is in use changes, and one flush at the end is enough.
 */
#include "mm/kmem/directmap.h"
#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/paging.h"
#include "arch/i386/cpu/sections.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "mm/phys/bootmem.h"
#include "mm/phys/page.h"
#include <asm/errno.h>

struct directmap_info directmap;

static paddr_t directmap_end;

static bool is_read_only(vaddr_t va)
{
	return va >= ALIGN_DOWN((vaddr_t)__text_start, PAGE_SIZE) && va < (vaddr_t)__rodata_end;
}

static __init bool has_read_only(vaddr_t start)
{
	return start < (vaddr_t)__rodata_end && start + PAGE_SIZE_LARGE > (vaddr_t)__text_start;
}

/* Where a table hangs while it is filled: nothing is there before kmap_init(). */
#define SPARE PKMAP_BASE

static __init void map_with_table(vaddr_t start, vaddr_t end)
{
	paddr_t table = bootmem_alloc(PAGE_SIZE, PAGE_SIZE, directmap_end, BOOTMEM_TABLES);
	pde_t pde = mk_pde(paddr_to_pfn(table), PTE_PRESENT | PTE_WRITE | PTE_ACCESSED);
	pte_t *pte = pte_of(SPARE);

	if (!table)
		panic("no memory for the page tables of the direct map");
	set_pde(pde_of(SPARE), pde);
	flush_tlb_page((vaddr_t)pte);
	for (vaddr_t va = start; va - start < PAGE_SIZE_LARGE; va += PAGE_SIZE, pte++) {
		if (va < end) {
			set_pte(pte, mk_pte(paddr_to_pfn(va - PAGE_OFFSET),
					    is_read_only(va) ? PTE_KERNEL_RO : PTE_KERNEL));
			directmap.pages_4k++;
		} else {
			set_pte(pte, (pte_t){0});
		}
	}
	set_pde(pde_of(start), pde);
	set_pde(pde_of(SPARE), (pde_t){0});
}

__init void directmap_init(paddr_t phys_end)
{
	vaddr_t end = PAGE_OFFSET + ALIGN_DOWN(phys_end, PAGE_SIZE);

	BUG_ON(phys_end > LOWMEM_MAX || end < ALIGN_UP((vaddr_t)__kernel_end, PAGE_SIZE));
	directmap_end = phys_end;
	for (vaddr_t va = PAGE_OFFSET; va < VMALLOC_BASE; va += PAGE_SIZE_LARGE) {
		if (va >= end) {
			set_pde(pde_of(va), (pde_t){0});
		} else if (cpu_has(CPU_PSE) && end - va >= PAGE_SIZE_LARGE && !has_read_only(va)) {
			set_pde(pde_of(va),
				mk_pde(paddr_to_pfn(va - PAGE_OFFSET), PTE_KERNEL | PTE_LARGE));
			directmap.pages_4m++;
		} else {
			map_with_table(va, end);
		}
	}
	directmap.global = cpu_has(CPU_PGE);
	flush_tlb_all();
}

/* Read-only is what must be, and at most *spare pages more. */
static bool is_right(vaddr_t va, u32 entry, u32 *spare)
{
	if ((entry & PAGE_MASK) != va - PAGE_OFFSET || entry & (PTE_USER | PTE_PCD) ||
	    (entry & PTE_GLOBAL) != pte_global)
		return false;
	if (is_read_only(va))
		return !(entry & PTE_WRITE);
	return entry & PTE_WRITE || (*spare)--;
}

int directmap_check(void)
{
	u32 pages_4m = 0, pages_4k = 0;
	u32 spare = cpu.f00f_bug; /* its IDT */
	vaddr_t end = PAGE_OFFSET + ALIGN_DOWN(directmap_end, PAGE_SIZE);
	vaddr_t va = PAGE_OFFSET;

	while (va < VMALLOC_BASE) {
		pde_t pde = *pde_of(va);
		u32 entry = pde.v, step = PAGE_SIZE_LARGE;
		bool present = pde_present(pde);

		if (present && pde_large(pde)) {
			pages_4m++;
		} else if (present) {
			entry = pte_of(va)->v;
			present = entry & PTE_PRESENT;
			pages_4k += present;
			step = PAGE_SIZE;
		}
		if (present != (va < end))
			goto bad;
		if (present && !is_right(va, entry, &spare))
			goto bad;
		va += step;
	}
	if (pages_4m == directmap.pages_4m && pages_4k == directmap.pages_4k)
		return 0;
bad:
	printk("directmap_check: %#x: PDE %#x\n", va, va < VMALLOC_BASE ? pde_of(va)->v : 0);
	return -EIO;
}
