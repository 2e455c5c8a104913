/* stat64 and its relatives, and statx. */
#include "kernel/process/files.h"
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include "lib/math64.h"
#include "lib/string.h"
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

#define ROOT_DEV 1u /* st_dev of all files: there is one tree */

static long stat_to_user(const struct inode *inode, vaddr_t user)
{
	struct stat64 st;
	u32 ns, seconds = (u32)div_u64_rem(inode->mtime_ns, 1000000000, &ns);

	memset(&st, 0, sizeof(st));
	st.st_dev = ROOT_DEV;
	st.__st_ino = inode->ino;
	st.st_ino = inode->ino;
	st.st_mode = inode->mode;
	st.st_nlink = inode->nlink;
	st.st_uid = inode->uid;
	st.st_gid = inode->gid;
	st.st_rdev = inode->rdev;
	st.st_size = inode->size;
	st.st_blksize = PAGE_SIZE;
	st.st_blocks = inode->mapping.nr_pages * (PAGE_SIZE / 512);
	st.st_atime = st.st_mtime = st.st_ctime = seconds;
	st.st_atime_nsec = st.st_mtime_nsec = st.st_ctime_nsec = ns;
	return copy_to_user(uptr(user), &st, sizeof(st)) ? -EFAULT : 0;
}

static long stat_inode(struct inode *inode, vaddr_t user)
{
	long ret;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	ret = stat_to_user(inode, user);
	inode_put(inode);
	return ret;
}

SYSCALL_DEFINE2(stat64, vaddr_t, path, vaddr_t, st)
{
	return stat_inode(user_path_lookup(AT_FDCWD, path, true), st);
}

SYSCALL_DEFINE2(lstat64, vaddr_t, path, vaddr_t, st)
{
	return stat_inode(user_path_lookup(AT_FDCWD, path, false), st);
}

SYSCALL_DEFINE2(fstat64, u32, fd, vaddr_t, st)
{
	struct file *f = fd_file(fd);

	return f ? stat_to_user(f->inode, st) : -EBADF;
}

/* What an *at call names: a path, or with AT_EMPTY_PATH and "" the descriptor itself. A reference,
 * or ERR_PTR. */
static struct inode *lookup_at(s32 dirfd, vaddr_t path, u32 flags)
{
	char first;
	struct file *f;

	if (flags & AT_EMPTY_PATH) {
		if (copy_from_user(&first, uptr(path), 1))
			return ERR_PTR(-EFAULT);
		if (!first) {
			if (dirfd == AT_FDCWD)
				return inode_get(current_task()->cwd);
			f = fd_file(dirfd);
			return f ? inode_get(f->inode) : ERR_PTR(-EBADF);
		}
	}
	return user_path_lookup(dirfd, path, !(flags & AT_SYMLINK_NOFOLLOW));
}

SYSCALL_DEFINE4(fstatat64, s32, dirfd, vaddr_t, path, vaddr_t, st, u32, flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	return stat_inode(lookup_at(dirfd, path, flags), st);
}

static struct statx_timestamp timestamp(u64 ns_since_1970)
{
	struct statx_timestamp t = {0};
	u32 ns;

	t.tv_sec = div_u64_rem(ns_since_1970, 1000000000, &ns);
	t.tv_nsec = ns;
	return t;
}

static long statx_to_user(const struct inode *inode, vaddr_t user)
{
	struct statx sx;

	memset(&sx, 0, sizeof(sx));
	sx.stx_mask = STATX_BASIC_STATS;
	sx.stx_blksize = PAGE_SIZE;
	sx.stx_nlink = inode->nlink;
	sx.stx_uid = inode->uid;
	sx.stx_gid = inode->gid;
	sx.stx_mode = inode->mode;
	sx.stx_ino = inode->ino;
	sx.stx_size = inode->size;
	sx.stx_blocks = inode->mapping.nr_pages * (PAGE_SIZE / 512);
	sx.stx_atime = sx.stx_mtime = sx.stx_ctime = timestamp(inode->mtime_ns);
	sx.stx_rdev_major = inode->rdev >> 8 & 0xFFF;
	sx.stx_rdev_minor = (inode->rdev & 0xFF) | (inode->rdev >> 12 & 0xFFF00);
	sx.stx_dev_minor = ROOT_DEV;
	return copy_to_user(uptr(user), &sx, sizeof(sx)) ? -EFAULT : 0;
}

SYSCALL_DEFINE5(statx, s32, dirfd, vaddr_t, path, u32, flags, u32, mask, vaddr_t, user)
{
	struct inode *inode;
	long ret;

	if ((mask & STATX__RESERVED) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
	    (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)))
		return -EINVAL;
	inode = lookup_at(dirfd, path, flags);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	ret = statx_to_user(inode, user);
	inode_put(inode);
	return ret;
}
