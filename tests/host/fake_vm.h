/*
 * A processor's view of memory for tests of mm/vm: page directories in fake RAM (fake_ram.h), a TLB
 * that remembers what it is not told to forget, object caches over malloc (so that AddressSanitizer
 * sees a use after free), and a thread that never has to wait.
 */
#pragma once

#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"
#include "tests/host/fake_ram.h"

/* A machine with so many MB and mm_init(), page_cache_init(); nothing loaded. */
void vm_boot(u32 mb);
/* Everything given back? Frames and objects as they were after vm_boot(). */
void vm_check_no_leak(void);

/*
 * One access by the loaded address space's program, a word at addr: through the TLB, else the
 * tables, else handle_mm_fault(), as often as it takes.
 */
enum fault_result vm_read(vaddr_t addr, u32 *value);
enum fault_result vm_write(vaddr_t addr, u32 value);
/* The faults of the last access. */
extern u32 vm_faults;
/* MADV_FREE was used: the processor may have to set the dirty bit. */
extern bool vm_lazyfree;
/* What is in the TLB must not permit more than the tables, or lead elsewhere. */
void vm_check_tlb(void);
/* Loads mm: a CR3 write. */
void vm_load(struct mm_struct *mm);

/* The nth slab allocation from now fails (0: none); alloc_page has the failpoint "page_alloc". */
extern u32 vm_fail_slab;
u32 vm_objects(void); /* slab objects in use */
/* Called instead of sleeping. */
extern void (*vm_schedule)(void);

/* A file of nr_pages pages; the first word of page i is vm_file_word(file, i). */
struct vm_file {
	struct address_space as;
	u32 id, refs, reads;
	int fail;              /* what the next reads return */
	void (*reading)(void); /* called during a read, as if it slept */
};
void vm_file_init(struct vm_file *file, u32 id, u32 nr_pages);
void vm_file_drop(struct vm_file *file); /* truncates to nothing */
u32 vm_file_word(const struct vm_file *file, u32 index);
struct mmap_object vm_file_object(struct vm_file *file);

#define VM_MAY_ALL (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

/* mmap of anonymous private memory, which must succeed. */
vaddr_t vm_map(struct mm_struct *mm, vaddr_t addr, u32 nr_pages, u32 prot, u32 flags);
