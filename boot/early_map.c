#include "boot/early_map.h"

#include "arch/i386/cpu/paging.h"
#include "arch/i386/cpu/sections.h"
#include "lib/compiler.h"

/* Slot 0 is left to the CR0.WP probe. */
#define FIRST_SLOT 1u

__init const void *early_map(paddr_t addr, u32 len)
{
	u32 offset = addr & (PAGE_SIZE - 1);
	u32 first = addr >> PAGE_SHIFT;
	u32 pages = (u32)(((u64)offset + len + PAGE_SIZE - 1) >> PAGE_SHIFT);
	vaddr_t base = BOOT_WINDOW + FIRST_SLOT * PAGE_SIZE;

	if (pages > PTRS_PER_TABLE - FIRST_SLOT || (u64)first + pages > 1u << 20)
		return NULL;
	for (u32 i = 0; i < pages; i++)
		set_pte(pte_of(base + i * PAGE_SIZE), mk_pte((pfn_t){first + i}, PTE_PRESENT));
	flush_tlb_user();
	return (const void *)(base + offset);
}

/* Two words, so that no bus that keeps its last value takes the place of memory; uncached, so that no cache does. */
__init bool early_memory_answers(u32 pfn)
{
	volatile u32 *word = (volatile u32 *)(BOOT_WINDOW + FIRST_SLOT * PAGE_SIZE);
	const u32 pattern = 0x5A3C96F1;
	u32 first, second;
	bool answers;

	set_pte(pte_of((vaddr_t)word),
		mk_pte((pfn_t){pfn}, PTE_PRESENT | PTE_WRITE | PTE_PCD | PTE_PWT));
	flush_tlb_user();
	first = word[0];
	second = word[1];
	word[0] = pattern;
	word[1] = ~pattern;
	answers = word[0] == pattern && word[1] == ~pattern;
	word[0] = first;
	word[1] = second;
	return answers;
}

__init void early_map_close(paddr_t *start, paddr_t *end)
{
	set_pde(pde_of(BOOT_WINDOW), (pde_t){0});
	for (vaddr_t va = 0; va < (paddr_t)__boot_end_phys; va += PAGE_SIZE_LARGE)
		set_pde(pde_of(va), (pde_t){0});
	flush_tlb_all();
	*start = (paddr_t)__kernel_start_phys;
	*end = (paddr_t)__boot_end_phys;
}
