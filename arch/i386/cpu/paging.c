#include "arch/i386/cpu/paging.h"

#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/cr.h"
#include "lib/panic.h"
#include "lib/string.h"

#define KERNEL_PDE_FIRST (KERNEL_BASE >> 22)
#define WINDOW_PDE       (PTE_WINDOW >> 22)

/* Filled in by boot/start.asm before paging is on. */
pde_t boot_page_directory[PTRS_PER_TABLE] __aligned(4096);

u32 pte_global;
bool cpu_invlpg = true;

struct pgdir kernel_pgdir = {
	.phys = (paddr_t)0, /* paging_init */
	.entries = boot_page_directory,
	.all = LIST_HEAD_INIT(kernel_pgdir.all),
};

static struct pgdir *loaded = &kernel_pgdir;

void flush_tlb_user(void)
{
	write_cr3(read_cr3());
}

void flush_tlb_all(void)
{
	/* Global entries survive a CR3 load; clearing CR4.PGE drops them (SDM vol. 3A 4.10.4.1). */
	if (cpu.cr4 & CR4_PGE) {
		write_cr4(cpu.cr4 & ~CR4_PGE);
		write_cr4(cpu.cr4);
	} else {
		flush_tlb_user();
	}
}

void flush_tlb_page_slow(vaddr_t va)
{
	if (va >= KERNEL_BASE)
		flush_tlb_all();
	else
		flush_tlb_user();
}

void pgdir_register(struct pgdir *p)
{
	memcpy(p->entries + KERNEL_PDE_FIRST, kernel_pgdir.entries + KERNEL_PDE_FIRST,
	       (WINDOW_PDE - KERNEL_PDE_FIRST) * sizeof(pde_t));
	set_pde(&p->entries[WINDOW_PDE], mk_pde((pfn_t){p->phys >> 12}, PTE_PRESENT | PTE_WRITE));
	list_add(&p->all, &kernel_pgdir.all);
}

void pgdir_unregister(struct pgdir *p)
{
	BUG_ON(p == loaded || p == &kernel_pgdir);
	list_del(&p->all);
}

void kernel_pde_set(vaddr_t va, pde_t entry)
{
	struct pgdir *p;

	BUG_ON(va < KERNEL_BASE || va >= FIXMAP_END);
	set_pde(&kernel_pgdir.entries[pde_index(va)], entry);
	list_for_each_entry (p, &kernel_pgdir.all, all)
		set_pde(&p->entries[pde_index(va)], entry);
}

void pgdir_switch(struct pgdir *p)
{
	if (p == loaded)
		return;
	loaded = p;
	write_cr3(p->phys);
}

struct pgdir *pgdir_current(void)
{
	return loaded;
}
