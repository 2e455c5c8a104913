/* System calls on open files. */
#include "fs/locks.h"
#include "fs/memfd.h"
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <linux/uio.h>

#define MAX_RW_COUNT 0x7FFFF000u /* bytes that one call moves at most, as Linux */
#define IOV_MAX      1024u

/* A write to a pipe that nobody reads ends the writer unless it ignores the signal. */
static ssize_t written(ssize_t ret)
{
	if (unlikely(ret == -EPIPE))
		task_signal_self(SIGPIPE);
	return ret;
}

/* Addresses are checked where they are used: what was moved before a bad one counts. */
static ssize_t read_at(struct file *f, vaddr_t buf, size_t len, u64 *pos)
{
	if (!f->ops->read)
		return -EINVAL;
	if (unlikely(len > MAX_RW_COUNT))
		len = MAX_RW_COUNT;
	return f->ops->read(f, uptr(buf), len, pos);
}

/* Under RLIMIT_FSIZE. */
static noinline ssize_t write_limited(struct file *f, vaddr_t buf, size_t len, u64 *pos)
{
	int err = limit_write(f, *pos, &len);

	return err ? err : written(f->ops->write(f, uptr(buf), len, pos));
}

static ssize_t write_at(struct file *f, vaddr_t buf, size_t len, u64 *pos)
{
	if (!f->ops->write)
		return -EINVAL;
	if (unlikely(len > MAX_RW_COUNT))
		len = MAX_RW_COUNT;
	if (unlikely(file_size_is_limited()))
		return write_limited(f, buf, len, pos);
	return written(f->ops->write(f, uptr(buf), len, pos));
}

SYSCALL_DEFINE3(read, u32, fd, vaddr_t, buf, size_t, len)
{
	struct file *f = fd_file(fd);

	if (unlikely(!f || !(f->mode & FMODE_READ)))
		return -EBADF;
	return read_at(f, buf, len, &f->pos);
}

SYSCALL_DEFINE3(write, u32, fd, vaddr_t, buf, size_t, len)
{
	struct file *f = fd_file(fd);

	if (unlikely(!f || !(f->mode & FMODE_WRITE)))
		return -EBADF;
	return write_at(f, buf, len, &f->pos);
}

/* ---- several buffers ---- */

/* Copies an array of iovec from user memory and checks it: ERR_PTR(-EINVAL, -EFAULT, -ENOMEM), or
 * NULL for an empty one. */
static struct iovec *iovec_get(vaddr_t user, u32 count)
{
	struct iovec *iov;
	size_t total = 0;
	int err = 0;

	if (count > IOV_MAX)
		return ERR_PTR(-EINVAL);
	if (!count)
		return NULL;
	iov = kmalloc(count * sizeof(*iov), GFP_KERNEL);
	if (!iov)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(iov, uptr(user), count * sizeof(*iov)))
		err = -EFAULT;
	for (u32 i = 0; i < count && !err; i++) {
		if ((ssize_t)iov[i].iov_len < 0)
			err = -EINVAL;
		else if (iov[i].iov_len > MAX_RW_COUNT - total)
			iov[i].iov_len = MAX_RW_COUNT - total;
		total += iov[i].iov_len;
	}
	if (err) {
		kfree(iov);
		return ERR_PTR(err);
	}
	return iov;
}

typedef ssize_t (*transfer_fn)(struct file *f, vaddr_t buf, size_t len, u64 *pos);

static long transfer_vector(struct file *f, vaddr_t user, u32 count, u64 *pos, transfer_fn transfer)
{
	struct iovec *iov = iovec_get(user, count);
	ssize_t done = 0, ret = 0;

	if (IS_ERR(iov))
		return PTR_ERR(iov);
	if (!iov)
		return 0;
	for (u32 i = 0; i < count; i++) {
		if (!iov[i].iov_len)
			continue;
		ret = transfer(f, (vaddr_t)iov[i].iov_base, iov[i].iov_len, pos);
		if (ret < 0)
			break;
		done += ret;
		if ((size_t)ret < iov[i].iov_len)
			break;
	}
	kfree(iov);
	return done ? done : ret;
}

static long read_vector(u32 fd, vaddr_t iov, u32 count)
{
	struct file *f = fd_file(fd);

	return f && (f->mode & FMODE_READ) ? transfer_vector(f, iov, count, &f->pos, read_at)
					   : -EBADF;
}

static long write_vector(u32 fd, vaddr_t iov, u32 count)
{
	struct file *f = fd_file(fd);

	return f && (f->mode & FMODE_WRITE) ? transfer_vector(f, iov, count, &f->pos, write_at)
					    : -EBADF;
}

SYSCALL_DEFINE3(readv, u32, fd, vaddr_t, iov, u32, count)
{
	return read_vector(fd, iov, count);
}

SYSCALL_DEFINE3(writev, u32, fd, vaddr_t, iov, u32, count)
{
	return write_vector(fd, iov, count);
}

/* The pages are not given away, but copied. */
#define SPLICE_F_ALL 15u

SYSCALL_DEFINE4(vmsplice, u32, fd, vaddr_t, iov, u32, count, u32, flags)
{
	struct file *f = fd_file(fd);

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!f || !f->mode || !file_is_pipe(f))
		return -EBADF;
	return f->mode & FMODE_WRITE ? transfer_vector(f, iov, count, &f->pos, write_at)
				     : transfer_vector(f, iov, count, &f->pos, read_at);
}

/* ---- position ---- */

/* The file of a call that names a position, in whose way mode (FMODE_READ, FMODE_WRITE) must be open:
 * ERR_PTR(-EINVAL, -EBADF, -ESPIPE), in this order as on Linux. */
static struct file *file_at(u32 fd, u64 pos, u32 mode)
{
	struct file *f;

	if ((s64)pos < 0)
		return ERR_PTR(-EINVAL);
	f = fd_file(fd);
	if (!f || !f->mode)
		return ERR_PTR(-EBADF);
	if (!f->ops->llseek)
		return ERR_PTR(-ESPIPE);
	return f->mode & mode ? f : ERR_PTR(-EBADF);
}

SYSCALL_DEFINE5(pread64, u32, fd, vaddr_t, buf, size_t, len, u32, low, u32, high)
{
	u64 pos = (u64)high << 32 | low;
	struct file *f = file_at(fd, pos, FMODE_READ);

	return IS_ERR(f) ? PTR_ERR(f) : read_at(f, buf, len, &pos);
}

SYSCALL_DEFINE5(pwrite64, u32, fd, vaddr_t, buf, size_t, len, u32, low, u32, high)
{
	u64 pos = (u64)high << 32 | low;
	struct file *f = file_at(fd, pos, FMODE_WRITE);

	return IS_ERR(f) ? PTR_ERR(f) : write_at(f, buf, len, &pos);
}

static long read_vector_at(u32 fd, vaddr_t iov, u32 count, u64 pos)
{
	struct file *f = file_at(fd, pos, FMODE_READ);

	return IS_ERR(f) ? PTR_ERR(f) : transfer_vector(f, iov, count, &pos, read_at);
}

static long write_vector_at(u32 fd, vaddr_t iov, u32 count, u64 pos)
{
	struct file *f = file_at(fd, pos, FMODE_WRITE);

	return IS_ERR(f) ? PTR_ERR(f) : transfer_vector(f, iov, count, &pos, write_at);
}

SYSCALL_DEFINE5(preadv, u32, fd, vaddr_t, iov, u32, count, u32, low, u32, high)
{
	return read_vector_at(fd, iov, count, (u64)high << 32 | low);
}

SYSCALL_DEFINE5(pwritev, u32, fd, vaddr_t, iov, u32, count, u32, low, u32, high)
{
	return write_vector_at(fd, iov, count, (u64)high << 32 | low);
}

/* With a position of -1 as readv and writev; the flags are hints but for one that is not there. */
#define RWF_HINTS (RWF_HIPRI | RWF_DSYNC | RWF_SYNC)

SYSCALL_DEFINE6(preadv2, u32, fd, vaddr_t, iov, u32, count, u32, low, u32, high, u32, flags)
{
	u64 pos = (u64)high << 32 | low;

	if (flags & ~RWF_HINTS)
		return -EOPNOTSUPP;
	return pos == ~0ull ? read_vector(fd, iov, count) : read_vector_at(fd, iov, count, pos);
}

SYSCALL_DEFINE6(pwritev2, u32, fd, vaddr_t, iov, u32, count, u32, low, u32, high, u32, flags)
{
	u64 pos = (u64)high << 32 | low;

	if (flags & ~RWF_HINTS)
		return -EOPNOTSUPP;
	return pos == ~0ull ? write_vector(fd, iov, count) : write_vector_at(fd, iov, count, pos);
}

static s64 seek(u32 fd, s64 offset, u32 whence)
{
	struct file *f = fd_file(fd);

	if (!f || !f->mode)
		return -EBADF;
	if (whence > SEEK_MAX)
		return -EINVAL;
	return f->ops->llseek ? f->ops->llseek(f, offset, whence) : -ESPIPE;
}

SYSCALL_DEFINE3(lseek, u32, fd, s32, offset, u32, whence)
{
	s64 pos = seek(fd, offset, whence);

	return pos > INT32_MAX ? -EOVERFLOW : (long)pos;
}

SYSCALL_DEFINE5(llseek, u32, fd, u32, high, u32, low, vaddr_t, result, u32, whence)
{
	s64 pos = seek(fd, (s64)((u64)high << 32 | low), whence);

	if (pos < 0)
		return (long)pos;
	return copy_to_user(uptr(result), &pos, sizeof(pos)) ? -EFAULT : 0;
}

/* ---- locks ---- */

struct lock64 { /* struct flock64 with its packing on i386 */
	s16 type, whence;
	s64 start, len;
	s32 pid;
} __packed;

struct lock32 { /* struct flock */
	s16 type, whence;
	s32 start, len, pid;
};

/* What l asks for as a range: 0, -EINVAL, -EOVERFLOW. */
static int lock_range(const struct file *f, const struct lock64 *l, struct lock_request *r)
{
	s64 start;

	switch (l->whence) {
	case SEEK_SET:
		start = 0;
		break;
	case SEEK_CUR:
		start = (s64)f->pos;
		break;
	case SEEK_END:
		start = (s64)f->inode->size;
		break;
	default:
		return -EINVAL;
	}
	if (l->start > INT64_MAX - start)
		return -EOVERFLOW;
	start += l->start;
	if (start < 0 || (l->len < 0 && start + l->len < 0))
		return -EINVAL;
	if (l->len > 0 && l->len - 1 > INT64_MAX - start)
		return -EOVERFLOW;
	r->start = l->len < 0 ? start + l->len : start; /* the bytes before start */
	r->end = l->len < 0 ? (u64)start : (u64)start + (u64)l->len;
	if (!l->len || r->end > INT64_MAX) /* to the last byte that there can be: to the end */
		r->end = ~0ull;
	return 0;
}

/* While this thread waited, another may have closed the descriptor, which drops the locks that there
 * are: one more would stay for ever. */
static int keep_if_open(u32 fd, struct file *f)
{
	struct files *files = current_task()->files;

	if (files_get(files, fd) == f)
		return 0;
	locks_drop_owner(f->inode, files, false);
	return -EBADF;
}

static int lock_file(u32 fd, struct file *f, u32 cmd, struct lock64 *l)
{
	struct lock_request r = {.owner = current_task()->files, .pid = current_task()->pid};
	int err = lock_range(f, l, &r);

	if (err)
		return err;
	if (l->type != F_RDLCK && l->type != F_WRLCK && l->type != F_UNLCK)
		return -EINVAL;
	r.exclusive = l->type == F_WRLCK;
	if (cmd == F_GETLK) {
		if (l->type == F_UNLCK)
			return -EINVAL;
		if (!lock_test(f->inode, &r)) {
			l->type = F_UNLCK;
			return 0;
		}
		*l = (struct lock64){.type = r.exclusive ? F_WRLCK : F_RDLCK,
				     .whence = SEEK_SET,
				     .start = (s64)r.start,
				     .len = r.end == ~0ull ? 0 : (s64)(r.end - r.start),
				     .pid = (s32)r.pid};
		return 0;
	}
	if (l->type == F_UNLCK)
		return lock_clear(f->inode, &r);
	if (!(f->mode & (r.exclusive ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	err = lock_set(f->inode, &r, cmd == F_SETLKW);
	return err ? err : keep_if_open(fd, f);
}

static long lock_call_64(u32 fd, struct file *f, u32 cmd, vaddr_t arg)
{
	struct lock64 l;
	int err;

	if (copy_from_user(&l, uptr(arg), sizeof(l)))
		return -EFAULT;
	err = lock_file(fd, f, cmd, &l);
	if (!err && cmd == F_GETLK && copy_to_user(uptr(arg), &l, sizeof(l)))
		err = -EFAULT;
	return err;
}

static long lock_call_32(u32 fd, struct file *f, u32 cmd, vaddr_t arg)
{
	struct lock32 given;
	struct lock64 l;
	int err;

	if (copy_from_user(&given, uptr(arg), sizeof(given)))
		return -EFAULT;
	l = (struct lock64){given.type, given.whence, given.start, given.len, given.pid};
	err = lock_file(fd, f, cmd, &l);
	if (err || cmd != F_GETLK)
		return err;
	if (l.start > INT32_MAX || l.len > INT32_MAX)
		return -EOVERFLOW;
	given = (struct lock32){l.type, l.whence, (s32)l.start, (s32)l.len, l.pid};
	return copy_to_user(uptr(arg), &given, sizeof(given)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(flock, u32, fd, u32, operation)
{
	struct file *f = fd_file(fd);
	struct lock_request r = {
		.owner = f, .pid = current_task()->pid, .whole = true, .end = ~0ull};

	u32 kind = operation & ~LOCK_NB;

	if (kind != LOCK_UN && kind != LOCK_EX && kind != LOCK_SH)
		return -EINVAL;
	if (!f || !f->mode)
		return -EBADF;
	if (kind == LOCK_UN)
		return lock_clear(f->inode, &r);
	r.exclusive = kind == LOCK_EX;
	return lock_set(f->inode, &r, !(operation & LOCK_NB));
}

/* ---- fcntl and ioctl ---- */

/* What F_SETFL may change. */
#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

SYSCALL_DEFINE3(fcntl, u32, fd, u32, cmd, u32, arg)
{
	struct files *files = current_task()->files;
	struct file *f = fd_file(fd);

	if (!f)
		return -EBADF;
	if (!f->mode && cmd > F_GETFL && cmd != F_DUPFD_CLOEXEC)
		return -EBADF; /* O_PATH */
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return file_duplicate(f, arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return bitmap_test(files->cloexec, fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		bitmap_clear(files->cloexec, fd);
		if (arg & FD_CLOEXEC)
			bitmap_set(files->cloexec, fd);
		return 0;
	case F_GETFL:
		return f->flags;
	case F_SETFL:
		f->flags = (f->flags & ~SETFL_MASK) | (arg & SETFL_MASK);
		return 0;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
		return f->mode ? lock_call_32(fd, f, cmd, arg) : -EBADF;
	case F_GETLK64:
	case F_SETLK64:
	case F_SETLKW64:
		return f->mode ? lock_call_64(fd, f, cmd - F_GETLK64 + F_GETLK, arg) : -EBADF;
	case F_GETOWN:
		return 0;
	case F_ADD_SEALS:
		return seals_add(f, arg);
	case F_GET_SEALS:
		return seals_get(f);
	case F_GETPIPE_SZ:
		return S_ISFIFO(f->inode->mode) ? 65536 : -EBADF;
	}
	return -EINVAL;
}

SYSCALL_DEFINE3(ioctl, u32, fd, u32, cmd, vaddr_t, arg)
{
	struct files *files = current_task()->files;
	struct file *f = fd_file(fd);

	if (!f || !f->mode)
		return -EBADF;
	if (cmd == FIONBIO) {
		u32 on;

		if (get_user_u32(&on, uptr(arg)))
			return -EFAULT;
		f->flags = on ? f->flags | O_NONBLOCK : f->flags & ~O_NONBLOCK;
		return 0;
	}
	if (cmd == FIOCLEX || cmd == FIONCLEX) {
		bitmap_clear(files->cloexec, fd);
		if (cmd == FIOCLEX)
			bitmap_set(files->cloexec, fd);
		return 0;
	}
	if (cmd == FIONREAD && S_ISREG(f->inode->mode))
		return put_user_u32(uptr(arg), (u32)(f->inode->size - f->pos));
	return f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
}
