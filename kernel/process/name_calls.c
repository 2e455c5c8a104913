/*
 * System calls that make, move and remove names. A walk finds where the name is or is to be; then all is
 * checked, and what changes the tree comes last.
 */
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include "lib/string.h"
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/stat.h>

/* Walks to where a name is to be made or removed. *text is the path to be given to path_put at the
 * end: found points into it. */
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

/* The names of a directory may change. */
static int may_change(const struct inode *dir)
{
	if (dir->mount->flags & MS_RDONLY)
		return -EROFS;
	return 0;
}

/* ---- made ---- */

/* The name is not there yet and may be made. */
static int may_create(const struct path *p, bool directory)
{
	int err;

	if (p->inode)
		return -EEXIST;
	if (p->trailing_slash && !directory)
		return -ENOENT;
	if (!p->dir->nlink)
		return -ENOENT; /* it was removed */
	err = may_change(p->dir);
	return !err && p->dir->mount->type->magic == PROC_SUPER_MAGIC ? -ENOENT : err;
}

static int make_node(s32 dirfd, vaddr_t user, u32 mode, u32 rdev)
{
	struct path p;
	char *text;
	int err = walk_parent(dirfd, user, &text, &p);

	if (err)
		return err;
	err = may_create(&p, S_ISDIR(mode));
	if (!err) {
		p.inode = ramfs_create(p.dir, p.last, p.last_len, mode & ~current_task()->umask,
				       rdev);
		err = IS_ERR(p.inode) ? PTR_ERR(p.inode) : 0;
		if (!err)
			inode_put(p.inode);
	}
	path_put(text);
	return err;
}

SYSCALL_DEFINE2(mkdir, vaddr_t, path, u32, mode)
{
	return make_node(AT_FDCWD, path, S_IFDIR | (mode & 01777), 0);
}

SYSCALL_DEFINE3(mkdirat, s32, dirfd, vaddr_t, path, u32, mode)
{
	return make_node(dirfd, path, S_IFDIR | (mode & 01777), 0);
}

static long do_mknod(s32 dirfd, vaddr_t path, u32 mode, u32 rdev)
{
	switch (mode & S_IFMT) {
	case 0:
		mode |= S_IFREG; /* fall through */
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
		rdev = 0; /* fall through */
	case S_IFCHR:
	case S_IFBLK:
		return make_node(dirfd, path, mode & (S_IFMT | 07777), rdev);
	case S_IFDIR:
		return -EPERM;
	}
	return -EINVAL;
}

SYSCALL_DEFINE3(mknod, vaddr_t, path, u32, mode, u32, rdev)
{
	return do_mknod(AT_FDCWD, path, mode, rdev);
}

SYSCALL_DEFINE4(mknodat, s32, dirfd, vaddr_t, path, u32, mode, u32, rdev)
{
	return do_mknod(dirfd, path, mode, rdev);
}

static long do_symlink(vaddr_t target_user, s32 dirfd, vaddr_t path)
{
	char *target = path_get(target_user);
	struct path p;
	char *text;
	int err;

	if (IS_ERR(target))
		return PTR_ERR(target);
	err = walk_parent(dirfd, path, &text, &p);
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

SYSCALL_DEFINE2(symlink, vaddr_t, target, vaddr_t, path)
{
	return do_symlink(target, AT_FDCWD, path);
}

SYSCALL_DEFINE3(symlinkat, vaddr_t, target, s32, dirfd, vaddr_t, path)
{
	return do_symlink(target, dirfd, path);
}

static long do_link(s32 old_dirfd, vaddr_t old, s32 dirfd, vaddr_t path, u32 flags)
{
	struct inode *inode;
	struct path p;
	char *text;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	inode = user_path_at(old_dirfd, old,
			     (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) |
				     (flags & AT_EMPTY_PATH));
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	err = walk_parent(dirfd, path, &text, &p);
	if (!err) {
		err = may_create(&p, false);
		if (!err && inode->mount != p.dir->mount)
			err = -EXDEV;
		if (!err && S_ISDIR(inode->mode))
			err = -EPERM;
		if (!err && !inode->nlink && !inode->linkable)
			err = -ENOENT;
		if (!err)
			err = ramfs_link(p.dir, p.last, p.last_len, inode);
		if (!err)
			inode->linkable = false;
		path_put(text);
	}
	inode_put(inode);
	return err;
}

SYSCALL_DEFINE2(link, vaddr_t, old, vaddr_t, path)
{
	return do_link(AT_FDCWD, old, AT_FDCWD, path, 0);
}

SYSCALL_DEFINE5(linkat, s32, old_dirfd, vaddr_t, old, s32, dirfd, vaddr_t, path, u32, flags)
{
	return do_link(old_dirfd, old, dirfd, path, flags);
}

/* ---- removed ---- */

/* Of a name that is there: whether something is mounted on what it names. */
static bool is_covered(const struct path *p)
{
	const struct dir_entry *entry = ramfs_find(p->dir, p->last, p->last_len);

	return entry && entry->inode->covering;
}

static int may_remove(const struct path *p, bool directory)
{
	int err;

	if (!p->inode)
		return -ENOENT;
	if (!p->dir) { /* "/", "." or ".." */
		if (!directory)
			return -EISDIR;
		return p->last_len == 1 ? -EINVAL : p->last_len == 2 ? -ENOTEMPTY : -EBUSY;
	}
	err = may_change(p->dir);
	if (err)
		return err;
	if (directory) {
		if (!S_ISDIR(p->inode->mode))
			return -ENOTDIR;
		if (is_covered(p))
			return -EBUSY;
		if (p->dir->mount->type->magic == PROC_SUPER_MAGIC)
			return -EPERM;
		return list_empty(&p->inode->entries) ? 0 : -ENOTEMPTY;
	}
	if (p->trailing_slash && !S_ISDIR(p->inode->mode))
		return -ENOTDIR;
	if (S_ISDIR(p->inode->mode))
		return -EISDIR;
	return p->dir->mount->type->magic == PROC_SUPER_MAGIC ? -EPERM : 0;
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

/* ---- moved ---- */

/* Whether dir lies in or is `above`: a directory must not be moved into itself. */
static bool lies_in(const struct inode *dir, const struct inode *above)
{
	while (dir != above && dir != dir->parent)
		dir = dir->parent;
	return dir == above;
}

/* What holds for each kind of rename. */
static int may_move(const struct path *from, const struct path *to, u32 flags)
{
	int err;

	if (!from->dir || !to->dir)
		return flags & RENAME_NOREPLACE && from->dir ? -EEXIST : -EBUSY;
	if (from->dir->mount != to->dir->mount)
		return -EXDEV;
	err = may_change(to->dir);
	if (err)
		return err;
	if (!from->inode)
		return -ENOENT;
	if ((flags & RENAME_NOREPLACE) && to->inode)
		return -EEXIST;
	if ((flags & RENAME_EXCHANGE) && !to->inode)
		return -ENOENT;
	if (!S_ISDIR(from->inode->mode) &&
	    (from->trailing_slash || (to->trailing_slash && !(flags & RENAME_EXCHANGE))))
		return -ENOTDIR;
	if ((flags & RENAME_EXCHANGE) && to->trailing_slash && !S_ISDIR(to->inode->mode))
		return -ENOTDIR;
	if (S_ISDIR(from->inode->mode) && lies_in(to->dir, from->inode))
		return -EINVAL;
	if (to->inode && S_ISDIR(to->inode->mode) && lies_in(from->dir, to->inode))
		return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return 0;
}

/* What holds for a name that takes the place of another. */
static int may_replace(const struct path *from, const struct path *to)
{
	if (!to->inode)
		return 0;
	if (S_ISDIR(from->inode->mode))
		return !S_ISDIR(to->inode->mode)         ? -ENOTDIR
		       : list_empty(&to->inode->entries) ? 0
							 : -ENOTEMPTY;
	return S_ISDIR(to->inode->mode) ? -EISDIR : 0;
}

static int move_name(const struct path *from, const struct path *to, u32 flags)
{
	int err = may_move(from, to, flags);
	struct dir_entry *entry;

	if (err)
		return err;
	if (to->inode == from->inode)
		return 0; /* two names of one file: both stay (POSIX) */
	if (is_covered(from) || (to->inode && is_covered(to)))
		return -EBUSY;
	entry = ramfs_find(from->dir, from->last, from->last_len);
	if (flags & RENAME_EXCHANGE) {
		ramfs_exchange(entry, ramfs_find(to->dir, to->last, to->last_len));
		return 0;
	}
	err = may_replace(from, to);
	return err ? err : ramfs_rename(entry, to->dir, to->last, to->last_len);
}

static long do_rename(s32 old_dirfd, vaddr_t old, s32 new_dirfd, vaddr_t new, u32 flags)
{
	struct path from, to;
	char *from_text, *to_text;
	int err;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	err = walk_parent(old_dirfd, old, &from_text, &from);
	if (err)
		return err;
	err = walk_parent(new_dirfd, new, &to_text, &to);
	if (!err) {
		err = move_name(&from, &to, flags);
		path_put(to_text);
	}
	path_put(from_text);
	return err;
}

SYSCALL_DEFINE2(rename, vaddr_t, old, vaddr_t, new)
{
	return do_rename(AT_FDCWD, old, AT_FDCWD, new, 0);
}

SYSCALL_DEFINE4(renameat, s32, old_dirfd, vaddr_t, old, s32, new_dirfd, vaddr_t, new)
{
	return do_rename(old_dirfd, old, new_dirfd, new, 0);
}

SYSCALL_DEFINE5(renameat2, s32, old_dirfd, vaddr_t, old, s32, new_dirfd, vaddr_t, new, u32, flags)
{
	return do_rename(old_dirfd, old, new_dirfd, new, flags);
}
