/*
 * Inodes, and the trees of names that they form. Each mounted file system (mount.h) is one tree whose
 * root hides a directory of another; everything that has a name is an inode in one of them. Nothing
 * here sleeps unless it says so. Errors are negative errno.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "fs/mount.h"
#include "mm/vm/page_cache.h"

struct file_operations;
struct inode;
struct file_lock;

/* One name of one inode in one directory. Holds a reference to the inode; the inode counts it in
 * nlink. */
struct dir_entry {
	struct list_head node; /* in dir->entries, oldest first */
	struct inode *dir, *inode;
	u32 hash;
	u32 len;
	u32 cookie; /* the position in dir: grows with every name made there. 0: dir lists it itself */
	char name[]; /* NUL-terminated */
};

/* A symbolic link whose target is computed. */
struct link_operations {
	/* The target's name: bytes put into buf (no NUL), or errno. */
	ssize_t (*read)(struct inode *link, char *buf, size_t size);
	/* The target itself, no reference taken, or ERR_PTR. */
	struct inode *(*follow)(struct inode *link);
};

/* A directory that makes its names when they are asked for: those of processes in /proc. */
struct dir_operations {
	/* name is about to be looked up: makes its entry, or removes one that no longer holds. */
	void (*prepare)(struct inode *dir, const char *name, u32 len);
};

struct inode {
	u32 ino, mode, uid, gid, nlink, rdev; /* mode and rdev as in struct stat64 */
	u64 size;
	u64 mtime_ns, atime_ns, ctime_ns; /* since 1970 */
	u32 refs;
	const struct file_operations *fops;   /* NULL: cannot be opened (-ENXIO) */
	struct address_space mapping;         /* regular files: pages hold the contents */
	void *private;                        /* links: the text from kmalloc; else the owner's */
	const struct link_operations *link;   /* computed links */
	const struct dir_operations *dir_ops; /* NULL: the entries are all there is */
	struct mount *mount;                  /* whose tree it is in; NULL: in none (pipes) */
	struct mount *covering;               /* directories: what is mounted here, or NULL */
	struct file_lock *locks;              /* locks.c */
	u32 seals;                            /* F_SEAL_* (memfd.h) */
	s32 writers; /* regular files: open files that write; negative: programs that run from it */
	u32 number;  /* the owner's: a process' pid, a descriptor */
	u32 visited; /* the last count of its tree that saw it (mount.c) */
	void (*evict)(
		struct inode *inode); /* frees private with the inode; NULL: nothing to free */
	bool linkable;                /* without a name, but may be given one (O_TMPFILE) */
	bool changing;   /* regular files: a long write makes way to others in its middle */
	u32 last_cookie; /* directories: of the newest entry */
	struct list_head entries; /* directories */
	struct inode *parent;    /* directories: a reference; the root is its own parent, without */
	struct dir_entry *entry; /* a name that it has, or NULL */
	char *last_name; /* from kmalloc: what it was called when it lost its last name in use; or NULL */
};

#define SYMLINK_MAX_LEN 4095 /* PATH_MAX less the NUL */

/* locks.c: an inode goes. */
void locks_forget(struct inode *inode);

void inode_cache_init(void);
/* An inode without a name, nlink 0, one reference. NULL without memory. */
__must_check struct inode *inode_alloc(u32 mode);
static inline struct inode *inode_get(struct inode *inode)
{
	inode->refs++;
	return inode;
}
void inode_free(struct inode *inode); /* private half of inode_put */
static inline void inode_put(struct inode *inode)
{
	if (--inode->refs == 0)
		inode_free(inode);
}
/* Absolute name, from the caller's root, as text with NUL; -ENOENT if it has none (any more), -ERANGE
 * if buf is too small. Length without NUL. */
ssize_t inode_path(const struct inode *inode, char *buf, size_t size);
/* The same for people: of what has no name (any more) what it was called, and " (deleted)", or
 * pipe:[number]. */
ssize_t inode_show_name(const struct inode *inode, char *buf, size_t size);
/* Its last name is about to go, and somebody may want to know what it was. */
void inode_keep_name(struct inode *inode);
/* The contents changed, or a name in a directory: mtime and ctime are now. */
void inode_modified(struct inode *inode);
void inode_changed(struct inode *inode); /* ctime */
/* The directory above, across mounts; the caller's root is above itself. */
struct inode *inode_above(struct inode *dir);

/* ---- the tree: ramfs.c ---- */
extern struct inode *root_inode;
/* The directory that an absolute path starts from: root_inode until somebody says otherwise. */
extern struct inode *(*walk_root)(void);
extern const struct file_operations ramfs_file_ops;

/* Makes the root. Panics without memory: boot only. */
void ramfs_init(void);
/* An empty root directory for a new tree: m->root's reference. NULL without memory. */
struct inode *ramfs_make_root(struct mount *m, u32 mode);
struct dir_entry *ramfs_find(struct inode *dir, const char *name, u32 len);
/* Gives inode one more name. -EEXIST, -ENOMEM, -ENOENT (dir was removed), -ENAMETOOLONG. */
__must_check int ramfs_link(struct inode *dir, const char *name, u32 len, struct inode *inode);
/* A new inode with that name; the reference is the caller's. Or ERR_PTR, as ramfs_link. */
__must_check struct inode *ramfs_create(struct inode *dir, const char *name, u32 len, u32 mode,
					u32 rdev);
/* The same without a name, in the tree of dir. */
__must_check struct inode *ramfs_make_nameless(struct inode *dir, u32 mode, u32 rdev);
__must_check struct inode *ramfs_symlink(struct inode *dir, const char *name, u32 len,
					 const char *target, size_t target_len);
/* Removes a name. entry is freed. */
void ramfs_remove(struct dir_entry *entry);
/* Moves a name; what has the new name goes. old is freed. On failure nothing has changed. */
__must_check int ramfs_rename(struct dir_entry *old, struct inode *dir, const char *name, u32 len);
/* Each gets the other's inode. */
void ramfs_exchange(struct dir_entry *a, struct dir_entry *b);
/* Removes all that is below dir. */
void ramfs_empty(struct inode *dir);
/* The directory of that path below dir, made where missing. No reference taken, or ERR_PTR. len
 * bytes of path. */
struct inode *ramfs_make_dirs(struct inode *dir, const char *path, size_t len);
/* Sets the size of a regular file; what is cut off is gone, what is added reads as zeros. May
 * sleep. 0 or errno. */
__must_check int ramfs_truncate(struct inode *inode, u64 size);
/* Drops the pages first to last; with private copies of them where the file ends before. */
void ramfs_drop_pages(struct inode *inode, u32 first, u32 last);
/* A new inode becomes an empty regular file of m. */
void ramfs_make_regular(struct inode *inode, struct mount *m);
/* The bytes [from, to) read as zeros, and hold no whole pages. May sleep. */
void ramfs_punch(struct inode *inode, u64 from, u64 to);
/* Sleeps until nobody is in the middle of a long write. For who is to change the file without sleeping. */
void inode_wait_for_change(struct inode *inode);
/* Makes the pages of [from, to) be there. May sleep. 0, -ENOSPC. */
__must_check int ramfs_allocate(struct inode *inode, u64 from, u64 to);
/* File offsets that a page number of 32 bits can hold, as Linux's MAX_LFS_FILESIZE on 32 bits. */
#define FILE_SIZE_MAX (((u64)1 << (32 + PAGE_SHIFT)) - 1)
/* Writes kernel bytes at pos of a regular file. May sleep. Bytes done or errno. */
ssize_t ramfs_write_kernel(struct inode *inode, const void *buf, size_t len, u64 pos);

/* ---- walking: path.c ---- */
#define WALK_FOLLOW 0x1u /* a symbolic link at the end is followed */
#define WALK_PARENT 0x2u /* the last component need not exist; a slash behind it asks for nothing */
#define WALK_FILE   0x4u /* a slash behind the last component is -EISDIR */

struct path {
	struct inode *inode; /* what the path names, or NULL: only with WALK_PARENT */
	/* Where the last component is (to be) found; NULL for "/", "." and "..". */
	struct inode *dir;
	const char *last; /* that component: points into the path, or into a link's text */
	u32 last_len;
	bool trailing_slash;
};
/* Walks from base (an absolute path: from the root). The walk does not sleep and takes no
 * references; what it found stays valid until the caller sleeps. 0, -ENOENT, -ENOTDIR, -ELOOP,
 * -ENAMETOOLONG. */
__must_check int path_walk(struct inode *base, const char *path, u32 flags, struct path *out);
/* The inode with a reference, or ERR_PTR. base NULL: the root. */
__must_check struct inode *path_lookup(struct inode *base, const char *path, bool follow_last);

/* What stands there for who walks in: the root of the file system mounted on it, or itself. */
static inline struct inode *inode_cross(struct inode *dir)
{
	while (unlikely(dir->covering))
		dir = dir->covering->root;
	return dir;
}
