/*
 * Descriptor tables. A file found by its number stays open during the system call that found it.
 * While a table belongs to one task that needs no reference; from a shared one fd_file() takes a
 * reference, which is put on the way to user mode (task->held).
 */
#pragma once

#include "fs/file.h"
#include "kernel/process/task.h"
#include "lib/compiler.h"
#include <linux/resource.h>

#define FILES_INLINE 32u   /* descriptors without a table of their own: one word of bits */
#define FILES_MAX    1024u /* the highest RLIMIT_NOFILE; Linux's soft limit */

struct files {
	u32 refs; /* tasks that share it */
	u32 max;  /* size of file[]; a multiple of 32 */
	struct file **file;
	u32 *cloexec;   /* bit n: close at exec */
	u32 first_free; /* no free descriptor lies below */
	u32 end;        /* one past the highest that is open; 0: none is */
	struct file *inline_file[FILES_INLINE];
	u32 inline_cloexec[1];
};

void files_init(void);
/* An empty table, or a copy that shares the open files. NULL without memory. */
__must_check struct files *files_create(void);
__must_check struct files *files_copy(const struct files *from);
static inline struct files *files_share(struct files *files)
{
	files->refs++;
	return files;
}
/* The last one closes everything and frees the table. */
void files_put(struct files *files);
void files_close_on_exec(struct files *files);

/* The open file or NULL. No reference. */
static inline struct file *files_get(const struct files *files, u32 fd)
{
	return likely(fd < files->max) ? files->file[fd] : NULL;
}
struct file *files_hold(struct file *f); /* private half of fd_file */
static inline struct file *fd_file(u32 fd)
{
	struct files *files = current_task()->files;
	struct file *f = files_get(files, fd);

	return likely(files->refs == 1) || !f ? f : files_hold(f);
}
/* RLIMIT_FSIZE of the running process, where a write of *len bytes at pos begins: it becomes shorter, or
 * -EFBIG and SIGXFSZ. */
int limit_write(const struct file *f, u64 pos, size_t *len);
static inline bool file_size_is_limited(void)
{
	return current_task()->group->limits[RLIMIT_FSIZE].cur != 0xFFFFFFFFu;
}
/* The same for a file that becomes longer. 0 or -EFBIG. */
int limit_file_size(const struct inode *inode, u64 size);
/* RLIMIT_NOFILE of the running process. */
u32 files_limit(void);
/* The lowest free descriptor that is at least from; the table has room for it. Or -EMFILE, -ENOMEM,
 * -EINVAL. */
__must_check int files_find_free(struct files *files, u32 from);
/* Puts f (the reference goes to the table) at fd, which is free and has room. */
void files_install(struct files *files, u32 fd, struct file *f, bool cloexec);
/* Installs at the lowest free descriptor: that, or errno with f still the caller's. */
__must_check int files_add(struct files *files, struct file *f, bool cloexec);
/* One more descriptor, the lowest free from `from` on, or errno. */
long file_duplicate(struct file *f, u32 from, bool cloexec);
/* Installs a new file, or puts it and says why not. */
long file_to_fd(struct file *f, bool cloexec);
/* A descriptor that stands for a process (pidfd_calls.c); flags: O_NONBLOCK. Or errno. */
long pidfd_make(const struct task *t, u32 flags);
/* The process that descriptor fd stands for: ERR_PTR(-EBADF), -ESRCH when it has gone. *nonblocking may be
 * NULL. */
struct task *pidfd_task(u32 fd, bool *nonblocking);
/* 0 or -EBADF. */
int files_close(struct files *files, u32 fd);
/* The rules of a table: 0, or -EIO after a printk. */
int files_check(const struct files *files);
