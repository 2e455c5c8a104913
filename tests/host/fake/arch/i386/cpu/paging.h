/*
 * Found before the real header when mm/vm is built for the host: entries and their bits are the
 * real ones, but the page-table window goes through the fake loaded directory, and the TLB is a
 * model (tests/host/fake_vm.c).
 */
#pragma once

#define pte_of         window_pte_of
#define pte_vaddr      window_pte_vaddr
#define flush_tlb_page processor_flush_tlb_page
#include "../../../../../../arch/i386/cpu/paging.h"
#undef pte_of
#undef pte_vaddr
#undef flush_tlb_page

/* The entry in fake RAM; where there is no table, its address in the window, which nobody can
 * touch. */
pte_t *fake_pte_of(vaddr_t va);
static inline pte_t *pte_of(vaddr_t va)
{
	return fake_pte_of(va);
}
/* And back, for an entry of a table of the loaded directory. */
vaddr_t pte_vaddr(const pte_t *slot);
void flush_tlb_page(vaddr_t va);
