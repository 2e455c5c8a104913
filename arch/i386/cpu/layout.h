/*
 * The kernel's address space, fixed at compile time (docs/ARCHITECTURE.md, "Address space").
 * All ranges are half-open. nasm sees the same numbers through build/offsets.inc.
 */
#pragma once

#define KERNEL_BASE  0xC0000000u /* 3G/1G split; also the end of user space */
#define USER_END     KERNEL_BASE

#define LOWMEM_MAX   (896u << 20) /* most physical memory that the direct map can hold */

#define VMALLOC_BASE 0xF8000000u /* right behind a full direct map */
#define VMALLOC_END  0xFF000000u

#define PKMAP_BASE   0xFF000000u /* persistent kmap: one page table */
#define PKMAP_SLOTS  1024u

#define FIXMAP_BASE  0xFF400000u /* kmap_local slots, then fixed device mappings */
#define FIXMAP_END   0xFFC00000u

#define PTE_WINDOW   0xFFC00000u /* PDE 1023 is the page directory itself */
#define PDE_WINDOW   0xFFFFF000u

#define KSTACK_SIZE  8192u /* a thread's kernel stack; the page below it is never mapped */

/* Selectors of the GDT (gdt.c). RPL 3 is included in the user ones. */
#define SEL_KERNEL_CODE 0x08
#define SEL_KERNEL_DATA 0x10
#define SEL_USER_CODE   0x1B
#define SEL_USER_DATA   0x23
#define SEL_TSS         0x28
#define GDT_TLS_FIRST   6 /* entries 6..8: set_thread_area; programs may know Linux's numbers */
#define GDT_TLS_COUNT   3
#define SEL_DF_TSS      0x48 /* double fault's task */
#define GDT_ENTRIES     10
#define SEL_PROBE       (GDT_TLS_FIRST << 3) /* at boot only, see probe.asm */

/* At boot only: a window of 4 MB for what the firmware left anywhere (boot/early_map.c). */
#define BOOT_WINDOW      0xFF800000u
#define BOOT_WINDOW_SIZE 0x00400000u
