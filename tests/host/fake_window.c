#define _FILE_OFFSET_BITS 64
#include "tests/host/fake_window.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "tests/host/check.h"
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#define SPACE_END (PTE_WINDOW + (4u << 20))

u32 pte_global = PTE_GLOBAL;
bool cpu_invlpg; /* the instruction is privileged: flush_tlb_page() comes here */
struct pgdir kernel_pgdir = {.entries = (pde_t *)PDE_WINDOW,
			     .all = LIST_HEAD_INIT(kernel_pgdir.all)};

static sigjmp_buf *fault_expected;

/* ---- TLB ---- */

static void tlb_drop(vaddr_t start, u32 len)
{
	void *at = (void *)start;

	CHECK(mmap(at, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		   0) == at);
}

static void tlb_fill(vaddr_t va, u32 entry)
{
	void *at = (void *)va;
	int prot = entry & PTE_WRITE ? PROT_READ | PROT_WRITE : PROT_READ;

	CHECK(mmap(at, PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, fake_ram_fd,
		   (off_t)(entry & PAGE_MASK)) == at);
}

void flush_tlb_page_slow(vaddr_t va)
{
	tlb_drop(ALIGN_DOWN(va, PAGE_SIZE), PAGE_SIZE);
}

void flush_tlb_all(void)
{
	tlb_drop(VMALLOC_BASE, FIXMAP_END - VMALLOC_BASE);
	tlb_drop(PTE_WINDOW, PDE_WINDOW - PTE_WINDOW);
	tlb_drop(PDE_WINDOW + PAGE_SIZE, SPACE_END - PDE_WINDOW - PAGE_SIZE);
}

void kernel_pde_set(vaddr_t va, pde_t entry)
{
	CHECK(va >= VMALLOC_BASE && va < FIXMAP_END);
	kernel_pgdir.entries[pde_index(va)] = entry;
}

/* ---- the walk ---- */

/* The entry that translates va, or 0. */
static u32 walk(vaddr_t va)
{
	static pte_t table[PTRS_PER_TABLE];
	pde_t pde;

	if (va >= PTE_WINDOW)
		return kernel_pgdir.entries[(va - PTE_WINDOW) >> PAGE_SHIFT].v;
	pde = kernel_pgdir.entries[pde_index(va)];
	if (!pde_present(pde))
		return 0;
	if (pread(fake_ram_fd, table, sizeof(table), (off_t)(pde.v & PAGE_MASK)) != sizeof(table))
		abort();
	return table[pte_index(va)].v;
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	vaddr_t va = (vaddr_t)info->si_addr;
	u32 entry = va >= VMALLOC_BASE && va < SPACE_END ? walk(va) : 0;

	(void)signal;
	(void)context;
	if (entry & PTE_PRESENT) {
		tlb_fill(ALIGN_DOWN(va, PAGE_SIZE), entry);
		return;
	}
	if (fault_expected)
		siglongjmp(*fault_expected, 1);
	FAIL("page fault at %#x", va);
}

static bool accessible(u8 *addr, bool write)
{
	sigjmp_buf env;
	bool ok = false;

	if (!sigsetjmp(env, 1)) {
		fault_expected = &env;
		if (write)
			*(volatile u8 *)addr = *(volatile u8 *)addr;
		else
			(void)*(volatile u8 *)addr;
		ok = true;
	}
	fault_expected = NULL;
	return ok;
}

bool window_readable(const void *addr)
{
	return accessible((u8 *)addr, false);
}

bool window_writable(void *addr)
{
	return accessible(addr, true);
}

u32 frame_word(u32 pfn)
{
	u32 value;

	CHECK(pread(fake_ram_fd, &value, 4, (off_t)pfn << PAGE_SHIFT) == 4);
	return value;
}

void set_frame_word(u32 pfn, u32 value)
{
	CHECK(pwrite(fake_ram_fd, &value, 4, (off_t)pfn << PAGE_SHIFT) == 4);
}

void window_boot(u32 mb)
{
	static bool reserved;
	static struct kmap_local_stack running;
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
	void *pde_page = (void *)PDE_WINDOW;
	void *space = (void *)VMALLOC_BASE;

	fake_ram_boot(mb);
	if (!reserved)
		CHECK(mmap(space, SPACE_END - VMALLOC_BASE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
			   0) == space);
	reserved = true;
	sigaction(SIGSEGV, &action, NULL);
	CHECK(mmap(pde_page, PAGE_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == pde_page);
	flush_tlb_all();
	slab_init();
	memset(&running, 0, sizeof(running));
	kmap_local_running = &running;
	kmap_init();
	vmalloc_init();
}
