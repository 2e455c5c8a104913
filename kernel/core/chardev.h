/*
 * Character devices by number: how the files of /dev reach a driver that they may not call.
 * Buffers are kernel memory; the calls may sleep.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct char_device;
struct termios; /* <asm/termbits.h> */

struct char_ops {
	/* Bytes done, 0 at the end of input, -EINTR, or another errno. Sleeps until there is at least one byte. */
	ssize_t (*read)(struct char_device *dev, void *buf, size_t len);
	ssize_t (*write)(struct char_device *dev, const void *buf, size_t len);
	/* Terminals; NULL in a device that is none (isatty: -ENOTTY). 0 or -EINVAL. */
	int (*get_termios)(struct char_device *dev, struct termios *t);
	int (*set_termios)(struct char_device *dev, const struct termios *t);
	/* Rows and columns of a terminal. */
	void (*get_size)(struct char_device *dev, u16 *rows, u16 *columns);
	/* Bytes that read would give without sleeping. */
	size_t (*readable)(struct char_device *dev);
};

struct char_device {
	const char *name; /* in /dev */
	u32 major, minor;
	const struct char_ops *ops;
	struct list_head node;
};

/* dev stays the caller's and for ever. 0, or -EBUSY for numbers that are taken. */
__must_check int char_device_register(struct char_device *dev);
/* NULL: there is none. */
struct char_device *char_device_find(u32 major, u32 minor);
struct char_device *char_device_find_name(const char *name);
extern struct list_head char_devices;
