/*
 * Address spaces: mm_struct and vm_area_struct, and all that system calls do to them. Addresses and
 * lengths are bytes. Functions work on any mm; faults, fork and mremap need it to be loaded
 * (current_mm). They may sleep.
 */
#pragma once

#include "arch/i386/cpu/paging.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "lib/types.h"
#include "mm/phys/page.h"

struct mm_struct;
struct vm_area_struct;
struct address_space;

/* vma->flags: PROT bits as in <linux/mman.h> low, then ours */
#define VM_READ        0x1u
#define VM_WRITE       0x2u
#define VM_EXEC        0x4u
#define VM_SHARED      0x8u  /* writes are seen by others */
#define VM_MAYREAD     0x10u /* what mprotect may grant */
#define VM_MAYWRITE    0x20u
#define VM_MAYEXEC     0x40u
#define VM_GROWSDOWN   0x100u
#define VM_STACK       0x200u /* the main stack: "[stack]" */
#define VM_HEAP        0x400u /* brk: "[heap]" */
#define VM_DONTFORK    0x800u
#define VM_DONTEXPAND  0x1000u
#define VM_LOCKED      0x2000u /* mlock: its pages stay, and are had at once */
#define VM_NORESERVE   0x4000u
#define VM_WIPEONFORK  0x8000u
#define VM_SEQ_READ    0x10000u /* advice */
#define VM_RAND_READ   0x20000u
#define VM_DONTDUMP    0x40000u
#define VM_LOCKONFAULT 0x80000u  /* with VM_LOCKED: had when touched */
#define VM_ACCOUNT     0x100000u /* its pages are promised (commit.h) */
#define VM_LOCK_BITS   (VM_LOCKED | VM_LOCKONFAULT)

/* What the owner of a mapped object wants to know; all optional. */
struct vm_ops {
	void (*open)(struct vm_area_struct *vma);  /* vma came into being: mmap, fork, a split */
	void (*close)(struct vm_area_struct *vma); /* vma is going away */
	/* MADV_REMOVE: the object's pages first to last go. 0 or errno. */
	int (*remove)(struct vm_area_struct *vma, u32 first, u32 last);
	/* For reports. name writes at most size bytes with NUL. */
	void (*name)(struct vm_area_struct *vma, char *buf, size_t size);
	void (*stat)(struct vm_area_struct *vma, u32 *dev, u32 *ino);
};

struct vm_area_struct {
	vaddr_t start, end; /* page aligned, half-open */
	u32 flags;
	u32 pte_bits;        /* of a page with all the rights of this VMA */
	struct rb_node node; /* in mm->vmas */
	u32 room_bound;      /* no gap below a VMA of node's subtree is larger (gap.c) */
	bool populated;      /* entries were set in it, so unmapping has to look */
	bool has_anon;       /* anonymous pages among them, so fork has to copy */
	struct mm_struct *mm;
	struct vm_area_struct *prev, *next; /* by address */

	struct address_space *mapping; /* NULL: private anonymous */
	u32 pgoff; /* page number in mapping of start; anonymous: start / PAGE_SIZE */
	const struct vm_ops *ops;
	void *file;                    /* the owner's: struct file */
	struct list_head mapping_node; /* in mapping->vmas */
};

struct mm_struct {
	/* The directory stays with the structure when it is free; a new one starts with the rest 0. */
	struct pgdir pgdir;
	u32 users;  /* references */
	u32 serial; /* tells it from another at the same address, later */

	struct vm_area_struct *cache; /* found last */
	struct rb_root vmas;
	struct vm_area_struct *first, *last;
	u32 nr_vmas;
	u32 nr_tables;                     /* second-level tables */
	u32 rss_anon, rss_file, rss_shmem; /* frames mapped */
	u32 locked_vm;                     /* pages in VMAs with VM_LOCKED */
	u32 def_flags;                     /* VM_LOCK_BITS that every new VMA gets: mlockall */
	struct list_head lazyfree_node;    /* if lazyfree (lazyfree.h) */
	bool lazyfree;

	/* fork copies from here on. Pages in VMAs: the four kinds add up to total_vm. */
	u32 total_vm, data_vm, stack_vm, exec_vm, other_vm;
	u32 account_vm; /* of them with VM_ACCOUNT */
	u32 hiwater_rss, hiwater_vm;
	u32 min_flt, maj_flt;
	vaddr_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
	vaddr_t arg_start, arg_end, env_start, env_end;
	vaddr_t code_limit;                               /* end of the highest executable VMA */
	void (*code_limit_changed)(struct mm_struct *mm); /* set by the owner; may be NULL */
	u32 stack_limit_bytes, data_limit_bytes, as_limit_bytes; /* RLIMIT_*; 0xFFFFFFFF: none */
	u32 brk_limit_bytes;                                     /* RLIMIT_DATA for brk */
	u32 memlock_limit_bytes;                                 /* none for root */
	vaddr_t mmap_base; /* what is placed top-down lies below; mm_place_stack() */
	bool soft_dirty; /* somebody wants to know what is written: pagemap tells PTE_SOFT_DIRTY */
	bool admin;      /* root: may have what overcommit keeps back for the administrator */
	u32 auxv[44];
};

#define MMAP_LIB_BASE   0x00110000u /* private file mappings without address: bottom-up from here */
#define STACK_GUARD_GAP (256u * PAGE_SIZE)
#define STACK_TOP       USER_END

/* /proc/sys/vm: no program gets memory below mmap_min_addr, nor about more VMAs than max_map_count. */
#define MMAP_MIN_ADDR 0x10000u
#define MAX_MAP_COUNT 65530u
extern u32 mmap_min_addr, max_map_count;
void mmap_min_addr_changed(void);

/* The address space that is loaded, or NULL. */
extern struct mm_struct *current_mm;

void mm_init(void); /* caches, zero page */
/* Drops the pages that programs said they can do without (MADV_FREE). => how many. */
u32 lazyfree_reclaim(void);
/* Gives back the frames of cached tables and directories (leak tests, memory pressure): how many. */
u32 mm_drain_caches(void);
/* users = 1, empty. NULL without memory. */
__must_check struct mm_struct *mm_create(void);
/* exec: keeps as much room for the stack as its limit says now. What the limit becomes later moves nothing. */
void mm_place_stack(struct mm_struct *mm);
void mm_get(struct mm_struct *mm);
/* The last reference unmaps everything and frees mm; if it is loaded, kernel_pgdir is then. */
void mm_put(struct mm_struct *mm);
/* Loads mm's page directory. NULL loads kernel_pgdir. */
void mm_switch(struct mm_struct *mm);
/* exec, exit: unmaps everything. Any mm. */
void exit_mmap(struct mm_struct *mm);
/* fork: a copy of current_mm, copy-on-write. NULL without memory; current_mm is then as it was. */
__must_check struct mm_struct *dup_mm(struct mm_struct *from);

/* ---- lookup ---- */

static __always_inline bool vma_holds(const struct vm_area_struct *vma, vaddr_t addr)
{
	return addr - vma->start < vma->end - vma->start;
}
struct vm_area_struct *find_vma_slow(struct mm_struct *mm, vaddr_t addr);
/* The first VMA with end > addr, or NULL. O(log n), behind a one-entry cache. */
static inline struct vm_area_struct *find_vma(struct mm_struct *mm, vaddr_t addr)
{
	struct vm_area_struct *vma = mm->cache;

	return likely(vma && vma_holds(vma, addr)) ? vma : find_vma_slow(mm, addr);
}
/* The VMA that holds addr or NULL. */
struct vm_area_struct *vma_at(struct mm_struct *mm, vaddr_t addr);
#define for_each_vma(mm, vma) for ((vma) = (mm)->first; (vma); (vma) = (vma)->next)

/* ---- system calls: errors and their order are Linux's ---- */

/* The object that a file mapping maps; the caller's checks (access mode) are done. */
struct mmap_object {
	struct address_space *mapping;
	const struct vm_ops *ops;
	void *file;
};

/* An address or a negative errno. */
static inline bool is_err_addr(vaddr_t v)
{
	return v >= (vaddr_t)-4095;
}
/*
 * mmap(2): prot and flags as in <linux/mman.h>. object NULL: anonymous; MAP_SHARED then makes an
 * object of its own. may: the VM_MAY* bits that the file's mode permits.
 * => the address, or -errno (is_err_addr). ops->open was called if a VMA came into being; none does
 * where a neighbour that maps the same object is made longer.
 */
vaddr_t do_mmap(struct mm_struct *mm, vaddr_t addr, u32 len, u32 prot, u32 flags,
		const struct mmap_object *object, u32 pgoff, u32 may);
int do_munmap(struct mm_struct *mm, vaddr_t addr, u32 len);
int do_mprotect(struct mm_struct *mm, vaddr_t addr, u32 len, u32 prot);
vaddr_t do_mremap(struct mm_struct *mm, vaddr_t old, u32 old_len, u32 new_len, u32 flags,
		  vaddr_t new_addr);
int do_madvise(struct mm_struct *mm, vaddr_t addr, u32 len, int advice);
/* remap_file_pages(2). */
int do_remap_file_pages(struct mm_struct *mm, vaddr_t addr, u32 len, u32 prot, u32 pgoff,
			u32 flags);
/* mlock(2) and mlock2(2): bits is VM_LOCKED, perhaps with VM_LOCKONFAULT. */
int do_mlock(struct mm_struct *mm, vaddr_t addr, u32 len, u32 bits);
int do_munlock(struct mm_struct *mm, vaddr_t addr, u32 len);
/* mlockall(2), flags MCL_*; munlockall(2). */
int do_mlockall(struct mm_struct *mm, u32 flags);
int do_munlockall(struct mm_struct *mm);
/* brk(2). => the break that is then: the old one on failure. */
vaddr_t do_brk(struct mm_struct *mm, vaddr_t new_brk);
/* exec: the stack VMA [STACK_TOP - initial_bytes, STACK_TOP). */
int setup_stack_vma(struct mm_struct *mm, u32 initial_bytes, bool executable);

/* ---- faults ---- */

/* What an access was. The first three are the processor's own bits (SDM vol. 3A 4.7), so that no
 * fault pays for a translation. */
#define FAULT_FLAG_PRESENT 0x1u /* the PTE was present: a protection fault */
#define FAULT_FLAG_WRITE   0x2u
#define FAULT_FLAG_USER    0x4u  /* from user mode */
#define FAULT_FLAG_EXEC    0x10u /* CR2 = EIP */

enum fault_result {
	FAULT_MINOR,
	FAULT_MAJOR,
	FAULT_SEGV_MAPERR, /* no VMA */
	FAULT_SEGV_ACCERR, /* a VMA that forbids it */
	FAULT_BUS,         /* beyond the end of the file, or it could not be read */
	FAULT_OOM,
};
/* mm is current_mm, addr below USER_END and not rounded. May sleep (file pages). */
enum fault_result handle_mm_fault(struct mm_struct *mm, vaddr_t addr, u32 flags);

/* ---- reports; any mm ---- */

struct pt_walk {
	u32 cr3;
	pde_t pde;
	pte_t pte; /* 0 without a table or for a large page */
};
/* mm NULL: the kernel's own directory. */
void mm_walk(struct mm_struct *mm, vaddr_t addr, struct pt_walk *out);
/*
 * Hands the entries of [start, end) to visit, table by table: those of [first, last), the first of
 * which maps addr. 4 MB without a table are one step. visit must not sleep, and may change entries if
 * the caller flushes.
 */
struct entry_visitor {
	void (*visit)(struct entry_visitor *v, pte_t *first, pte_t *last, vaddr_t addr);
};
void mm_visit_entries(struct mm_struct *mm, vaddr_t start, vaddr_t end, struct entry_visitor *v);
/* The same for all of a VMA; nothing if no entry was ever set in it. */
void vma_visit_entries(struct vm_area_struct *vma, struct entry_visitor *v);
/* The frame that an entry counts for: NULL for the zero page, and without an entry. */
extern struct page *zero_page;
static inline struct page *pte_counted_page(pte_t entry)
{
	u32 pfn = pte_pfn(entry).n;
	struct page *page = pfn_to_page(pfn);

	return pte_none(entry) || !pfn_valid(pfn) || page == zero_page ? NULL : page;
}
static inline u32 mm_rss(const struct mm_struct *mm)
{
	return mm->rss_anon + mm->rss_file + mm->rss_shmem;
}
/* Events since boot. */
struct mm_stats {
	u32 faults, major_faults; /* in a VMA that permits the access */
	u32 zero_fills, cow_breaks, cow_reuses, zero_maps, file_maps;
};
extern struct mm_stats mm_stats;
u32 mm_nr_anon_pages(void);  /* anonymous frames that are mapped */
u32 mm_nr_table_pages(void); /* page directories and tables, cached ones included */
/* Every invariant of VMAs, bounds, counters and entries. 0, or -EIO after a printk. */
int mm_check(struct mm_struct *mm);
