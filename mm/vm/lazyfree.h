/*
 * MADV_FREE: anonymous pages that a program can do without. They stay until memory is short; what is
 * written to before that is kept. Private to this room but for lazyfree_reclaim() (mm.h).
 */
#pragma once

#include "mm/vm/mm.h"

/* The pages of [start, end), within the private anonymous vma, that are its own. */
void lazyfree_mark(struct vm_area_struct *vma, vaddr_t start, vaddr_t end);
/* mm may have such pages, or has none any more. */
void lazyfree_list(struct mm_struct *mm);
void lazyfree_unlist(struct mm_struct *mm);
