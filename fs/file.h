/*
 * Open files. Errors are negative errno. Calls may sleep unless they say otherwise.
 */
#pragma once

#include "fs/inode.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mm/vm/mm.h"

struct file;
struct wait_queue;

struct dir_emitter {
	/* mode: of its file type at least */
	bool (*emit)(const struct dir_emitter *e, const char *name, u32 len, u32 ino, u32 mode,
		     u64 next);
};

struct file_operations {
	/* buf is a user address. Bytes done or negative errno. *pos is advanced. NULL: -EINVAL. */
	ssize_t (*read)(struct file *f, void __user *buf, size_t len, u64 *pos);
	ssize_t (*write)(struct file *f, const void __user *buf, size_t len, u64 *pos);
	/* NULL: -ESPIPE. */
	s64 (*llseek)(struct file *f, s64 offset, int whence);
	/* NULL: -ENOTTY. */
	long (*ioctl)(struct file *f, u32 cmd, vaddr_t arg);
	/* Directories: hands the entries from number f->pos on to emit until it returns false, and
	 * advances f->pos behind those it took. NULL: -ENOTDIR. */
	int (*iterate)(struct file *f, const struct dir_emitter *emitter);
	/* Fills *object for do_mmap; mapping NULL: anonymous memory. NULL: -ENODEV. */
	int (*mmap)(struct file *f, struct mmap_object *object);
	/* f is complete but for private; on failure release is not called. */
	int (*open)(struct inode *inode, struct file *f);
	void (*release)(struct file *f); /* the last reference went */
	/* POLL* of <asm/poll.h> that hold now; *queue is woken when that may have changed. NULL: always
	 * ready for reading and writing. */
	u32 (*poll)(struct file *f, struct wait_queue **queue);
};

#define FMODE_READ  0x1u
#define FMODE_WRITE 0x2u
#define FMODE_EXEC  0x4u /* a program runs from it: nobody may open it for writing */

struct file {
	const struct file_operations *ops;
	struct inode *inode; /* a reference */
	u64 pos;
	u32 flags; /* O_* as F_GETFL gives them */
	u32 mode;  /* FMODE_* */
	u32 refs;
	void *private;
	struct epoll_item *watchers; /* epoll.c */
	u32 writers_seen;            /* pipe.c: those whose end is not this reader's */
};

/* Boot: caches, the root directory, /dev and /proc. Needs slab and page cache. */
void fs_init(void);

static inline struct file *file_get(struct file *f)
{
	f->refs++;
	return f;
}
void file_free(struct file *f); /* private half of file_put */
static inline void file_put(struct file *f)
{
	if (--f->refs == 0)
		file_free(f);
}

/* Opens an inode; takes its own reference to it. ERR_PTR on failure. */
__must_check struct file *file_open_inode(struct inode *inode, u32 flags);
/* open(2) from base (NULL: the root); mode has the umask applied. ERR_PTR on failure. */
__must_check struct file *file_open(struct inode *base, const char *path, u32 flags, u32 mode);
/* O_TMPFILE: a new file in the tree of dir that has no name yet. */
__must_check struct file *file_open_nameless(struct inode *dir, u32 flags, u32 mode);
/* A file without a name; [name] is how /proc/PID/fd shows it. ERR_PTR, with private still the caller's. */
__must_check struct file *file_make_anonymous(const char *name, const struct file_operations *ops,
					      void *private, u32 flags);
/* Reads at pos of a regular file into a kernel buffer. Bytes read (less only at the end of the
 * file) or errno. */
ssize_t file_read_kernel(struct file *f, void *buf, size_t len, u64 pos);
/* llseek of files with a size. */
/* A program is to run from f: 0, or -ETXTBSY while somebody has the file open for writing. Holds until f is
 * freed. */
__must_check int file_deny_writing(struct file *f);
s64 file_llseek_sized(struct file *f, s64 offset, int whence);
/* Makes the file the object of a mapping: ops that keep a reference to it in every VMA. */
int file_mmap_pages(struct file *f, struct mmap_object *object);

/* The two ends of a new pipe, [0] for reading; flags: O_NONBLOCK. */
__must_check int pipe_create(struct file *ends[2], u32 flags);

bool file_is_pipe(const struct file *f);
/* What a read of the pipe would give behind the first `skip` bytes, without taking it out: bytes, 0 if there
 * are none (any more), -EAGAIN: not yet. */
ssize_t pipe_peek(struct file *f, void *buf, size_t len, u32 skip);
/* Takes out what was looked at. */
void pipe_skip(struct file *f, size_t len);
/* Bytes that a write takes without waiting, once there is room for one; -EPIPE, -EAGAIN, -EINTR. */
ssize_t pipe_wait_room(struct file *f, bool may_sleep);
/* 1 when there is text, 0 at the end, -EAGAIN, -EINTR. */
int pipe_wait_text(struct file *f, bool may_sleep);

/* A named pipe, opened by its node. */
extern const struct file_operations fifo_file_ops;
/* Operations of character nodes: the driver is found by rdev when one is opened. */
extern const struct file_operations chardev_file_ops;
extern const struct file_operations dir_file_ops;
/* What dir_file_ops does; for directories that have more names than entries. */
int dir_iterate(struct file *f, const struct dir_emitter *emitter);
ssize_t dir_read(struct file *f, void __user *buf, size_t len, u64 *pos);
/* null, zero, full and the nodes in /dev. */
void devices_init(void);
/* The nodes of all devices in a directory of their own. 0 or errno. */
__must_check int devices_make_nodes(struct inode *dir);

/* Unpacks a cpio archive that lies in the reserved frames [phys, phys + len) into the root, and
 * gives those frames to the buddy on the way. 0, or errno with *error, a text of what is wrong and
 * where. */
__must_check int initramfs_unpack(paddr_t phys, u32 len, const char **error);

/* fs/report.c: the operations of a file whose inode's private is a struct report. */
extern const struct file_operations report_file_ops;

/* Reports: a file under /proc whose text is printed when it is read. name may hold a '/'. A name that
 * starts with "PID/" is a file in the directory of each process, and of each thread; it has the
 * functions with a task. Registered by the observers (rank 8), before or after fs_init. */
struct seq;
struct task;
struct report {
	const char *name;
	u32 mode; /* permission bits; 0: 0444, or 0644 if it can be written */
	/* May be called twice where the text is long. */
	void (*show)(struct seq *s);
	void (*show_task)(struct seq *s, struct task *t); /* t may be a zombie */
	/* Or a long text, record by record: prints the first record at or behind *cursor, 0 at first,
	 * and moves the cursor behind it; nothing else is kept from call to call, and t is NULL for a
	 * file of no process. 1, or 0: there is none, or errno. */
	int (*next)(struct seq *s, struct task *t, u64 *cursor);
	/* Or a file that is read as records at an offset: fills buf (kernel memory), returns bytes
	 * or errno. */
	ssize_t (*read_at)(void *buf, size_t len, u64 pos);
	ssize_t (*read_task)(struct task *t, void *buf, size_t len, u64 pos);
	/* One write(2) of at most 127 bytes, without its newline; NULL: the file cannot be written.
	 * 0 or errno. */
	int (*write)(const char *text);
	int (*write_task)(struct task *t, const char *text);
	/* Or one function for many files, which finds its data around the report. */
	void (*show_this)(const struct report *r, struct seq *s);
	int (*write_this)(const struct report *r, const char *text);
	struct list_head node;
};
void report_register(struct report *r);
bool report_is_for_tasks(const struct report *r);
static inline bool report_is_writable(const struct report *r)
{
	return r->write || r->write_task || r->write_this;
}
