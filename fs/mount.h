/*
 * Mounted file systems. A file system here is a tree of inodes in memory, mounted in one place; to mount
 * a type again is to make another tree. Errors are negative errno.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct inode;
struct mount;
struct seq;

struct fs_type {
	const char *name;
	u32 magic; /* statfs' f_type */
	/* Fills a new tree; m->root is there, a directory. options: "" or as mount(8) has them; -EINVAL
	 * for one that is not known. */
	int (*fill)(struct mount *m, const char *options);
	/* New limits for a mounted one; NULL: it has none. */
	int (*remount)(struct mount *m, const char *options);
	/* Appends ",option=value"; NULL: nothing. */
	void (*show_options)(const struct mount *m, struct seq *s);
	struct list_head node;
};

struct mount {
	const struct fs_type *type;
	struct inode *root;        /* a reference */
	struct inode *covered;     /* a reference; NULL: the first root, or taken off its place */
	u32 dev;                   /* st_dev */
	u32 flags;                 /* MS_* of <linux/mount.h> that statfs and /proc/mounts show */
	u32 nr_inodes, max_inodes; /* 0: no limit */
	u32 nr_pages, max_pages;
	bool shmem; /* memory for its own sake: pages are promised (commit.h), files have seals */
	u32 root_mode;
	char source[64];
	struct list_head node; /* in mounts */
};

#define SHM_DEV 1u /* st_dev of shared memory, as on Linux; mounts count from there */

extern struct list_head mounts; /* in the order of mounting; the root first */

void fs_type_register(struct fs_type *type);
/* The root, at boot. Panics without memory. */
void mount_root_init(void);
/* -ENODEV: no such type. -EBUSY: the same is mounted there. dir is a directory that nothing covers. */
__must_check int mount_at(struct inode *dir, const char *type, const char *source, u32 flags,
			  const char *options);
__must_check int mount_change(struct mount *m, u32 flags, const char *options);
__must_check int mount_move(struct mount *m, struct inode *dir);
/* -EBUSY: something in it is in use; with detach it leaves its place at once, and goes when it can. */
__must_check int mount_remove(struct mount *m, bool detach);
/* The text of /proc/mounts. */
void mounts_show(struct seq *s);
/* The text of /proc/PID/mountinfo. */
void mountinfo_show(struct seq *s);
/* The text of /proc/filesystems. */
void filesystems_show(struct seq *s);
/* A file system for files without names. */
void mount_init_hidden(struct mount *m, const char *type, u32 dev);
/* One more page, or inode, in the tree: 0 or -ENOSPC. */
__must_check int mount_charge_page(struct mount *m);
void mount_uncharge_pages(struct mount *m, u32 nr_pages);
__must_check int mount_charge_inode(struct mount *m);

/* tmpfs.c: tmpfs and ramfs */
void tmpfs_init(void);
/* proc.c */
void proc_init(void);
