/*
 * Mounting: putting one tree of inodes over a directory of another.
 *
 *   /            root_inode                     covered --> the directory that is hidden
 *   ├── mnt      inode ── covering ──> mount ── root ----> what a walk finds at /mnt instead
 *   └── proc
 *
 * A walk that arrives at a covered directory goes on in the root of what covers it (inode_cross), and
 * ".." of such a root is the parent of the directory it covers (inode_above).
 *
 * A tree may go when nobody refers to its inodes but the tree itself. There is no counter of users,
 * which each walk would have to keep: the one who unmounts counts the references that names and
 * subdirectories account for, and compares. A tree detached while in use is looked at again at each
 * later mount or unmount.
 *
 * Rejected: a pair of mount and inode wherever there is an inode, as Linux has. It allows one tree in
 * several places (bind mounts), which nothing here needs.
 */
#include "fs/mount.h"
#include "fs/file.h"
#include "fs/memfd.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/seq.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/vm/commit.h"
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/stat.h>

LIST_HEAD(mounts);
static LIST_HEAD(detached);
static LIST_HEAD(types);
static u32 last_dev = SHM_DEV; /* minor of device 0, as Linux numbers file systems without a disk */
static u32 last_visit;

#define KEPT_FLAGS (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_RELATIME)

void fs_type_register(struct fs_type *type)
{
	list_add_tail(&type->node, &types);
}

static struct fs_type *find_type(const char *name)
{
	struct fs_type *type;

	list_for_each_entry (type, &types, node)
		if (!strcmp(type->name, name))
			return type;
	return NULL;
}

int mount_charge_page(struct mount *m)
{
	if (unlikely(m->max_pages && m->nr_pages >= m->max_pages))
		return -ENOSPC;
	if (m->shmem && commit_object(1))
		return -ENOSPC;
	m->nr_pages++;
	return 0;
}

void mount_uncharge_pages(struct mount *m, u32 nr_pages)
{
	m->nr_pages -= nr_pages;
	if (m->shmem)
		uncommit_object(nr_pages);
}

int mount_charge_inode(struct mount *m)
{
	if (unlikely(m->max_inodes && m->nr_inodes >= m->max_inodes))
		return -ENOSPC;
	m->nr_inodes++;
	return 0;
}

/* ---- making ---- */

/* A tree that is not mounted yet. ERR_PTR on failure. */
static struct mount *make_tree(const struct fs_type *type, const char *source, u32 flags,
			       const char *options)
{
	struct mount *m = kzalloc(sizeof(*m), GFP_KERNEL);
	int err = -ENOMEM;

	if (!m)
		return ERR_PTR(err);
	m->type = type;
	m->shmem = type->magic == TMPFS_MAGIC;
	m->dev = ++last_dev;
	m->flags = flags & KEPT_FLAGS;
	strlcpy(m->source, *source ? source : "none", sizeof(m->source));
	m->root = ramfs_make_root(m, 0755);
	if (m->root)
		err = type->fill(m, options);
	if (!err)
		return m;
	if (m->root) {
		ramfs_empty(m->root);
		inode_put(m->root);
	}
	kfree(m);
	return ERR_PTR(err);
}

void mount_init_hidden(struct mount *m, const char *type, u32 dev)
{
	*m = (struct mount){.type = find_type(type), .dev = dev, .shmem = true};
}

static void cover(struct mount *m, struct inode *dir)
{
	m->covered = inode_get(dir);
	dir->covering = m;
}

static void uncover(struct mount *m)
{
	m->covered->covering = NULL;
	inode_put(m->covered);
	m->covered = NULL;
}

__init void mount_root_init(void)
{
	struct mount *m;

	INIT_LIST_HEAD(&mounts);
	INIT_LIST_HEAD(&types);
	tmpfs_init();
	memfd_init();
	m = make_tree(find_type("rootfs"), "rootfs", 0, "");
	if (IS_ERR(m))
		panic("no memory for the root directory");
	list_add(&m->node, &mounts);
	root_inode = m->root;
}

/* ---- going ---- */

/* Counts the inodes below dir and checks that each has no references but the tree's. */
static bool is_only_tree(struct mount *m)
{
	struct inode *dir = m->root;
	struct dir_entry *entry;
	u32 found = 1, visit = ++last_visit;

	/* nlink of a directory: its name (the root: the mount), its ".", and each subdirectory. */
	if (dir->refs != dir->nlink - 1)
		return false;
	entry = list_first_entry(&dir->entries, struct dir_entry, node);
	for (;;) {
		if (&entry->node == &dir->entries) { /* behind the last one: go on above */
			if (dir == m->root)
				return found == m->nr_inodes;
			entry = dir->entry;
			dir = entry->dir;
		} else {
			struct inode *inode = entry->inode;

			if (inode->visited != visit)
				found++;
			inode->visited = visit;
			if (inode->refs != (S_ISDIR(inode->mode) ? inode->nlink - 1 : inode->nlink))
				return false;
			if (S_ISDIR(inode->mode)) {
				dir = inode;
				entry = list_first_entry(&dir->entries, struct dir_entry, node);
				continue;
			}
		}
		entry = list_next_entry(entry, node);
	}
}

static void free_tree(struct mount *m)
{
	ramfs_empty(m->root);
	inode_put(m->root);
	list_del(&m->node);
	kfree(m);
}

static void sweep_detached(void)
{
	struct mount *m, *next;

	list_for_each_entry_safe (m, next, &detached, node)
		if (is_only_tree(m))
			free_tree(m);
}

/* What is mounted on a directory of m, or NULL. */
static struct mount *mount_upon(const struct mount *m)
{
	struct mount *other;

	list_for_each_entry (other, &mounts, node)
		if (other->covered && other->covered->mount == m)
			return other;
	return NULL;
}

/* Leaves its place at once, and goes now or when nobody uses it any more. */
static void take_off(struct mount *m)
{
	uncover(m);
	if (is_only_tree(m))
		free_tree(m);
	else
		list_move_tail(&m->node, &detached);
}

int mount_remove(struct mount *m, bool detach)
{
	struct mount *leaf, *upon;

	sweep_detached();
	if (!m->covered)
		return -EINVAL; /* the root */
	if (!detach && (mount_upon(m) || !is_only_tree(m)))
		return -EBUSY;
	do { /* with all that is mounted on it, from the leaves */
		for (leaf = m; (upon = mount_upon(leaf)); leaf = upon)
			;
		take_off(leaf);
	} while (leaf != m);
	return 0;
}

/* Why nothing can be mounted there, or 0. */
static int may_cover(const struct inode *dir)
{
	if (!dir->nlink)
		return -ENOENT;
	/* A tree that was taken off is for those who are still in it: nobody could unmount there. */
	return dir->mount->covered || dir->mount->root == root_inode ? 0 : -EINVAL;
}

/* ---- mount(2) ---- */

int mount_at(struct inode *dir, const char *name, const char *source, u32 flags,
	     const char *options)
{
	const struct fs_type *type = find_type(name);
	struct mount *m;
	int err = may_cover(dir);

	sweep_detached();
	if (!type)
		return -ENODEV;
	if (err)
		return err;
	/* What shows the kernel is the same wherever it is mounted: not twice in one place. */
	if (dir->mount && dir == dir->mount->root && dir->mount->type == type &&
	    !strcmp(name, "proc"))
		return -EBUSY;
	m = make_tree(type, source, flags, options);
	if (IS_ERR(m))
		return PTR_ERR(m);
	cover(m, dir);
	list_add_tail(&m->node, &mounts);
	return 0;
}

int mount_change(struct mount *m, u32 flags, const char *options)
{
	int err = m->type->remount ? m->type->remount(m, options) : 0;

	if (!err)
		m->flags = flags & KEPT_FLAGS;
	return err;
}

int mount_move(struct mount *m, struct inode *dir)
{
	int err = may_cover(dir);

	if (err)
		return err;
	if (!m->covered)
		return -EINVAL;
	for (const struct inode *at = dir; at != root_inode;) {
		if (at->mount == m)
			return -ELOOP;
		at = at == at->mount->root ? at->mount->covered : at->parent;
		if (!at)
			return -EINVAL;
	}
	uncover(m);
	cover(m, dir);
	return 0;
}

/* ---- /proc ---- */

/* A word of /proc/mounts: what would split it is written in octal. */
static void show_word(struct seq *s, const char *word)
{
	for (; *word; word++) {
		if (*word == ' ' || *word == '\t' || *word == '\n' || *word == '\\')
			seq_printf(s, "\\%03o", *word);
		else
			seq_putc(s, *word);
	}
}

static void show_flags(struct seq *s, u32 flags)
{
	static const struct {
		u32 flag;
		const char *text;
	} names[] = {{MS_NOSUID, ",nosuid"},
		     {MS_NODEV, ",nodev"},
		     {MS_NOEXEC, ",noexec"},
		     {MS_NOATIME, ",noatime"},
		     {MS_RELATIME, ",relatime"}};

	seq_puts(s, flags & MS_RDONLY ? "ro" : "rw");
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_puts(s, names[i].text);
}

static void show_options(struct seq *s, const struct mount *m)
{
	if (m->type->show_options)
		m->type->show_options(m, s);
}

static void show_mount(struct seq *s, const struct mount *m, const char *path)
{
	show_word(s, m->source);
	seq_putc(s, ' ');
	show_word(s, path);
	seq_printf(s, " %s ", m->type->name);
	show_flags(s, m->flags);
	show_options(s, m);
	seq_puts(s, " 0 0\n");
}

/* A tree is mounted in one place, so its device's number is the mount's as well; the root's parent is itself. */
static void show_mountinfo(struct seq *s, const struct mount *m, const char *path)
{
	seq_printf(s, "%u %u 0:%u / ", m->dev, m->covered ? m->covered->mount->dev : m->dev,
		   m->dev);
	show_word(s, path);
	seq_putc(s, ' ');
	show_flags(s, m->flags);
	seq_printf(s, " - %s ", m->type->name);
	show_word(s, m->source);
	seq_puts(s, m->flags & MS_RDONLY ? " ro" : " rw");
	show_options(s, m);
	seq_putc(s, '\n');
}

static void show_each(struct seq *s,
		      void (*show)(struct seq *s, const struct mount *m, const char *path))
{
	char *path = kmalloc(SYMLINK_MAX_LEN + 1, GFP_KERNEL);
	const struct mount *m;

	if (!path)
		return;
	list_for_each_entry (m, &mounts, node)
		if (inode_path(m->root, path, SYMLINK_MAX_LEN + 1) >= 0)
			show(s, m, path);
	kfree(path);
}

void mounts_show(struct seq *s)
{
	show_each(s, show_mount);
}

void mountinfo_show(struct seq *s)
{
	show_each(s, show_mountinfo);
}

void filesystems_show(struct seq *s)
{
	const struct fs_type *type;

	list_for_each_entry (type, &types, node)
		seq_printf(s, "nodev\t%s\n", type->name);
}
