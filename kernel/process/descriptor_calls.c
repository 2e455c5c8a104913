/* System calls that make and close descriptors of files that are open. */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "lib/bitmap.h"
#include <linux/close_range.h>
#include <linux/fcntl.h>

SYSCALL_DEFINE1(close, u32, fd)
{
	return files_close(current_task()->files, fd);
}

long file_duplicate(struct file *f, u32 from, bool cloexec)
{
	struct files *files = current_task()->files;
	int fd = files_find_free(files, from);

	if (fd >= 0)
		files_install(files, fd, file_get(f), cloexec);
	return fd;
}

SYSCALL_DEFINE1(dup, u32, fd)
{
	struct file *f = fd_file(fd);

	return f ? file_duplicate(f, 0, false) : -EBADF;
}

static long duplicate_to(u32 from, u32 to, bool cloexec)
{
	struct files *files = current_task()->files;
	struct file *f = fd_file(from);
	int fd;

	if (!f || to >= files_limit())
		return -EBADF;
	if (!files_get(files, to)) {
		fd = files_find_free(files, to); /* makes room: it is to itself */
		if (fd < 0)
			return fd;
	}
	file_get(f); /* closing `to` must not be its end */
	files_close(files, to);
	files_install(files, to, f, cloexec);
	return to;
}

SYSCALL_DEFINE2(dup2, u32, from, u32, to)
{
	if (from == to)
		return fd_file(from) ? (long)to : -EBADF;
	return duplicate_to(from, to, false);
}

SYSCALL_DEFINE3(dup3, u32, from, u32, to, u32, flags)
{
	if ((flags & ~O_CLOEXEC) || from == to)
		return -EINVAL;
	return duplicate_to(from, to, flags & O_CLOEXEC);
}

/* The caller's own table, if it shares one. */
static int unshare_files(struct task *t)
{
	struct files *files;

	if (t->files->refs == 1)
		return 0;
	files = files_copy(t->files);
	if (!files)
		return -ENOMEM;
	files_put(t->files);
	t->files = files;
	return 0;
}

SYSCALL_DEFINE3(close_range, u32, first, u32, last, u32, flags)
{
	struct task *t = current_task();
	int err;

	if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) || first > last)
		return -EINVAL;
	err = flags & CLOSE_RANGE_UNSHARE ? unshare_files(t) : 0;
	if (err)
		return err;
	for (u32 fd = first; fd <= last && fd < t->files->end; fd++) {
		if (!files_get(t->files, fd))
			continue;
		if (flags & CLOSE_RANGE_CLOEXEC)
			bitmap_set(t->files->cloexec, fd);
		else
			files_close(t->files, fd);
	}
	return 0;
}

/* ---- pipes ---- */

static long make_pipe(vaddr_t fds, u32 flags)
{
	struct files *files = current_task()->files;
	struct file *ends[2];
	int fd[2];
	int err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	err = pipe_create(ends, flags & O_NONBLOCK);
	if (err)
		return err;
	fd[0] = files_add(files, ends[0], flags & O_CLOEXEC);
	if (fd[0] < 0) {
		file_put(ends[0]);
		file_put(ends[1]);
		return fd[0];
	}
	fd[1] = files_add(files, ends[1], flags & O_CLOEXEC);
	if (fd[1] < 0) {
		files_close(files, fd[0]);
		file_put(ends[1]);
		return fd[1];
	}
	if (copy_to_user(uptr(fds), fd, sizeof(fd))) {
		files_close(files, fd[0]);
		files_close(files, fd[1]);
		return -EFAULT;
	}
	return 0;
}

SYSCALL_DEFINE1(pipe, vaddr_t, fds)
{
	return make_pipe(fds, 0);
}

SYSCALL_DEFINE2(pipe2, vaddr_t, fds, u32, flags)
{
	return make_pipe(fds, flags);
}
