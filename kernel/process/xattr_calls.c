/*
 * Extended attributes. Files here have none, and can be given none: what names a file is looked at as Linux does, lists are
 * empty, and every attribute is one that is not supported, which is what programs expect of such a file system.
 */
#include "kernel/process/files.h"
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/xattr.h>

/* A file that was looked up and is not needed any more: 0, or why it is not found, or not changed. */
static long look(struct inode *inode, bool change)
{
	long err;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	err = change ? may_write_inode(inode) : 0;
	inode_put(inode);
	return err;
}

static long look_path(vaddr_t path, bool follow, bool change)
{
	return look(user_path_lookup(AT_FDCWD, path, follow), change);
}

static long look_fd(u32 fd, bool change)
{
	struct file *f = fd_file(fd);

	return look(f && f->mode ? inode_get(f->inode) : ERR_PTR(-EBADF), change);
}

static long not_supported(long err, vaddr_t user_name)
{
	char name[XATTR_NAME_MAX + 1];
	ssize_t len;

	if (err)
		return err;
	len = strncpy_from_user(name, uptr(user_name), sizeof(name));
	if (len < 0)
		return len;
	return len && len < (ssize_t)sizeof(name) ? -EOPNOTSUPP : -ERANGE;
}

#define SET_FLAGS (XATTR_CREATE | XATTR_REPLACE)

static long cannot_set(long err, vaddr_t name, u32 size)
{
	err = not_supported(err, name);
	return err == -EOPNOTSUPP && size > XATTR_SIZE_MAX ? -E2BIG : err;
}

SYSCALL_DEFINE5(setxattr, vaddr_t, path, vaddr_t, name, vaddr_t, value, u32, size, u32, flags)
{
	(void)value;
	return flags & ~SET_FLAGS ? -EINVAL : cannot_set(look_path(path, true, true), name, size);
}

SYSCALL_DEFINE2(getxattr, vaddr_t, path, vaddr_t, name)
{
	return not_supported(look_path(path, true, false), name);
}

SYSCALL_DEFINE1(listxattr, vaddr_t, path)
{
	return look_path(path, true, false);
}

SYSCALL_DEFINE2(removexattr, vaddr_t, path, vaddr_t, name)
{
	return not_supported(look_path(path, true, true), name);
}

SYSCALL_DEFINE5(lsetxattr, vaddr_t, path, vaddr_t, name, vaddr_t, value, u32, size, u32, flags)
{
	(void)value;
	return flags & ~SET_FLAGS ? -EINVAL : cannot_set(look_path(path, false, true), name, size);
}

SYSCALL_DEFINE2(lgetxattr, vaddr_t, path, vaddr_t, name)
{
	return not_supported(look_path(path, false, false), name);
}

SYSCALL_DEFINE1(llistxattr, vaddr_t, path)
{
	return look_path(path, false, false);
}

SYSCALL_DEFINE2(lremovexattr, vaddr_t, path, vaddr_t, name)
{
	return not_supported(look_path(path, false, true), name);
}

SYSCALL_DEFINE5(fsetxattr, u32, fd, vaddr_t, name, vaddr_t, value, u32, size, u32, flags)
{
	(void)value;
	return flags & ~SET_FLAGS ? -EINVAL : cannot_set(look_fd(fd, true), name, size);
}

SYSCALL_DEFINE2(fgetxattr, u32, fd, vaddr_t, name)
{
	return not_supported(look_fd(fd, false), name);
}

SYSCALL_DEFINE1(flistxattr, u32, fd)
{
	return look_fd(fd, false);
}

SYSCALL_DEFINE2(fremovexattr, u32, fd, vaddr_t, name)
{
	return not_supported(look_fd(fd, true), name);
}
