/*
 * epoll: waiting for many files at a cost that follows those that are ready.
 *
 *   epoll ── items ──> item ── file     a weak reference: the file's end is the item's (epoll_forget)
 *         ── ready ──> item             those that were woken since they were last looked at
 *                       └ waiter        on the queue that the file's poll operation named
 *
 * The waiter has a function instead of a thread. When the file wakes its queue, in whatever context,
 * the function puts the item on the ready list and wakes who waits for the epoll. Who waits takes
 * items from the ready list, puts their waiters back on the queues, and then asks each file what
 * holds, in this order, so that nothing is missed. An item that is still ready goes to the end of
 * the list, to be asked again (level-triggered), unless it wants to hear of changes only (EPOLLET).
 *
 * An epoll is a file with a poll operation of its own, so one may watch another, five deep; a ring
 * is refused. The lists are changed with interrupts off.
 */
#include "fs/epoll.h"
#include "arch/i386/cpu/irqflags.h"
#include "fs/file.h"
#include "kernel/core/time.h"
#include "kernel/core/wait.h"
#include "lib/err.h"
#include "mm/kmem/slab.h"
#include "mm/phys/zone.h"
#include <asm/poll.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>

#define MAX_DEPTH    5u /* as Linux: EP_MAX_NESTS and the outermost */
#define ALWAYS       (EPOLLERR | EPOLLHUP)
#define MODIFIERS    (EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE)
#define EXCLUSIVE_OK (EPOLLIN | EPOLLOUT | ALWAYS | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)
#define FOR_EVER     (~0ull)
/* Of all epolls together: some 2 percent of memory, Linux allows 4. */
#define ITEMS_PER_PAGE 1u

struct epoll {
	struct list_head items, ready;
	struct wait_queue wait;
	struct file *file;      /* whose private this is */
	u32 visit, visit_depth; /* depth_from: the last search that came here */
};

struct epoll_item {
	struct epoll *epoll;
	struct file *file;
	s32 fd;
	struct epoll_watch watch;
	struct list_head node;       /* in epoll->items */
	struct list_head ready_node; /* in epoll->ready, or empty */
	struct epoll_item *next;     /* of the same file */
	struct waiter waiter;
};

static const struct file_operations epoll_ops;
static u32 nr_items;

bool file_is_epoll(const struct file *f)
{
	return f->ops == &epoll_ops;
}

/* ---- readiness ---- */

static void put_on_ready_list(struct epoll_item *item)
{
	u32 flags = irq_save();

	if (list_empty(&item->ready_node))
		list_add_tail(&item->ready_node, &item->epoll->ready);
	irq_restore(flags);
}

static void put_first_on_ready_list(struct epoll_item *item)
{
	u32 flags = irq_save();

	list_del_init(&item->ready_node);
	list_add(&item->ready_node, &item->epoll->ready);
	irq_restore(flags);
}

static void take_off_ready_list(struct epoll_item *item)
{
	u32 flags = irq_save();

	list_del_init(&item->ready_node);
	irq_restore(flags);
}

static void item_woken(struct waiter *w)
{
	struct epoll_item *item = container_of(w, struct epoll_item, waiter);

	if (!(item->watch.events & ~MODIFIERS))
		return; /* it has had its one shot */
	put_on_ready_list(item);
	wake_up_all(&item->epoll->wait);
}

/* What holds of what is asked for; from now on a change is heard. */
static u32 look_at(struct epoll_item *item)
{
	struct wait_queue *queue = NULL;
	u32 mask;

	if (!(item->watch.events & ~MODIFIERS))
		return 0;
	item->file->ops->poll(item->file, &queue);
	if (queue)
		wait_queue_add(queue, &item->waiter);
	mask = item->file->ops->poll(item->file, &queue);
	return mask & (item->watch.events | ALWAYS) & ~MODIFIERS;
}

/* The ready list once through: how many were stored. */
static u32 harvest(struct epoll *e, struct epoll_watch *to, u32 max)
{
	u32 done = 0, flags;
	struct list_head looking;

	INIT_LIST_HEAD(&looking);
	flags = irq_save();
	list_splice_tail_init(&e->ready, &looking);
	irq_restore(flags);
	while (!list_empty(&looking) && done < max) {
		struct epoll_item *item = list_first_entry(&looking, struct epoll_item, ready_node);
		u32 mask;

		take_off_ready_list(item);
		mask = look_at(item);
		if (!mask)
			continue;
		to[done++] = (struct epoll_watch){.events = mask, .data = item->watch.data};
		if (item->watch.events & EPOLLONESHOT)
			item->watch.events &= MODIFIERS;
		else if (!(item->watch.events & EPOLLET))
			put_on_ready_list(item);
	}
	flags = irq_save(); /* those that found no room come first next time */
	list_splice_tail_init(&e->ready, &looking);
	list_splice_tail_init(&looking, &e->ready);
	irq_restore(flags);
	return done;
}

struct epoll_timer {
	struct timer timer;
	struct thread *thread;
};

static void wake_waiting(struct timer *timer)
{
	thread_wake(container_of(timer, struct epoll_timer, timer)->thread);
}

int epoll_wait_for(struct file *f, struct epoll_watch *to, u32 max, u64 expires_ns)
{
	struct epoll *e = f->private;
	struct epoll_timer timer = {.thread = current};
	struct waiter waiter = WAITER_INIT;
	u32 done = harvest(e, to, max);
	int ret = 0;

	if (done || time_monotonic_ns() >= expires_ns)
		return (int)done;
	if (expires_ns != FOR_EVER)
		timer_start(&timer.timer, expires_ns, wake_waiting);
	for (;;) {
		wait_prepare(&e->wait, &waiter, true);
		done = harvest(e, to, max);
		if (done || (expires_ns != FOR_EVER && !READ_ONCE(timer.timer.armed)))
			break;
		if (READ_ONCE(current->work) & WORK_SIGNAL) {
			ret = -EINTR;
			break;
		}
		schedule();
	}
	wait_finish(&e->wait, &waiter);
	timer_cancel(&timer.timer);
	return done ? (int)done : ret;
}

/* ---- the file ---- */

static u32 epoll_poll(struct file *f, struct wait_queue **queue)
{
	struct epoll *e = f->private;

	*queue = &e->wait;
	while (!list_empty(&e->ready)) {
		struct epoll_item *item =
			list_first_entry(&e->ready, struct epoll_item, ready_node);

		take_off_ready_list(item);
		if (look_at(item)) {
			put_first_on_ready_list(item); /* who only looks changes no order */
			return POLLIN | POLLRDNORM;
		}
	}
	return 0;
}

static void free_item(struct epoll_item *item)
{
	struct epoll_item **link = &item->file->watchers;

	while (*link != item)
		link = &(*link)->next;
	*link = item->next;
	wait_queue_remove(&item->waiter);
	take_off_ready_list(item);
	list_del(&item->node);
	nr_items--;
	kfree(item);
}

void epoll_forget(struct file *f)
{
	while (f->watchers)
		free_item(f->watchers);
}

static void epoll_release(struct file *f)
{
	struct epoll *e = f->private;

	if (!e)
		return; /* it could not be opened */
	while (!list_empty(&e->items))
		free_item(list_first_entry(&e->items, struct epoll_item, node));
	kfree(e);
}

static const struct file_operations epoll_ops = {.poll = epoll_poll, .release = epoll_release};

struct file *epoll_create_file(void)
{
	struct epoll *e = kzalloc(sizeof(*e), GFP_KERNEL);
	struct file *f;

	if (!e)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&e->items);
	INIT_LIST_HEAD(&e->ready);
	wait_queue_init(&e->wait);
	f = file_make_anonymous("[eventpoll]", &epoll_ops, e, O_RDWR);
	if (IS_ERR(f))
		kfree(e);
	else
		e->file = f;
	return f;
}

/* ---- control ---- */

static struct epoll_item *find_item(const struct epoll *e, const struct file *target, s32 fd)
{
	struct epoll_item *item;

	list_for_each_entry (item, &e->items, node)
		if (item->file == target && item->fd == fd)
			return item;
	return NULL;
}

/*
 * How long the longest chain of epolls is that begins at f and goes down, or up. Each is looked at again
 * only where it is reached deeper than before, so that a dense net of them costs no more than a sparse
 * one. -ELOOP: `ring` is one of them.
 */
static int depth_from(struct file *f, u32 visit, u32 depth, bool down, const struct file *ring)
{
	struct epoll *e = f->private;
	struct epoll_item *item;
	int deepest = (int)depth;

	if (f == ring)
		return -ELOOP;
	if (depth > MAX_DEPTH || (e->visit == visit && e->visit_depth >= depth))
		return deepest;
	e->visit = visit;
	e->visit_depth = depth;
	item = down ? list_first_entry(&e->items, struct epoll_item, node) : f->watchers;
	while (down ? &item->node != &e->items : item != NULL) {
		struct file *other = down ? item->file : item->epoll->file;
		int beyond = file_is_epoll(other) ? depth_from(other, visit, depth + 1, down, ring)
						  : deepest;

		if (beyond < 0)
			return beyond;
		deepest = MAX(deepest, beyond);
		item = down ? list_next_entry(item, node) : item->next;
	}
	return deepest;
}

/* May f watch the epoll `target`? */
static int check_nesting(struct file *f, struct file *target)
{
	static u32 last_visit;
	int above = depth_from(f, ++last_visit, 1, false, target);
	int below = depth_from(target, ++last_visit, 1, true, f);

	return below < 0 || above + below > (int)MAX_DEPTH ? -ELOOP : 0;
}

int epoll_add(struct file *f, struct file *target, s32 fd, const struct epoll_watch *watch)
{
	struct epoll *e = f->private;
	struct wait_queue *queue = NULL;
	struct epoll_item *item;

	if (!target->ops->poll)
		return -EPERM;
	target->ops->poll(target, &queue);
	if (!queue)
		return -EPERM; /* it is always ready */
	if ((watch->events & EPOLLEXCLUSIVE) &&
	    ((watch->events & ~EXCLUSIVE_OK) || file_is_epoll(target)))
		return -EINVAL;
	if (find_item(e, target, fd))
		return -EEXIST;
	if (file_is_epoll(target) && check_nesting(f, target))
		return -ELOOP;
	if (nr_items >= nr_managed_pages() * ITEMS_PER_PAGE)
		return -ENOSPC;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item)
		return -ENOMEM;
	item->epoll = e;
	item->file = target;
	item->fd = fd;
	item->watch = *watch;
	INIT_LIST_HEAD(&item->ready_node);
	INIT_LIST_HEAD(&item->waiter.node);
	item->waiter.fn = item_woken;
	nr_items++;
	list_add_tail(&item->node, &e->items);
	item->next = target->watchers;
	target->watchers = item;
	if (look_at(item))
		item_woken(&item->waiter);
	return 0;
}

int epoll_modify(struct file *f, struct file *target, s32 fd, const struct epoll_watch *watch)
{
	struct epoll_item *item = find_item(f->private, target, fd);

	if (watch->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	if (!item)
		return -ENOENT;
	if (item->watch.events & EPOLLEXCLUSIVE)
		return -EINVAL;
	item->watch = *watch;
	if (look_at(item))
		item_woken(&item->waiter);
	return 0;
}

int epoll_remove(struct file *f, struct file *target, s32 fd)
{
	struct epoll_item *item = find_item(f->private, target, fd);

	if (!item)
		return -ENOENT;
	free_item(item);
	return 0;
}
