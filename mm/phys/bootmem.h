/*
 * The boot allocator: hands out lowmem frames from the memory map before the buddy exists.
 * Everything it hands out stays PG_RESERVED and is itemised by what for.
 */
#pragma once

#include "lib/types.h"
#include "mm/phys/memmap.h"

enum bootmem_use { BOOTMEM_KERNEL, BOOTMEM_MODULE, BOOTMEM_MEMMAP, BOOTMEM_TABLES, BOOTMEM_OTHER, BOOTMEM_NR_USES };

/* map must stay valid until zones_init(). */
void bootmem_init(const struct memmap *map);
/* Keeps [start, end) (bytes, rounded outward) from being handed out. */
void bootmem_reserve(paddr_t start, paddr_t end, enum bootmem_use use);
/* Physical address of len bytes (rounded up to pages), aligned, below limit, or 0 if there is no room. Not cleared. */
__must_check paddr_t bootmem_alloc(u32 len, u32 align, paddr_t limit, enum bootmem_use use);
/* Frames by use, for the boot report. */
u32 bootmem_pages(enum bootmem_use use);
/* Calls fn on each usable range that is not handed out (frames). */
void bootmem_for_each_free(void (*fn)(u32 start_pfn, u32 end_pfn));
