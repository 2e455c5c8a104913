/*
 * Macros of the headers that the gdb commands need. It is compiled to text, never linked; the
 * Makefile turns each line into a line of pagoda_constants.py. (Enumerations and structures need no
 * place here: gdb reads them from the debug information.)
 */
#include "arch/i386/cpu/cr.h"
#include "arch/i386/cpu/layout.h"
#include "arch/i386/cpu/paging.h"
#include "kernel/core/thread.h"
#include "mm/phys/buddy.h"
#include "mm/phys/page.h"
#include "mm/vm/mm.h"

#define CONSTANT(name) asm volatile("\n->" #name " %0" ::"i"(name))

void constants(void);

void constants(void)
{
	CONSTANT(KERNEL_BASE);
	CONSTANT(LOWMEM_MAX);
	CONSTANT(VMALLOC_BASE);
	CONSTANT(VMALLOC_END);
	CONSTANT(PKMAP_BASE);
	CONSTANT(PKMAP_SLOTS);
	CONSTANT(FIXMAP_BASE);
	CONSTANT(FIXMAP_END);
	CONSTANT(PTE_WINDOW);
	CONSTANT(PDE_WINDOW);

	CONSTANT(CR0_PG);
	CONSTANT(PAGE_SHIFT);
	CONSTANT(PAGE_SIZE);
	CONSTANT(PAGE_SHIFT_LARGE);
	CONSTANT(PTE_PRESENT);
	CONSTANT(PTE_WRITE);
	CONSTANT(PTE_USER);
	CONSTANT(PTE_PWT);
	CONSTANT(PTE_PCD);
	CONSTANT(PTE_ACCESSED);
	CONSTANT(PTE_DIRTY);
	CONSTANT(PTE_LARGE);
	CONSTANT(PTE_GLOBAL);
	CONSTANT(PTE_SOFT);

	CONSTANT(MAX_ORDER);
	CONSTANT(PAGEBLOCK_ORDER);
	CONSTANT(PG_ZONE_MASK);
	CONSTANT(PG_RESERVED);
	CONSTANT(PG_BUDDY);
	CONSTANT(PG_SLAB);
	CONSTANT(PG_HOT);
	CONSTANT(PG_TABLE);
	CONSTANT(PG_ANON);
	CONSTANT(PG_PAGECACHE);
	CONSTANT(PG_DIRTY);
	CONSTANT(PG_UPTODATE);
	CONSTANT(PG_LOCKED);
	CONSTANT(PG_VMALLOC);
	CONSTANT(PG_KSTACK);
	CONSTANT(PG_COMPOUND);
	CONSTANT(PG_POISONED);

	CONSTANT(VM_READ);
	CONSTANT(VM_WRITE);
	CONSTANT(VM_EXEC);
	CONSTANT(VM_SHARED);
	CONSTANT(VM_GROWSDOWN);
	CONSTANT(VM_STACK);
	CONSTANT(VM_HEAP);
	CONSTANT(KSTACK_SIZE);
}
