/* System calls about the contents of files: their size, and their place in memory. */
#include "fs/memfd.h"
#include "kernel/process/files.h"
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>

/* ---- size ---- */

static int set_size(struct inode *inode, s64 size)
{
	int err = may_write_inode(inode);

	if (err)
		return err;
	if (inode->fops != &ramfs_file_ops)
		return S_ISDIR(inode->mode) ? -EISDIR : -EINVAL;
	err = limit_file_size(inode, size);
	return err ? err : ramfs_truncate(inode, size);
}

static long truncate_file(u32 fd, s64 size)
{
	struct file *f = fd_file(fd);

	if (size < 0)
		return -EINVAL;
	if (!f || !f->mode)
		return -EBADF;
	if (f->ops != &ramfs_file_ops || !(f->mode & FMODE_WRITE))
		return -EINVAL;
	if (size > INT32_MAX && !(f->flags & O_LARGEFILE))
		return -EINVAL;
	return set_size(f->inode, size);
}

static long truncate_path(vaddr_t path, s64 size)
{
	struct inode *inode;
	int err;

	if (size < 0)
		return -EINVAL;
	inode = user_path_lookup(AT_FDCWD, path, true);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	err = inode->writers < 0 ? -ETXTBSY : set_size(inode, size);
	inode_put(inode);
	return err;
}

SYSCALL_DEFINE2(ftruncate, u32, fd, s32, size)
{
	return truncate_file(fd, size);
}

SYSCALL_DEFINE3(ftruncate64, u32, fd, u32, low, u32, high)
{
	return truncate_file(fd, (s64)((u64)high << 32 | low));
}

SYSCALL_DEFINE2(truncate, vaddr_t, path, s32, size)
{
	return truncate_path(path, size);
}

SYSCALL_DEFINE3(truncate64, vaddr_t, path, u32, low, u32, high)
{
	return truncate_path(path, (s64)((u64)high << 32 | low));
}

static int allocate(struct inode *inode, u32 mode, u64 from, u64 len)
{
	u64 to = from + len;
	int err;

	if (mode & FALLOC_FL_PUNCH_HOLE) {
		if (is_sealed(inode, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
			return -EPERM;
		ramfs_punch(inode, from, to);
		inode_modified(inode);
		return 0;
	}
	err = limit_file_size(inode, to);
	if (err)
		return err;
	if (to > inode->size && is_sealed(inode, F_SEAL_GROW))
		return -EPERM;
	err = ramfs_allocate(inode, from, to);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && to > inode->size)
		err = ramfs_truncate(inode, to);
	if (!err)
		inode_modified(inode);
	return err;
}

/* What some file system knows; here there are allocating and making holes. */
static bool is_allocation(u32 mode)
{
	switch (mode & ~FALLOC_FL_KEEP_SIZE) {
	case 0:
	case FALLOC_FL_ZERO_RANGE:
		return true;
	case FALLOC_FL_UNSHARE_RANGE:
	case FALLOC_FL_PUNCH_HOLE:
		return mode & FALLOC_FL_KEEP_SIZE || !(mode & FALLOC_FL_PUNCH_HOLE);
	}
	return mode == FALLOC_FL_COLLAPSE_RANGE || mode == FALLOC_FL_INSERT_RANGE;
}

SYSCALL_DEFINE6(fallocate, u32, fd, u32, mode, u32, low, u32, high, u32, len_low, u32, len_high)
{
	struct file *f = fd_file(fd);
	s64 from = (s64)((u64)high << 32 | low), len = (s64)((u64)len_high << 32 | len_low);

	if (!f || !f->mode)
		return -EBADF;
	if (from < 0 || len <= 0)
		return -EINVAL;
	if (!is_allocation(mode))
		return -EOPNOTSUPP;
	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (S_ISFIFO(f->inode->mode))
		return -ESPIPE;
	if (f->ops != &ramfs_file_ops)
		return S_ISDIR(f->inode->mode) ? -EISDIR : -ENODEV;
	if (from > (s64)FILE_SIZE_MAX || len > (s64)FILE_SIZE_MAX - from)
		return -EFBIG;
	if (mode & ~(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	return allocate(f->inode, mode, from, len);
}

/* ---- storage ---- */

/* Nothing is behind the page cache. */
SYSCALL_DEFINE1(fsync, u32, fd)
{
	struct file *f = fd_file(fd);

	if (!f || !f->mode)
		return -EBADF;
	return S_ISREG(f->inode->mode) || S_ISDIR(f->inode->mode) ? 0 : -EINVAL;
}

SYSCALL_DEFINE0(sync)
{
	return 0;
}

SYSCALL_DEFINE1(syncfs, u32, fd)
{
	struct file *f = fd_file(fd);

	return f && f->mode ? 0 : -EBADF;
}

SYSCALL_DEFINE6(sync_file_range, u32, fd, u32, low, u32, high, u32, len_low, u32, len_high, u32,
		flags)
{
	struct file *f = fd_file(fd);

	(void)low;
	(void)len_low;
	if (!f || !f->mode)
		return -EBADF;
	if ((s32)high < 0 || (s32)len_high < 0 ||
	    (flags &
	     ~(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER)))
		return -EINVAL;
	return S_ISFIFO(f->inode->mode) || S_ISCHR(f->inode->mode) ? -ESPIPE : 0;
}

SYSCALL_DEFINE4(readahead, u32, fd, u32, low, u32, high, u32, count)
{
	struct file *f = fd_file(fd);

	(void)low;
	(void)high;
	(void)count;
	if (!f || !(f->mode & FMODE_READ))
		return -EBADF;
	return S_ISREG(f->inode->mode) ? 0 : -EINVAL;
}
