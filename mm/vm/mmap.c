/*
 * mmap: check everything, find a place, make the VMA.
 *
 * Where a mapping goes that names no address:
 *
 *	private file mapping   bottom-up in [MMAP_LIB_BASE, MMAP_LIB_END), below the program
 *	anything else          top-down from mmap_base, which leaves room for the stack
 *	what finds no room     anywhere up to the stack
 *
 * Code has to lie low, for one limit of the code segment parts it from data (DESIGN: no-execute
 * without PAE). A loader maps a library's whole span with the rights of its first segment and puts
 * code and data over it with MAP_FIXED; so the choice cannot wait for PROT_EXEC, and every private
 * file mapping goes where libraries go.
 */
#include <linux/mman.h>

#include "lib/err.h"
#include "mm/vm/gap.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/populate.h"
#include "mm/vm/shmem.h"
#include "mm/vm/vma.h"

#define MMAP_LIB_END   0x08048000u /* where i386 programs are linked to by tradition */

#define STACK_ROOM_MIN (128u << 20) /* Linux: MIN_GAP */
#define STACK_ROOM_MAX (USER_END / 6 * 5)

/* Flags that MAP_SHARED_VALIDATE accepts (Linux: LEGACY_MAP_MASK). */
#define KNOWN_MAP_FLAGS                                                                          \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE | MAP_EXECUTABLE | \
	 MAP_UNINITIALIZED | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE |         \
	 MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB)

/* ---- placement ---- */

u32 mmap_min_addr = MMAP_MIN_ADDR;
static vaddr_t lowest = MMAP_MIN_ADDR; /* of what is placed where nobody said: never page 0 */

void mmap_min_addr_changed(void)
{
	lowest = MAX(ALIGN_UP(MIN(mmap_min_addr, USER_END), PAGE_SIZE), PAGE_SIZE);
}

void mm_place_stack(struct mm_struct *mm)
{
	u32 room = MIN(MAX(mm->stack_limit_bytes, STACK_ROOM_MIN), STACK_ROOM_MAX);

	mm->mmap_base = ALIGN_DOWN(STACK_TOP - room, PAGE_SIZE);
}

static __always_inline vaddr_t choose_place(struct mm_struct *mm, u32 len, u32 map_flags,
					    struct vm_area_struct **next)
{
	vaddr_t base = mm->mmap_base, addr;

	if ((map_flags & (MAP_TYPE | MAP_ANONYMOUS)) == MAP_PRIVATE) {
		addr = vma_room_above(mm, len, MMAP_LIB_BASE, MMAP_LIB_END, next);
		if (!is_err_addr(addr))
			return addr;
	}
	addr = gap_near_top(mm, len, lowest, base, next);
	if (likely(addr))
		return addr;
	addr = vma_room_below(mm, len, lowest, base, next);
	if (is_err_addr(addr))
		addr = vma_room_above(mm, len, lowest, USER_END, next);
	return addr;
}

static __always_inline vaddr_t find_place(struct mm_struct *mm, vaddr_t addr, u32 len,
					  u32 map_flags, struct vm_area_struct **next)
{
	if (len > USER_END)
		return (vaddr_t)-ENOMEM;
	if (map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (addr > USER_END - len)
			return (vaddr_t)-ENOMEM;
		if (addr & ~PAGE_MASK)
			return (vaddr_t)-EINVAL;
		if (addr < mmap_min_addr)
			return (vaddr_t)-EPERM;
		*next = find_vma(mm, addr);
		if ((map_flags & MAP_FIXED_NOREPLACE) && vma_overlaps(*next, addr, addr + len))
			return (vaddr_t)-EEXIST;
		return addr;
	}
	addr &= PAGE_MASK;
	if (addr) {
		addr = MAX(addr, lowest);
		*next = find_vma(mm, addr);
		if (addr <= USER_END - len && (!*next || addr + len <= vma_guard_start(*next)))
			return addr;
	}
	return choose_place(mm, len, map_flags, next);
}

vaddr_t get_unmapped_area(struct mm_struct *mm, vaddr_t addr, u32 len, u32 map_flags,
			  struct vm_area_struct **next)
{
	return find_place(mm, addr, len, map_flags, next);
}

/* ---- what the VMA will be ---- */

static u32 vma_flags_of(u32 prot, u32 map_flags, u32 may)
{
	static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE && PROT_EXEC == VM_EXEC &&
			      MAP_GROWSDOWN == VM_GROWSDOWN && MAP_NORESERVE == VM_NORESERVE &&
			      MAP_LOCKED == VM_LOCKED,
		      "the same bits");
	return (prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) | may |
	       (map_flags & (MAP_GROWSDOWN | MAP_NORESERVE | MAP_LOCKED));
}

/* MAP_LOCKED, or mlockall before it; MAP_NORESERVE. => the flags then, or -errno. */
static noinline u32 check_promises(const struct mm_struct *mm, u32 len, u32 flags)
{
	if ((flags & VM_LOCKED) && !mm->memlock_limit_bytes)
		return (u32)-EPERM;
	flags |= mm->def_flags;
	if (commit_policy.mode == COMMIT_NEVER)
		flags &= ~VM_NORESERVE;
	return may_lock(mm, flags, len >> PAGE_SHIFT) ? flags : (u32)-EAGAIN;
}

/* Linux's checks of type and rights, in its order. Adds VM_SHARED to *flags. */
static __always_inline int check_type(u32 map_flags, u32 prot, const struct mmap_object *object,
				      u32 may, u32 *flags)
{
	u32 type = map_flags & MAP_TYPE;

	if (unlikely(type != MAP_PRIVATE)) {
		if (type != MAP_SHARED && (type != MAP_SHARED_VALIDATE || !object))
			return -EINVAL;
		if (type == MAP_SHARED_VALIDATE &&
		    (map_flags & ~(KNOWN_MAP_FLAGS | MAP_SHARED_VALIDATE)))
			return -EOPNOTSUPP;
		if ((prot & PROT_WRITE) && !(may & VM_MAYWRITE))
			return -EACCES;
		*flags |= VM_SHARED;
	}
	if (!object)
		return *flags & VM_SHARED && *flags & VM_GROWSDOWN ? -EINVAL : 0;
	if (!(may & VM_MAYREAD))
		return -EACCES;
	if ((prot & PROT_EXEC) && !(may & VM_MAYEXEC))
		return -EPERM;
	return *flags & VM_GROWSDOWN ? -EINVAL : 0;
}

/* Pages of [start, end) that VMAs with all these flags hold. */
static u32 count_mapped(const struct vm_area_struct *vma, vaddr_t start, vaddr_t end, u32 flags)
{
	u32 bytes = 0;

	for (; vma_overlaps(vma, start, end); vma = vma->next)
		if ((vma->flags & flags) == flags)
			bytes += MIN(vma->end, end) - MAX(vma->start, start);
	return bytes >> PAGE_SHIFT;
}

/* RLIMIT_AS, RLIMIT_DATA and overcommit, for a VMA in the place of what is there. Adds VM_ACCOUNT to *flags. */
static __always_inline bool permitted(struct mm_struct *mm, const struct vm_area_struct *next,
				      vaddr_t start, vaddr_t end, u32 *flags)
{
	u32 nr_pages = (end - start) >> PAGE_SHIFT;

	if (unlikely(!may_expand_vm(mm, *flags, nr_pages)) &&
	    !may_expand_vm(mm, *flags, nr_pages - count_mapped(next, start, end, 0)))
		return false;
	if (!vma_account_bit(*flags))
		return true;
	*flags |= VM_ACCOUNT;
	return likely(commit_permits(mm, nr_pages)) ||
	       commit_permits(mm, nr_pages - count_mapped(next, start, end, VM_ACCOUNT));
}

/* A VMA in the place of what is there. Everything that can fail does so before it changes anything. */
static __always_inline int map_region(struct mm_struct *mm, struct vm_area_struct *next,
				      vaddr_t start, vaddr_t end, u32 flags,
				      const struct mmap_object *object, u32 pgoff)
{
	struct vm_area_struct *vma = vma_alloc();

	if (!vma)
		return -ENOMEM;
	vma_fill(vma, start, end, flags);
	if (object) {
		vma->mapping = object->mapping;
		vma->ops = object->ops;
		vma->file = object->file;
		vma->pgoff = pgoff;
	}
	if (unlikely(vma_overlaps(next, start, end))) {
		int error = do_munmap(mm, start, end - start);

		if (error) {
			vma_free(vma);
			return error;
		}
		next = find_vma(mm, start);
	}
	vma_add(mm, vma, next);
	return 0;
}

vaddr_t do_mmap(struct mm_struct *mm, vaddr_t addr, u32 len, u32 prot, u32 flags,
		const struct mmap_object *object, u32 pgoff, u32 may)
{
	struct vm_area_struct *next;
	struct mmap_object shared;
	u32 vm_flags;
	int error;

	if (!len)
		return (vaddr_t)-EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (!len)
		return (vaddr_t)-ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return (vaddr_t)-EOVERFLOW;
	if (mm->nr_vmas > max_map_count)
		return (vaddr_t)-ENOMEM;
	if (unlikely(flags & MAP_HUGETLB)) /* as on a Linux whose pool of huge pages is empty */
		return (vaddr_t)(object ? -EINVAL : -ENOMEM);
	if (!object) {
		flags |= MAP_ANONYMOUS;
		may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	}
	addr = find_place(mm, addr, len, flags, &next);
	if (is_err_addr(addr))
		return addr;
	vm_flags = vma_flags_of(prot, flags, may);
	if (unlikely((vm_flags & (VM_LOCKED | VM_NORESERVE)) | mm->def_flags)) {
		vm_flags = check_promises(mm, len, vm_flags);
		if (is_err_addr(vm_flags))
			return vm_flags;
	}
	error = check_type(flags, prot, object, may, &vm_flags);
	if (error)
		return (vaddr_t)error;
	if (!permitted(mm, next, addr, addr + len, &vm_flags))
		return (vaddr_t)-ENOMEM;

	if (unlikely(!object && (vm_flags & VM_SHARED))) {
		error = shmem_create(len, !(vm_flags & VM_NORESERVE), &shared);
		if (error)
			return (vaddr_t)error;
		error = map_region(mm, next, addr, addr + len, vm_flags, &shared, 0);
		shmem_put(&shared);
	} else {
		error = map_region(mm, next, addr, addr + len, vm_flags, object, pgoff);
	}
	if (error)
		return (vaddr_t)error;
	/* What cannot be had now will fault later, and say why. */
	if (unlikely((flags & MAP_POPULATE) | (vm_flags & VM_LOCKED)) &&
	    ((vm_flags & VM_LOCKED) || !(flags & MAP_NONBLOCK)))
		populate_vmas(mm, addr, addr + len, 0);
	return addr;
}
