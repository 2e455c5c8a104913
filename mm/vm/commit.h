/*
 * Overcommit: what programs may come to need is promised when a mapping is made, and frames are taken
 * when they touch it. Here stands how much is promised, and how much may be
 * (overcommit-accounting.rst of Linux).
 *
 *	promised                                 released
 *	private writable VMAs (VM_ACCOUNT)       with the VMA. mprotect to read-only keeps the promise
 *	                                         where pages may have been written
 *	shared anonymous memory, shm: its size   with the object
 *	tmpfs and memfd: each page when made     with the page
 *
 * Counts are pages. 32 bits of them are 16 TiB.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

struct mm_struct;

enum commit_mode {
	COMMIT_GUESS,  /* 0: only what is plainly too much is refused: a request above all memory */
	COMMIT_ALWAYS, /* 1: nothing is */
	COMMIT_NEVER,  /* 2: all promises stay below commit_limit(); MAP_NORESERVE is not heard */
};

/* /proc/sys/vm; who writes it calls commit_policy_changed(). */
struct commit_policy {
	u32 mode;
	u32 ratio;  /* per cent of memory, if kbytes is 0 */
	u32 kbytes; /* the limit itself, or 0 */
	u32 admin_reserve_kb, user_reserve_kb;
};
extern struct commit_policy commit_policy;
void commit_policy_changed(void);

extern u32 vm_committed;      /* Committed_AS */
extern u32 objects_committed; /* of it for what is no VMA: shared objects and their pages */
extern u32 commit_free_pass;  /* private: requests of up to so many pages need no look */
u32 commit_limit(void);       /* CommitLimit */
void commit_init(void);

bool commit_permits_slow(const struct mm_struct *mm, u32 nr_pages);
/* May nr_pages more be promised? mm says who asks; NULL: the kernel. */
static __always_inline bool commit_permits(const struct mm_struct *mm, u32 nr_pages)
{
	return likely(nr_pages <= commit_free_pass) || commit_permits_slow(mm, nr_pages);
}

/* For what is no VMA, on behalf of the loaded address space. 0 or -ENOMEM. */
__must_check int commit_object(u32 nr_pages);
void uncommit_object(u32 nr_pages);
