#include "tests/host/fake_vm.h"
#include "kernel/core/wait.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/vm/commit.h"
#include "tests/host/check.h"
#include <linux/mman.h>

/* ---- processor ---- */

#define USER_PAGES (USER_END >> PAGE_SHIFT)

u32 pte_global;
bool cpu_invlpg = true;
struct pgdir kernel_pgdir;
static struct pgdir *loaded = &kernel_pgdir;
static u32 nr_registered;

static u32 tlb[USER_PAGES];       /* entries as they were when last used; 0: none */
static vaddr_t tlb_used[1 << 16]; /* pages that have one */
static u32 tlb_nr;
static u32 window_tlb[PTRS_PER_TABLE]; /* directory entries through which the window was used */

pte_t *fake_pte_of(vaddr_t va)
{
	u32 index = pde_index(va), pde = loaded->entries[index].v;

	if (!(pde & PTE_PRESENT))
		return window_pte_of(va);
	if (window_tlb[index] && (window_tlb[index] ^ pde) & PAGE_MASK)
		FAIL("the window at %08x still shows a table that is gone", va);
	window_tlb[index] = pde;
	return (pte_t *)phys_to_virt(pde & PAGE_MASK) + pte_index(va);
}

vaddr_t pte_vaddr(const pte_t *slot)
{
	u32 table = virt_to_phys(slot) & PAGE_MASK, index = (virt_to_phys(slot) & ~PAGE_MASK) / 4;

	for (u32 i = 0; i < pde_index(USER_END); i++) {
		if ((loaded->entries[i].v & (PAGE_MASK | PTE_PRESENT)) == (table | PTE_PRESENT))
			return i << PAGE_SHIFT_LARGE | index << PAGE_SHIFT;
	}
	FAIL("%p is no entry of the loaded directory", (const void *)slot);
}

void flush_tlb_page(vaddr_t va)
{
	if (va >= PTE_WINDOW)
		window_tlb[(va - PTE_WINDOW) >> PAGE_SHIFT] = 0;
	else
		tlb[va >> PAGE_SHIFT] = 0;
}

void flush_tlb_page_slow(vaddr_t va)
{
	flush_tlb_page(va);
}

void flush_tlb_user(void)
{
	while (tlb_nr)
		tlb[tlb_used[--tlb_nr] >> PAGE_SHIFT] = 0;
	memset(window_tlb, 0, sizeof(window_tlb));
}

void flush_tlb_all(void)
{
	flush_tlb_user();
}

void pgdir_register(struct pgdir *p)
{
	(void)p;
	nr_registered++;
}

void pgdir_unregister(struct pgdir *p)
{
	CHECK(p != loaded);
	nr_registered--;
}

void pgdir_switch(struct pgdir *p)
{
	if (p == loaded)
		return;
	loaded = p;
	flush_tlb_user();
}

struct pgdir *pgdir_current(void)
{
	return loaded;
}

void vm_load(struct mm_struct *mm)
{
	mm_switch(mm);
}

/* The TLB's entry of addr for the access, filled from the tables if it has none that will do. The
 * processor marks an entry as accessed where it is not, as in the child of a fork, but what a fault
 * has just set up should not need that. */
static bool translate(vaddr_t addr, u32 needed, bool after_fault, u32 *entry)
{
	u32 page = addr >> PAGE_SHIFT, pde, *cached = &tlb[page], *slot;
	bool write = needed & PTE_WRITE;

	if ((*cached & needed) != needed || (write && !(*cached & PTE_DIRTY))) {
		pde = loaded->entries[pde_index(addr)].v;
		if ((pde & needed) != needed)
			return false;
		slot = (u32 *)phys_to_virt(pde & PAGE_MASK) + pte_index(addr);
		*entry = *slot;
		if ((*entry & needed) != needed)
			return false;
		if ((after_fault && !(*entry & PTE_ACCESSED)) ||
		    (write && !(*entry & PTE_DIRTY) && (after_fault || !vm_lazyfree)))
			FAIL("the entry of %08x needs a second walk for accessed or dirty", addr);
		*entry = *slot |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
		if (!*cached)
			tlb_used[tlb_nr++] = addr & PAGE_MASK;
		CHECK(tlb_nr < ARRAY_SIZE(tlb_used));
		*cached = *entry;
	}
	*entry = *cached;
	return true;
}

u32 vm_faults;
bool vm_lazyfree;

static enum fault_result access(vaddr_t addr, bool write, u32 *value)
{
	u32 needed = PTE_PRESENT | PTE_USER | (write ? PTE_WRITE : 0), entry;
	enum fault_result result = FAULT_MINOR;

	for (vm_faults = 0; !translate(addr, needed, vm_faults, &entry); vm_faults++) {
		/* Any byte of the page may be the one that faults. */
		vaddr_t at = (addr & PAGE_MASK) + test_rand_below(PAGE_SIZE);
		enum fault_result this =
			handle_mm_fault(current_mm, at, write ? FAULT_FLAG_WRITE : 0);

		if (this > FAULT_MAJOR)
			return this;
		if (this == FAULT_MAJOR)
			result = this;
		if (vm_faults > 8)
			FAIL("%08x faults for ever", addr);
	}
	if (write)
		*(u32 *)phys_to_virt((entry & PAGE_MASK) | (addr & 0xFFC)) = *value;
	else
		*value = *(u32 *)phys_to_virt((entry & PAGE_MASK) | (addr & 0xFFC));
	return result;
}

enum fault_result vm_read(vaddr_t addr, u32 *value)
{
	return access(addr, false, value);
}

enum fault_result vm_write(vaddr_t addr, u32 value)
{
	return access(addr, true, &value);
}

void vm_check_tlb(void)
{
	for (u32 i = 0; i < tlb_nr; i++) {
		vaddr_t addr = tlb_used[i];
		u32 pde = loaded->entries[pde_index(addr)].v, cached = tlb[addr >> PAGE_SHIFT],
		    entry;
		const u32 rights = PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_DIRTY;

		if (!cached)
			continue;
		entry = pde & PTE_PRESENT ? ((u32 *)phys_to_virt(pde & PAGE_MASK))[pte_index(addr)]
					  : 0;
		if (((cached ^ entry) & PAGE_MASK) || (cached & rights & ~entry))
			FAIL("the TLB still has %08x for %08x, the table %08x", cached, addr,
			     entry);
	}
}

/* ---- kernel memory ---- */

struct kmem_cache {
	const char *name;
	size_t size;
};
static u32 nr_objects;
u32 vm_fail_slab;

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *cache = malloc(sizeof(*cache));

	(void)align, (void)flags, (void)ctor;
	*cache = (struct kmem_cache){name, size};
	return cache;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object;

	(void)gfp;
	if (vm_fail_slab && !--vm_fail_slab)
		return NULL;
	nr_objects++;
	object = malloc(cache->size);
	memset(object, 0x5A, cache->size);
	return object;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	(void)cache;
	nr_objects--;
	free(object);
}

u32 vm_objects(void)
{
	return nr_objects;
}

void *kmap_local_highmem(struct page *page)
{
	FAIL("frame %u is not in fake RAM", page_to_pfn(page));
}

void kunmap_local_highmem(void *addr)
{
	(void)addr;
}

void *kmap_local_pfn(pfn_t pfn)
{
	return phys_to_virt(pfn.n << PAGE_SHIFT);
}

void clear_highpage(struct page *page)
{
	memset(page_address(page), 0, PAGE_SIZE);
}

void copy_highpage(struct page *to, struct page *from)
{
	memcpy(page_address(to), page_address(from), PAGE_SIZE);
}

/* ---- threads ---- */

void (*vm_schedule)(void);
static struct thread self;
struct thread *current = &self;

void wait_queue_init(struct wait_queue *q)
{
	INIT_LIST_HEAD(&q->waiters);
}

void wake_waiters(struct wait_queue *q, bool all)
{
	(void)q, (void)all;
}

void wait_prepare(struct wait_queue *q, struct waiter *w, bool interruptible)
{
	(void)q, (void)w, (void)interruptible;
}

void wait_finish(struct wait_queue *q, struct waiter *w)
{
	(void)q, (void)w;
}

void sched_set_mm_slot(struct mm_struct **slot)
{
	(void)slot;
}

void schedule(void)
{
	if (!vm_schedule)
		FAIL("slept with nobody to wake it");
	vm_schedule();
}

/* ---- machine ---- */

/* As they were after vm_boot(): a test that failed has left things behind. */
static u32 boot_free, boot_objects, boot_anon, boot_tables, boot_registered, boot_committed;

void vm_boot(u32 mb)
{
	static pde_t kernel_entries[PTRS_PER_TABLE] __aligned(PAGE_SIZE);

	kernel_pgdir.entries = kernel_entries;
	mm_switch(NULL);
	mm_drain_caches();
	vm_fail_slab = 0;
	vm_schedule = NULL;
	vm_lazyfree = false;
	commit_policy = (struct commit_policy){.ratio = 50};
	commit_policy_changed();
	fake_ram_boot(mb);
	mm_init();
	page_cache_init();
	boot_free = nr_free_pages();
	boot_objects = nr_objects;
	boot_anon = mm_nr_anon_pages();
	boot_tables = mm_nr_table_pages();
	boot_registered = nr_registered;
	boot_committed = vm_committed;
}

void vm_check_no_leak(void)
{
	mm_drain_caches();
	CHECK_EQ(nr_free_pages(), boot_free);
	CHECK_EQ(nr_objects, boot_objects);
	CHECK_EQ(mm_nr_anon_pages(), boot_anon);
	CHECK_EQ(page_cache_nr_mapped(), 0);
	CHECK_EQ(mm_nr_table_pages(), boot_tables);
	CHECK_EQ(vm_committed, boot_committed);
	CHECK_EQ(nr_registered, boot_registered);
	CHECK_PHYS();
}

/* ---- files ---- */

u32 vm_file_word(const struct vm_file *file, u32 index)
{
	return 0xF1000000u | file->id << 16 | index;
}

static int read_page(struct address_space *as, struct page *page)
{
	struct vm_file *file = as->host;
	u32 *words = page_address(page);

	file->reads++;
	CHECK(page->flags & PG_LOCKED);
	if (file->reading)
		file->reading();
	if (file->fail)
		return file->fail;
	memset(words, 0, PAGE_SIZE);
	words[0] = vm_file_word(file, page->index);
	return 0;
}

static const struct address_space_operations file_as_ops = {.read_page = read_page};

static void file_open(struct vm_area_struct *vma)
{
	((struct vm_file *)vma->file)->refs++;
}

static void file_close(struct vm_area_struct *vma)
{
	struct vm_file *file = vma->file;

	CHECK(file->refs > 0);
	file->refs--;
}

static const struct vm_ops file_vm_ops = {.open = file_open, .close = file_close};

void vm_file_init(struct vm_file *file, u32 id, u32 nr_pages)
{
	*file = (struct vm_file){.id = id};
	address_space_init(&file->as, &file_as_ops, file);
	file->as.size_bytes = (u64)nr_pages << PAGE_SHIFT;
}

void vm_file_drop(struct vm_file *file)
{
	CHECK(page_cache_check(&file->as) == 0);
	file->as.size_bytes = 0;
	page_cache_truncate(&file->as, 0);
	CHECK_EQ(file->as.nr_pages, 0);
	CHECK_EQ(file->refs, 0);
}

struct mmap_object vm_file_object(struct vm_file *file)
{
	return (struct mmap_object){.mapping = &file->as, .ops = &file_vm_ops, .file = file};
}

vaddr_t vm_map(struct mm_struct *mm, vaddr_t addr, u32 nr_pages, u32 prot, u32 flags)
{
	vaddr_t at = do_mmap(mm, addr, nr_pages * PAGE_SIZE, prot,
			     flags | MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0, 0);

	if (is_err_addr(at))
		FAIL("mmap gave %d", (int)at);
	return at;
}
