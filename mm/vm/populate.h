/*
 * Faults taken ahead of time: MAP_POPULATE, MADV_POPULATE_*, mlock. Private to this room. May sleep.
 */
#pragma once

#include "mm/vm/mm.h"

/* Faults [start, end) of the loaded mm in, with FAULT_FLAG_WRITE or 0. 0; -ENOMEM: no VMA or no memory;
 * -EINVAL: the rights forbid it; -EFAULT: beyond the end of a file. */
int populate_range(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 fault_flags);
/* The VMAs of [start, end) that have all of these flags, each as its first use would do it; what
 * is locked on fault is left alone, and holes are passed over. A VMA is given up at an error, and the
 * next is begun. Nothing if mm is not loaded. */
void populate_vmas(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 flags);
/* The same for all VMAs, but an error ends it. => 0 or that error. */
int populate_all(struct mm_struct *mm, vaddr_t start, vaddr_t end);
