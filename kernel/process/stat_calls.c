/* stat64 and its relatives, and statx. */
#include "kernel/process/files.h"
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include "lib/math64.h"
#include "lib/string.h"
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/stat.h>

/* Pipes are in no mounted tree. */
static u32 dev_of(const struct inode *inode)
{
	return inode->mount ? inode->mount->dev : 0;
}

static void split_time(u64 ns_since_1970, u32 *seconds, u32 *ns)
{
	*seconds = (u32)div_u64_rem(ns_since_1970, 1000000000, ns);
}

/* Of 512 bytes. */
static u32 blocks_of(const struct inode *inode)
{
	return S_ISREG(inode->mode) ? inode->mapping.nr_pages * (PAGE_SIZE / 512) : 0;
}

/* statfs' f_flags, statvfs(3); no UAPI header has them. The first four are those of mount(2). */
#define ST_VALID    0x20u
#define ST_NOATIME  0x400u
#define ST_RELATIME 0x1000u

#define OVERFLOW_ID 65534 /* what a user or group that does not fit in 16 bits is told as */

static long stat_to_user(const struct inode *inode, vaddr_t user)
{
	struct stat64 st;
	u32 seconds, ns;

	memset(&st, 0, sizeof(st));
	st.st_dev = dev_of(inode);
	st.__st_ino = inode->ino;
	st.st_ino = inode->ino;
	st.st_mode = inode->mode;
	st.st_nlink = inode->nlink;
	st.st_uid = inode->uid;
	st.st_gid = inode->gid;
	st.st_rdev = inode->rdev;
	st.st_size = inode->size;
	st.st_blksize = PAGE_SIZE;
	st.st_blocks = blocks_of(inode);
	split_time(inode->atime_ns, &seconds, &ns);
	st.st_atime = seconds;
	st.st_atime_nsec = ns;
	split_time(inode->mtime_ns, &seconds, &ns);
	st.st_mtime = seconds;
	st.st_mtime_nsec = ns;
	split_time(inode->ctime_ns, &seconds, &ns);
	st.st_ctime = seconds;
	st.st_ctime_nsec = ns;
	return copy_to_user(uptr(user), &st, sizeof(st)) ? -EFAULT : 0;
}

/* The structure of before 64-bit sizes. Its inode and size have 32 bits. */
static long old_stat_to_user(const struct inode *inode, vaddr_t user)
{
	struct stat st;
	u32 seconds, ns;

	if (inode->size > INT32_MAX)
		return -EOVERFLOW;
	memset(&st, 0, sizeof(st));
	st.st_dev = dev_of(inode);
	st.st_ino = inode->ino;
	st.st_mode = (u16)inode->mode;
	st.st_nlink = (u16)inode->nlink;
	st.st_uid = (u16)(inode->uid > 0xFFFF ? OVERFLOW_ID : inode->uid);
	st.st_gid = (u16)(inode->gid > 0xFFFF ? OVERFLOW_ID : inode->gid);
	st.st_rdev = inode->rdev;
	st.st_size = (u32)inode->size;
	st.st_blksize = PAGE_SIZE;
	st.st_blocks = blocks_of(inode);
	split_time(inode->atime_ns, &seconds, &ns);
	st.st_atime = seconds;
	st.st_atime_nsec = ns;
	split_time(inode->mtime_ns, &seconds, &ns);
	st.st_mtime = seconds;
	st.st_mtime_nsec = ns;
	split_time(inode->ctime_ns, &seconds, &ns);
	st.st_ctime = seconds;
	st.st_ctime_nsec = ns;
	return copy_to_user(uptr(user), &st, sizeof(st)) ? -EFAULT : 0;
}

/* For a reference that a path gave, or its error. */
static long tell_inode(struct inode *inode, vaddr_t user,
		       long (*to_user)(const struct inode *inode, vaddr_t user))
{
	long ret;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	ret = to_user(inode, user);
	inode_put(inode);
	return ret;
}

SYSCALL_DEFINE2(stat, vaddr_t, path, vaddr_t, st)
{
	return tell_inode(user_path_lookup(AT_FDCWD, path, true), st, old_stat_to_user);
}

SYSCALL_DEFINE2(lstat, vaddr_t, path, vaddr_t, st)
{
	return tell_inode(user_path_lookup(AT_FDCWD, path, false), st, old_stat_to_user);
}

SYSCALL_DEFINE2(fstat, u32, fd, vaddr_t, st)
{
	struct file *f = fd_file(fd);

	return f ? old_stat_to_user(f->inode, st) : -EBADF;
}

SYSCALL_DEFINE2(stat64, vaddr_t, path, vaddr_t, st)
{
	return tell_inode(user_path_lookup(AT_FDCWD, path, true), st, stat_to_user);
}

SYSCALL_DEFINE2(lstat64, vaddr_t, path, vaddr_t, st)
{
	return tell_inode(user_path_lookup(AT_FDCWD, path, false), st, stat_to_user);
}

SYSCALL_DEFINE2(fstat64, u32, fd, vaddr_t, st)
{
	struct file *f = fd_file(fd);

	return f ? stat_to_user(f->inode, st) : -EBADF;
}

SYSCALL_DEFINE4(fstatat64, s32, dirfd, vaddr_t, path, vaddr_t, st, u32, flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	return tell_inode(user_path_at(dirfd, path, flags), st, stat_to_user);
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
	sx.stx_blocks = blocks_of(inode);
	sx.stx_atime = timestamp(inode->atime_ns);
	sx.stx_mtime = timestamp(inode->mtime_ns);
	sx.stx_ctime = timestamp(inode->ctime_ns);
	sx.stx_rdev_major = inode->rdev >> 8 & 0xFFF;
	sx.stx_rdev_minor = (inode->rdev & 0xFF) | (inode->rdev >> 12 & 0xFFF00);
	sx.stx_dev_minor = dev_of(inode);
	return copy_to_user(uptr(user), &sx, sizeof(sx)) ? -EFAULT : 0;
}

SYSCALL_DEFINE5(statx, s32, dirfd, vaddr_t, path, u32, flags, u32, mask, vaddr_t, user)
{
	if ((mask & STATX__RESERVED) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
	    (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)))
		return -EINVAL;
	return tell_inode(user_path_at(dirfd, path, flags), user, statx_to_user);
}

/* ---- file systems ---- */

static void fill_statfs(const struct inode *inode, struct statfs64 *st)
{
	const struct mount *m = inode->mount;

	memset(st, 0, sizeof(*st));
	st->f_type = m ? m->type->magic : PIPEFS_MAGIC;
	st->f_bsize = st->f_frsize = PAGE_SIZE;
	st->f_namelen = NAME_MAX;
	st->f_flags = ST_VALID;
	if (!m)
		return;
	st->f_fsid.val[0] = m->dev;
	st->f_flags |= m->flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
	if (m->flags & MS_NOATIME)
		st->f_flags |= ST_NOATIME;
	if (m->flags & MS_RELATIME)
		st->f_flags |= ST_RELATIME;
	if (m->max_pages) {
		st->f_blocks = m->max_pages;
		st->f_bfree = st->f_bavail = m->max_pages - m->nr_pages;
	}
	if (m->max_inodes) {
		st->f_files = m->max_inodes;
		st->f_ffree = m->max_inodes - m->nr_inodes;
	}
}

static long statfs_to_user(const struct inode *inode, vaddr_t user)
{
	struct statfs64 from;
	struct statfs st;

	fill_statfs(inode, &from);
	memset(&st, 0, sizeof(st));
	st.f_type = from.f_type;
	st.f_bsize = from.f_bsize;
	st.f_frsize = from.f_frsize;
	st.f_blocks = (u32)from.f_blocks;
	st.f_bfree = (u32)from.f_bfree;
	st.f_bavail = (u32)from.f_bavail;
	st.f_files = (u32)from.f_files;
	st.f_ffree = (u32)from.f_ffree;
	st.f_fsid = from.f_fsid;
	st.f_namelen = from.f_namelen;
	st.f_flags = from.f_flags;
	return copy_to_user(uptr(user), &st, sizeof(st)) ? -EFAULT : 0;
}

static long statfs64_to_user(const struct inode *inode, vaddr_t user)
{
	struct statfs64 st;

	fill_statfs(inode, &st);
	return copy_to_user(uptr(user), &st, sizeof(st)) ? -EFAULT : 0;
}

/* The size that a caller of the 64 calls has to name: 84 without the padding of other machines. */
static bool good_size(u32 size)
{
	return size == sizeof(struct statfs64);
}

static struct inode *inode_of_fd(u32 fd)
{
	struct file *f = fd_file(fd);

	return f ? inode_get(f->inode) : ERR_PTR(-EBADF);
}

SYSCALL_DEFINE2(statfs, vaddr_t, path, vaddr_t, st)
{
	return tell_inode(user_path_lookup(AT_FDCWD, path, true), st, statfs_to_user);
}

SYSCALL_DEFINE2(fstatfs, u32, fd, vaddr_t, st)
{
	return tell_inode(inode_of_fd(fd), st, statfs_to_user);
}

SYSCALL_DEFINE3(statfs64, vaddr_t, path, u32, size, vaddr_t, st)
{
	if (!good_size(size))
		return -EINVAL;
	return tell_inode(user_path_lookup(AT_FDCWD, path, true), st, statfs64_to_user);
}

SYSCALL_DEFINE3(fstatfs64, u32, fd, u32, size, vaddr_t, st)
{
	if (!good_size(size))
		return -EINVAL;
	return tell_inode(inode_of_fd(fd), st, statfs64_to_user);
}
