/*
 * Kernel memory contiguous only in virtual space, and device mappings: [VMALLOC_BASE, VMALLOC_END), a guard page
 * after every area (and so before every one).
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"
#include "mm/phys/page.h"

enum vm_area_type { VM_AREA_ALLOC, VM_AREA_STACK, VM_AREA_IOREMAP, VM_AREA_MAP };

void vmalloc_init(void);
/* len is rounded up to pages; frames from highmem first. Not cleared. NULL without memory or room. */
__must_check void *vmalloc(size_t len);
__must_check void *vzalloc(size_t len);
void vfree(const void *addr); /* NULL is fine */
/* A kernel stack: like vmalloc, but counted as VM_AREA_STACK; the page below it is never mapped. */
__must_check void *vmalloc_stack(size_t len);
/* Maps device memory uncached. phys need not be aligned; RAM that the kernel manages is refused (NULL). */
__must_check void *ioremap(paddr_t phys, size_t len);
/* Maps firmware tables or other RAM that is reserved, cached. */
__must_check void *memremap(paddr_t phys, size_t len);
void iounmap(void *addr);

struct vmalloc_info {
	vaddr_t start, end; /* guard not included */
	enum vm_area_type type;
	paddr_t phys; /* of ioremap */
	u32 nr_pages;
	void *caller;
};
void vmalloc_for_each(void (*fn)(const struct vmalloc_info *info, void *arg), void *arg);
/* true and *info if addr lies in an area or in the guard behind it (in_guard). */
bool vmalloc_find(vaddr_t addr, struct vmalloc_info *info, bool *in_guard);
u32 vmalloc_nr_pages(void);       /* frames of areas, kernel stacks' included */
u32 vmalloc_nr_stack_pages(void); /* of those, kernel stacks' */
u32 vmalloc_nr_table_pages(void); /* page tables of [VMALLOC_BASE, VMALLOC_END) */
int vmalloc_check(void);
