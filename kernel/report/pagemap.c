/*
 * Frames behind addresses: PID/pagemap as Linux has it (Documentation/admin-guide/mm/pagemap.rst), and PID/pagewalk, which is ours: what the processor reads when it translates an address.
 */
#include "fs/file.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/err.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include "mm/vm/pgtable.h"

#define ENTRY_SIZE ((u32)sizeof(u64))

/* Bits 0-54 are the frame. */
#define PM_SOFT_DIRTY (1ull << 55)
#define PM_EXCLUSIVE  (1ull << 56)
#define PM_FILE       (1ull << 61)
#define PM_PRESENT    (1ull << 63)

struct pagemap {
	struct entry_visitor visitor;
	u64 *out; /* of the page at start */
	vaddr_t start;
	bool soft_dirty;
};

static u64 pagemap_entry(pte_t pte, bool soft_dirty)
{
	const struct page *page = pte_counted_page(pte);
	u64 entry = PM_PRESENT | pte_pfn(pte).n;

	if (page && !(page->flags & PG_ANON))
		entry |= PM_FILE;
	if (page && page->mapcount == 1)
		entry |= PM_EXCLUSIVE;
	if (soft_dirty && (pte.v & PTE_SOFT_DIRTY))
		entry |= PM_SOFT_DIRTY;
	return entry;
}

static void pagemap_entries(struct entry_visitor *visitor, pte_t *pte, pte_t *last, vaddr_t addr)
{
	struct pagemap *map = container_of(visitor, struct pagemap, visitor);
	u64 *out = map->out + ((addr - map->start) >> PAGE_SHIFT);

	for (; pte < last; pte++, out++)
		if (!pte_none(*pte))
			*out = pagemap_entry(*pte, map->soft_dirty);
}

/* One entry for each page of user space; both position and length count whole entries. */
static ssize_t pagemap_read(struct task *t, void *buf, size_t len, u64 pos)
{
	struct mm_struct *mm = t->thread.mm;
	struct pagemap map = {.visitor.visit = pagemap_entries, .out = buf};
	u32 page, n;

	if (pos % ENTRY_SIZE || len % ENTRY_SIZE)
		return -EINVAL;
	if (!mm || pos >= (USER_END >> PAGE_SHIFT) * ENTRY_SIZE)
		return 0;
	page = (u32)pos / ENTRY_SIZE;
	n = MIN((u32)len / ENTRY_SIZE, (USER_END >> PAGE_SHIFT) - page);
	memset(buf, 0, n * ENTRY_SIZE);
	map.start = page << PAGE_SHIFT;
	map.soft_dirty = mm->soft_dirty;
	mm_visit_entries(mm, map.start, (page + n) << PAGE_SHIFT, &map.visitor);
	return n * ENTRY_SIZE;
}

/* One record at the offset that is the address itself. */
struct pagewalk_record {
	u32 cr3, pde, pte, flags;
};
#define PAGEWALK_LARGE 0x1u
#define PAGEWALK_USER  0x2u
static_assert(sizeof(struct pagewalk_record) == 16, "user programs read it");

static ssize_t pagewalk_read(struct task *t, void *buf, size_t len, u64 pos)
{
	struct pagewalk_record *out = buf;
	struct pt_walk walk;

	if (pos >> 32 || !t->thread.mm)
		return 0;
	if (len < sizeof(*out))
		return -EINVAL;
	mm_walk(t->thread.mm, (vaddr_t)pos, &walk);
	*out = (struct pagewalk_record){.cr3 = walk.cr3, .pde = walk.pde.v, .pte = walk.pte.v};
	if (pde_present(walk.pde) && pde_large(walk.pde))
		out->flags |= PAGEWALK_LARGE;
	if (pos < USER_END)
		out->flags |= PAGEWALK_USER;
	return sizeof(*out);
}

static struct report reports[] = {
	{.name = "PID/pagemap", .mode = 0400, .read_task = pagemap_read},
	{.name = "PID/pagewalk", .read_task = pagewalk_read},
};

__init void pagemap_report_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reports); i++)
		report_register(&reports[i]);
}
