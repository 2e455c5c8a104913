/*
 * The direct map of physical 0-896 MB and the kernel's own protection.
 */
#pragma once

#include "lib/types.h"

struct directmap_info {
	u32 pages_4m, pages_4k; /* mappings of each size */
	bool global;
};
extern struct directmap_info directmap;

/* Boot, after bootmem_init: maps [0, end) at KERNEL_BASE with the largest pages that the processor has, text and
 * read-only data read-only. Tables come from bootmem. */
void directmap_init(paddr_t end);

/* Verifies each entry of the loaded page directory. 0, or -EIO after a printk. */
int directmap_check(void);
