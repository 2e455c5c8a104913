/*
 * The tree of names, and regular files whose contents are page-cache pages.
 *
 * A directory is a list of entries in the order of their making. A lookup compares a hash and a
 * length first, so that a directory of some hundred names costs some hundred compares: a hash table
 * would be quicker for thousands, which a boot archive does not have in one directory.
 *
 * Contents are nowhere but in the page cache: a page that is not there is a hole and reads as
 * zeros, without being made. Writing makes pages; they are never given back before the file is cut
 * or freed.
 */
#include "fs/file.h"
#include "fs/memfd.h"
#include "fs/mount.h"
#include "kernel/core/time.h"
#include "kernel/core/wait.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "arch/i386/cpu/usercopy.h"
#include <linux/limits.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

struct inode *root_inode;

#define NAME_BYTES 20u /* what a name adds to the size of its directory: Linux's tmpfs shows that */

static u32 hash_name(const char *name, u32 len)
{
	u32 hash = len;

	for (u32 i = 0; i < len; i++)
		hash = hash * 31 + (u8)name[i];
	return hash;
}

__init void ramfs_init(void)
{
	mount_root_init();
}

struct inode *ramfs_make_root(struct mount *m, u32 mode)
{
	struct inode *root = inode_alloc(S_IFDIR | mode);

	if (!root)
		return NULL;
	root->fops = &dir_file_ops;
	root->parent = root;
	root->nlink = 2;
	root->size = 2 * NAME_BYTES;
	root->mount = m;
	m->nr_inodes++;
	return root;
}

static int charge(struct address_space *as)
{
	struct inode *inode = as->host;

	return mount_charge_page(inode->mount);
}

static void uncharge(struct address_space *as)
{
	struct inode *inode = as->host;

	mount_uncharge_pages(inode->mount, 1);
}

static const struct address_space_operations ramfs_mapping_ops = {.charge = charge,
								  .uncharge = uncharge};

struct dir_entry *ramfs_find(struct inode *dir, const char *name, u32 len)
{
	u32 hash = hash_name(name, len);
	struct dir_entry *entry;

	list_for_each_entry (entry, &dir->entries, node)
		if (entry->hash == hash && entry->len == len && !memcmp(entry->name, name, len))
			return entry;
	return NULL;
}

/* An entry that is in no directory yet, without its inode. */
static struct dir_entry *entry_alloc(const char *name, u32 len)
{
	struct dir_entry *entry = kmalloc(sizeof(*entry) + len + 1, GFP_KERNEL);

	if (!entry)
		return NULL;
	entry->hash = hash_name(name, len);
	entry->len = len;
	memcpy(entry->name, name, len);
	entry->name[len] = '\0';
	return entry;
}

/* Puts an entry for inode (a reference) into dir; a directory gets its parent. */
static void entry_attach(struct dir_entry *entry, struct inode *dir, struct inode *inode)
{
	entry->dir = dir;
	entry->inode = inode;
	entry->cookie = ++dir->last_cookie;
	list_add_tail(&entry->node, &dir->entries);
	if (!inode->entry)
		inode->entry = entry;
	inode->nlink++;
	if (S_ISDIR(inode->mode)) {
		inode->nlink++; /* its own "." */
		inode->parent = inode_get(dir);
		dir->nlink++; /* its ".." */
	}
	if (dir->size)
		dir->size += NAME_BYTES;
	inode_changed(inode);
	inode_modified(dir);
}

/* The reverse: entry is in no directory then, and its reference to the inode is the caller's. */
static struct inode *entry_detach(struct dir_entry *entry)
{
	struct inode *inode = entry->inode, *dir = entry->dir;

	list_del(&entry->node);
	if (inode->entry == entry)
		inode->entry = NULL;
	inode->nlink--;
	if (S_ISDIR(inode->mode)) {
		inode->nlink--;
		dir->nlink--;
	}
	if (dir->size)
		dir->size -= NAME_BYTES;
	inode_changed(inode);
	inode_modified(dir);
	return inode;
}

int ramfs_link(struct inode *dir, const char *name, u32 len, struct inode *inode)
{
	struct dir_entry *entry;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (!dir->nlink)
		return -ENOENT;
	if (ramfs_find(dir, name, len))
		return -EEXIST;
	entry = entry_alloc(name, len);
	if (!entry)
		return -ENOMEM;
	entry_attach(entry, dir, inode_get(inode));
	return 0;
}

void ramfs_remove(struct dir_entry *entry)
{
	struct inode *inode = entry->inode;

	if (inode->refs > 1 && inode->entry == entry)
		inode_keep_name(inode);
	entry_detach(entry);
	kfree(entry);
	inode_put(inode);
}

int ramfs_rename(struct dir_entry *old, struct inode *dir, const char *name, u32 len)
{
	struct dir_entry *target, *entry;
	struct inode *inode, *parent;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (!dir->nlink)
		return -ENOENT;
	entry = entry_alloc(name, len);
	if (!entry)
		return -ENOMEM;
	target = ramfs_find(dir, name, len);
	if (target)
		ramfs_remove(target);
	inode = entry_detach(old);
	kfree(old);
	parent = inode->parent; /* of a directory: attaching takes a reference to the new one */
	entry_attach(entry, dir, inode);
	if (parent)
		inode_put(parent);
	return 0;
}

/* The directory `child` gets another parent. */
static void set_parent(struct inode *child, struct inode *parent)
{
	struct inode *before = child->parent;

	child->parent = inode_get(parent);
	parent->nlink++;
	before->nlink--;
	inode_put(before);
}

void ramfs_exchange(struct dir_entry *a, struct dir_entry *b)
{
	struct inode *inode = a->inode;

	if (S_ISDIR(a->inode->mode))
		set_parent(a->inode, b->dir);
	if (S_ISDIR(b->inode->mode))
		set_parent(b->inode, a->dir);
	a->inode = b->inode;
	b->inode = inode;
	if (a->inode->entry == b || S_ISDIR(a->inode->mode))
		a->inode->entry = a;
	if (b->inode->entry == a || S_ISDIR(b->inode->mode))
		b->inode->entry = b;
	inode_changed(a->inode);
	inode_changed(b->inode);
	inode_modified(a->dir);
	inode_modified(b->dir);
}

void ramfs_empty(struct inode *dir)
{
	struct inode *at = dir;

	/* From the leaves up: a stack of directories is the tree itself. */
	for (;;) {
		struct dir_entry *entry;

		if (list_empty(&at->entries)) {
			if (at == dir)
				return;
			entry = at->entry;
			at = entry->dir;
			ramfs_remove(entry);
			continue;
		}
		entry = list_first_entry(&at->entries, struct dir_entry, node);
		if (S_ISDIR(entry->inode->mode))
			at = entry->inode;
		else
			ramfs_remove(entry);
	}
}

void ramfs_make_regular(struct inode *inode, struct mount *m)
{
	inode->fops = &ramfs_file_ops;
	inode->mount = m;
	inode->mapping.ops = &ramfs_mapping_ops;
	inode->mapping.shmem = m->shmem;
	inode->seals = m->shmem ? F_SEAL_SEAL : 0;
}

struct inode *ramfs_make_nameless(struct inode *dir, u32 mode, u32 rdev)
{
	struct inode *inode = inode_alloc(mode);
	int err;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	err = mount_charge_inode(dir->mount);
	if (err) {
		inode_put(inode);
		return ERR_PTR(err);
	}
	inode->mount = dir->mount;
	inode->rdev = rdev;
	if (dir->mode & S_ISGID) {
		inode->gid = dir->gid;
		if (S_ISDIR(mode))
			inode->mode |= S_ISGID;
	}
	if (S_ISREG(mode)) {
		ramfs_make_regular(inode, dir->mount);
	} else if (S_ISDIR(mode)) {
		inode->fops = &dir_file_ops;
		inode->size = 2 * NAME_BYTES;
	} else if (S_ISCHR(mode)) {
		inode->fops = &chardev_file_ops;
	} else if (S_ISFIFO(mode)) {
		inode->fops = &fifo_file_ops;
	}
	return inode;
}

struct inode *ramfs_create(struct inode *dir, const char *name, u32 len, u32 mode, u32 rdev)
{
	struct inode *inode = ramfs_make_nameless(dir, mode, rdev);
	int err;

	if (IS_ERR(inode))
		return inode;
	err = ramfs_link(dir, name, len, inode);
	if (err) {
		inode_put(inode);
		return ERR_PTR(err);
	}
	return inode;
}

static void free_private(struct inode *inode)
{
	kfree(inode->private);
}

struct inode *ramfs_symlink(struct inode *dir, const char *name, u32 len, const char *target,
			    size_t target_len)
{
	char *text;
	struct inode *inode;

	if (target_len > SYMLINK_MAX_LEN)
		return ERR_PTR(-ENAMETOOLONG);
	text = kmalloc(target_len + 1, GFP_KERNEL);
	if (!text)
		return ERR_PTR(-ENOMEM);
	memcpy(text, target, target_len);
	text[target_len] = '\0';
	inode = ramfs_create(dir, name, len, S_IFLNK | 0777, 0);
	if (IS_ERR(inode)) {
		kfree(text);
		return inode;
	}
	inode->private = text;
	inode->evict = free_private;
	inode->size = target_len;
	return inode;
}

struct inode *ramfs_make_dirs(struct inode *dir, const char *path, size_t len)
{
	const char *end = path + len;

	while (path < end) {
		const char *name = path;

		while (path < end && *path != '/')
			path++;
		if (path != name && !(path - name == 1 && *name == '.')) {
			struct dir_entry *entry = ramfs_find(dir, name, path - name);
			struct inode *next = entry ? entry->inode : NULL;

			if (!next) {
				next = ramfs_create(dir, name, path - name, S_IFDIR | 0755, 0);
				if (IS_ERR(next))
					return next;
				inode_put(next); /* its name keeps it */
			}
			if (!S_ISDIR(next->mode))
				return ERR_PTR(-ENOTDIR);
			dir = next;
		}
		path++;
	}
	return dir;
}

/* ---- contents ---- */

static void set_size(struct inode *inode, u64 size)
{
	inode->size = size;
	inode->mapping.size_bytes = size;
}

/* Up to the end of one page. Bytes that could not be copied. */
static __always_inline size_t read_page(struct inode *inode, u32 index, u32 offset, char __user *to,
					size_t n)
{
	struct page *page = page_cache_find(&inode->mapping, index);
	char *data;

	if (unlikely(!page))
		return clear_user(to, n);
	data = kmap_local(page);
	n = copy_to_user(to, data + offset, n);
	kunmap_local(data);
	put_page(page);
	return n;
}

/*
 * Others run between two pieces of what may be 2 GB. Who reads meanwhile from the same open file begins behind
 * all of it, for the position moves on first. Who changes the file waits until a long change has ended, as on Linux.
 */
#define PAGES_AT_ONCE 16u

/* len bytes, none beyond the end of the file. Bytes done. */
static size_t read_pages(struct inode *inode, u64 at, char __user *to, size_t len)
{
	u32 index = at >> PAGE_SHIFT, offset = (u32)at & (PAGE_SIZE - 1);
	u32 piece_end = index + PAGES_AT_ONCE;
	size_t done = 0;

	do {
		size_t n = MIN((size_t)(PAGE_SIZE - offset), len - done);
		size_t left = read_page(inode, index, offset, to + done, n);

		done += n - left;
		if (unlikely(left))
			break;
		index++;
		offset = 0;
		if (index != piece_end)
			continue;
		piece_end += PAGES_AT_ONCE;
		if (thread_make_way()) /* it may have been cut */
			len = inode->size > at ? (size_t)MIN((u64)len, inode->size - at) : 0;
	} while (done < len);
	return done;
}

static noinline ssize_t read_far(struct inode *inode, void __user *buf, size_t len, u64 *pos)
{
	u64 at = *pos;
	size_t done;

	if (at >= inode->size || !len)
		return 0;
	if (len > inode->size - at)
		len = inode->size - at;
	*pos = at + len;
	done = read_pages(inode, at, buf, len);
	if (done < len && *pos == at + len)
		*pos = at + done;
	return done ? (ssize_t)done : -EFAULT;
}

/* Mostly it is one page of a file below 4 GiB: no loop and no 64-bit arithmetic then. */
static ssize_t ramfs_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	struct inode *inode = f->inode;
	u32 at = (u32)*pos, size = (u32)inode->size;
	u32 offset = at & (PAGE_SIZE - 1);
	size_t left;

	if (unlikely((u32)(*pos >> 32) | (u32)(inode->size >> 32)))
		return read_far(inode, buf, len, pos);
	if (at >= size)
		return 0;
	if (len > size - at)
		len = size - at;
	if (unlikely(offset + len > PAGE_SIZE))
		return read_far(inode, buf, len, pos);
	left = read_page(inode, at >> PAGE_SHIFT, offset, buf, len);
	len -= left;
	if (unlikely(!len))
		return left ? -EFAULT : 0;
	*pos = at + len;
	return len;
}

/* One page's worth from user (or kernel) memory. Bytes done or errno. */
static ssize_t write_page(struct inode *inode, const void *buf, size_t n, u64 at, bool from_user)
{
	u32 offset = (u32)at & (PAGE_SIZE - 1);
	bool major;
	struct page *page;
	char *data;

	if (is_sealed(inode, F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE) &&
	    seals_permit_write(inode, at + n))
		return -EPERM;
	page = page_cache_get(&inode->mapping, at >> PAGE_SHIFT, &major);
	if (IS_ERR(page))
		return PTR_ERR(page) == -ENOMEM ? -ENOSPC : PTR_ERR(page);
	data = kmap_local(page);
	if (from_user) {
		size_t left = copy_from_user(data + offset, buf, n);

		n = left == n ? 0 : n - left;
	} else {
		memcpy(data + offset, buf, n);
	}
	kunmap_local(data);
	page->flags |= PG_DIRTY;
	put_page(page);
	if (!n)
		return -EFAULT;
	if (at + n > inode->size)
		set_size(inode, at + n);
	return n;
}

static struct wait_queue change_ended = {LIST_HEAD_INIT(change_ended.waiters)};

void inode_wait_for_change(struct inode *inode)
{
	if (unlikely(READ_ONCE(inode->changing)))
		wait_event(change_ended, !READ_ONCE(inode->changing));
}

static void end_change(struct inode *inode)
{
	inode->changing = false;
	wake_up_all(&change_ended);
}

static ssize_t write_pages(struct inode *inode, const char *buf, size_t len, u64 at, bool from_user)
{
	size_t done = 0;

	if (len && at >= FILE_SIZE_MAX)
		return -EFBIG;
	len = (size_t)MIN((u64)len, FILE_SIZE_MAX - at);
	while (done < len) {
		size_t room = PAGE_SIZE - ((u32)(at + done) & (PAGE_SIZE - 1));
		size_t n = MIN(room, len - done);
		ssize_t ret = write_page(inode, buf + done, n, at + done, from_user);

		if (ret < 0)
			return done ? (ssize_t)done : ret;
		done += ret;
		if ((size_t)ret < n)
			break;
		if (unlikely(inode->changing))
			thread_make_way();
	}
	return done;
}

static noinline ssize_t write_long(struct inode *inode, const void __user *buf, size_t len, u64 at,
				   u64 *pos)
{
	ssize_t ret;

	*pos = at + len;
	inode->changing = true;
	ret = write_pages(inode, buf, len, at, true);
	end_change(inode);
	if (ret != (ssize_t)len && *pos == at + len)
		*pos = at + MAX(ret, 0);
	return ret;
}

static ssize_t ramfs_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	struct inode *inode = f->inode;
	ssize_t ret;
	u64 at;

	inode_wait_for_change(inode);
	at = f->flags & O_APPEND ? inode->size : *pos;
	if (unlikely((at + len) >> 31) && !(f->flags & O_LARGEFILE)) {
		if (len && at >= INT32_MAX)
			return -EFBIG; /* the program does not know offsets that large */
		len = MIN(len, (size_t)(INT32_MAX - at));
	}
	if (unlikely(len > PAGES_AT_ONCE * PAGE_SIZE)) {
		ret = write_long(inode, buf, len, at, pos);
	} else {
		ret = write_pages(inode, buf, len, at, true);
		if (ret > 0)
			*pos = at + ret;
	}
	if (ret > 0)
		inode_modified(inode);
	return ret;
}

ssize_t ramfs_write_kernel(struct inode *inode, const void *buf, size_t len, u64 pos)
{
	return write_pages(inode, buf, len, pos, false);
}

void ramfs_drop_pages(struct inode *inode, u32 first, u32 last)
{
	u32 before = inode->mapping.nr_pages;

	if (last == UINT32_MAX)
		page_cache_truncate(&inode->mapping, first);
	else
		page_cache_punch(&inode->mapping, first, last);
	if (inode->mount)
		mount_uncharge_pages(inode->mount, before - inode->mapping.nr_pages);
}

/* Zeros in the page of `from`, from there to before `to` or its end. */
static void clear_in_page(struct inode *inode, u64 from, u64 to)
{
	u32 offset = (u32)from & (PAGE_SIZE - 1);
	struct page *page = page_cache_find(&inode->mapping, from >> PAGE_SHIFT);
	char *data;

	if (!page)
		return;
	data = kmap_local(page);
	memset(data + offset, 0, (size_t)MIN((u64)(PAGE_SIZE - offset), to - from));
	kunmap_local(data);
	put_page(page);
}

int ramfs_truncate(struct inode *inode, u64 size)
{
	if (size > FILE_SIZE_MAX)
		return -EFBIG;
	inode_wait_for_change(inode);
	if (is_sealed(inode, F_SEAL_SHRINK | F_SEAL_GROW) && seals_permit_size(inode, size))
		return -EPERM;
	if (size <= inode->size) { /* pages may lie behind the end (FALLOC_FL_KEEP_SIZE) */
		/* What is behind the end must read as zeros if the file grows again. */
		if (size & (PAGE_SIZE - 1))
			clear_in_page(inode, size, ~0ull);
		inode->mapping.size_bytes = size;
		ramfs_drop_pages(inode, (size + PAGE_SIZE - 1) >> PAGE_SHIFT, UINT32_MAX);
	}
	set_size(inode, size);
	inode_modified(inode);
	return 0;
}

void ramfs_punch(struct inode *inode, u64 from, u64 to)
{
	u64 first = (from + PAGE_SIZE - 1) >> PAGE_SHIFT, end = to >> PAGE_SHIFT;

	inode_wait_for_change(inode);
	if (from & (PAGE_SIZE - 1))
		clear_in_page(inode, from, to);
	if ((to & (PAGE_SIZE - 1)) && end >= first)
		clear_in_page(inode, end << PAGE_SHIFT, to);
	if (first < end)
		ramfs_drop_pages(inode, (u32)first, (u32)(end - 1));
}

int ramfs_allocate(struct inode *inode, u64 from, u64 to)
{
	u32 first = from >> PAGE_SHIFT, end = (to + PAGE_SIZE - 1) >> PAGE_SHIFT;
	int err = 0;

	inode_wait_for_change(inode);
	inode->changing = true;
	for (u32 index = first; index < end && !err; index++) {
		bool major;
		struct page *page = page_cache_get(&inode->mapping, index, &major);

		if (IS_ERR(page))
			err = -ENOSPC;
		else
			put_page(page);
		thread_make_way();
	}
	end_change(inode);
	return err;
}

const struct file_operations ramfs_file_ops = {
	.read = ramfs_read,
	.write = ramfs_write,
	.llseek = file_llseek_sized,
	.mmap = file_mmap_pages,
};
