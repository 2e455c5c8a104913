/*
 * Open files: made by open, shared by descriptors and mappings, gone with the last of them.
 */
#include "fs/file.h"
#include "fs/epoll.h"
#include "fs/locks.h"
#include "fs/memfd.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/stat.h>

static struct kmem_cache *filp_cache;

/* Flags that are of no use once the file is open (F_GETFL does not show them on Linux). */
#define OPEN_ONLY_FLAGS (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

__init void fs_init(void)
{
	filp_cache = kmem_cache_create("filp", sizeof(struct file), 0, 0, NULL);
	if (!filp_cache)
		panic("no memory for the file cache");
	inode_cache_init();
	ramfs_init();
	devices_init();
	proc_init();
}

static bool is_writer(const struct file *f)
{
	return (f->mode & FMODE_WRITE) && S_ISREG(f->inode->mode);
}

int file_deny_writing(struct file *f)
{
	if (f->inode->writers > 0)
		return -ETXTBSY;
	f->inode->writers--;
	f->mode |= FMODE_EXEC;
	return 0;
}

void file_free(struct file *f)
{
	if (unlikely(f->watchers))
		epoll_forget(f);
	if (is_writer(f))
		f->inode->writers--;
	if (f->mode & FMODE_EXEC)
		f->inode->writers++;
	if (f->ops && f->ops->release)
		f->ops->release(f);
	if (unlikely(f->inode->locks))
		locks_drop_owner(f->inode, f, true);
	inode_put(f->inode);
	kmem_cache_free(filp_cache, f);
}

static const struct file_operations path_only_ops;

/* Makes f, whose memory is all that it has, an open file; frees it on failure. */
static struct file *file_init(struct file *f, struct inode *inode, u32 flags)
{
	int err = 0;

	if (!inode->fops && !(flags & O_PATH)) {
		kmem_cache_free(filp_cache, f);
		return ERR_PTR(-ENXIO);
	}
	f->ops = inode->fops;
	f->inode = inode_get(inode);
	f->pos = 0;
	f->flags = flags;                  /* as a driver's open() wants them (O_NOCTTY) */
	f->mode = (flags + 1) & O_ACCMODE; /* O_RDONLY, O_WRONLY, O_RDWR are 0, 1, 2 */
	f->refs = 1;
	f->private = NULL;
	f->watchers = NULL;
	f->writers_seen = 0;
	if (flags & O_PATH) {
		f->ops = &path_only_ops;
		f->mode = 0;
	} else if (f->ops->open) {
		err = f->ops->open(inode, f);
	}
	if (is_writer(f))
		inode->writers++;
	f->flags &= ~OPEN_ONLY_FLAGS;
	if (err) {
		f->ops = NULL;
		file_put(f);
		return ERR_PTR(err);
	}
	return f;
}

struct file *file_open_inode(struct inode *inode, u32 flags)
{
	struct file *f = kmem_cache_alloc(filp_cache, GFP_KERNEL);

	return f ? file_init(f, inode, flags) : ERR_PTR(-ENOMEM);
}

struct file *file_make_anonymous(const char *name, const struct file_operations *ops, void *private,
				 u32 flags)
{
	struct inode *inode = inode_alloc(S_IRUSR | S_IWUSR);
	struct file *f;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->fops = ops;
	inode->nlink = 1;
	inode->private = (void *)name;
	f = file_open_inode(inode, flags);
	inode->fops = NULL; /* it is not opened again, through /proc/PID/fd: it has one private */
	inode_put(inode);
	if (!IS_ERR(f))
		f->private = private;
	return f;
}

/* The rules of open(2) for what the path was found to be. */
static int check_open(const struct path *path, u32 flags)
{
	u32 mode = path->inode->mode;

	if ((flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	if ((flags & O_DIRECTORY) && !S_ISDIR(mode))
		return -ENOTDIR;
	if (S_ISLNK(mode) && !(flags & O_PATH))
		return -ELOOP; /* O_NOFOLLOW */
	if (S_ISDIR(mode) && ((flags & O_ACCMODE) || (flags & (O_CREAT | O_TRUNC))) &&
	    !(flags & O_PATH))
		return -EISDIR;
	if (S_ISREG(mode) && path->inode->size > INT32_MAX && !(flags & (O_LARGEFILE | O_PATH)))
		return -EOVERFLOW;
	/* Devices and pipes are written elsewhere. */
	if (path->inode->mount && (path->inode->mount->flags & MS_RDONLY) && S_ISREG(mode) &&
	    ((flags & O_ACCMODE) || (flags & O_TRUNC)))
		return -EROFS;
	if (path->inode->writers < 0 && ((flags & O_ACCMODE) || (flags & O_TRUNC)) &&
	    !(flags & O_PATH))
		return -ETXTBSY;
	return 0;
}

/* The inode that open(2) means, with a reference: found, or made, and cut if so asked. */
static struct inode *open_path(struct inode *base, const char *name, u32 flags, u32 mode)
{
	u32 walk = flags & O_NOFOLLOW ? 0 : WALK_FOLLOW;
	struct path path;
	struct inode *inode;
	int err;

	if ((flags & O_CREAT) && (flags & O_EXCL))
		walk = 0;
	if (flags & O_CREAT)
		walk |= WALK_PARENT | WALK_FILE;
	err = path_walk(base, name, walk, &path);
	if (err)
		return ERR_PTR(err);
	if (!path.inode) {
		if (path.dir->mount->flags & MS_RDONLY)
			return ERR_PTR(-EROFS);
		if (path.dir->dir_ops)
			return ERR_PTR(-ENOENT);
		return ramfs_create(path.dir, path.last, path.last_len, S_IFREG | (mode & 07777),
				    0);
	}
	err = check_open(&path, flags);
	if (err)
		return ERR_PTR(err);
	inode = inode_get(path.inode);
	if ((flags & O_TRUNC) && S_ISREG(inode->mode) && inode->fops == &ramfs_file_ops)
		err = ramfs_truncate(inode, 0);
	if (err) {
		inode_put(inode);
		return ERR_PTR(err);
	}
	return inode;
}

struct file *file_open_nameless(struct inode *dir, u32 flags, u32 mode)
{
	struct inode *inode;
	struct file *f;

	if (!S_ISDIR(dir->mode))
		return ERR_PTR(-ENOTDIR);
	if (dir->dir_ops)
		return ERR_PTR(-EOPNOTSUPP);
	if (dir->mount->flags & MS_RDONLY)
		return ERR_PTR(-EROFS);
	inode = ramfs_make_nameless(dir, S_IFREG | (mode & 07777), 0);
	if (IS_ERR(inode))
		return ERR_PTR(PTR_ERR(inode));
	inode->linkable = !(flags & O_EXCL);
	f = file_open_inode(inode, flags);
	inode_put(inode);
	return f;
}

struct file *file_open(struct inode *base, const char *name, u32 flags, u32 mode)
{
	/* First, so that a file is not made, or cut, that then cannot be opened. */
	struct file *f = kmem_cache_alloc(filp_cache, GFP_KERNEL);
	struct inode *inode;

	if (!f)
		return ERR_PTR(-ENOMEM);
	if (flags & O_PATH)
		flags &= O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;
	inode = open_path(base, name, flags, mode);
	if (IS_ERR(inode)) {
		kmem_cache_free(filp_cache, f);
		return ERR_PTR(PTR_ERR(inode));
	}
	f = file_init(f, inode, flags);
	inode_put(inode);
	return f;
}

ssize_t file_read_kernel(struct file *f, void *buf, size_t len, u64 pos)
{
	struct inode *inode = f->inode;
	size_t done = 0;

	if (!S_ISREG(inode->mode))
		return -EINVAL;
	if (pos >= inode->size)
		return 0;
	len = (size_t)MIN((u64)len, inode->size - pos);
	while (done < len) {
		u32 offset = (u32)(pos + done) & (PAGE_SIZE - 1);
		size_t n = MIN((size_t)(PAGE_SIZE - offset), len - done);
		struct page *page = page_cache_find(&inode->mapping, (pos + done) >> PAGE_SHIFT);

		if (page) {
			char *data = kmap_local(page);

			memcpy((char *)buf + done, data + offset, n);
			kunmap_local(data);
			put_page(page);
		} else {
			memset((char *)buf + done, 0, n);
		}
		done += n;
	}
	return done;
}

s64 file_llseek_sized(struct file *f, s64 offset, int whence)
{
	s64 pos;

	switch (whence) {
	case SEEK_SET:
		pos = offset;
		break;
	case SEEK_CUR:
		pos = (s64)f->pos + offset;
		break;
	case SEEK_END:
		pos = (s64)f->inode->size + offset;
		break;
	case SEEK_DATA: /* all of a file counts as data, its end as a hole */
	case SEEK_HOLE:
		if (offset < 0 || (u64)offset >= f->inode->size)
			return -ENXIO;
		pos = whence == SEEK_DATA ? offset : (s64)f->inode->size;
		break;
	default:
		return -EINVAL;
	}
	if (pos < 0)
		return -EINVAL;
	f->pos = pos;
	return pos;
}

/* ---- mappings ---- */

static void vma_open(struct vm_area_struct *vma)
{
	file_get(vma->file);
}

static void vma_close(struct vm_area_struct *vma)
{
	file_put(vma->file);
}

static void vma_name(struct vm_area_struct *vma, char *buf, size_t size)
{
	struct file *f = vma->file;

	if (inode_show_name(f->inode, buf, size) < 0)
		strlcpy(buf, "(name too long)", size);
}

static void vma_stat(struct vm_area_struct *vma, u32 *dev, u32 *ino)
{
	struct file *f = vma->file;

	*dev = f->inode->mount ? f->inode->mount->dev : 0; /* as st_dev */
	*ino = f->inode->ino;
}

static int vma_remove(struct vm_area_struct *vma, u32 first, u32 last)
{
	struct inode *inode = ((struct file *)vma->file)->inode;

	if (is_sealed(inode, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	ramfs_drop_pages(inode, first, last);
	inode_modified(inode);
	return 0;
}

static const struct vm_ops file_vm_ops = {
	.remove = vma_remove,
	.open = vma_open,
	.close = vma_close,
	.name = vma_name,
	.stat = vma_stat,
};

int file_mmap_pages(struct file *f, struct mmap_object *object)
{
	*object =
		(struct mmap_object){.mapping = &f->inode->mapping, .ops = &file_vm_ops, .file = f};
	return 0;
}
