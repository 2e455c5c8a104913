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
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <linux/stat.h>

static struct kmem_cache *inode_cache;
static u32 last_ino;

void inode_cache_init(void)
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
	inode->mtime_ns = time_realtime_ns();
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
		page_cache_truncate(&inode->mapping, 0);
	if (inode->evict)
		inode->evict(inode);
	kmem_cache_free(inode_cache, inode);
	if (parent && parent != inode)
		inode_put(parent);
}

ssize_t inode_path(const struct inode *inode, char *buf, size_t size)
{
	size_t at = size; /* the name grows from the end of buf to its start */

	if (size < 2)
		return -ERANGE;
	buf[--at] = '\0';
	while (inode != root_inode) {
		const struct dir_entry *entry = inode->entry;

		if (!entry)
			return -ENOENT;
		if (at < entry->len + 1)
			return -ERANGE;
		at -= entry->len;
		memcpy(buf + at, entry->name, entry->len);
		buf[--at] = '/';
		inode = entry->dir;
	}
	if (buf[at] != '/')
		buf[--at] = '/';
	memmove(buf, buf + at, size - at);
	return size - at - 1;
}
