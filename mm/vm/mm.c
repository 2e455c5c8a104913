/*
 * The life of an address space: made, loaded, given up.
 *
 * A free mm_struct keeps its page directory, whose user part is zero and which stays registered for
 * kernel PDEs. A few are kept so, and fork and exec find one ready.
 */
#include "mm/vm/mm.h"
#include "kernel/core/thread.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/vm/fault.h"
#include "mm/vm/pgtable.h"
#include "mm/vm/shmem.h"
#include "mm/vm/unmap.h"
#include "mm/vm/vma.h"

#define MM_CACHE_MAX 4u

struct mm_struct *current_mm;
u32 max_map_count = MAX_MAP_COUNT;
static struct kmem_cache *mm_slab;
static struct mm_struct *mm_cache[MM_CACHE_MAX];
static u32 mm_cache_nr;
static u32 last_serial;

__init void mm_init(void)
{
	mm_slab = kmem_cache_create("mm_struct", sizeof(struct mm_struct), 0, 0, NULL);
	BUG_ON(!mm_slab);
	sched_set_mm_slot(&current_mm);
	vma_init();
	shmem_init();
	anon_init();
	commit_init();
}

static struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm;

	if (mm_cache_nr)
		return mm_cache[--mm_cache_nr];
	mm = kmem_cache_alloc(mm_slab, GFP_KERNEL);
	if (!mm)
		return NULL;
	if (pgdir_alloc(&mm->pgdir)) {
		kmem_cache_free(mm_slab, mm);
		return NULL;
	}
	return mm;
}

static void mm_release(struct mm_struct *mm)
{
	pgdir_free(&mm->pgdir);
	kmem_cache_free(mm_slab, mm);
}

static void mm_free(struct mm_struct *mm)
{
	if (mm_cache_nr < MM_CACHE_MAX)
		mm_cache[mm_cache_nr++] = mm;
	else
		mm_release(mm);
}

u32 mm_drain_caches(void)
{
	u32 drained = mm_cache_nr;

	while (mm_cache_nr)
		mm_release(mm_cache[--mm_cache_nr]);
	return drained + pgtable_drain();
}

struct mm_struct *mm_create(void)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return NULL;
	memset((char *)mm + sizeof(mm->pgdir), 0, sizeof(*mm) - sizeof(mm->pgdir));
	mm->users = 1;
	mm->serial = ++last_serial;
	mm->stack_limit_bytes = 8u << 20; /* Linux's default RLIMIT_STACK */
	mm->data_limit_bytes = 0xFFFFFFFFu;
	mm->brk_limit_bytes = 0xFFFFFFFFu;
	mm->as_limit_bytes = 0xFFFFFFFFu;
	mm->memlock_limit_bytes = 0xFFFFFFFFu;
	mm_place_stack(mm);
	return mm;
}

void mm_get(struct mm_struct *mm)
{
	mm->users++;
}

void mm_put(struct mm_struct *mm)
{
	if (--mm->users)
		return;
	exit_mmap(mm);
	if (mm == current_mm)
		mm_switch(NULL);
	mm_free(mm);
}

void mm_switch(struct mm_struct *mm)
{
	current_mm = mm;
	pgdir_switch(mm ? &mm->pgdir : &kernel_pgdir);
}

u32 mm_nr_anon_pages(void)
{
	return nr_anon_mapped;
}

u32 mm_nr_table_pages(void)
{
	return nr_table_pages;
}
