/*
 * Advisory locks of a file: ranges that belong to a process (fcntl(2)) and whole files that belong to an
 * open file (flock(2)). The two kinds do not see each other, as on Linux.
 *
 * The locks of an inode are one list. A process' own ranges never overlap: setting one cuts the others
 * to what is left of them, and makes one of those that touch. Who waits looks again whenever any lock goes. That two
 * wait for each other is not found out (Linux says EDEADLK): a signal ends such a wait.
 */
#include "fs/locks.h"
#include "fs/file.h"
#include "kernel/core/wait.h"
#include "lib/err.h"
#include "mm/kmem/slab.h"

struct file_lock {
	struct file_lock *next;
	const void *owner;
	u32 pid;
	bool exclusive, whole; /* whole: flock(2) */
	u64 start, end;        /* half-open */
};

static struct wait_queue released = {LIST_HEAD_INIT(released.waiters)};

/* The first lock of somebody else that forbids this one, or NULL. */
static struct file_lock *conflict(const struct inode *inode, const struct lock_request *r)
{
	struct file_lock *l, *first = NULL;

	for (l = inode->locks; l; l = l->next)
		if (l->whole == r->whole && l->owner != r->owner &&
		    (l->exclusive || r->exclusive) && l->start < r->end && r->start < l->end &&
		    (!first || l->start < first->start))
			first = l;
	return first;
}

bool lock_test(const struct inode *inode, struct lock_request *r)
{
	const struct file_lock *l = conflict(inode, r);

	if (!l)
		return false;
	r->exclusive = l->exclusive;
	r->start = l->start;
	r->end = l->end;
	r->pid = l->pid;
	return true;
}

/* Takes [start, end) away from what owner has. *spare: a lock for the case that one is cut in two. */
static void cut(struct inode *inode, const struct lock_request *r, struct file_lock **spare)
{
	struct file_lock **link = &inode->locks, *l;

	while ((l = *link)) {
		if (l->whole != r->whole || l->owner != r->owner || l->end <= r->start ||
		    r->end <= l->start) {
			link = &l->next;
		} else if (l->start < r->start && l->end > r->end) {
			struct file_lock *right = *spare;

			*spare = NULL;
			*right = *l;
			right->start = r->end;
			l->end = r->start;
			l->next = right;
			return; /* they do not overlap: no other is touched */
		} else if (l->start < r->start) {
			l->end = r->start;
			link = &l->next;
		} else if (l->end > r->end) {
			l->start = r->end;
			link = &l->next;
		} else {
			*link = l->next;
			kfree(l);
		}
	}
}

/* l takes in what its owner has of the same kind right before and behind it. */
static void join(struct inode *inode, struct file_lock *l)
{
	struct file_lock **link = &inode->locks, *other;

	while ((other = *link)) {
		if (other->whole != l->whole || other->owner != l->owner ||
		    other->exclusive != l->exclusive ||
		    (other->end != l->start && other->start != l->end)) {
			link = &other->next;
			continue;
		}
		l->start = MIN(l->start, other->start);
		l->end = MAX(l->end, other->end);
		*link = other->next;
		kfree(other);
	}
}

int lock_set(struct inode *inode, const struct lock_request *r, bool wait)
{
	struct file_lock *l = kmalloc(sizeof(*l), GFP_KERNEL);
	struct file_lock *spare = kmalloc(sizeof(*spare), GFP_KERNEL);
	int err = l && spare ? 0 : -ENOLCK;

	/* flock: another kind of lock first loses the one there is. */
	if (!err && r->whole) {
		cut(inode, r, &spare);
		wake_up_all(&released);
	}
	if (!err && conflict(inode, r))
		err = wait ? wait_event_interruptible(released, !conflict(inode, r)) : -EAGAIN;
	if (!err) {
		cut(inode, r, &spare);
		*l = (struct file_lock){.owner = r->owner,
					.pid = r->pid,
					.exclusive = r->exclusive,
					.whole = r->whole,
					.start = r->start,
					.end = r->end};
		join(inode, l);
		l->next = inode->locks;
		inode->locks = l;
		l = NULL;
		wake_up_all(&released); /* an exclusive one may have become shared */
	}
	kfree(l);
	kfree(spare);
	return err;
}

int lock_clear(struct inode *inode, const struct lock_request *r)
{
	struct file_lock *spare;

	if (!inode->locks)
		return 0;
	spare = kmalloc(sizeof(*spare), GFP_KERNEL);
	if (!spare)
		return -ENOLCK;
	cut(inode, r, &spare);
	kfree(spare);
	wake_up_all(&released);
	return 0;
}

void locks_drop_owner(struct inode *inode, const void *owner, bool whole)
{
	struct lock_request all = {.owner = owner, .whole = whole, .end = ~0ull};
	struct file_lock *none = NULL;

	cut(inode, &all, &none); /* all of each: nothing is cut in two */
	wake_up_all(&released);
}

void locks_forget(struct inode *inode)
{
	struct file_lock *l;

	while ((l = inode->locks)) {
		inode->locks = l->next;
		kfree(l);
	}
}
