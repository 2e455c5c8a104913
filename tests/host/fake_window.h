/*
 * A processor with paging for what lies above the direct map: page directory, page-table window and TLB. An access walks
 * the tables once (a page fault of the host) and is then served from the TLB (a mapping of the host) until it is flushed. So
 * a missing flush is seen as an access to the old frame.
 */
#pragma once

#include "arch/i386/cpu/paging.h"
#include "tests/host/fake_ram.h"

/* fake_ram_boot(mb), an empty page directory, slab_init(), kmap_init(), vmalloc_init(). */
void window_boot(u32 mb);
/* Whether a byte can be read, written. */
bool window_readable(const void *addr);
bool window_writable(void *addr);
/* A word at the start of a frame, without any mapping. */
u32 frame_word(u32 pfn);
void set_frame_word(u32 pfn, u32 value);
