/*
 * Found before the real header when mm/kmem/kmap.c and vmalloc.c are built for the host: the same ranges, moved to
 * where a host program has room. Behind them tests/host/fake_window.c plays the processor.
 */
#pragma once

#define KERNEL_BASE  0xC0000000u
#define USER_END     KERNEL_BASE
#define LOWMEM_MAX   (896u << 20)

#define VMALLOC_BASE 0xD1000000u /* fake RAM ends at 0xD0000000 */
#define VMALLOC_END  0xD8000000u
#define PKMAP_BASE   0xD8000000u
#define PKMAP_SLOTS  1024u
#define FIXMAP_BASE  0xD8400000u
#define FIXMAP_END   0xD8C00000u

/* A window is where its own address leads: PDE_WINDOW = PTE_WINDOW + (PTE_WINDOW >> 10). */
#define PTE_WINDOW 0xD8C00000u
#define PDE_WINDOW 0xD8F63000u
