/*
 * Character devices by number: how the files of /dev reach a driver that they may not call.
 * Buffers and arguments are user addresses; the calls run in the process that made them and may sleep.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct char_device;
struct wait_queue;

/* flags are those of the open file, O_* of <linux/fcntl.h>. */
struct char_ops {
	/* The device that the file is bound to: dev, or another one it stands for. ERR_PTR on failure. NULL: dev. */
	struct char_device *(*open)(struct char_device *dev, u32 flags);
	/* The file that was bound to dev is closed. NULL: nothing to do. */
	void (*release)(struct char_device *dev, u32 flags);
	/* Bytes done, 0 at the end of input, or errno; with O_NONBLOCK -EAGAIN rather than sleep. NULL: -EINVAL. */
	ssize_t (*read)(struct char_device *dev, void __user *buf, size_t len, u32 flags);
	ssize_t (*write)(struct char_device *dev, const void __user *buf, size_t len, u32 flags);
	/* NULL: -ENOTTY. */
	long (*ioctl)(struct char_device *dev, u32 cmd, vaddr_t arg);
	/* POLL* of <asm/poll.h> that hold now; *queue is woken when that may have changed. NULL: always ready for both. */
	u32 (*poll)(struct char_device *dev, struct wait_queue **queue);
};

struct char_device {
	const char *name; /* in /dev */
	u32 major, minor;
	const struct char_ops *ops;
	void *private;
	u32 hangups; /* a file that was opened before the last one is at its end */
	struct list_head node;
};

/* dev stays the caller's and for ever. 0, or -EBUSY for numbers that are taken. */
__must_check int char_device_register(struct char_device *dev);
/* NULL: there is none. */
struct char_device *char_device_find(u32 major, u32 minor);
struct char_device *char_device_find_name(const char *name);
extern struct list_head char_devices;
