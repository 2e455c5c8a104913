/*
 * System calls that ask about memory or advise: mincore, mlock, msync, fadvise64, and copies between
 * processes. They check in Linux's order.
 */
#include "arch/i386/cpu/usercopy.h"
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "kernel/process/task.h"
#include "lib/err.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/phys/buddy.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"
#include "mm/vm/pgtable.h"
#include <linux/fadvise.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>
#include <linux/uio.h>

/* ---- mincore ---- */

/* Could an access go on without reading anything in? Where no entry is set, the file's pages
 * decide. */
static bool is_resident(struct vm_area_struct *vma, vaddr_t addr)
{
	struct pt_walk walk;
	struct page *page;

	mm_walk(vma->mm, addr, &walk);
	if (walk.pte.v)
		return true;
	if (!vma->mapping)
		return false;
	page = page_cache_find(vma->mapping, vma->pgoff + ((addr - vma->start) >> PAGE_SHIFT));
	if (page)
		put_page(page);
	return page != NULL;
}

SYSCALL_DEFINE3(mincore, vaddr_t, start, u32, len, vaddr_t, vec)
{
	u32 nr_pages = len / PAGE_SIZE + (len % PAGE_SIZE != 0);

	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (start > USER_END || len > USER_END - start)
		return -ENOMEM;
	if (vec > USER_END || nr_pages > USER_END - vec)
		return -EFAULT;
	for (u32 i = 0; i < nr_pages; i++) {
		vaddr_t addr = start + i * PAGE_SIZE;
		struct vm_area_struct *vma = find_vma(current->mm, addr);
		u8 answer;

		if (!vma || vma->start > addr)
			return -ENOMEM;
		answer = is_resident(vma, addr);
		if (copy_to_user(uptr(vec + i), &answer, 1))
			return -EFAULT;
		thread_make_way();
	}
	return 0;
}

/* ---- mlock ---- */

SYSCALL_DEFINE2(mlock, vaddr_t, start, u32, len)
{
	return do_mlock(current->mm, start, len, VM_LOCKED);
}

SYSCALL_DEFINE3(mlock2, vaddr_t, start, u32, len, u32, flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(current->mm, start, len,
			flags & MLOCK_ONFAULT ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED);
}

SYSCALL_DEFINE2(munlock, vaddr_t, start, u32, len)
{
	return do_munlock(current->mm, start, len);
}

SYSCALL_DEFINE1(mlockall, u32, flags)
{
	return do_mlockall(current->mm, flags);
}

SYSCALL_DEFINE0(munlockall)
{
	return do_munlockall(current->mm);
}

/* ---- advice and writing back: files live in the page cache only ---- */

SYSCALL_DEFINE3(msync, vaddr_t, start, u32, len, u32, flags)
{
	vaddr_t end = start + ALIGN_UP(len, PAGE_SIZE);
	int ret = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || (start & ~PAGE_MASK) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	while (start < end) { /* holes are passed over and reported at the end */
		struct vm_area_struct *vma = find_vma(current->mm, start);

		if (!vma || vma->start > start)
			ret = -ENOMEM;
		if (!vma)
			break;
		if ((flags & MS_INVALIDATE) && (vma->flags & VM_LOCKED) && vma->start < end)
			return -EBUSY;
		start = vma->end;
	}
	return ret;
}

static long advise_file(u32 fd, u32 len_high, u32 advice)
{
	struct file *f = fd_file(fd);

	if (!f || !f->mode)
		return -EBADF;
	if (S_ISFIFO(f->inode->mode))
		return -ESPIPE;
	if ((s32)len_high < 0 || advice > POSIX_FADV_NOREUSE)
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE5(fadvise64, u32, fd, u32, low, u32, high, u32, len, u32, advice)
{
	(void)low;
	(void)high;
	(void)len;
	return advise_file(fd, 0, advice);
}

SYSCALL_DEFINE6(fadvise64_64, u32, fd, u32, low, u32, high, u32, len_low, u32, len_high, u32,
		advice)
{
	(void)low;
	(void)high;
	(void)len_low;
	return advise_file(fd, len_high, advice);
}

/* ---- another process's memory ---- */

struct vectors { /* a position in an array of iovec in the caller's memory */
	vaddr_t user;
	u32 left;
	struct iovec part; /* what is left of the one that was fetched */
};

#define COPY_CHUNK PAGE_SIZE

/* Makes part the next one that is not empty. 1; 0: there is none; or errno. */
static int vectors_next(struct vectors *v)
{
	while (!v->part.iov_len) {
		if (!v->left)
			return 0;
		if (copy_from_user(&v->part, uptr(v->user), sizeof(v->part)))
			return -EFAULT;
		v->user += sizeof(v->part);
		v->left--;
	}
	return 1;
}

static void vectors_skip(struct vectors *v, u32 len)
{
	v->part.iov_base = (char *)v->part.iov_base + len;
	v->part.iov_len -= len;
}

/* Bytes of the other mm that could not be copied to or from buf. */
static size_t copy_other(struct mm_struct *mm, void *buf, void *at, u32 len, bool write)
{
	struct mm_struct *old = task_borrow_mm(mm);
	size_t left = write ? copy_to_user(at, buf, len) : copy_from_user(buf, at, len);

	task_borrow_mm(old);
	return left;
}

/* The processor lets read what may only be written; another process may not, as on Linux. */
static bool may_read(struct mm_struct *mm, const void *at)
{
	const struct vm_area_struct *vma = vma_at(mm, (vaddr_t)at);

	return !vma || (vma->flags & VM_READ);
}

/* One piece by way of buf, which lies within a page of the other. Bytes done. */
static u32 copy_piece(struct mm_struct *mm, void *buf, void *here, void *there, u32 len, bool write)
{
	if (write) {
		len -= copy_from_user(buf, here, len);
		return len - copy_other(mm, buf, there, len, true);
	}
	if (!may_read(mm, there))
		return 0;
	len -= copy_other(mm, buf, there, len, false);
	return len - copy_to_user(here, buf, len);
}

/* At most max bytes. */
static ssize_t copy_vectors(struct mm_struct *mm, struct vectors *here, struct vectors *there,
			    u32 max, void *buf, bool write)
{
	u32 done = 0;

	for (;;) {
		int ret = done < max ? vectors_next(here) : 0;
		u32 len, copied;

		if (ret > 0)
			ret = vectors_next(there);
		if (ret <= 0)
			return done ? (ssize_t)done : ret;
		/* Up to the end of the other's page, so that a fault leaves what came before. */
		len = COPY_CHUNK - ((u32)there->part.iov_base & (COPY_CHUNK - 1));
		len = MIN(len, (u32)MIN(here->part.iov_len, there->part.iov_len));
		len = MIN(len, max - done);
		copied = copy_piece(mm, buf, here->part.iov_base, there->part.iov_base, len, write);
		done += copied;
		if (copied < len)
			return done ? (ssize_t)done : -EFAULT;
		vectors_skip(here, len);
		vectors_skip(there, len);
		thread_make_way();
		if (current_task()->fatal_signal)
			return done;
	}
}

#define COPY_MAX \
	((u32)INT32_MAX & PAGE_MASK) /* Linux's MAX_RW_COUNT: what one call moves at most */

/* The lengths are summed up before anything is copied, as on Linux. => the sum, at most COPY_MAX, or errno. */
static s32 check_vectors(vaddr_t user, u32 count)
{
	u32 total = 0;

	if (count > UIO_MAXIOV)
		return -EINVAL;
	for (u32 i = 0; i < count; i++) {
		struct iovec part;

		if (copy_from_user(&part, uptr(user + i * sizeof(part)), sizeof(part)))
			return -EFAULT;
		if ((s32)part.iov_len < 0)
			return -EINVAL;
		total = MIN(total + (u32)part.iov_len, COPY_MAX);
	}
	return (s32)total;
}

static long copy_process(struct trap_frame *regs, bool write)
{
	struct vectors here = {regs->ecx, regs->edx, {NULL, 0}};
	struct vectors there = {regs->esi, regs->edi, {NULL, 0}};
	s32 max = regs->ebp ? -EINVAL : check_vectors(here.user, here.left), others;
	struct task *t;
	struct mm_struct *mm;
	void *buf;
	ssize_t ret;

	if (max <= 0)
		return max;
	others = check_vectors(there.user, there.left);
	if (others <= 0) /* Linux does not look for the process if there is nothing to do */
		return others;
	t = task_find(regs->ebx);
	mm = t ? t->thread.mm : NULL;
	if (!mm)
		return -ESRCH;
	buf = get_free_page(GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	mm_get(mm); /* it may end while we sleep in a fault */
	ret = copy_vectors(mm, &here, &there, (u32)max, buf, write);
	mm_put(mm);
	free_page_at(buf);
	return ret;
}

long sys_process_vm_readv(struct trap_frame *regs)
{
	return copy_process(regs, false);
}

long sys_process_vm_writev(struct trap_frame *regs)
{
	return copy_process(regs, true);
}
