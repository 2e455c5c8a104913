/*
 * Inodes: made, counted, freed, and named.
 *
 * An inode lives as long as somebody holds a reference: each name in a directory, each open file,
 * each subdirectory (its parent), a process standing in it. A directory and its parent's entry for
 * it refer to each other; the ring is opened when the entry is removed.
 */
#include "fs/inode.h"
#include "kernel/core/time.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <linux/limits.h>
#include <linux/stat.h>

static struct kmem_cache *inode_cache;
static u32 last_ino;

__init void inode_cache_init(void)
{
	inode_cache = kmem_cache_create("inode_cache", sizeof(struct inode), 0, 0, NULL);
	if (!inode_cache)
		panic("no memory for the inode cache");
}

struct inode *inode_alloc(u32 mode)
{
	struct inode *inode = kmem_cache_alloc(inode_cache, GFP_KERNEL);

	if (!inode)
		return NULL;
	memset(inode, 0, sizeof(*inode));
	inode->ino = ++last_ino;
	inode->mode = mode;
	inode->refs = 1;
	inode->mtime_ns = inode->atime_ns = inode->ctime_ns = time_realtime_ns();
	INIT_LIST_HEAD(&inode->entries);
	if (S_ISREG(mode))
		address_space_init(&inode->mapping, NULL, inode);
	return inode;
}

void inode_free(struct inode *inode)
{
	struct inode *parent = inode->parent;

	ASSERT(list_empty(&inode->entries) && !inode->entry);
	if (S_ISREG(inode->mode) && inode->mapping.nr_pages)
		ramfs_drop_pages(inode, 0, UINT32_MAX);
	if (inode->mount)
		inode->mount->nr_inodes--;
	if (inode->locks)
		locks_forget(inode);
	if (inode->evict)
		inode->evict(inode);
	kfree(inode->last_name);
	kmem_cache_free(inode_cache, inode);
	if (parent && parent != inode)
		inode_put(parent);
}

void inode_changed(struct inode *inode)
{
	inode->ctime_ns = time_realtime_ns();
}

void inode_modified(struct inode *inode)
{
	inode->mtime_ns = inode->ctime_ns = time_realtime_ns();
}

/* ---- names ---- */

static struct inode *first_root(void)
{
	return root_inode;
}

struct inode *(*walk_root)(void) = first_root;

/* The directory whose entry names this one: of a mounted root, the covered directory. It may be the
 * caller's root, and what is above that is not for him. */
static const struct inode *named(const struct inode *inode, const struct inode *root)
{
	while (inode != root && inode->mount && inode == inode->mount->root &&
	       inode->mount->covered)
		inode = inode->mount->covered;
	return inode;
}

struct inode *inode_above(struct inode *dir)
{
	const struct inode *root = walk_root(), *at = named(dir, root);

	return at == root ? dir : inode_cross(at->parent);
}

ssize_t inode_path(const struct inode *inode, char *buf, size_t size)
{
	const struct inode *root = walk_root();
	size_t at = size; /* the name grows from the end of buf to its start */

	if (size < 2)
		return -ERANGE;
	buf[--at] = '\0';
	while ((inode = named(inode, root)) != root && inode != root_inode) {
		const struct dir_entry *entry = inode->entry;

		if (!entry)
			return -ENOENT;
		if (at < entry->len + 1)
			return -ERANGE;
		at -= entry->len;
		memcpy(buf + at, entry->name, entry->len);
		buf[--at] = '/';
		inode = inode_cross(entry->dir);
	}
	if (buf[at] != '/')
		buf[--at] = '/';
	memmove(buf, buf + at, size - at);
	return size - at - 1;
}

ssize_t inode_show_name(const struct inode *inode, char *buf, size_t size)
{
	ssize_t len = inode_path(inode, buf, size);

	if (len != -ENOENT)
		return len;
	if (!(inode->mode & S_IFMT)) /* file_make_anonymous */
		return scnprintf(buf, size, "anon_inode:%s", (const char *)inode->private);
	if (S_ISFIFO(inode->mode) && !inode->last_name)
		return scnprintf(buf, size, "pipe:[%u]", inode->ino);
	return scnprintf(buf, size, "%s (deleted)", inode->last_name ? inode->last_name : "/");
}

void inode_keep_name(struct inode *inode)
{
	static char path[PATH_MAX]; /* nothing sleeps before it is copied */
	ssize_t len = inode_path(inode, path, sizeof(path));

	if (len < 0)
		return;
	kfree(inode->last_name);
	inode->last_name = kmalloc(len + 1, GFP_KERNEL);
	if (inode->last_name)
		memcpy(inode->last_name, path, len + 1);
}
