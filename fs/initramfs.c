/*
 * Unpacks the boot archive into the tree.
 *
 * The archive lies in frames that boot has kept reserved. Their contents are copied to page-cache
 * pages, and frames that are behind the reader go to the buddy at once: unpacking takes little more
 * memory than the archive itself. That a page must be copied at all comes from cpio, which aligns
 * contents to 4 bytes.
 */
#include "fs/cpio.h"
#include "fs/file.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "mm/phys/buddy.h"
#include <linux/stat.h>

struct unpacker {
	const u8 *data; /* the archive */
	paddr_t phys;
	u32 freed; /* bytes from phys whose frames were given back: a multiple of PAGE_SIZE */
	struct list_head links; /* struct linked: files with several names */
};

/* The first name of a file that has several. */
struct linked {
	struct list_head node;
	struct inode *inode; /* a reference */
	u32 ino, dev_major, dev_minor;
};

static char error_text[128];

/* Nothing before this offset of the archive will be read again. */
static __init void release_before(struct unpacker *u, u32 offset)
{
	u32 end = ALIGN_DOWN(offset, PAGE_SIZE);

	if (end > u->freed) {
		free_reserved_range((u->phys + u->freed) >> PAGE_SHIFT,
				    (u->phys + end) >> PAGE_SHIFT);
		u->freed = end;
	}
}

static __init int copy_contents(struct unpacker *u, struct inode *inode, const u8 *from, u32 size)
{
	for (u32 done = 0; done < size;) {
		u32 n = MIN(size - done, PAGE_SIZE);
		ssize_t ret = ramfs_write_kernel(inode, from + done, n, done);

		if (ret < 0)
			return ret;
		done += n;
		release_before(u, from - u->data + done);
	}
	return 0;
}

/* A file with several names: the inode that an earlier entry made, or NULL. */
static __init struct inode *find_linked(struct unpacker *u, const struct cpio_entry *e)
{
	struct linked *l;

	list_for_each_entry (l, &u->links, node)
		if (l->ino == e->ino && l->dev_major == e->dev_major &&
		    l->dev_minor == e->dev_minor)
			return l->inode;
	return NULL;
}

static __init int remember_linked(struct unpacker *u, const struct cpio_entry *e,
				  struct inode *inode)
{
	struct linked *l = kmalloc(sizeof(*l), GFP_KERNEL);

	if (!l)
		return -ENOMEM;
	*l = (struct linked){.inode = inode_get(inode),
			     .ino = e->ino,
			     .dev_major = e->dev_major,
			     .dev_minor = e->dev_minor};
	list_add(&l->node, &u->links);
	return 0;
}

static __init void forget_linked(struct unpacker *u)
{
	struct linked *l, *next;

	list_for_each_entry_safe (l, next, &u->links, node) {
		list_del(&l->node);
		inode_put(l->inode);
		kfree(l);
	}
}

static __init int unpack_file(struct unpacker *u, const struct cpio_entry *e, struct inode *dir,
			      const char *name, u32 len)
{
	struct inode *inode = e->nlink > 1 ? find_linked(u, e) : NULL;
	int err = 0;

	if (inode) {
		err = ramfs_link(dir, name, len, inode);
		return err || !e->size ? err : copy_contents(u, inode, e->data, e->size);
	}
	inode = ramfs_create(dir, name, len, S_IFREG | (e->mode & 07777), 0);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if (e->nlink > 1)
		err = remember_linked(u, e, inode);
	if (!err)
		err = copy_contents(u, inode, e->data, e->size);
	inode->uid = e->uid;
	inode->gid = e->gid;
	inode->mtime_ns = (u64)e->mtime * 1000000000u;
	inode_put(inode);
	return err;
}

static __init int unpack_directory(const struct cpio_entry *e, struct inode *dir, const char *name,
				   u32 len)
{
	struct inode *made = len ? ramfs_make_dirs(dir, name, len) : dir;

	if (IS_ERR(made))
		return PTR_ERR(made);
	made->mode = S_IFDIR | (e->mode & 07777);
	made->uid = e->uid;
	made->gid = e->gid;
	return 0;
}

/* A name that is already there gives way to the archive's, as on Linux; a directory stays. */
static __init int make_room(struct inode *dir, const char *name, u32 len)
{
	struct dir_entry *old = ramfs_find(dir, name, len);

	if (!old)
		return 0;
	if (S_ISDIR(old->inode->mode))
		return -EEXIST;
	ramfs_remove(old);
	return 0;
}

static __init bool is_file_type(u32 mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISCHR(mode) || S_ISBLK(mode) ||
	       S_ISFIFO(mode) || S_ISSOCK(mode);
}

/* What has no type makes nothing, as on Linux. */
static __init int unpack_entry(struct unpacker *u, const struct cpio_entry *e)
{
	const char *slash = strrchr(e->name, '/');
	const char *name = slash ? slash + 1 : e->name;
	u32 len = strlen(name);
	struct inode *dir, *inode;
	int err;

	if (!is_file_type(e->mode))
		return 0;
	dir = ramfs_make_dirs(root_inode, e->name, name - e->name);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	if (!len || (len == 1 && *name == '.'))
		len = 0;
	if (S_ISDIR(e->mode))
		return unpack_directory(e, dir, name, len);
	if (!len)
		return -EISDIR;
	err = make_room(dir, name, len);
	if (err)
		return err;
	if (S_ISREG(e->mode))
		return unpack_file(u, e, dir, name, len);
	if (S_ISLNK(e->mode))
		inode = ramfs_symlink(dir, name, len, e->data, e->size);
	else
		inode = ramfs_create(dir, name, len, e->mode,
				     (e->rdev_minor & 0xFF) | e->rdev_major << 8 |
					     (e->rdev_minor & ~0xFFu) << 12);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->uid = e->uid;
	inode->gid = e->gid;
	inode_put(inode);
	return 0;
}

static __init const char *error_name(int err)
{
	switch (-err) {
	case ENOMEM:
	case ENOSPC:
		return "not enough memory";
	case EEXIST:
		return "a directory of that name is there";
	case ENOTDIR:
		return "its directory is a file";
	case EISDIR:
		return "it has no name";
	default:
		return "cannot be made";
	}
}

static __init int unpack_all(struct unpacker *u, u32 len)
{
	struct cpio_iter iter;
	struct cpio_entry e;
	u32 nr_ended = 0;
	int ret;

	cpio_start(&iter, u->data, len);
	while ((ret = cpio_next(&iter, &e)) > 0) {
		char name[48];

		if (iter.nr_ended != nr_ended)
			forget_linked(u); /* numbers mean something in one archive only */
		nr_ended = iter.nr_ended;
		strlcpy(name, e.name, sizeof(name)); /* its frame may be given back */
		ret = unpack_entry(u, &e);
		if (ret) {
			scnprintf(error_text, sizeof(error_text), "/%s: %s (error %d)", name,
				  error_name(ret), -ret);
			return ret;
		}
		release_before(u, iter.pos);
	}
	if (ret < 0)
		scnprintf(error_text, sizeof(error_text), "%s, at byte %u of %u", iter.error,
			  (u32)iter.error_offset, len);
	return ret;
}

__init int initramfs_unpack(paddr_t phys, u32 len, const char **error)
{
	struct unpacker u = {.phys = phys, .links = LIST_HEAD_INIT(u.links)};
	bool direct = phys < LOWMEM_MAX && len <= LOWMEM_MAX - phys &&
		      (phys + len) >> PAGE_SHIFT <= max_low_pfn;
	void *mapped;
	int err;

	*error = error_text;
	if (phys & ~PAGE_MASK) {
		scnprintf(error_text, sizeof(error_text), "its address %#x is not that of a page",
			  phys);
		return -EINVAL;
	}
	mapped = direct ? phys_to_virt(phys) : memremap(phys, len);
	if (!mapped) {
		scnprintf(error_text, sizeof(error_text), "%u KiB at %#x cannot be mapped",
			  len / 1024, phys);
		return -ENOMEM;
	}
	u.data = mapped;
	err = unpack_all(&u, len);
	forget_linked(&u);
	if (!direct)
		iounmap(mapped);
	release_before(&u, ALIGN_UP(len, PAGE_SIZE));
	return err;
}
