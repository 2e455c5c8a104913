/*
 * Waiting for several files: poll(2), select(2) and their relatives are one loop over struct pollfd.
 *
 * Each file says what holds now and which queue is woken when that may change. The caller is put on all
 * queues before it looks, so that nothing that happens in between is missed. A select is turned into an
 * array of pollfd and its answer back.
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "kernel/core/time.h"
#include "lib/bitmap.h"
#include "lib/math64.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <asm/poll.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <linux/time_types.h>

#define FOREVER    0xFFFFFFFFFFFFFFFFull
#define READY_MASK (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

/* One file that is waited for. */
struct watch {
	struct pollfd pfd;
	u32 interest;      /* what ends the waiting */
	struct file *file; /* a reference, or NULL */
	struct wait_queue *queue;
	struct waiter waiter;
};

struct poll_timer {
	struct timer timer;
	struct thread *thread;
};

static void wake_poller(struct timer *timer)
{
	thread_wake(container_of(timer, struct poll_timer, timer)->thread);
}

/* What holds for one file; *queue NULL: it will not change. */
static u32 look(struct watch *w, struct wait_queue **queue)
{
	u32 mask;

	*queue = NULL;
	if (w->pfd.fd < 0)
		return 0;
	if (!w->file)
		return POLLNVAL;
	if (!w->file->mode)
		return POLLNVAL; /* O_PATH */
	mask = w->file->ops->poll ? w->file->ops->poll(w->file, queue) : READY_MASK;
	return mask & w->interest;
}

/* Fills revents: how many are not 0. */
static u32 look_at_all(struct watch *watches, u32 n)
{
	struct wait_queue *queue;
	u32 ready = 0;

	for (u32 i = 0; i < n; i++) {
		watches[i].pfd.revents = (s16)look(&watches[i], &queue);
		ready += watches[i].pfd.revents != 0;
	}
	return ready;
}

static void queue_all(struct watch *watches, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (watches[i].queue)
			wait_prepare(watches[i].queue, &watches[i].waiter, true);
	WRITE_ONCE(current->state, THREAD_SLEEPING);
	barrier();
}

static bool signal_waits(void)
{
	return READ_ONCE(current->work) & WORK_SIGNAL;
}

/* Until one is ready or the time has come: how many are, or -ERESTARTNOHAND. With none ready a signal counts
 * before the time: pselect without a time to wait is how a program lets in what it blocks. */
static long wait_for_any(struct watch *watches, u32 n, u64 expires_ns)
{
	struct poll_timer timer = {.thread = current};
	long ready = look_at_all(watches, n);

	if (ready)
		return ready;
	if (time_monotonic_ns() >= expires_ns)
		return signal_waits() ? -ERESTARTNOHAND : 0;
	for (u32 i = 0; i < n; i++)
		look(&watches[i], &watches[i].queue);
	if (expires_ns != FOREVER)
		timer_start(&timer.timer, expires_ns, wake_poller);
	for (;;) {
		queue_all(watches, n);
		ready = look_at_all(watches, n);
		if (!ready && signal_waits())
			ready = -ERESTARTNOHAND;
		if (ready || (expires_ns != FOREVER && !READ_ONCE(timer.timer.armed)))
			break;
		schedule();
	}
	WRITE_ONCE(current->state, THREAD_RUNNING);
	for (u32 i = 0; i < n; i++)
		if (watches[i].queue)
			wait_finish(watches[i].queue, &watches[i].waiter);
	timer_cancel(&timer.timer);
	return ready;
}

/* ---- poll ---- */

static struct watch *watches_alloc(u32 n)
{
	struct watch *watches = n ? kzalloc(n * sizeof(*watches), GFP_KERNEL) : NULL;

	return watches || !n ? watches : ERR_PTR(-ENOMEM);
}

static void watch_fd(struct watch *w, s32 fd, u32 interest)
{
	struct file *f = fd < 0 ? NULL : fd_file(fd);

	w->pfd = (struct pollfd){.fd = fd};
	w->interest = interest;
	w->file = f ? file_get(f) : NULL;
	w->waiter = (struct waiter)WAITER_INIT;
}

static void watches_free(struct watch *watches, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (watches[i].file)
			file_put(watches[i].file);
	kfree(watches);
}

static long do_poll(vaddr_t user, u32 n, u64 expires_ns)
{
	struct pollfd __user *fds = uptr(user);
	struct watch *watches;
	u32 i;
	long ret = 0;

	if (n > current_task()->group->limits[RLIMIT_NOFILE].cur)
		return -EINVAL;
	watches = watches_alloc(n);
	if (IS_ERR(watches))
		return PTR_ERR(watches);
	for (i = 0; i < n; i++) {
		struct pollfd pfd;

		if (copy_from_user(&pfd, &fds[i], sizeof(pfd))) {
			ret = -EFAULT;
			break;
		}
		watch_fd(&watches[i], pfd.fd, (u16)pfd.events | POLLERR | POLLHUP);
	}
	if (!ret)
		ret = wait_for_any(watches, n, expires_ns);
	/* Interrupted, it says of each that nothing holds. */
	for (i = 0; i < n && (ret >= 0 || ret == -ERESTARTNOHAND); i++)
		if (copy_to_user(&fds[i].revents, &watches[i].pfd.revents,
				 sizeof(watches[i].pfd.revents)))
			ret = -EFAULT;
	watches_free(watches, n);
	return ret;
}

/* ---- time ---- */

/* A time that a call may wait: 0 or -EINVAL. */
static int expiry(s64 seconds, s64 ns, u64 *expires_ns)
{
	if (seconds < 0 || ns < 0 || ns >= (s64)NSEC_PER_SEC)
		return -EINVAL;
	seconds = MIN(seconds, (s64)INT32_MAX); /* no machine runs that long */
	*expires_ns = time_monotonic_ns() + (u64)seconds * NSEC_PER_SEC + (u64)ns;
	return 0;
}

/* The forms in which a caller gives a time, and is told what is left. */
enum time_form { TIMEVAL, TIMESPEC, TIMESPEC64 };

static int get_time(vaddr_t user, enum time_form form, u64 *expires_ns)
{
	struct __kernel_timespec t;
	s32 t32[2];

	*expires_ns = FOREVER;
	if (!user)
		return 0;
	if (form == TIMESPEC64) {
		if (copy_from_user(&t, uptr(user), sizeof(t)))
			return -EFAULT;
		return expiry(t.tv_sec, (s32)t.tv_nsec, expires_ns);
	}
	if (copy_from_user(t32, uptr(user), sizeof(t32)))
		return -EFAULT;
	if (form == TIMESPEC)
		return expiry(t32[0], t32[1], expires_ns);
	/* select(2) takes more than a second's worth of microseconds. */
	if (t32[0] < 0 || t32[1] < 0)
		return -EINVAL;
	return expiry((s64)t32[0] + t32[1] / 1000000, (s64)(t32[1] % 1000000) * 1000, expires_ns);
}

/* Linux tells how much of the time was left; that it could not is no error. */
static void put_time(vaddr_t user, enum time_form form, u64 expires_ns)
{
	u64 now = time_monotonic_ns(), left = now < expires_ns ? expires_ns - now : 0;
	struct __kernel_timespec t = {0};
	u32 ns;
	s32 t32[2];
	size_t ignored;

	if (!user)
		return;
	t.tv_sec = div_u64_rem(left, NSEC_PER_SEC, &ns);
	t.tv_nsec = ns;
	t32[0] = (s32)t.tv_sec;
	t32[1] = form == TIMEVAL ? (s32)(ns / 1000) : (s32)ns;
	ignored = form == TIMESPEC64 ? copy_to_user(uptr(user), &t, sizeof(t))
				     : copy_to_user(uptr(user), t32, sizeof(t32));
	(void)ignored;
}

/* A poll that a signal without handler interrupted goes on to the same time. */
static long poll_until(vaddr_t fds, u32 n, u64 expires_ns);

static long poll_again(struct task *t)
{
	return poll_until(t->restart_args.address, t->restart_args.value,
			  t->restart_args.expires_ns);
}

static long poll_until(vaddr_t fds, u32 n, u64 expires_ns)
{
	struct task *t = current_task();
	long ret = do_poll(fds, n, expires_ns);

	if (ret != -ERESTARTNOHAND)
		return ret;
	t->restart = poll_again;
	t->restart_args.address = fds;
	t->restart_args.value = n;
	t->restart_args.expires_ns = expires_ns;
	return -ERESTART_BLOCK;
}

SYSCALL_DEFINE3(poll, vaddr_t, fds, u32, n, s32, timeout_ms)
{
	u64 expires_ns = FOREVER;

	if (timeout_ms >= 0)
		expires_ns = time_monotonic_ns() + (u64)(u32)timeout_ms * 1000000;
	return poll_until(fds, n, expires_ns);
}

static long do_ppoll(vaddr_t fds, u32 n, vaddr_t time, enum time_form form, vaddr_t mask, u32 size)
{
	u64 expires_ns;
	long ret = get_time(time, form, &expires_ns);

	if (!ret)
		ret = signal_mask_for_wait(mask, size);
	if (ret)
		return ret;
	ret = do_poll(fds, n, expires_ns);
	signal_mask_after_wait(ret);
	put_time(time, form, expires_ns);
	return ret;
}

SYSCALL_DEFINE5(ppoll, vaddr_t, fds, u32, n, vaddr_t, time, vaddr_t, mask, u32, size)
{
	return do_ppoll(fds, n, time, TIMESPEC, mask, size);
}

SYSCALL_DEFINE5(ppoll_time64, vaddr_t, fds, u32, n, vaddr_t, time, vaddr_t, mask, u32, size)
{
	return do_ppoll(fds, n, time, TIMESPEC64, mask, size);
}

/* ---- select ---- */

#define SET_WORDS (FILES_MAX / BITMAP_BITS)
#define NR_SETS   3u

/* What of poll puts a descriptor of each set into the answer (select(2)). */
static const u32 answers[NR_SETS] = {
	POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR | POLLNVAL,
	POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR | POLLNVAL, POLLPRI | POLLNVAL};

struct sets {
	u32 words[NR_SETS][SET_WORDS];
};

static int get_sets(struct sets *sets, const vaddr_t user[NR_SETS], u32 n)
{
	memset(sets, 0, sizeof(*sets));
	for (u32 i = 0; i < NR_SETS; i++) {
		if (user[i] &&
		    copy_from_user(sets->words[i], uptr(user[i]), ALIGN_UP(n, BITMAP_BITS) / 8))
			return -EFAULT;
	}
	return 0;
}

static int put_sets(const struct sets *sets, const vaddr_t user[NR_SETS], u32 n)
{
	for (u32 i = 0; i < NR_SETS; i++)
		if (user[i] &&
		    copy_to_user(uptr(user[i]), sets->words[i], ALIGN_UP(n, BITMAP_BITS) / 8))
			return -EFAULT;
	return 0;
}

static u32 interest_of(const struct sets *sets, u32 fd)
{
	u32 interest = 0;

	for (u32 i = 0; i < NR_SETS; i++)
		if (bitmap_test(sets->words[i], fd))
			interest |= answers[i];
	return interest;
}

/* The array that a select means. -EBADF: one of them is not open. */
static int watch_sets(struct watch *watches, const struct sets *sets, u32 n, u32 *nr)
{
	*nr = 0;
	for (u32 fd = 0; fd < n; fd++) {
		u32 interest = interest_of(sets, fd);

		if (!interest)
			continue;
		watch_fd(&watches[*nr], fd, interest);
		if (!watches[(*nr)++].file)
			return -EBADF;
	}
	return 0;
}

/* Turns the answers into sets: how many bits. */
static u32 answer_sets(struct sets *sets, const struct watch *watches, u32 nr)
{
	struct sets asked = *sets;
	u32 bits = 0;

	memset(sets, 0, sizeof(*sets));
	for (u32 k = 0; k < nr; k++) {
		u32 fd = watches[k].pfd.fd;

		for (u32 i = 0; i < NR_SETS; i++) {
			if (bitmap_test(asked.words[i], fd) &&
			    ((u16)watches[k].pfd.revents & answers[i])) {
				bitmap_set(sets->words[i], fd);
				bits++;
			}
		}
	}
	return bits;
}

static long do_select(s32 n, const vaddr_t user[NR_SETS], u64 expires_ns)
{
	struct sets sets;
	struct watch *watches;
	u32 nr;
	long ret;

	if (n < 0)
		return -EINVAL;
	n = MIN(n, (s32)FILES_MAX);
	ret = get_sets(&sets, user, n);
	if (ret)
		return ret;
	watches = watches_alloc(n);
	if (IS_ERR(watches))
		return PTR_ERR(watches);
	ret = watch_sets(watches, &sets, n, &nr);
	if (!ret)
		ret = wait_for_any(watches, nr, expires_ns);
	if (ret >= 0) {
		ret = answer_sets(&sets, watches, nr);
		if (put_sets(&sets, user, n))
			ret = -EFAULT;
	}
	watches_free(watches, nr);
	return ret;
}

SYSCALL_DEFINE5(newselect, s32, n, vaddr_t, in, vaddr_t, out, vaddr_t, except, vaddr_t, time)
{
	const vaddr_t sets[NR_SETS] = {in, out, except};
	u64 expires_ns;
	long ret = get_time(time, TIMEVAL, &expires_ns);

	if (ret)
		return ret;
	ret = do_select(n, sets, expires_ns);
	put_time(time, TIMEVAL, expires_ns);
	return ret;
}

/* select(2) of old: the arguments lie in memory. */
SYSCALL_DEFINE1(old_select, vaddr_t, user)
{
	u32 a[5];
	u64 expires_ns;
	long ret;

	if (copy_from_user(a, uptr(user), sizeof(a)))
		return -EFAULT;
	ret = get_time(a[4], TIMEVAL, &expires_ns);
	if (ret)
		return ret;
	ret = do_select((s32)a[0], (const vaddr_t[NR_SETS]){a[1], a[2], a[3]}, expires_ns);
	put_time(a[4], TIMEVAL, expires_ns);
	return ret;
}

static long do_pselect(s32 n, const vaddr_t sets[NR_SETS], vaddr_t time, enum time_form form,
		       vaddr_t mask_and_size)
{
	u32 mask[2] = {0};
	u64 expires_ns;
	long ret;

	if (mask_and_size && copy_from_user(mask, uptr(mask_and_size), sizeof(mask)))
		return -EFAULT;
	ret = get_time(time, form, &expires_ns);
	if (!ret)
		ret = signal_mask_for_wait(mask[0], mask[1]);
	if (ret)
		return ret;
	ret = do_select(n, sets, expires_ns);
	signal_mask_after_wait(ret);
	put_time(time, form, expires_ns);
	return ret;
}

SYSCALL_DEFINE6(pselect6, s32, n, vaddr_t, in, vaddr_t, out, vaddr_t, except, vaddr_t, time,
		vaddr_t, mask)
{
	return do_pselect(n, (const vaddr_t[NR_SETS]){in, out, except}, time, TIMESPEC, mask);
}

SYSCALL_DEFINE6(pselect6_time64, s32, n, vaddr_t, in, vaddr_t, out, vaddr_t, except, vaddr_t, time,
		vaddr_t, mask)
{
	return do_pselect(n, (const vaddr_t[NR_SETS]){in, out, except}, time, TIMESPEC64, mask);
}
