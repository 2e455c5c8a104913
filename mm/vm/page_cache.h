/*
 * The page cache: the pages of one file (or of shared anonymous memory) by page number.
 * A file system owns an address_space inside its inode and fills pages through ops.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mm/phys/gfp.h"
#include "mm/phys/page.h"

struct address_space;

struct address_space_operations {
	/* Fills page (in the cache, not up to date). May sleep. 0 or negative errno. NULL: a hole
	 * reads as zeros. */
	int (*read_page)(struct address_space *as, struct page *page);
	/* One more page is about to be made: 0, or why it may not be. Who drops pages counts them himself.
	 * NULL: always. */
	int (*charge)(struct address_space *as);
	void (*uncharge)(struct address_space *as); /* it was not made after all */
};

struct address_space {
	void *root; /* radix tree of pages by index */
	u32 height;
	u32 nr_pages;
	const struct address_space_operations *ops;
	u64 size_bytes;        /* what lies beyond is SIGBUS for a mapping; kept by the owner */
	struct list_head vmas; /* i_mmap: VMAs that map it, by vma->mapping_node */
	void *host;
	bool shmem; /* shared memory, tmpfs: its pages count as rss_shmem. Set before it has pages */
};

void page_cache_init(void);
void address_space_init(struct address_space *as, const struct address_space_operations *ops,
			void *host);
/* The page with a new reference, or NULL. */
struct page *page_cache_find(struct address_space *as, u32 index);
/* Puts a page in; the cache takes its own reference. 0, -EEXIST, -ENOMEM. */
__must_check int page_cache_add(struct address_space *as, struct page *page, u32 index);
/* The page with a new reference, read in if it was not there (then *major is set). ERR_PTR(-ENOMEM,
 * -EIO). May sleep. */
__must_check struct page *page_cache_get(struct address_space *as, u32 index, bool *major);
/* The slot of a page that is there and up to date, and how many slots lie before and after it in
 * the same tree node. Valid until the cache changes. false: no such page. */
struct page_cache_run {
	struct page **slot;
	u32 before, after;
};
bool page_cache_run(struct address_space *as, u32 index, struct page_cache_run *run);
/* Takes every page from index first on out of all address spaces and drops it. Set size_bytes
 * before. */
void page_cache_truncate(struct address_space *as, u32 first);
/* Takes the pages first to last out of shared mappings and of private ones that have no copies of their
 * own, and drops them: a hole. */
void page_cache_punch(struct address_space *as, u32 first, u32 last);
u32 page_cache_nr_pages(void);  /* of all files, and of shared memory */
u32 page_cache_nr_shmem(void);  /* of those, shared memory's and tmpfs' */
u32 page_cache_nr_mapped(void); /* of those, what user page tables map */
int page_cache_check(struct address_space *as);
