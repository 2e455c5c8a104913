/*
 * eventfd and timerfd: a number, and a timer, as files that can be waited for with others.
 *
 *   eventfd   a write adds, a read takes all (or 1: EFD_SEMAPHORE); waits for 0 to pass, or for room
 *   timerfd   a read gives how often it has expired since the last; waits for once
 *
 * What interrupts change (the expiries) is read with interrupts off.
 */
#include "arch/i386/cpu/irqflags.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/time.h"
#include "kernel/core/wait.h"
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "lib/math64.h"
#include "mm/kmem/slab.h"
#include <asm/poll.h>
#include <linux/fcntl.h>
#include <linux/time.h>
#include <linux/timerfd.h>

#define EFD_SEMAPHORE 1u
#define EVENT_MAX     0xFFFFFFFFFFFFFFFEull

long file_to_fd(struct file *f, bool cloexec)
{
	int fd = files_add(current_task()->files, f, cloexec);

	if (fd < 0)
		file_put(f);
	return fd;
}

/* A descriptor for a new anonymous file; on failure `object` is freed. */
static long make_fd(const char *name, const struct file_operations *ops, void *object, u32 flags)
{
	struct file *f = file_make_anonymous(name, ops, object, O_RDWR | (flags & O_NONBLOCK));

	if (IS_ERR(f)) {
		kfree(object);
		return PTR_ERR(f);
	}
	return file_to_fd(f, flags & O_CLOEXEC);
}

/* ---- eventfd ---- */

struct event {
	u64 count;
	bool semaphore;
	struct wait_queue changed;
};

static ssize_t event_read(struct file *f, void __user *buf, size_t len, u64 *pos __maybe_unused)
{
	struct event *e = f->private;
	u64 value;
	int err;

	if (len < sizeof(value))
		return -EINVAL;
	if (!e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(e->changed, e->count);
		if (err)
			return err;
	}
	value = e->semaphore ? 1 : e->count;
	e->count -= value;
	wake_up_all(&e->changed);
	return copy_to_user(buf, &value, sizeof(value)) ? -EFAULT : (ssize_t)sizeof(value);
}

static ssize_t event_write(struct file *f, const void __user *buf, size_t len,
			   u64 *pos __maybe_unused)
{
	struct event *e = f->private;
	u64 value;
	int err;

	if (len < sizeof(value))
		return -EINVAL;
	if (copy_from_user(&value, buf, sizeof(value)))
		return -EFAULT;
	if (value > EVENT_MAX)
		return -EINVAL;
	if (value > EVENT_MAX - e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(e->changed, value <= EVENT_MAX - e->count);
		if (err)
			return err;
	}
	e->count += value;
	wake_up_all(&e->changed);
	return sizeof(value);
}

static u32 event_poll(struct file *f, struct wait_queue **queue)
{
	const struct event *e = f->private;

	*queue = &((struct event *)f->private)->changed;
	return (e->count ? POLLIN : 0) | (e->count < EVENT_MAX ? POLLOUT : 0);
}

static void free_private(struct file *f)
{
	kfree(f->private);
}

static const struct file_operations event_ops = {
	.read = event_read, .write = event_write, .poll = event_poll, .release = free_private};

static long make_eventfd(u32 value, u32 flags)
{
	struct event *e;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	e->count = value;
	e->semaphore = flags & EFD_SEMAPHORE;
	wait_queue_init(&e->changed);
	return make_fd("[eventfd]", &event_ops, e, flags);
}

SYSCALL_DEFINE1(eventfd, u32, value)
{
	return make_eventfd(value, 0);
}

SYSCALL_DEFINE2(eventfd2, u32, value, u32, flags)
{
	return make_eventfd(value, flags);
}

/* ---- timerfd ---- */

struct timer_file {
	struct timer timer;
	s32 clock;
	u64 interval_ns; /* 0: once */
	u64 expiries;
	struct wait_queue expired;
};

static void timer_expired(struct timer *timer)
{
	struct timer_file *t = container_of(timer, struct timer_file, timer);
	u64 now = time_monotonic_ns();
	u64 times = 1, next;

	if (t->interval_ns) {
		times += timer_missed(timer->expires_ns, t->interval_ns, now, &next);
		timer_start(timer, next, timer_expired);
	}
	t->expiries += times;
	wake_up_all(&t->expired);
}

static u64 take_expiries(struct timer_file *t)
{
	u32 flags = irq_save();
	u64 expiries = t->expiries;

	t->expiries = 0;
	irq_restore(flags);
	return expiries;
}

static ssize_t timer_read(struct file *f, void __user *buf, size_t len, u64 *pos __maybe_unused)
{
	struct timer_file *t = f->private;
	u64 expiries;
	int err;

	if (len < sizeof(expiries))
		return -EINVAL;
	expiries = take_expiries(t);
	if (!expiries) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(t->expired, (expiries = take_expiries(t)));
		if (err)
			return err;
	}
	return copy_to_user(buf, &expiries, sizeof(expiries)) ? -EFAULT : (ssize_t)sizeof(expiries);
}

static u32 timer_poll(struct file *f, struct wait_queue **queue)
{
	struct timer_file *t = f->private;

	*queue = &t->expired;
	return t->expiries ? POLLIN : 0;
}

static void timer_release(struct file *f)
{
	struct timer_file *t = f->private;

	timer_cancel(&t->timer);
	kfree(t);
}

static const struct file_operations timer_ops = {
	.read = timer_read, .poll = timer_poll, .release = timer_release};

SYSCALL_DEFINE2(timerfd_create, s32, clock, u32, flags)
{
	struct timer_file *t;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	t->clock = clock;
	wait_queue_init(&t->expired);
	return make_fd("[timerfd]", &timer_ops, t, flags);
}

static struct timer_file *timer_of(u32 fd)
{
	const struct file *f = fd_file(fd);

	if (!f || !f->mode)
		return ERR_PTR(-EBADF);
	return f->ops == &timer_ops ? f->private : ERR_PTR(-EINVAL);
}

static void get_setting(struct timer_file *t, struct interval_ns *to)
{
	*to = (struct interval_ns){.interval = t->interval_ns, .value = timer_left_ns(&t->timer)};
}

static long gettime(u32 fd, vaddr_t to, bool wide)
{
	struct timer_file *t = timer_of(fd);
	struct interval_ns setting;

	if (IS_ERR(t))
		return PTR_ERR(t);
	get_setting(t, &setting);
	return put_itimerspec(to, wide, &setting);
}

static long settime(u32 fd, u32 flags, vaddr_t from, vaddr_t old, bool wide)
{
	struct interval_ns setting, before;
	struct timer_file *t;
	u64 expires_ns;
	int err = get_itimerspec(from, wide, &setting);

	if (err)
		return err;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		return -EINVAL;
	t = timer_of(fd);
	if (IS_ERR(t))
		return PTR_ERR(t);
	err = clock_to_monotonic(t->clock, flags & TFD_TIMER_ABSTIME, setting.value, &expires_ns);
	if (err)
		return err;
	get_setting(t, &before);
	timer_cancel(&t->timer);
	t->interval_ns = setting.interval;
	take_expiries(t);
	if (setting.value)
		timer_start(&t->timer, expires_ns, timer_expired);
	return old ? put_itimerspec(old, wide, &before) : 0;
}

SYSCALL_DEFINE2(timerfd_gettime, u32, fd, vaddr_t, to)
{
	return gettime(fd, to, false);
}

SYSCALL_DEFINE2(timerfd_gettime64, u32, fd, vaddr_t, to)
{
	return gettime(fd, to, true);
}

SYSCALL_DEFINE4(timerfd_settime, u32, fd, u32, flags, vaddr_t, from, vaddr_t, old)
{
	return settime(fd, flags, from, old, false);
}

SYSCALL_DEFINE4(timerfd_settime64, u32, fd, u32, flags, vaddr_t, from, vaddr_t, old)
{
	return settime(fd, flags, from, old, true);
}
