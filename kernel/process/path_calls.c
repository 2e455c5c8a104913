/* System calls that name files by path. */
#include "kernel/process/files.h"
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/stat.h>

char *path_get(vaddr_t user)
{
	char *path = kmalloc(PATH_MAX, GFP_KERNEL);
	ssize_t len;

	if (!path)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(path, uptr(user), PATH_MAX);
	if (len > 0 && len < PATH_MAX)
		return path;
	kfree(path);
	return ERR_PTR(!len ? -ENOENT : len < 0 ? (int)len : -ENAMETOOLONG);
}

void path_put(char *path)
{
	kfree(path);
}

struct inode *path_base(s32 dirfd, const char *path)
{
	struct file *f;

	if (*path == '/')
		return walk_root();
	if (dirfd == AT_FDCWD)
		return current_task()->cwd;
	f = fd_file(dirfd);
	if (!f)
		return ERR_PTR(-EBADF);
	return S_ISDIR(f->inode->mode) ? f->inode : ERR_PTR(-ENOTDIR);
}

struct inode *user_path_lookup(s32 dirfd, vaddr_t user, bool follow)
{
	char *path = path_get(user);
	struct inode *base, *inode;

	if (IS_ERR(path))
		return ERR_PTR(PTR_ERR(path));
	base = path_base(dirfd, path);
	inode = IS_ERR(base) ? base : path_lookup(base, path, follow);
	path_put(path);
	return inode;
}

struct inode *user_path_at(s32 dirfd, vaddr_t path, u32 flags)
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

int may_write_inode(const struct inode *inode)
{
	return inode->mount && (inode->mount->flags & MS_RDONLY) ? -EROFS : 0;
}

/* ---- open ---- */

static struct file *open_at(s32 dirfd, const char *path, u32 flags, u32 mode)
{
	struct inode *base = path_base(dirfd, path), *dir;
	struct file *f;

	if (IS_ERR(base))
		return ERR_PTR(PTR_ERR(base));
	if (!(flags & __O_TMPFILE) || (flags & O_PATH))
		return file_open(base, path, flags, mode);
	dir = path_lookup(base, path, true);
	if (IS_ERR(dir))
		return ERR_PTR(PTR_ERR(dir));
	f = file_open_nameless(dir, flags, mode);
	inode_put(dir);
	return f;
}

static long do_open(s32 dirfd, vaddr_t user, u32 flags, u32 mode)
{
	struct files *files = current_task()->files;
	struct file *f;
	char *path;
	int fd;

	if ((flags & __O_TMPFILE) && !(flags & O_PATH) &&
	    ((flags & O_TMPFILE) != O_TMPFILE || !(flags & O_ACCMODE) || (flags & O_CREAT)))
		return -EINVAL;
	path = path_get(user);
	if (IS_ERR(path))
		return PTR_ERR(path);
	/* First, so that a file is not made, or cut, that then gets no descriptor. */
	fd = files_find_free(files, 0);
	if (fd >= 0) {
		f = open_at(dirfd, path, flags, mode & ~current_task()->umask);
		fd = IS_ERR(f) ? PTR_ERR(f) : file_to_fd(f, flags & O_CLOEXEC);
	}
	path_put(path);
	return fd;
}

SYSCALL_DEFINE3(open, vaddr_t, path, u32, flags, u32, mode)
{
	return do_open(AT_FDCWD, path, flags, mode);
}

SYSCALL_DEFINE4(openat, s32, dirfd, vaddr_t, path, u32, flags, u32, mode)
{
	return do_open(dirfd, path, flags, mode);
}

#define OPEN_FLAGS_KNOWN                                                                       \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_DSYNC | \
	 __O_SYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME |   \
	 O_CLOEXEC | O_PATH | __O_TMPFILE)
#define HOW_SIZE_MAX PAGE_SIZE

/* What openat lets pass is refused here, and so is every way to confine the walk. */
static int check_how(const struct open_how *how)
{
	bool makes = how->flags & (O_CREAT | __O_TMPFILE);

	if ((how->flags & ~(u64)OPEN_FLAGS_KNOWN) || how->resolve)
		return -EINVAL;
	if (how->mode & ~(u64)(makes ? 07777 : 0))
		return -EINVAL;
	if ((how->flags & O_PATH) &&
	    (how->flags & ~(u64)(O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)))
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE4(openat2, s32, dirfd, vaddr_t, path, vaddr_t, user_how, u32, size)
{
	struct open_how how = {0};
	int err;

	if (size < sizeof(how))
		return -EINVAL;
	if (size > HOW_SIZE_MAX)
		return -E2BIG;
	if (copy_from_user(&how, uptr(user_how), sizeof(how)))
		return -EFAULT;
	for (u32 at = sizeof(how); at < size; at++) {
		char more;

		if (copy_from_user(&more, uptr(user_how + at), 1))
			return -EFAULT;
		if (more)
			return -E2BIG;
	}
	err = check_how(&how);
	return err ? err : do_open(dirfd, path, (u32)how.flags, (u32)how.mode);
}

SYSCALL_DEFINE2(creat, vaddr_t, path, u32, mode)
{
	return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- links and rights ---- */

static long read_link(s32 dirfd, vaddr_t path, vaddr_t buf, s32 size, u32 empty)
{
	struct inode *inode;
	char *text;
	ssize_t len = -EINVAL;

	if (size <= 0)
		return -EINVAL;
	inode = user_path_at(dirfd, path, AT_SYMLINK_NOFOLLOW | empty);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if (empty && !S_ISLNK(inode->mode)) {
		len = -ENOENT;
	} else if (S_ISLNK(inode->mode) && !inode->link) {
		len = MIN((size_t)size, (size_t)inode->size);
		if (copy_to_user(uptr(buf), inode->private, len))
			len = -EFAULT;
	} else if (S_ISLNK(inode->mode)) {
		text = kmalloc(PATH_MAX, GFP_KERNEL);
		len = text ? inode->link->read(inode, text, PATH_MAX) : -ENOMEM;
		if (len >= 0) {
			len = MIN(len, (ssize_t)size);
			if (copy_to_user(uptr(buf), text, len))
				len = -EFAULT;
		}
		kfree(text);
	}
	inode_put(inode);
	return len;
}

SYSCALL_DEFINE3(readlink, vaddr_t, path, vaddr_t, buf, s32, size)
{
	return read_link(AT_FDCWD, path, buf, size, 0);
}

SYSCALL_DEFINE4(readlinkat, s32, dirfd, vaddr_t, path, vaddr_t, buf, s32, size)
{
	char first;

	/* "" names the link that dirfd is, opened with O_PATH. */
	return read_link(dirfd, path, buf, size,
			 !copy_from_user(&first, uptr(path), 1) && !first ? AT_EMPTY_PATH : 0);
}

/* As root: all is allowed but to execute what nobody may execute. */
static long check_access(s32 dirfd, vaddr_t path, u32 mode, u32 flags)
{
	struct inode *inode;
	bool executable;

	if (mode & ~7u || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	inode = user_path_at(dirfd, path, flags);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if ((mode & 2) && may_write_inode(inode) &&
	    (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode))) {
		inode_put(inode);
		return -EROFS;
	}
	executable = S_ISDIR(inode->mode) || (inode->mode & (S_IXUSR | S_IXGRP | S_IXOTH));
	inode_put(inode);
	return (mode & 1) && !executable ? -EACCES : 0;
}

SYSCALL_DEFINE2(access, vaddr_t, path, u32, mode)
{
	return check_access(AT_FDCWD, path, mode, 0);
}

SYSCALL_DEFINE3(faccessat, s32, dirfd, vaddr_t, path, u32, mode)
{
	return check_access(dirfd, path, mode, 0);
}

SYSCALL_DEFINE4(faccessat2, s32, dirfd, vaddr_t, path, u32, mode, u32, flags)
{
	return check_access(dirfd, path, mode, flags);
}

SYSCALL_DEFINE1(umask, u32, mask)
{
	u32 before = current_task()->umask;

	current_task()->umask = mask & 0777;
	task_fs_changed(current_task());
	return before;
}

/* ---- the current directory, and the root ---- */

static void set_cwd(struct inode *dir)
{
	struct inode *before = current_task()->cwd;

	current_task()->cwd = dir;
	task_fs_changed(current_task());
	inode_put(before);
}

SYSCALL_DEFINE1(chdir, vaddr_t, path)
{
	struct inode *dir = user_path_lookup(AT_FDCWD, path, true);

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	if (!S_ISDIR(dir->mode)) {
		inode_put(dir);
		return -ENOTDIR;
	}
	set_cwd(dir);
	return 0;
}

SYSCALL_DEFINE1(fchdir, u32, fd)
{
	struct file *f = fd_file(fd);

	if (!f)
		return -EBADF;
	if (!S_ISDIR(f->inode->mode))
		return -ENOTDIR;
	set_cwd(inode_get(f->inode));
	return 0;
}

SYSCALL_DEFINE1(chroot, vaddr_t, path)
{
	struct inode *dir = user_path_lookup(AT_FDCWD, path, true);
	struct inode *before;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	if (!S_ISDIR(dir->mode)) {
		inode_put(dir);
		return -ENOTDIR;
	}
	before = current_task()->group->root;
	current_task()->group->root = dir;
	if (before)
		inode_put(before);
	return 0;
}

SYSCALL_DEFINE2(getcwd, vaddr_t, buf, u32, size)
{
	char *text = kmalloc(PATH_MAX, GFP_KERNEL);
	ssize_t len;

	if (!text)
		return -ENOMEM;
	len = inode_path(current_task()->cwd, text, PATH_MAX);
	if (len >= 0) {
		len++; /* Linux counts the NUL */
		if ((u32)len > size)
			len = -ERANGE;
		else if (copy_to_user(uptr(buf), text, len))
			len = -EFAULT;
	}
	kfree(text);
	return len;
}
