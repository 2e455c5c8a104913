/*
 * Pipes, with and without a name: a ring of 64 KiB between open files.
 *
 *      tail                head
 *        |                  |            positions count bytes for ever; a position's place in
 *   [....xxxxxxxxxxxxxxxxxxx.........]   the ring is its value modulo the capacity
 *
 * Pages are allocated when the head reaches them and given back when the tail leaves them; one is
 * kept as a spare. A ring that is empty goes back to the start of its page, so that small messages
 * stay in one page for ever.
 *
 * A writer of at most PIPE_BUF bytes waits until all of it fits (atomic); a larger one writes what
 * fits. The mutex is held while user memory is copied, which may sleep; who waits for room or text
 * lets go of it.
 */
#include "fs/file.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/wait.h"
#include "lib/err.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/phys/buddy.h"
#include "mm/vm/mm.h"
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

#define PIPE_PAGES    16u /* as Linux */
#define PIPE_CAPACITY (PIPE_PAGES * PAGE_SIZE)

static const struct file_operations pipe_file_ops;

struct pipe {
	struct mutex mutex;
	struct wait_queue text, room; /* readers and writers wait */
	struct wait_queue change;     /* poll, and the opening of named pipes */
	u32 head, tail;
	u32 readers, writers;
	u32 readers_ever, writers_ever; /* who opens a named pipe waits for one of the others */
	char *page[PIPE_PAGES];
	char *spare;
};

static inline char **slot_of(struct pipe *p, u32 position)
{
	return &p->page[position / PAGE_SIZE % PIPE_PAGES];
}

/* The page of a position at or behind the head. */
static char *page_for(struct pipe *p, u32 position)
{
	char **slot = slot_of(p, position);

	if (!*slot) {
		*slot = p->spare ? p->spare : get_free_page(GFP_KERNEL);
		p->spare = NULL;
		if (unlikely(!*slot) && lazyfree_reclaim())
			*slot = get_free_page(GFP_KERNEL);
	}
	return *slot;
}

/* The tail has moved to the end of its page. */
static void drop_page(struct pipe *p, char **slot)
{
	if (p->spare)
		free_page_at(p->spare);
	p->spare = *slot;
	*slot = NULL;
}

/* Takes up to len bytes, which fit: bytes done, or errno if none. Atomic ones, at most a page, are done whole or not at
 * all: others may write as well, and a reader takes them for whole. */
static ssize_t fill(struct pipe *p, const char __user *buf, size_t len, bool atomic)
{
	size_t done = 0;

	static_assert(PIPE_BUF <= PAGE_SIZE, "the first and the last page of atomic bytes are all");
	/* If the first cannot be had, nothing is done either. */
	if (atomic && (p->head & (PAGE_SIZE - 1)) + len > PAGE_SIZE &&
	    !page_for(p, p->head + len - 1))
		return -ENOMEM;
	while (done < len) {
		u32 offset = (p->head + done) & (PAGE_SIZE - 1);
		size_t n = MIN(len - done, (size_t)(PAGE_SIZE - offset));
		char *page = page_for(p, p->head + done);
		size_t left;

		if (!page)
			break;
		left = copy_from_user(page + offset, buf + done, n);
		done += n - left;
		if (!left)
			continue;
		if (atomic || !done)
			return -EFAULT;
		break;
	}
	p->head += done;
	return done ? (ssize_t)done : -ENOMEM;
}

/* The tail goes on by n bytes, at most to the end of its page. */
static void pass(struct pipe *p, size_t n)
{
	char **slot = slot_of(p, p->tail);

	p->tail += n;
	if (n && !(p->tail & (PAGE_SIZE - 1)))
		drop_page(p, slot);
}

static void rewind_empty(struct pipe *p)
{
	if (p->tail == p->head)
		p->tail = p->head = ALIGN_DOWN(p->tail, PAGE_SIZE);
}

/* Gives up to len bytes, which are there. Bytes done, or -EFAULT if none. */
static ssize_t drain(struct pipe *p, char __user *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		u32 offset = p->tail & (PAGE_SIZE - 1);
		size_t n = MIN(len - done, (size_t)(PAGE_SIZE - offset));
		size_t left = copy_to_user(buf + done, *slot_of(p, p->tail) + offset, n);

		pass(p, n - left);
		done += n - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
	}
	rewind_empty(p);
	return done;
}

/* Returns with the mutex held and text in the ring, or 0 (end of file) or errno without. 1: there
 * is text. */
static int wait_for_text(struct pipe *p, bool may_sleep)
{
	for (;;) {
		if (p->head == p->tail) {
			int err;

			if (!p->writers)
				return 0;
			if (!may_sleep)
				return -EAGAIN;
			err = wait_event_interruptible(p->text, p->head != p->tail || !p->writers);
			if (err)
				return err;
		}
		mutex_lock(&p->mutex);
		if (likely(p->head != p->tail))
			return 1;
		mutex_unlock(&p->mutex); /* another reader was quicker */
	}
}

static ssize_t pipe_read(struct file *f, void __user *buf, size_t len, u64 *pos __maybe_unused)
{
	struct pipe *p = f->private;
	ssize_t ret;

	if (!len)
		return 0;
	ret = wait_for_text(p, !(f->flags & O_NONBLOCK));
	if (ret <= 0)
		return ret;
	ret = drain(p, buf, MIN(len, (size_t)(p->head - p->tail)));
	wake_up_all(&p->room);
	wake_up_all(&p->change);
	mutex_unlock(&p->mutex);
	return ret;
}

/* How many of the len bytes that are left may be written now. */
static size_t room_for(const struct pipe *p, size_t len, bool atomic)
{
	/* The tail's page counts whole, as on Linux: the head must not enter it from behind. */
	size_t room = PIPE_CAPACITY - (p->head - ALIGN_DOWN(p->tail, PAGE_SIZE));

	return room >= len ? len : atomic ? 0 : room;
}

static ssize_t pipe_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	struct pipe *p = f->private;
	bool atomic = len <= PIPE_BUF;
	size_t done = 0;
	ssize_t ret = 0;

	(void)pos;
	if (!len)
		return 0;
	mutex_lock(&p->mutex);
	while (done < len) {
		size_t n;

		if (!p->readers) {
			ret = -EPIPE;
			break;
		}
		n = room_for(p, len - done, atomic);
		if (n) {
			ret = fill(p, (const char __user *)buf + done, n, atomic);
			if (ret < 0)
				break;
			done += ret;
			wake_up_all(&p->text);
			wake_up_all(&p->change);
			if ((size_t)ret < n)
				break;
			continue;
		}
		if (f->flags & O_NONBLOCK) {
			ret = -EAGAIN;
			break;
		}
		mutex_unlock(&p->mutex);
		ret = wait_event_interruptible(p->room,
					       !p->readers || room_for(p, len - done, atomic));
		mutex_lock(&p->mutex); /* another writer may have been quicker: look again */
		if (ret)
			break;
	}
	mutex_unlock(&p->mutex);
	return done ? (ssize_t)done : ret;
}

/* ---- for splice and tee ---- */

bool file_is_pipe(const struct file *f)
{
	return f->ops == &pipe_file_ops || f->ops == &fifo_file_ops;
}

ssize_t pipe_peek(struct file *f, void *buf, size_t len, u32 skip)
{
	struct pipe *p = f->private;
	size_t done = 0;
	ssize_t ret = wait_for_text(p, false);

	if (ret <= 0)
		return ret;
	skip = MIN(skip, p->head - p->tail);
	len = MIN(len, (size_t)(p->head - p->tail - skip));
	while (done < len) {
		u32 at = p->tail + skip + done, offset = at & (PAGE_SIZE - 1);
		size_t n = MIN(len - done, (size_t)(PAGE_SIZE - offset));

		memcpy((char *)buf + done, *slot_of(p, at) + offset, n);
		done += n;
	}
	mutex_unlock(&p->mutex);
	return done;
}

ssize_t pipe_wait_room(struct file *f, bool may_sleep)
{
	struct pipe *p = f->private;

	for (;;) {
		size_t room = room_for(p, PIPE_CAPACITY, false);
		int err;

		if (!p->readers)
			return -EPIPE;
		if (room)
			return room;
		if (!may_sleep)
			return -EAGAIN;
		err = wait_event_interruptible(p->room, !p->readers || room_for(p, 1, true));
		if (err)
			return err;
	}
}

int pipe_wait_text(struct file *f, bool may_sleep)
{
	struct pipe *p = f->private;
	int ret = wait_for_text(p, may_sleep);

	if (ret == 1)
		mutex_unlock(&p->mutex);
	return ret;
}

void pipe_skip(struct file *f, size_t len)
{
	struct pipe *p = f->private;

	mutex_lock(&p->mutex);
	for (len = MIN(len, (size_t)(p->head - p->tail)); len;) {
		size_t n = MIN(len, (size_t)(PAGE_SIZE - (p->tail & (PAGE_SIZE - 1))));

		pass(p, n);
		len -= n;
	}
	rewind_empty(p);
	wake_up_all(&p->room);
	wake_up_all(&p->change);
	mutex_unlock(&p->mutex);
}

static long pipe_ioctl(struct file *f, u32 cmd, vaddr_t arg)
{
	struct pipe *p = f->private;

	return cmd == FIONREAD ? put_user_u32((u32 __user *)arg, p->head - p->tail) : -ENOTTY;
}

static u32 pipe_poll(struct file *f, struct wait_queue **queue)
{
	struct pipe *p = f->private;
	u32 mask = 0;

	*queue = f->mode == FMODE_READ ? &p->text : f->mode == FMODE_WRITE ? &p->room : &p->change;
	if (f->mode & FMODE_READ) {
		if (p->head != p->tail)
			mask |= POLLIN | POLLRDNORM;
		if (!p->writers && p->writers_ever != f->writers_seen)
			mask |= POLLHUP;
	}
	if (f->mode & FMODE_WRITE) {
		if (room_for(p, PIPE_BUF, true))
			mask |= POLLOUT | POLLWRNORM;
		if (!p->readers)
			mask |= POLLERR;
	}
	return mask;
}

static void wake_all(struct pipe *p)
{
	wake_up_all(&p->text);
	wake_up_all(&p->room);
	wake_up_all(&p->change);
}

/* For who opens a pipe neither to read nor to write nothing would keep it. */
static int check_mode(const struct file *f)
{
	return f->mode ? 0 : -EINVAL;
}

static void count(struct pipe *p, const struct file *f)
{
	if (f->mode & FMODE_READ) {
		p->readers++;
		p->readers_ever++;
	}
	if (f->mode & FMODE_WRITE) {
		p->writers++;
		p->writers_ever++;
	}
}

static void pipe_release(struct file *f)
{
	struct pipe *p = f->private;

	if (f->mode & FMODE_READ)
		p->readers--;
	if (f->mode & FMODE_WRITE)
		p->writers--;
	wake_all(p);
}

static int pipe_open(struct inode *inode, struct file *f)
{
	int err = check_mode(f);

	if (err)
		return err;
	f->private = inode->private;
	count(f->private, f);
	return 0;
}

static const struct file_operations pipe_file_ops = {
	.open = pipe_open,
	.release = pipe_release,
	.read = pipe_read,
	.write = pipe_write,
	.ioctl = pipe_ioctl,
	.poll = pipe_poll,
};

static void pipe_evict(struct inode *inode)
{
	struct pipe *p = inode->private;

	for (u32 i = 0; i < PIPE_PAGES; i++)
		if (p->page[i])
			free_page_at(p->page[i]);
	if (p->spare)
		free_page_at(p->spare);
	kfree(p);
}

static int give_pipe(struct inode *inode)
{
	struct pipe *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	mutex_init(&p->mutex);
	wait_queue_init(&p->text);
	wait_queue_init(&p->room);
	wait_queue_init(&p->change);
	inode->private = p;
	inode->evict = pipe_evict;
	return 0;
}

/* ---- named pipes: the ring is there while somebody has it open ---- */

static void fifo_release(struct file *f)
{
	struct pipe *p = f->private;

	pipe_release(f);
	if (!p->readers && !p->writers) {
		pipe_evict(f->inode);
		f->inode->private = NULL;
		f->inode->evict = NULL;
	}
}

/* Waits until the other side was opened; it may be closed again by then. */
static int wait_for_other(struct pipe *p, struct file *f)
{
	u32 readers = p->readers_ever, writers = p->writers_ever;

	if (f->mode & FMODE_READ) {
		if (p->writers)
			return 0;
		if (f->flags & O_NONBLOCK) {
			f->writers_seen = writers;
			return 0;
		}
		return wait_event_interruptible(p->change, p->writers_ever != writers);
	}
	if (p->readers)
		return 0;
	if (f->flags & O_NONBLOCK)
		return -ENXIO;
	return wait_event_interruptible(p->change, p->readers_ever != readers);
}

static int fifo_open(struct inode *inode, struct file *f)
{
	int err = check_mode(f);

	if (!err && !inode->private)
		err = give_pipe(inode);
	if (err)
		return err;
	f->private = inode->private;
	count(f->private, f);
	wake_all(f->private);
	if (f->mode != (FMODE_READ | FMODE_WRITE))
		err = wait_for_other(f->private, f);
	if (err)
		fifo_release(f);
	return err;
}

const struct file_operations fifo_file_ops = {
	.open = fifo_open,
	.release = fifo_release,
	.read = pipe_read,
	.write = pipe_write,
	.ioctl = pipe_ioctl,
	.poll = pipe_poll,
};

/* ---- pipe(2) ---- */

static struct inode *pipe_inode(void)
{
	struct inode *inode = inode_alloc(S_IFIFO | 0600);

	if (!inode)
		return NULL;
	if (give_pipe(inode)) {
		inode_put(inode);
		return NULL;
	}
	inode->fops = &pipe_file_ops;
	inode->nlink = 1;
	return inode;
}

int pipe_create(struct file *ends[2], u32 flags)
{
	struct inode *inode = pipe_inode();
	int err = 0;

	if (!inode)
		return -ENOMEM;
	ends[0] = file_open_inode(inode, O_RDONLY | flags);
	ends[1] = file_open_inode(inode, O_WRONLY | flags);
	for (u32 i = 0; i < 2; i++)
		if (IS_ERR(ends[i]))
			err = PTR_ERR(ends[i]);
	for (u32 i = 0; i < 2 && err; i++)
		if (!IS_ERR(ends[i]))
			file_put(ends[i]);
	inode_put(inode);
	return err;
}
