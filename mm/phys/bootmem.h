/*
 * The boot allocator: hands out lowmem frames from the memory map before the buddy exists.
 * Everything it hands out stays PG_RESERVED and is itemised by what for.
 */
#pragma once

#include "lib/types.h"
#include "mm/phys/memmap.h"

enum bootmem_use {
	BOOTMEM_KERNEL,
	BOOTMEM_MODULE,
	BOOTMEM_MEMMAP,
	BOOTMEM_TABLES,
	BOOTMEM_OTHER,
	BOOTMEM_NR_USES
};

/* map must stay valid for ever: it is what the counts are made from. Frame 0 is reserved here. */
void bootmem_init(const struct memmap *map);
const struct memmap *bootmem_map(void);
/* Keeps [start, end) (bytes, rounded outward) from being handed out. end 0 means 4 GiB; nothing where
 * start == end. Where ranges overlap the first one counts; what is not usable memory counts for nobody. */
void bootmem_reserve(paddr_t start, paddr_t end, enum bootmem_use use);
/* Physical address of len bytes (rounded up to pages), aligned to align (a power of two, at least a page),
 * all below limit, or 0 if there is no room. The highest place is taken. Not cleared. */
__must_check paddr_t bootmem_alloc(u32 len, u32 align, paddr_t limit, enum bootmem_use use);
/* Usable frames that are reserved, by use, for the boot report. */
u32 bootmem_pages(enum bootmem_use use);
/* Calls fn on each usable range that is not reserved (frames), in ascending order. */
void bootmem_for_each_free(void (*fn)(u32 start_pfn, u32 end_pfn));
/* Makes [*start_pfn, *end_pfn) its first part that is usable memory. => false: it has none. */
bool bootmem_usable_part(u32 *start_pfn, u32 *end_pfn);
/* The frames [start_pfn, end_pfn) are no longer reserved: the buddy has them. */
void bootmem_release(u32 start_pfn, u32 end_pfn);
