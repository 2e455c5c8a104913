/* System calls that name files by path. */
#include "kernel/process/files.h"
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/limits.h>
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
		return root_inode;
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

/* ---- open ---- */

static long do_open(s32 dirfd, vaddr_t user, u32 flags, u32 mode)
{
	struct task *t = current_task();
	char *path = path_get(user);
	struct inode *base;
	struct file *f;
	int fd;

	if (IS_ERR(path))
		return PTR_ERR(path);
	base = path_base(dirfd, path);
	f = IS_ERR(base) ? ERR_PTR(PTR_ERR(base)) : file_open(base, path, flags, mode & ~t->umask);
	path_put(path);
	if (IS_ERR(f))
		return PTR_ERR(f);
	fd = files_add(t->files, f, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
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

SYSCALL_DEFINE2(creat, vaddr_t, path, u32, mode)
{
	return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- names made and removed ---- */

/*
 * Walks to where a name is to be made or removed. *text is the path to be given to path_put at the
 * end: found points into it.
 */
static int walk_parent(s32 dirfd, vaddr_t user, char **text, struct path *found)
{
	struct inode *base;
	int err;

	*text = path_get(user);
	if (IS_ERR(*text))
		return PTR_ERR(*text);
	base = path_base(dirfd, *text);
	err = IS_ERR(base) ? PTR_ERR(base) : path_walk(base, *text, WALK_PARENT, found);
	if (err)
		path_put(*text);
	return err;
}

/* The name is not there yet and may be made. */
static int may_create(const struct path *p, bool directory)
{
	if (p->inode)
		return -EEXIST;
	return p->trailing_slash && !directory ? -ENOENT : 0;
}

static long make_directory(s32 dirfd, vaddr_t user, u32 mode)
{
	struct path p;
	char *text;
	int err = walk_parent(dirfd, user, &text, &p);

	if (err)
		return err;
	err = may_create(&p, true);
	if (!err) {
		mode = S_IFDIR | (mode & 01777 & ~current_task()->umask);
		p.inode = ramfs_create(p.dir, p.last, p.last_len, mode, 0);
		err = IS_ERR(p.inode) ? PTR_ERR(p.inode) : 0;
		if (!err)
			inode_put(p.inode);
	}
	path_put(text);
	return err;
}

SYSCALL_DEFINE2(mkdir, vaddr_t, path, u32, mode)
{
	return make_directory(AT_FDCWD, path, mode);
}

SYSCALL_DEFINE3(mkdirat, s32, dirfd, vaddr_t, path, u32, mode)
{
	return make_directory(dirfd, path, mode);
}

static int may_remove(const struct path *p, bool directory)
{
	if (!p->inode)
		return -ENOENT;
	if (!p->dir) { /* "/", "." or ".." */
		if (!directory)
			return -EISDIR;
		return p->last_len == 1 ? -EINVAL : p->last_len == 2 ? -ENOTEMPTY : -EBUSY;
	}
	if (directory) {
		if (!S_ISDIR(p->inode->mode))
			return -ENOTDIR;
		return list_empty(&p->inode->entries) ? 0 : -ENOTEMPTY;
	}
	return S_ISDIR(p->inode->mode) ? -EISDIR : 0;
}

static long remove_name(s32 dirfd, vaddr_t user, bool directory)
{
	struct path p;
	char *text;
	int err = walk_parent(dirfd, user, &text, &p);

	if (err)
		return err;
	err = may_remove(&p, directory);
	if (!err)
		ramfs_remove(ramfs_find(p.dir, p.last, p.last_len));
	path_put(text);
	return err;
}

SYSCALL_DEFINE1(unlink, vaddr_t, path)
{
	return remove_name(AT_FDCWD, path, false);
}

SYSCALL_DEFINE1(rmdir, vaddr_t, path)
{
	return remove_name(AT_FDCWD, path, true);
}

SYSCALL_DEFINE3(unlinkat, s32, dirfd, vaddr_t, path, u32, flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return remove_name(dirfd, path, flags & AT_REMOVEDIR);
}

SYSCALL_DEFINE2(symlink, vaddr_t, target_user, vaddr_t, path)
{
	char *target = path_get(target_user);
	struct path p;
	char *text;
	int err;

	if (IS_ERR(target))
		return PTR_ERR(target);
	err = walk_parent(AT_FDCWD, path, &text, &p);
	if (!err) {
		err = may_create(&p, false);
		if (!err) {
			p.inode = ramfs_symlink(p.dir, p.last, p.last_len, target, strlen(target));
			err = IS_ERR(p.inode) ? PTR_ERR(p.inode) : 0;
			if (!err)
				inode_put(p.inode);
		}
		path_put(text);
	}
	path_put(target);
	return err;
}

SYSCALL_DEFINE2(link, vaddr_t, old, vaddr_t, path)
{
	struct inode *inode = user_path_lookup(AT_FDCWD, old, false);
	struct path p;
	char *text;
	int err;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	err = walk_parent(AT_FDCWD, path, &text, &p);
	if (!err) {
		err = may_create(&p, false);
		if (!err)
			err = S_ISDIR(inode->mode) ? -EPERM
						   : ramfs_link(p.dir, p.last, p.last_len, inode);
		path_put(text);
	}
	inode_put(inode);
	return err;
}

/* Whether dir lies in or is `above`: a directory must not be moved into itself. */
static bool lies_in(const struct inode *dir, const struct inode *above)
{
	while (dir != above && dir != root_inode)
		dir = dir->parent;
	return dir == above;
}

static int may_rename(const struct path *from, const struct path *to)
{
	if (!from->inode)
		return -ENOENT;
	if (!from->dir || !to->dir)
		return -EBUSY;
	if (S_ISDIR(from->inode->mode)) {
		if (lies_in(to->dir, from->inode))
			return -EINVAL;
		if (to->inode && !S_ISDIR(to->inode->mode))
			return -ENOTDIR;
		return to->inode && !list_empty(&to->inode->entries) ? -ENOTEMPTY : 0;
	}
	if (from->trailing_slash || to->trailing_slash)
		return -ENOTDIR;
	return to->inode && S_ISDIR(to->inode->mode) ? -EISDIR : 0;
}

static int move_name(const struct path *from, const struct path *to)
{
	struct dir_entry *entry = ramfs_find(from->dir, from->last, from->last_len);

	return to->inode == from->inode ? 0 : ramfs_rename(entry, to->dir, to->last, to->last_len);
}

SYSCALL_DEFINE2(rename, vaddr_t, old, vaddr_t, new)
{
	struct path from, to;
	char *from_text, *to_text;
	int err = walk_parent(AT_FDCWD, old, &from_text, &from);

	if (err)
		return err;
	err = walk_parent(AT_FDCWD, new, &to_text, &to);
	if (!err) {
		err = may_rename(&from, &to);
		if (!err)
			err = move_name(&from, &to);
		path_put(to_text);
	}
	path_put(from_text);
	return err;
}

/* ---- links and rights ---- */

static long read_link(s32 dirfd, vaddr_t path, vaddr_t buf, s32 size)
{
	struct inode *inode;
	char *text;
	ssize_t len = -EINVAL;

	if (size <= 0)
		return -EINVAL;
	inode = user_path_lookup(dirfd, path, false);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if (S_ISLNK(inode->mode) && !inode->link) {
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
	return read_link(AT_FDCWD, path, buf, size);
}

SYSCALL_DEFINE4(readlinkat, s32, dirfd, vaddr_t, path, vaddr_t, buf, s32, size)
{
	return read_link(dirfd, path, buf, size);
}

/* As root: all is allowed but to execute what nobody may execute. */
static long check_access(s32 dirfd, vaddr_t path, u32 mode, u32 flags)
{
	struct inode *inode;
	bool executable;

	if (mode & ~7u || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	inode = user_path_lookup(dirfd, path, !(flags & AT_SYMLINK_NOFOLLOW));
	if (IS_ERR(inode))
		return PTR_ERR(inode);
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

SYSCALL_DEFINE2(chmod, vaddr_t, path, u32, mode)
{
	struct inode *inode = user_path_lookup(AT_FDCWD, path, true);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->mode = (inode->mode & S_IFMT) | (mode & 07777);
	inode_put(inode);
	return 0;
}

SYSCALL_DEFINE2(fchmod, u32, fd, u32, mode)
{
	struct file *f = fd_file(fd);

	if (!f || !f->mode)
		return -EBADF;
	f->inode->mode = (f->inode->mode & S_IFMT) | (mode & 07777);
	return 0;
}

SYSCALL_DEFINE1(umask, u32, mask)
{
	u32 before = current_task()->umask;

	current_task()->umask = mask & 0777;
	task_fs_changed(current_task());
	return before;
}

/* ---- the current directory ---- */

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
