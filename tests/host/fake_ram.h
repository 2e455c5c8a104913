/*
 * Fake RAM: memory at KERNEL_BASE, so that phys_to_virt() and its like work as they are, with mem_map, zones and the
 * buddy over it. Needs host-src mm/phys/{memmap,bootmem,zone,buddy,buddy_check}.c.
 */
#pragma once

#include "mm/phys/buddy.h"

/* Above it a host program has its libraries: the rest of lowmem exists, but is reserved. */
#define FAKE_RAM_MAX_MB 256u

/* A PC with so many MB: usable are 0-0x9F000 and 1 MB to the end, with a hole of 1 MB at hole_mb (0: none). Everything
 * there was is forgotten. Memory is full of junk. */
void fake_ram_map(u32 mb, u32 hole_mb);
/* The same, and zones_init(). */
void fake_ram_boot(u32 mb);
extern struct memmap fake_memmap;
/* All 4 GiB of physical memory, as a file; only what is touched takes room. */
extern int fake_ram_fd;

/* In-place checks of everything in mm/phys. */
#define CHECK_PHYS()                       \
	do {                               \
		CHECK(buddy_check() == 0); \
		CHECK(zones_check() == 0); \
	} while (0)
