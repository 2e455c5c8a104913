/*
 * System calls on the address space: the arguments are checked here as Linux checks them, in its
 * order; the work is done in mm/vm.
 */
#include "fs/memfd.h"
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "mm/vm/mm.h"
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>

#define PROT_KNOWN (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ALL_MAY    (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
/* What MAP_SHARED_VALIDATE accepts: the flags that Linux has always known. */
#define MAP_KNOWN                                                                                \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | \
	 MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB |    \
	 MAP_FIXED_NOREPLACE)

SYSCALL_DEFINE1(brk, vaddr_t, to)
{
	return do_brk(current->mm, to);
}

/* The object of a file mapping and what the open mode permits. 0 or errno. */
static int file_object(struct file *f, u32 prot, u32 flags, struct mmap_object *object, u32 *may)
{
	*may = ALL_MAY;
	if ((flags & MAP_TYPE) != MAP_PRIVATE) {
		if ((prot & PROT_WRITE) && !(f->mode & FMODE_WRITE))
			return -EACCES;
		if (!(f->mode & FMODE_WRITE))
			*may &= ~VM_MAYWRITE;
	}
	if (!(f->mode & FMODE_READ))
		return -EACCES;
	if (!f->ops->mmap || S_ISDIR(f->inode->mode))
		return -ENODEV;
	if (is_sealed(f->inode, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE) &&
	    (flags & MAP_TYPE) != MAP_PRIVATE) {
		if (prot & PROT_WRITE)
			return -EPERM;
		*may &= ~VM_MAYWRITE;
	}
	return f->ops->mmap(f, object);
}

static noinline vaddr_t mmap_file(vaddr_t addr, u32 len, u32 prot, u32 flags, u32 fd, u32 pgoff)
{
	struct mmap_object object;
	u32 may = ALL_MAY;
	struct file *f;
	int err;

	f = fd_file(fd);
	if (!f || !f->mode)
		return (vaddr_t)-EBADF;
	if (!len)
		return (vaddr_t)-EINVAL;
	if ((u64)pgoff + (len - 1) / PAGE_SIZE + 1 > UINT32_MAX)
		return (vaddr_t)-EOVERFLOW;
	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (flags & ~MAP_KNOWN)
			return (vaddr_t)-EOPNOTSUPP;
		flags = (flags & ~MAP_TYPE) | MAP_SHARED;
		break;
	case MAP_SHARED:
	case MAP_PRIVATE:
		break;
	default:
		return (vaddr_t)-EINVAL;
	}
	err = file_object(f, prot, flags, &object, &may);
	if (err)
		return (vaddr_t)err;
	if (!object.mapping) /* /dev/zero */
		return do_mmap(current->mm, addr, len, prot, flags | MAP_ANONYMOUS, NULL, pgoff,
			       ALL_MAY);
	return do_mmap(current->mm, addr, len, prot, flags, &object, pgoff, may);
}

static __always_inline vaddr_t mmap_pages(vaddr_t addr, u32 len, u32 prot, u32 flags, u32 fd,
					  u32 pgoff)
{
	prot &= PROT_KNOWN; /* Linux ignores the others on i386 */
	if (flags & MAP_ANONYMOUS)
		return do_mmap(current->mm, addr, len, prot, flags, NULL, pgoff, ALL_MAY);
	return mmap_file(addr, len, prot, flags, fd, pgoff);
}

SYSCALL_DEFINE6(mmap2, vaddr_t, addr, u32, len, u32, prot, u32, flags, u32, fd, u32, pgoff)
{
	return mmap_pages(addr, len, prot, flags, fd, pgoff);
}

/* The first mmap of i386: one pointer to its six arguments. */
SYSCALL_DEFINE1(old_mmap, vaddr_t, user)
{
	struct {
		u32 addr, len, prot, flags, fd, offset;
	} args;

	if (copy_from_user(&args, uptr(user), sizeof(args)))
		return -EFAULT;
	if (args.offset & ~PAGE_MASK)
		return -EINVAL;
	return mmap_pages(args.addr, args.len, args.prot, args.flags, args.fd,
			  args.offset >> PAGE_SHIFT);
}

SYSCALL_DEFINE2(munmap, vaddr_t, addr, u32, len)
{
	return do_munmap(current->mm, addr, len);
}

SYSCALL_DEFINE3(mprotect, vaddr_t, addr, u32, len, u32, prot)
{
	return do_mprotect(current->mm, addr, len, prot);
}

SYSCALL_DEFINE5(mremap, vaddr_t, old, u32, old_len, u32, new_len, u32, flags, vaddr_t, to)
{
	return do_mremap(current->mm, old, old_len, new_len, flags, to);
}

SYSCALL_DEFINE5(remap_file_pages, vaddr_t, addr, u32, len, u32, prot, u32, pgoff, u32, flags)
{
	return do_remap_file_pages(current->mm, addr, len, prot, pgoff, flags);
}

SYSCALL_DEFINE3(madvise, vaddr_t, addr, u32, len, s32, advice)
{
	return do_madvise(current->mm, addr, len, advice);
}
