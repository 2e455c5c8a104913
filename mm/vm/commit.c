/* What is promised against what may be: see commit.h. */
#include "mm/vm/commit.h"
#include "lib/err.h"
#include "lib/math64.h"
#include "mm/phys/zone.h"
#include "mm/vm/mm.h"

#define KB_TO_PAGES(kb) ((kb) >> (PAGE_SHIFT - 10))

struct commit_policy commit_policy = {.ratio = 50};
u32 vm_committed, objects_committed;
u32 commit_free_pass;

/* Linux's defaults: 3 % of what is free, but no more than it takes to log in and mend things. */
__init void commit_init(void)
{
	u32 free_kb = nr_free_pages() << (PAGE_SHIFT - 10);

	commit_policy.user_reserve_kb = MIN(free_kb / 32, 128u << 10);
	commit_policy.admin_reserve_kb = MIN(free_kb / 32, 8u << 10);
}

void commit_policy_changed(void)
{
	commit_free_pass = 0; /* the next request finds out */
}

u32 commit_limit(void)
{
	u64 pages = div_u64((u64)nr_managed_pages() * commit_policy.ratio, 100);

	if (commit_policy.kbytes)
		return KB_TO_PAGES(commit_policy.kbytes);
	return (u32)MIN(pages, (u64)UINT32_MAX);
}

/* Something is kept for the administrator, and something so that one program does not get all. */
static bool strictly_permits(const struct mm_struct *mm, u32 nr_pages)
{
	u32 limit = commit_limit(), kept = 0;

	if (!mm || !mm->admin)
		kept += KB_TO_PAGES(commit_policy.admin_reserve_kb);
	if (mm)
		kept += MIN(mm->total_vm / 32, KB_TO_PAGES(commit_policy.user_reserve_kb));
	return limit > kept && vm_committed + nr_pages < limit - kept;
}

bool commit_permits_slow(const struct mm_struct *mm, u32 nr_pages)
{
	switch (commit_policy.mode) {
	case COMMIT_ALWAYS:
		commit_free_pass = UINT32_MAX;
		return true;
	case COMMIT_GUESS:
		commit_free_pass = nr_managed_pages(); /* grows as boot gives memory back */
		return nr_pages <= commit_free_pass;
	default:
		return strictly_permits(mm, nr_pages);
	}
}

int commit_object(u32 nr_pages)
{
	if (!commit_permits(current_mm, nr_pages))
		return -ENOMEM;
	vm_committed += nr_pages;
	objects_committed += nr_pages;
	return 0;
}

void uncommit_object(u32 nr_pages)
{
	vm_committed -= nr_pages;
	objects_committed -= nr_pages;
}
