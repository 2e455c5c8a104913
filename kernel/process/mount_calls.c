/* mount(2) and umount(2). */
#include "fs/mount.h"
#include "kernel/process/path_calls.h"
#include "kernel/process/syscall.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/stat.h>

#define OPTIONS_SIZE 256u
#define NAME_SIZE    64u

/* umount2's flags; no UAPI header has them. */
#define MNT_FORCE       1u
#define MNT_DETACH      2u
#define MNT_EXPIRE      4u
#define UMOUNT_NOFOLLOW 8u

/* A string argument that may be missing: "" then. What does not fit is -EINVAL. */
static int get_string(char *to, vaddr_t user, u32 size)
{
	ssize_t len;

	to[0] = '\0';
	if (!user)
		return 0;
	len = strncpy_from_user(to, uptr(user), size);
	return len < 0 ? (int)len : (u32)len < size ? 0 : -EINVAL;
}

static int move_mount(vaddr_t source, struct inode *dir)
{
	struct inode *from = user_path_lookup(AT_FDCWD, source, true);
	int err = -EINVAL;

	if (IS_ERR(from))
		return PTR_ERR(from);
	if (from->mount && from == from->mount->root && S_ISDIR(dir->mode))
		err = mount_move(from->mount, dir);
	inode_put(from);
	return err;
}

struct mount_strings {
	char source[NAME_SIZE], type[NAME_SIZE], options[OPTIONS_SIZE];
};

static int do_mount(struct inode *dir, vaddr_t source, u32 flags, const struct mount_strings *s)
{
	if (flags & MS_REMOUNT) {
		if (!dir->mount || dir != dir->mount->root)
			return -EINVAL;
		return mount_change(dir->mount, flags, s->options);
	}
	if (flags & (MS_PRIVATE | MS_SHARED | MS_SLAVE | MS_UNBINDABLE)) /* there are no copies */
		return dir->mount && dir == dir->mount->root ? 0 : -EINVAL;
	if (flags & MS_BIND)
		return -EINVAL;
	if (flags & MS_MOVE)
		return move_mount(source, dir);
	if (!*s->type)
		return -EINVAL;
	if (!S_ISDIR(dir->mode))
		return -ENOTDIR;
	return mount_at(dir, s->type, s->source, flags, s->options);
}

SYSCALL_DEFINE5(mount, vaddr_t, source, vaddr_t, path, vaddr_t, type, u32, flags, vaddr_t, options)
{
	struct mount_strings *s = kmalloc(sizeof(*s), GFP_KERNEL);
	struct inode *dir;
	int err;

	if (!s)
		return -ENOMEM;
	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~MS_MGC_MSK;
	err = get_string(s->source, source, sizeof(s->source));
	if (!err)
		err = get_string(s->type, type, sizeof(s->type));
	if (!err)
		err = get_string(s->options, options, sizeof(s->options));
	if (!err) {
		dir = user_path_lookup(AT_FDCWD, path, true);
		err = IS_ERR(dir) ? PTR_ERR(dir) : do_mount(dir, source, flags, s);
		if (!IS_ERR(dir))
			inode_put(dir);
	}
	kfree(s);
	return err;
}

static long do_umount(vaddr_t path, u32 flags)
{
	struct inode *dir;
	struct mount *m;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	dir = user_path_lookup(AT_FDCWD, path, !(flags & UMOUNT_NOFOLLOW));
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	m = dir->mount && dir == dir->mount->root ? dir->mount : NULL;
	inode_put(dir);
	return m ? mount_remove(m, flags & MNT_DETACH) : -EINVAL;
}

SYSCALL_DEFINE1(umount, vaddr_t, path)
{
	return do_umount(path, 0);
}

SYSCALL_DEFINE2(umount2, vaddr_t, path, u32, flags)
{
	return do_umount(path, flags);
}
