/* System calls of epoll (fs/epoll.c). */
#include "fs/epoll.h"
#include "kernel/core/time.h"
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "kernel/process/timespec.h"
#include "mm/kmem/slab.h"
#include <linux/eventpoll.h>
#include <linux/time.h>

#define EVENTS_AT_ONCE 64u /* more come with the next call */
#define EVENTS_MAX     (0x7FFFFFFFu / sizeof(struct epoll_event))
#define FOR_EVER       (~0ull)

static_assert(sizeof(struct epoll_event) == 12, "Linux i386 ABI");

static long create(u32 flags)
{
	struct file *f;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	f = epoll_create_file();
	return IS_ERR(f) ? PTR_ERR(f) : file_to_fd(f, flags & EPOLL_CLOEXEC);
}

SYSCALL_DEFINE1(epoll_create, s32, size)
{
	return size <= 0 ? -EINVAL : create(0);
}

SYSCALL_DEFINE1(epoll_create1, u32, flags)
{
	return create(flags);
}

SYSCALL_DEFINE4(epoll_ctl, u32, epfd, s32, op, s32, fd, vaddr_t, user)
{
	struct epoll_event event = {0};
	struct epoll_watch watch;
	struct file *epoll, *target;

	if (op != EPOLL_CTL_DEL && copy_from_user(&event, uptr(user), sizeof(event)))
		return -EFAULT;
	watch = (struct epoll_watch){.events = event.events, .data = event.data};
	epoll = fd_file(epfd);
	target = fd_file(fd);
	if (!epoll || !target || !target->mode)
		return -EBADF;
	if (!target->ops->poll)
		return -EPERM;
	if (epoll == target || !file_is_epoll(epoll))
		return -EINVAL;
	switch (op) {
	case EPOLL_CTL_ADD:
		return epoll_add(epoll, target, fd, &watch);
	case EPOLL_CTL_MOD:
		return epoll_modify(epoll, target, fd, &watch);
	case EPOLL_CTL_DEL:
		return epoll_remove(epoll, target, fd);
	}
	return -EINVAL;
}

static int put_events(vaddr_t user, const struct epoll_watch *from, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		struct epoll_event event = {.events = from[i].events, .data = from[i].data};

		if (copy_to_user(uptr(user + i * sizeof(event)), &event, sizeof(event)))
			return -EFAULT;
	}
	return 0;
}

static long do_epoll_wait(u32 epfd, vaddr_t user, s32 max, u64 expires_ns)
{
	struct epoll_watch *events;
	struct file *f;
	long ret;

	if (max <= 0 || (u32)max > EVENTS_MAX)
		return -EINVAL;
	if (!access_ok(uptr(user), (u32)max * sizeof(struct epoll_event)))
		return -EFAULT;
	f = fd_file(epfd);
	if (!f)
		return -EBADF;
	if (!file_is_epoll(f))
		return -EINVAL;
	max = MIN(max, (s32)EVENTS_AT_ONCE);
	events = kmalloc((u32)max * sizeof(*events), GFP_KERNEL);
	if (!events)
		return -ENOMEM;
	ret = epoll_wait_for(f, events, max, expires_ns);
	if (ret > 0 && put_events(user, events, ret))
		ret = -EFAULT;
	kfree(events);
	return ret;
}

static u64 expiry_ms(s32 timeout)
{
	return timeout < 0 ? FOR_EVER : time_monotonic_ns() + (u64)timeout * 1000000;
}

SYSCALL_DEFINE4(epoll_wait, u32, epfd, vaddr_t, events, s32, max, s32, timeout)
{
	return do_epoll_wait(epfd, events, max, expiry_ms(timeout));
}

static long wait_masked(u32 epfd, vaddr_t events, s32 max, u64 expires_ns, vaddr_t mask, u32 size)
{
	long ret = signal_mask_for_wait(mask, size);

	if (ret)
		return ret;
	ret = do_epoll_wait(epfd, events, max, expires_ns);
	/* It is not made again after a handler; the mask stays until that ran. */
	signal_mask_after_wait(ret == -EINTR ? -ERESTARTNOHAND : ret);
	return ret;
}

SYSCALL_DEFINE6(epoll_pwait, u32, epfd, vaddr_t, events, s32, max, s32, timeout, vaddr_t, mask, u32,
		size)
{
	return wait_masked(epfd, events, max, expiry_ms(timeout), mask, size);
}

SYSCALL_DEFINE6(epoll_pwait2, u32, epfd, vaddr_t, events, s32, max, vaddr_t, timeout, vaddr_t, mask,
		u32, size)
{
	u64 ns, expires_ns = FOR_EVER;
	int err = timeout ? get_timespec(timeout, true, &ns) : 0;

	if (!err && timeout)
		err = clock_to_monotonic(CLOCK_MONOTONIC, false, ns, &expires_ns);
	return err ? err : wait_masked(epfd, events, max, expires_ns, mask, size);
}
