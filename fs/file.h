/*
 * Open files and inodes. Errors are negative errno. Calls may sleep unless they say otherwise.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"

struct file;
struct inode;
struct kstat;

struct file_operations {
	/* buf is a user address. Bytes done or negative errno. *pos is advanced. */
	ssize_t (*read)(struct file *f, void __user *buf, size_t len, u64 *pos);
	ssize_t (*write)(struct file *f, const void __user *buf, size_t len, u64 *pos);
	s64 (*llseek)(struct file *f, s64 offset, int whence);
	long (*ioctl)(struct file *f, u32 cmd, vaddr_t arg);
	/* Fills *object for do_mmap, or -ENODEV if absent. */
	int (*mmap)(struct file *f, struct mmap_object *object);
	int (*open)(struct inode *inode, struct file *f);
	void (*release)(struct file *f); /* the last reference went */
};

struct file {
	const struct file_operations *ops;
	struct inode *inode; /* a reference */
	u64 pos;
	u32 flags;  /* O_* as given to open */
	u32 refs;
	void *private;
};

struct inode {
	u32 ino, mode, uid, gid, nlink, rdev;
	u64 size;
	u64 mtime_ns;
	u32 refs;
	const struct file_operations *fops;
	struct address_space mapping; /* regular files: pages hold the contents */
	void *private;                /* the file system's */
};

struct file *file_get(struct file *f);
void file_put(struct file *f);

/* Path walk from cwd (NULL: root), symbolic links followed (at most 40). The inode with a reference, or ERR_PTR. */
struct inode *path_lookup(const char *path, bool follow_last);
/* Opens for the kernel or a process. ERR_PTR on failure. */
struct file *file_open(const char *path, u32 flags, u32 mode);
/* Reads len bytes at pos of a regular file into a kernel buffer (exec's headers). Bytes read or errno. */
ssize_t file_read_kernel(struct file *f, void *buf, size_t len, u64 pos);
struct inode *inode_get(struct inode *i);
void inode_put(struct inode *i);

/* Reports: a file under /proc whose text show() prints when it is opened or first read. name may hold a '/'
 * ("self/maps"). Registered by the observers (rank 8). */
struct seq;
struct report {
	const char *name;
	void (*show)(struct seq *s);
	/* Or a file that is read as records at an offset: fills buf, returns bytes or errno. */
	ssize_t (*read_at)(void *buf, size_t len, u64 pos);
	struct list_head node;
};
void report_register(struct report *r);
