/* System calls that change what an inode says of itself: mode, owner, times. */
#include "kernel/process/files.h"
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include "kernel/core/time.h"
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/time_types.h>

/* Makes a change of inode, whose reference it puts. */
#define CHANGE(inode, statement)              \
	({                                    \
		struct inode *i_ = (inode);   \
		long ret_ = begin_change(i_); \
		if (!ret_) {                  \
			statement;            \
			inode_changed(i_);    \
		}                             \
		if (!IS_ERR(i_))              \
			inode_put(i_);        \
		ret_;                         \
	})

static int begin_change(const struct inode *inode)
{
	return IS_ERR(inode) ? PTR_ERR(inode) : may_write_inode(inode);
}

/* What an open file is, with a reference. */
static struct inode *inode_of_fd(u32 fd)
{
	struct file *f = fd_file(fd);

	return f && f->mode ? inode_get(f->inode) : ERR_PTR(-EBADF);
}

/* ---- mode ---- */

static long change_mode(struct inode *inode, u32 mode)
{
	return CHANGE(inode, i_->mode = (i_->mode & S_IFMT) | (mode & 07777));
}

SYSCALL_DEFINE2(chmod, vaddr_t, path, u32, mode)
{
	return change_mode(user_path_lookup(AT_FDCWD, path, true), mode);
}

SYSCALL_DEFINE3(fchmodat, s32, dirfd, vaddr_t, path, u32, mode)
{
	return change_mode(user_path_lookup(dirfd, path, true), mode);
}

SYSCALL_DEFINE2(fchmod, u32, fd, u32, mode)
{
	return change_mode(inode_of_fd(fd), mode);
}

/* ---- owner ---- */

#define KEEP 0xFFFFFFFFu

/* A file that changes hands is not run with its owner's rights any more. */
static void set_owner(struct inode *inode, u32 uid, u32 gid)
{
	if (uid != KEEP)
		inode->uid = uid;
	if (gid != KEEP)
		inode->gid = gid;
	if (!S_ISDIR(inode->mode)) {
		inode->mode &= ~S_ISUID;
		if (inode->mode & S_IXGRP)
			inode->mode &= ~S_ISGID;
	}
}

static long change_owner(struct inode *inode, u32 uid, u32 gid)
{
	return CHANGE(inode, set_owner(i_, uid, gid));
}

/* The calls with 16 bits. */
static u32 wide(u16 id)
{
	return id == 0xFFFF ? KEEP : id;
}

SYSCALL_DEFINE3(chown32, vaddr_t, path, u32, uid, u32, gid)
{
	return change_owner(user_path_lookup(AT_FDCWD, path, true), uid, gid);
}

SYSCALL_DEFINE3(lchown32, vaddr_t, path, u32, uid, u32, gid)
{
	return change_owner(user_path_lookup(AT_FDCWD, path, false), uid, gid);
}

SYSCALL_DEFINE3(fchown32, u32, fd, u32, uid, u32, gid)
{
	return change_owner(inode_of_fd(fd), uid, gid);
}

SYSCALL_DEFINE3(chown, vaddr_t, path, u16, uid, u16, gid)
{
	return change_owner(user_path_lookup(AT_FDCWD, path, true), wide(uid), wide(gid));
}

SYSCALL_DEFINE3(lchown, vaddr_t, path, u16, uid, u16, gid)
{
	return change_owner(user_path_lookup(AT_FDCWD, path, false), wide(uid), wide(gid));
}

SYSCALL_DEFINE3(fchown, u32, fd, u16, uid, u16, gid)
{
	return change_owner(inode_of_fd(fd), wide(uid), wide(gid));
}

SYSCALL_DEFINE5(fchownat, s32, dirfd, vaddr_t, path, u32, uid, u32, gid, u32, flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return change_owner(user_path_at(dirfd, path, flags), uid, gid);
}

/* ---- times ---- */

#define UTIME_NOW_NSEC  0x3FFFFFFF /* UTIME_NOW and UTIME_OMIT of <sys/stat.h> */
#define UTIME_OMIT_NSEC 0x3FFFFFFE
#define NEW_TIMES       2
#define MAX_SECONDS     (s64)(~0ull / NSEC_PER_SEC) /* that times in nanoseconds hold */

struct new_time {
	bool omit;
	u64 ns;
};

static int new_time(struct new_time *t, s64 seconds, s64 ns)
{
	*t = (struct new_time){.omit = ns == UTIME_OMIT_NSEC};
	if (ns == UTIME_NOW_NSEC)
		t->ns = time_realtime_ns();
	else if (!t->omit && (ns < 0 || ns >= (s64)NSEC_PER_SEC))
		return -EINVAL;
	else /* what lies before 1970 or after 2554 is shown as these */
		t->ns = seconds < 0              ? 0
			: seconds >= MAX_SECONDS ? ~0ull
						 : (u64)seconds * NSEC_PER_SEC + (u32)ns;
	return 0;
}

static void set_times(struct inode *inode, const struct new_time t[NEW_TIMES])
{
	if (!t[0].omit)
		inode->atime_ns = t[0].ns;
	if (!t[1].omit)
		inode->mtime_ns = t[1].ns;
}

static long change_times(struct inode *inode, const struct new_time t[NEW_TIMES])
{
	return CHANGE(inode, set_times(i_, t));
}

/* path NULL: what dirfd is. */
static struct inode *times_target(s32 dirfd, vaddr_t path, u32 flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return ERR_PTR(-EINVAL);
	if (path)
		return user_path_at(dirfd, path, flags);
	if (dirfd == AT_FDCWD)
		return ERR_PTR(-EFAULT);
	return flags ? ERR_PTR(-EINVAL) : inode_of_fd(dirfd);
}

static long do_utimens(s32 dirfd, vaddr_t path, const struct __kernel_timespec *given, u32 flags)
{
	struct inode *inode;
	struct new_time t[NEW_TIMES];

	if (given && given[0].tv_nsec == UTIME_OMIT_NSEC && given[1].tv_nsec == UTIME_OMIT_NSEC)
		return 0;
	inode = times_target(dirfd, path, flags);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	for (u32 i = 0; i < NEW_TIMES; i++) {
		int err = new_time(&t[i], given ? given[i].tv_sec : 0,
				   given ? given[i].tv_nsec : UTIME_NOW_NSEC);

		if (err) {
			inode_put(inode);
			return err;
		}
	}
	return change_times(inode, t);
}

SYSCALL_DEFINE4(utimensat_time64, s32, dirfd, vaddr_t, path, vaddr_t, times, u32, flags)
{
	struct __kernel_timespec t[NEW_TIMES];

	if (times && copy_from_user(t, uptr(times), sizeof(t)))
		return -EFAULT;
	for (u32 i = 0; i < NEW_TIMES && times; i++)
		t[i].tv_nsec = (s32)t[i].tv_nsec; /* the upper half is padding */
	return do_utimens(dirfd, path, times ? t : NULL, flags);
}

/* Two numbers of 32 bits for each time: seconds and their fraction, in units of `unit` ns. */
static long utimes_32(s32 dirfd, vaddr_t path, vaddr_t times, u32 flags, u32 unit)
{
	struct __kernel_timespec t[NEW_TIMES];
	s32 given[NEW_TIMES][2];

	if (times && copy_from_user(given, uptr(times), sizeof(given)))
		return -EFAULT;
	for (u32 i = 0; i < NEW_TIMES && times; i++) {
		if (unit > 1 && ((u32)given[i][1] >= NSEC_PER_SEC / unit))
			return -EINVAL;
		t[i].tv_sec = given[i][0];
		t[i].tv_nsec = (s64)given[i][1] * unit;
	}
	return do_utimens(dirfd, path, times ? t : NULL, flags);
}

SYSCALL_DEFINE4(utimensat, s32, dirfd, vaddr_t, path, vaddr_t, times, u32, flags)
{
	return utimes_32(dirfd, path, times, flags, 1);
}

SYSCALL_DEFINE3(futimesat, s32, dirfd, vaddr_t, path, vaddr_t, times)
{
	return utimes_32(dirfd, path, times, 0, 1000);
}

SYSCALL_DEFINE2(utimes, vaddr_t, path, vaddr_t, times)
{
	return path ? utimes_32(AT_FDCWD, path, times, 0, 1000) : -EFAULT;
}

SYSCALL_DEFINE2(utime, vaddr_t, path, vaddr_t, times)
{
	struct __kernel_timespec t[NEW_TIMES] = {{0}};
	s32 seconds[NEW_TIMES];

	if (times && copy_from_user(seconds, uptr(times), sizeof(seconds)))
		return -EFAULT;
	for (u32 i = 0; i < NEW_TIMES && times; i++)
		t[i].tv_sec = seconds[i];
	return path ? do_utimens(AT_FDCWD, path, times ? t : NULL, 0) : -EFAULT;
}
