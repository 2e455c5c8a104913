/*
 * Copies between files inside the kernel: sendfile, copy_file_range, splice, tee, vmsplice.
 *
 * File operations take user addresses. Here they are called with a page of the kernel's, which is lent
 * to the running thread for as long as the call takes (usercopy_is_lent), so that every kind of file
 * can be read and written. No page changes hands: each byte is copied twice, through that page.
 */
#include "arch/i386/cpu/usercopy.h"
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "mm/phys/buddy.h"
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>

#define COPY_MAX 0x7FFFF000u /* bytes that one call moves at most, as Linux */

/* splice(2)'s flags; no UAPI header has them. MOVE, MORE and GIFT are hints. */
#define SPLICE_F_NONBLOCK 2u
#define SPLICE_F_ALL      15u

static bool is_lent(const void *p, size_t len)
{
	const char *lent = current->is_user ? current_task()->lent : NULL;

	return lent && len <= PAGE_SIZE && (const char *)p >= lent &&
	       (const char *)p <= lent + PAGE_SIZE - len;
}

void copy_calls_init(void)
{
	usercopy_is_lent = is_lent;
}

static char *borrow_page(void)
{
	char *page = get_free_page(GFP_KERNEL);

	current_task()->lent = page;
	return page;
}

static void give_back(char *page)
{
	current_task()->lent = NULL;
	free_page_at(page);
}

struct side {
	struct file *f;
	u64 *pos; /* f's own, or a copy of what the caller gave */
};

/* Bytes at `in`, at most n, put into page and not taken out: of a pipe those behind the first `skip`. If
 * `out` is a pipe it has room for them, and nothing sleeps between that and the return: of two that copy from
 * one pipe none gets what the other got. 0 at the end of `in`, or errno. */
static ssize_t peek(struct file *in, u64 *from, struct file *out, char *page, size_t n, u32 skip,
		    bool may_sleep)
{
	for (;;) {
		ssize_t text = 1, room = n;

		if (file_is_pipe(in))
			text = pipe_wait_text(in, may_sleep && !(in->flags & O_NONBLOCK));
		if (text < 0)
			return text;
		if (!file_is_pipe(out))
			inode_wait_for_change(out->inode);
		else
			room = pipe_wait_room(out, may_sleep && !(out->flags & O_NONBLOCK));
		if (room < 0 || !text)
			return MIN(room, text);
		room = MIN(room, (ssize_t)n);
		if (!file_is_pipe(in))
			return in->ops->read(in, page, room, from);
		text = pipe_peek(in, page, room, skip);
		if (text != -EAGAIN) /* another reader was quicker */
			return text;
	}
}

/* One page at most: bytes that went over, 0 at the end of `in`, or errno. */
static ssize_t copy_piece(struct side *in, struct side *out, char *page, size_t n, bool may_sleep)
{
	u64 from = *in->pos;
	ssize_t done = peek(in->f, &from, out->f, page, n, 0, may_sleep);

	if (done <= 0)
		return done;
	n = done;
	done = limit_write(out->f, *out->pos, &n);
	if (!done)
		done = out->f->ops->write(out->f, page, n, out->pos);
	if (done <= 0)
		return done;
	/* Only what was written is taken out. */
	if (file_is_pipe(in->f))
		pipe_skip(in->f, done);
	else
		*in->pos += done;
	return done;
}

/* Bytes done, or errno if none. A pipe is waited for only while nothing was done. */
static long copy(struct side *in, struct side *out, size_t len, bool may_sleep)
{
	char *page = borrow_page();
	size_t done = 0;
	ssize_t ret = 0;

	if (!page)
		return -ENOMEM;
	len = MIN(len, (size_t)COPY_MAX);
	while (done < len) {
		size_t n = MIN(len - done, (size_t)PAGE_SIZE);

		ret = copy_piece(in, out, page, n, may_sleep && !done);
		if (ret <= 0)
			break;
		done += ret;
		if (thread_make_way_or_end())
			break;
	}
	give_back(page);
	if (ret == -EPIPE)
		task_signal_self(SIGPIPE);
	return done ? (long)done : ret;
}

static bool is_seekable(const struct file *f)
{
	return f->ops->llseek;
}

/* ---- sendfile ---- */

static long do_sendfile(u32 out_fd, u32 in_fd, u64 *given, size_t count)
{
	struct side in = {.f = fd_file(in_fd)}, out = {.f = fd_file(out_fd)};
	u64 from, to; /* both may be one open file */
	long ret;

	if (!in.f || !(in.f->mode & FMODE_READ))
		return -EBADF;
	if (given && !is_seekable(in.f))
		return -ESPIPE;
	if (given && (s64)*given < 0)
		return -EINVAL;
	if (!out.f || !(out.f->mode & FMODE_WRITE))
		return -EBADF;
	if (!is_seekable(in.f) || !in.f->ops->read || !out.f->ops->write ||
	    ((out.f->flags & O_APPEND) && !file_is_pipe(out.f)) || S_ISDIR(in.f->inode->mode))
		return -EINVAL;
	from = given ? *given : in.f->pos;
	to = out.f->pos;
	in.pos = &from;
	out.pos = &to;
	ret = copy(&in, &out, count, true);
	if (ret <= 0)
		return ret;
	out.f->pos = to;
	*(given ? given : &in.f->pos) = from;
	return ret;
}

SYSCALL_DEFINE4(sendfile, u32, out, u32, in, vaddr_t, offset, size_t, count)
{
	u32 low;
	u64 pos;
	long ret;

	if (!offset)
		return do_sendfile(out, in, NULL, count);
	if (get_user_u32(&low, uptr(offset)))
		return -EFAULT;
	pos = (u64)(s64)(s32)low;
	ret = do_sendfile(out, in, &pos, count);
	return put_user_u32(uptr(offset), (u32)pos) ? -EFAULT : ret;
}

SYSCALL_DEFINE4(sendfile64, u32, out, u32, in, vaddr_t, offset, size_t, count)
{
	u64 pos;
	long ret;

	if (!offset)
		return do_sendfile(out, in, NULL, count);
	if (copy_from_user(&pos, uptr(offset), sizeof(pos)))
		return -EFAULT;
	ret = do_sendfile(out, in, &pos, count);
	return copy_to_user(uptr(offset), &pos, sizeof(pos)) ? -EFAULT : ret;
}

/* ---- copy_file_range ---- */

/* A position that the caller may have given: side->pos points to *pos then. */
static int get_position(struct side *side, vaddr_t user, u64 *pos)
{
	side->pos = user ? pos : &side->f->pos;
	return user && copy_from_user(pos, uptr(user), sizeof(*pos)) ? -EFAULT : 0;
}

static int put_position(vaddr_t user, const u64 *pos)
{
	return user && copy_to_user(uptr(user), pos, sizeof(*pos)) ? -EFAULT : 0;
}

static int check_range(const struct side *in, const struct side *out, size_t len)
{
	if (S_ISDIR(in->f->inode->mode) || S_ISDIR(out->f->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->f->inode->mode) || !S_ISREG(out->f->inode->mode))
		return -EINVAL;
	if (!(in->f->mode & FMODE_READ) || !(out->f->mode & FMODE_WRITE) ||
	    (out->f->flags & O_APPEND))
		return -EBADF;
	if (!in->f->ops->read || !out->f->ops->write)
		return -EINVAL;
	if (*in->pos + len < *in->pos || *out->pos + len < *out->pos)
		return -EOVERFLOW;
	if ((s64)*in->pos < 0 || (s64)*out->pos < 0)
		return -EINVAL;
	if (*out->pos >= INT32_MAX && !(out->f->flags & O_LARGEFILE))
		return -EFBIG;
	/* Beyond its end there is nothing to be copied. */
	len = *in->pos < in->f->inode->size ? MIN((u64)len, in->f->inode->size - *in->pos) : 0;
	if (in->f->inode == out->f->inode && *out->pos < *in->pos + len &&
	    *in->pos < *out->pos + len)
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE6(copy_file_range, u32, in_fd, vaddr_t, in_pos, u32, out_fd, vaddr_t, out_pos, size_t,
		len, u32, flags)
{
	struct side in = {.f = fd_file(in_fd)}, out = {.f = fd_file(out_fd)};
	u64 from, to;
	long ret;

	if (!in.f || !out.f || !in.f->mode || !out.f->mode)
		return -EBADF;
	if (get_position(&in, in_pos, &from) || get_position(&out, out_pos, &to))
		return -EFAULT;
	if (flags)
		return -EINVAL;
	ret = check_range(&in, &out, len);
	if (!ret)
		ret = copy(&in, &out, len, true);
	if (ret > 0 && (put_position(in_pos, &from) || put_position(out_pos, &to)))
		return -EFAULT;
	return ret;
}

/* ---- splice and tee ---- */

/* 0, or what is wrong with a side of splice: a pipe has no position, others need to have one. */
static int check_side(const struct side *side, vaddr_t pos)
{
	if (file_is_pipe(side->f))
		return pos ? -ESPIPE : 0;
	if (pos && !is_seekable(side->f))
		return -EINVAL;
	return 0;
}

static long do_splice(struct side *in, vaddr_t in_pos, struct side *out, vaddr_t out_pos,
		      size_t len, u32 flags)
{
	u64 from, to;
	long ret;
	int err = check_side(in, in_pos);

	if (!err)
		err = check_side(out, out_pos);
	if (err)
		return err;
	if (get_position(in, in_pos, &from) || get_position(out, out_pos, &to))
		return -EFAULT;
	if (!(in->f->mode & FMODE_READ) || !(out->f->mode & FMODE_WRITE))
		return -EBADF;
	if ((in_pos && (s64)from < 0) || (out_pos && (s64)to < 0))
		return -EINVAL;
	if ((!file_is_pipe(in->f) && !file_is_pipe(out->f)) || in->f->inode == out->f->inode ||
	    S_ISDIR(in->f->inode->mode) || !in->f->ops->read || !out->f->ops->write ||
	    (!file_is_pipe(out->f) && (out->f->flags & O_APPEND)))
		return -EINVAL;
	ret = copy(in, out, len, !(flags & SPLICE_F_NONBLOCK));
	if (ret > 0 && (put_position(in_pos, &from) || put_position(out_pos, &to)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE6(splice, u32, in_fd, vaddr_t, in_pos, u32, out_fd, vaddr_t, out_pos, size_t, len,
		u32, flags)
{
	struct side in = {.f = fd_file(in_fd)}, out = {.f = fd_file(out_fd)};

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!in.f || !out.f || !in.f->mode || !out.f->mode)
		return -EBADF;
	return do_splice(&in, in_pos, &out, out_pos, len, flags);
}

static ssize_t tee_piece(struct file *in, struct file *out, char *page, size_t n, u32 skip,
			 bool may_sleep)
{
	u64 none = 0;
	ssize_t got = peek(in, &none, out, page, n, skip, may_sleep);

	return got > 0 ? out->ops->write(out, page, got, &none) : got;
}

static long do_tee(struct file *in, struct file *out, size_t len, bool may_sleep)
{
	char *page = borrow_page();
	size_t done = 0;
	ssize_t ret = 0;

	if (!page)
		return -ENOMEM;
	while (done < len) {
		ret = tee_piece(in, out, page, MIN(len - done, (size_t)PAGE_SIZE), done,
				may_sleep && !done);
		if (ret <= 0)
			break;
		done += ret;
	}
	give_back(page);
	if (ret == -EPIPE)
		task_signal_self(SIGPIPE);
	return done ? (long)done : ret;
}

SYSCALL_DEFINE4(tee, u32, in_fd, u32, out_fd, size_t, len, u32, flags)
{
	struct file *in = fd_file(in_fd), *out = fd_file(out_fd);

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	if (!in || !out || !(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (!file_is_pipe(in) || !file_is_pipe(out) || in->inode == out->inode)
		return -EINVAL;
	return do_tee(in, out, len, !(flags & SPLICE_F_NONBLOCK));
}
