/*
 * fork, and everything at once: random system calls and accesses in several address spaces, against
 * a model that holds for each page what it should contain and permit.
 */
#include "tests/host/check.h"
#include "tests/host/fake_vm.h"
#include "mm/vm/commit.h"
#include "lib/err.h"
#include "lib/failpoint.h"
#include <linux/mman.h>

/* ---- fork ---- */

#define AT 0x40000000u

static struct mm_struct *new_mm(void)
{
	struct mm_struct *mm = mm_create();

	CHECK(mm != NULL);
	vm_load(mm);
	return mm;
}

static struct mm_struct *fork_mm(void)
{
	struct mm_struct *child = dup_mm(current_mm);

	CHECK(child != NULL);
	CHECK_EQ(mm_check(child), 0);
	CHECK_EQ(mm_check(current_mm), 0);
	vm_check_tlb();
	return child;
}

static u32 read_at(vaddr_t addr)
{
	u32 value = 0;

	CHECK_EQ(vm_read(addr, &value), FAULT_MINOR);
	return value;
}

static void write_at(vaddr_t addr, u32 value)
{
	CHECK_EQ(vm_write(addr, value), FAULT_MINOR);
}

static void drop_mm(struct mm_struct *mm)
{
	CHECK_EQ(mm_check(mm), 0);
	if (mm == current_mm)
		vm_load(NULL);
	mm_put(mm);
}

TEST(a_write_after_fork_is_seen_by_the_writer_only)
{
	struct mm_struct *parent, *child;
	u32 reuses;

	vm_boot(16);
	parent = new_mm();
	vm_map(parent, AT, 4, PROT_READ | PROT_WRITE, MAP_FIXED);
	write_at(AT, 1);
	write_at(AT + PAGE_SIZE, 2);
	CHECK_EQ(read_at(AT + 2 * PAGE_SIZE), 0);
	child = fork_mm();
	CHECK_EQ(child->rss_anon, 2);
	CHECK_EQ(mm_nr_anon_pages(), 2);

	write_at(AT, 10);
	CHECK_EQ(mm_nr_anon_pages(), 3);
	vm_load(child);
	CHECK_EQ(read_at(AT), 1);
	CHECK_EQ(read_at(AT + PAGE_SIZE), 2);
	CHECK_EQ(vm_faults, 0);
	reuses = mm_stats.cow_reuses;
	write_at(AT, 11); /* the last owner */
	CHECK_EQ(mm_stats.cow_reuses, reuses + 1);
	CHECK_EQ(mm_nr_anon_pages(), 3);
	vm_load(parent);
	CHECK_EQ(read_at(AT), 10);
	drop_mm(child);
	write_at(AT + PAGE_SIZE, 12);
	CHECK_EQ(mm_stats.cow_reuses, reuses + 2);
	CHECK_EQ(mm_nr_anon_pages(), 2);
	drop_mm(parent);
	vm_check_no_leak();
}

/* Joined VMAs remember what either of them had. */
TEST(pages_of_joined_vmas_are_shared)
{
	struct mm_struct *parent, *child;

	vm_boot(16);
	parent = new_mm();
	vm_map(parent, AT, 1, PROT_READ | PROT_WRITE, MAP_FIXED);
	vm_map(parent, AT + 2 * PAGE_SIZE, 1, PROT_READ | PROT_WRITE, MAP_FIXED);
	write_at(AT + 2 * PAGE_SIZE, 3);
	vm_map(parent, AT + PAGE_SIZE, 1, PROT_READ | PROT_WRITE, MAP_FIXED);
	CHECK_EQ(parent->nr_vmas, 1);
	child = fork_mm();
	vm_load(child);
	CHECK_EQ(read_at(AT + 2 * PAGE_SIZE), 3);
	drop_mm(child);
	drop_mm(parent);
	vm_check_no_leak();
}

TEST(shared_memory_stays_shared)
{
	struct mm_struct *parent, *child;
	vaddr_t at;

	vm_boot(16);
	parent = new_mm();
	at = do_mmap(parent, 0, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     NULL, 0, 0);
	CHECK(!is_err_addr(at));
	write_at(at, 7);
	child = fork_mm();
	CHECK_EQ(child->rss_shmem, 0);
	write_at(at, 8);
	vm_load(child);
	CHECK_EQ(read_at(at), 8);
	write_at(at + PAGE_SIZE, 9);
	vm_load(parent);
	CHECK_EQ(read_at(at + PAGE_SIZE), 9);
	drop_mm(parent);
	vm_load(child);
	CHECK_EQ(read_at(at), 8);
	drop_mm(child);
	vm_check_no_leak();
}

TEST(advice_about_fork)
{
	struct mm_struct *parent, *child;
	u32 value;

	vm_boot(16);
	parent = new_mm();
	vm_map(parent, AT, 3, PROT_READ | PROT_WRITE, MAP_FIXED);
	for (u32 i = 0; i < 3; i++)
		write_at(AT + i * PAGE_SIZE, 5 + i);
	CHECK_EQ(do_madvise(parent, AT, PAGE_SIZE, MADV_DONTFORK), 0);
	CHECK_EQ(do_madvise(parent, AT + PAGE_SIZE, PAGE_SIZE, MADV_WIPEONFORK), 0);
	CHECK_EQ(parent->nr_vmas, 3);
	child = fork_mm();
	vm_load(child);
	CHECK_EQ(vm_read(AT, &value), FAULT_SEGV_MAPERR);
	CHECK_EQ(read_at(AT + PAGE_SIZE), 0);
	CHECK_EQ(read_at(AT + 2 * PAGE_SIZE), 7);
	drop_mm(child);
	vm_load(parent);
	CHECK_EQ(do_madvise(parent, AT, PAGE_SIZE, MADV_DOFORK), 0);
	CHECK_EQ(do_madvise(parent, AT + PAGE_SIZE, PAGE_SIZE, MADV_KEEPONFORK), 0);
	CHECK_EQ(parent->nr_vmas, 1);
	drop_mm(parent);
	vm_check_no_leak();
}

/* Each allocation of a fork fails once, frames and objects in turn; the parent never notices. */
TEST(a_failed_fork_undoes_itself)
{
	struct failpoint *frames;

	for (u32 kind = 0; kind < 2; kind++) {
		for (u32 nth = 1;; nth++) {
			struct mm_struct *parent, *child;
			struct vm_file file;
			struct mmap_object object;

			vm_boot(16);
			frames = failpoint_find("page_alloc");
			parent = new_mm();
			vm_file_init(&file, 1, 16);
			object = vm_file_object(&file);
			for (u32 i = 0; i < 6; i++) {
				vm_map(parent, AT + i * 0x500000, 3, PROT_READ | PROT_WRITE,
				       MAP_FIXED);
				write_at(AT + i * 0x500000 + PAGE_SIZE, 100 + i);
			}
			CHECK(!is_err_addr(do_mmap(parent, 0, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE,
						   MAP_PRIVATE, &object, 0, VM_MAY_ALL)));
			if (kind == 0)
				CHECK_EQ(failpoint_arm("page_alloc", nth, 1), 0);
			else
				vm_fail_slab = nth;
			child = dup_mm(parent);
			failpoint_disarm(frames);
			vm_fail_slab = 0;
			CHECK_EQ(mm_check(parent), 0);
			vm_check_tlb();
			for (u32 i = 0; i < 6; i++) {
				CHECK_EQ(read_at(AT + i * 0x500000 + PAGE_SIZE), 100 + i);
				write_at(AT + i * 0x500000 + PAGE_SIZE, 200 + i);
			}
			CHECK_EQ(file.refs, child ? 2 : 1);
			if (child)
				drop_mm(child);
			drop_mm(parent);
			vm_file_drop(&file);
			vm_check_no_leak();
			if (child)
				break;
			CHECK(nth < 50);
		}
	}
}

/* ---- everything ---- */

enum { PROCESSES = 4, FILES = 3, FILE_PAGES = 40, SHARED = 24, WINDOW = 3 * 1024 + 512 };
#define WINDOW_AT 0x50180000u /* four tables, the first and last in part */

enum kind { FREE, ANON, PRIVATE_FILE, SHARED_FILE, SHARED_ANON };

struct model_page {
	u8 kind, prot;
	bool copied; /* PRIVATE_FILE: value is its own */
	bool locked;
	bool lazy; /* MADV_FREE: value, or 0 */
	u8 object; /* file, or index in shared[] */
	u16 index; /* page of the object */
	u32 value;
};
struct model {
	struct mm_struct *mm;
	struct model_page page[WINDOW];
};
static struct model models[PROCESSES];
static struct model *now; /* the loaded one */

static struct vm_file files[FILES];
static u32 file_value[FILES][FILE_PAGES];
static struct {
	u32 users, pages;
	u32 value[64];
} shared[256];
static u32 nr_shared;
static bool failing; /* allocations may fail */

static u32 *model_value(struct model_page *page)
{
	switch (page->kind) {
	case ANON:
		return &page->value;
	case PRIVATE_FILE:
		return page->copied ? &page->value : &file_value[page->object][page->index];
	case SHARED_FILE:
		return &file_value[page->object][page->index];
	default:
		return &shared[page->object].value[page->index];
	}
}

static bool beyond_end(const struct model_page *page)
{
	if (page->kind == SHARED_ANON)
		return page->index >= shared[page->object].pages;
	if (page->kind == SHARED_FILE || (page->kind == PRIVATE_FILE && !page->copied))
		return page->index >= files[page->object].as.size_bytes >> PAGE_SHIFT;
	return false;
}

static enum fault_result expected_result(struct model_page *page, bool write)
{
	if (page->kind == FREE)
		return FAULT_SEGV_MAPERR;
	if (write ? !(page->prot & PROT_WRITE) : !page->prot)
		return FAULT_SEGV_ACCERR;
	return beyond_end(page) ? FAULT_BUS : FAULT_MINOR;
}

static void access_page(u32 i, bool write)
{
	struct model_page *page = &now->page[i];
	enum fault_result expected = expected_result(page, write), got;
	u32 value = test_rand();

	got = write ? vm_write(WINDOW_AT + i * PAGE_SIZE, value)
		    : vm_read(WINDOW_AT + i * PAGE_SIZE, &value);
	if (got == FAULT_OOM && failing)
		return;
	if (got == FAULT_MAJOR)
		got = FAULT_MINOR;
	CHECK_EQ(got, expected);
	if (got != FAULT_MINOR)
		return;
	if (!write) {
		if (page->lazy && !value)
			page->value = 0; /* it went */
		CHECK_EQ(value, *model_value(page));
		return;
	}
	page->lazy = false;
	if (page->kind == PRIVATE_FILE)
		page->copied = true;
	*model_value(page) = value;
}

static void model_drop(struct model_page *page)
{
	*page = (struct model_page){0};
}

static u32 random_prot(void)
{
	static const u8 prots[] = {PROT_READ | PROT_WRITE,
				   PROT_READ | PROT_WRITE,
				   PROT_READ,
				   PROT_NONE,
				   PROT_READ | PROT_EXEC,
				   PROT_WRITE};

	return prots[test_rand_below(ARRAY_SIZE(prots))];
}

static void range(u32 *first, u32 *nr)
{
	*nr = 1 + test_rand_below(test_rand_below(3) ? 8 : test_rand_below(8) ? 40 : 1500);
	*first = test_rand_below(WINDOW - *nr + 1);
}

static void map_something(void)
{
	u32 first, nr, prot = random_prot(), flags = MAP_FIXED, pgoff = 0,
		       kind = 1 + test_rand_below(4);
	u32 which = test_rand_below(FILES);
	struct mmap_object object = vm_file_object(&files[which]);
	vaddr_t got;

	range(&first, &nr);
	if (kind == SHARED_ANON) {
		if (nr_shared == ARRAY_SIZE(shared))
			kind = ANON;
		nr = MIN(nr, 64u);
	}
	if (kind == PRIVATE_FILE || kind == SHARED_FILE)
		pgoff = test_rand_below(FILE_PAGES);
	if (kind == PRIVATE_FILE || kind == SHARED_FILE)
		nr = MIN(nr, FILE_PAGES - pgoff);
	flags |= kind == ANON || kind == SHARED_ANON ? MAP_ANONYMOUS : 0;
	flags |= kind == ANON || kind == PRIVATE_FILE ? MAP_PRIVATE : MAP_SHARED;
	/* A private file page is copied by it, which hides later changes of the file. */
	if (kind != PRIVATE_FILE && test_rand_below(8) == 0)
		flags |= MAP_POPULATE;
	got = do_mmap(now->mm, WINDOW_AT + first * PAGE_SIZE,
		      nr * PAGE_SIZE - test_rand_below(PAGE_SIZE), prot, flags,
		      flags & MAP_ANONYMOUS ? NULL : &object, pgoff, VM_MAY_ALL);
	if (failing && got == (vaddr_t)-ENOMEM)
		return;
	CHECK_EQ(got, WINDOW_AT + first * PAGE_SIZE);
	if (kind == SHARED_ANON) {
		memset(&shared[nr_shared], 0, sizeof(shared[0]));
		shared[nr_shared].pages = nr;
		which = nr_shared++;
	}
	for (u32 i = 0; i < nr; i++)
		now->page[first + i] = (struct model_page){
			.kind = kind, .prot = prot, .object = which, .index = pgoff + i};
}

static void unmap_something(void)
{
	u32 first, nr;
	int error;

	range(&first, &nr);
	error = do_munmap(now->mm, WINDOW_AT + first * PAGE_SIZE, nr * PAGE_SIZE);
	if (failing && error == -ENOMEM)
		return;
	CHECK_EQ(error, 0);
	for (u32 i = 0; i < nr; i++)
		model_drop(&now->page[first + i]);
}

static void protect_something(void)
{
	u32 first, nr, prot = random_prot(), good = 0;
	int error;

	range(&first, &nr);
	while (good < nr && now->page[first + good].kind != FREE)
		good++;
	error = do_mprotect(now->mm, WINDOW_AT + first * PAGE_SIZE, nr * PAGE_SIZE, prot);
	if (!(failing && error == -ENOMEM)) {
		CHECK_EQ(error, good < nr ? -ENOMEM : 0);
		for (u32 i = 0; i < good; i++)
			now->page[first + i].prot = prot;
		return;
	}
	for (u32 i = 0; i < good; i++) { /* as far as it got */
		struct vm_area_struct *vma = vma_at(now->mm, WINDOW_AT + (first + i) * PAGE_SIZE);

		CHECK((vma->flags & 7) == prot || (vma->flags & 7) == now->page[first + i].prot);
		now->page[first + i].prot = vma->flags & 7;
	}
}

/* Pages that one VMA must hold together: same source, continuing. What was written to once, and may
 * not be now, is promised, and so in another VMA than what never was. */
static bool continues(const struct model_page *a, const struct model_page *b)
{
	if (a->kind != b->kind || a->prot != b->prot || a->kind == FREE || a->locked != b->locked)
		return false;
	if (!(a->prot & PROT_WRITE) &&
	    vma_at(now->mm, WINDOW_AT + (a - now->page) * PAGE_SIZE) !=
		    vma_at(now->mm, WINDOW_AT + (b - now->page) * PAGE_SIZE))
		return false;
	return a->kind == ANON || (a->object == b->object && b->index == a->index + 1);
}

static void remap_something(void)
{
	u32 first = test_rand_below(WINDOW), old = 1, new, to, i;
	struct model_page moved[64];
	vaddr_t got;

	if (now->page[first].kind == FREE)
		return;
	while (old < 32 && first + old < WINDOW &&
	       continues(&now->page[first + old - 1], &now->page[first + old]))
		old++;
	new = 1 + test_rand_below(40);
	to = test_rand_below(WINDOW - new + 1);
	if (first + old > to && to + new > first) {
		got = do_mremap(now->mm, WINDOW_AT + first * PAGE_SIZE, old * PAGE_SIZE,
				new *PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
				WINDOW_AT + to * PAGE_SIZE);
		CHECK_EQ(got, (vaddr_t)-EINVAL);
		return;
	}
	got = do_mremap(now->mm, WINDOW_AT + first * PAGE_SIZE, old * PAGE_SIZE, new *PAGE_SIZE,
			MREMAP_MAYMOVE | MREMAP_FIXED, WINDOW_AT + to * PAGE_SIZE);
	if (failing && got == (vaddr_t)-ENOMEM) {
		/* The target may have been unmapped, and the tail that was to go. */
		for (i = 0; i < new; i++)
			if (!vma_at(now->mm, WINDOW_AT + (to + i) * PAGE_SIZE))
				model_drop(&now->page[to + i]);
		for (i = 0; i < old; i++)
			if (!vma_at(now->mm, WINDOW_AT + (first + i) * PAGE_SIZE))
				model_drop(&now->page[first + i]);
		return;
	}
	CHECK_EQ(got, WINDOW_AT + to * PAGE_SIZE);
	for (i = 0; i < new; i++) {
		if (i < old) {
			moved[i] = now->page[first + i];
		} else {
			moved[i] = moved[i - 1];
			moved[i].index++;
			moved[i].value = 0;
			moved[i].copied = false;
		}
	}
	for (i = 0; i < old; i++)
		model_drop(&now->page[first + i]);
	for (i = 0; i < new; i++)
		now->page[to + i] = moved[i];
}

static void discard_something(void)
{
	u32 first, nr, i;
	bool hole = false, locked = false;

	range(&first, &nr);
	for (i = 0; i < nr && !locked; i++) {
		struct model_page *page = &now->page[first + i];

		locked = page->locked;
		if (locked)
			break;
		hole |= page->kind == FREE;
		page->copied = false;
		page->value = 0;
	}
	CHECK_EQ(do_madvise(now->mm, WINDOW_AT + first * PAGE_SIZE, nr * PAGE_SIZE, MADV_DONTNEED),
		 locked ? -EINVAL
		 : hole ? -ENOMEM
			: 0);
}

/* Up to the first VMA that does not take it. */
static void free_something(void)
{
	u32 first, nr, i;
	int error = 0;

	range(&first, &nr);
	vm_lazyfree = true;
	for (i = 0; i < nr && error != -EINVAL; i++) {
		struct model_page *page = &now->page[first + i];

		if (page->kind == FREE)
			error = -ENOMEM;
		else if (page->kind != ANON || page->locked)
			error = -EINVAL;
		else
			page->lazy = true;
	}
	CHECK_EQ(do_madvise(now->mm, WINDOW_AT + first * PAGE_SIZE, nr * PAGE_SIZE, MADV_FREE),
		 error);
	if (!test_rand_below(3))
		lazyfree_reclaim();
}

/* On fault, so that no page is touched by it. */
static void lock_something(void)
{
	bool lock = test_rand_below(3);
	u32 first, nr, good = 0;
	vaddr_t at;
	int error;

	range(&first, &nr);
	at = WINDOW_AT + first * PAGE_SIZE;
	while (good < nr && now->page[first + good].kind != FREE)
		good++;
	error = lock ? do_mlock(now->mm, at, nr * PAGE_SIZE, VM_LOCK_BITS)
		     : do_munlock(now->mm, at, nr * PAGE_SIZE);
	CHECK(error == (good < nr ? -ENOMEM : 0) || (failing && error == -ENOMEM));
	for (u32 i = 0; i < good; i++) {
		struct vm_area_struct *vma = vma_at(now->mm, at + i * PAGE_SIZE);

		CHECK(error || !(vma->flags & VM_LOCKED) == !lock);
		now->page[first + i].locked = vma->flags & VM_LOCKED;
	}
}

/* A file becomes shorter or longer; what is beyond its end is gone. */
static void truncate_something(void)
{
	u32 which = test_rand_below(FILES), pages = test_rand_below(FILE_PAGES + 1), i, p;

	files[which].as.size_bytes = (u64)pages << PAGE_SHIFT;
	page_cache_truncate(&files[which].as, pages);
	CHECK_EQ(page_cache_check(&files[which].as), 0);
	for (i = pages; i < FILE_PAGES; i++)
		file_value[which][i] = vm_file_word(&files[which], i);
	for (p = 0; p < PROCESSES; p++)
		for (i = 0; i < WINDOW; i++) {
			struct model_page *page = &models[p].page[i];

			if (page->kind == PRIVATE_FILE && page->object == which &&
			    page->index >= pages)
				page->copied = false;
		}
}

static void fork_something(void)
{
	struct model *child = NULL;

	for (u32 i = 0; i < PROCESSES; i++)
		if (!models[i].mm)
			child = &models[i];
	if (!child)
		return;
	child->mm = dup_mm(now->mm);
	if (!child->mm) {
		CHECK(failing);
		return;
	}
	memcpy(child->page, now->page, sizeof(child->page));
	for (u32 i = 0; i < WINDOW; i++)
		child->page[i].locked = false;
	CHECK_EQ(mm_check(child->mm), 0);
}

static void exit_something(void)
{
	struct model *model = &models[test_rand_below(PROCESSES)];

	if (!model->mm || model == now)
		return;
	mm_put(model->mm);
	memset(model, 0, sizeof(*model));
}

static void switch_to_something(void)
{
	struct model *model = &models[test_rand_below(PROCESSES)];

	if (!model->mm)
		return;
	now = model;
	vm_load(now->mm);
}

static void step(void)
{
	u32 what = test_rand_below(100), first, nr;

	if (what < 12) {
		map_something();
	} else if (what < 17) {
		unmap_something();
	} else if (what < 25) {
		protect_something();
	} else if (what < 30) {
		remap_something();
	} else if (what < 33) {
		discard_something();
	} else if (what < 35) {
		truncate_something();
	} else if (what < 39) {
		fork_something();
	} else if (what < 42) {
		exit_something();
	} else if (what < 50) {
		switch_to_something();
	} else if (what < 54) {
		lock_something();
	} else if (what < 57) {
		free_something();
	} else {
		range(&first, &nr);
		nr = MIN(nr, 12u);
		for (u32 i = 0; i < nr; i++)
			access_page(first + i, test_rand_below(2));
	}
}

static void check_everything(void)
{
	u32 committed = objects_committed;

	for (u32 p = 0; p < PROCESSES; p++) {
		struct model *model = &models[p];
		struct vm_area_struct *vma;
		u32 i, pages = 0, locked = 0;

		if (!model->mm)
			continue;
		committed += model->mm->account_vm;
		CHECK_EQ(mm_check(model->mm), 0);
		for_each_vma (model->mm, vma)
			CHECK(vma->start >= WINDOW_AT &&
			      vma->end <= WINDOW_AT + WINDOW * PAGE_SIZE);
		for (i = 0; i < WINDOW; i++) {
			pages += model->page[i].kind != FREE;
			locked += model->page[i].locked;
		}
		CHECK_EQ(model->mm->total_vm, pages);
		CHECK_EQ(model->mm->locked_vm, locked);
	}
	CHECK_EQ(vm_committed, committed);
	for (u32 f = 0; f < FILES; f++)
		CHECK_EQ(page_cache_check(&files[f].as), 0);
	vm_check_tlb();
}

static void start_everything(void)
{
	vm_boot(64);
	memset(models, 0, sizeof(models));
	nr_shared = 0;
	for (u32 f = 0; f < FILES; f++) {
		vm_file_init(&files[f], f, FILE_PAGES);
		for (u32 i = 0; i < FILE_PAGES; i++)
			file_value[f][i] = vm_file_word(&files[f], i);
	}
	now = &models[0];
	now->mm = new_mm();
}

static void end_everything(void)
{
	for (u32 p = 0; p < PROCESSES; p++) {
		if (!models[p].mm)
			continue;
		now = &models[p];
		vm_load(now->mm);
		for (u32 i = 0; i < WINDOW; i++)
			access_page(i, false);
	}
	vm_load(NULL);
	for (u32 p = 0; p < PROCESSES; p++)
		if (models[p].mm)
			mm_put(models[p].mm);
	for (u32 f = 0; f < FILES; f++)
		vm_file_drop(&files[f]);
	vm_check_no_leak();
}

TEST(random_life)
{
	failing = false;
	for (unsigned life = 0; life < test_rounds(12); life++) {
		start_everything();
		for (u32 i = 0; i < 600; i++) {
			step();
			check_everything();
		}
		end_everything();
	}
}

TEST(random_life_short_of_memory)
{
	struct failpoint *frames;

	for (unsigned life = 0; life < test_rounds(12); life++) {
		start_everything();
		frames = failpoint_find("page_alloc");
		for (u32 i = 0; i < 600; i++) {
			failing = test_rand_below(2);
			if (failing) {
				vm_fail_slab = 1 + test_rand_below(4);
				CHECK_EQ(failpoint_arm("page_alloc", 1 + test_rand_below(6), 1), 0);
			}
			step();
			vm_fail_slab = 0;
			failpoint_disarm(frames);
			check_everything();
		}
		failing = false;
		end_everything();
	}
}
