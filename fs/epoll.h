/*
 * epoll: a file that knows which of the files it watches may be ready. Errors are negative errno.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

struct file;

struct epoll_watch { /* struct epoll_event */
	u32 events;  /* EPOLL* */
	u64 data;
};

/* A new one, of which the file is the only reference. flags: 0 or O_CLOEXEC. ERR_PTR without memory. */
__must_check struct file *epoll_create_file(void);
bool file_is_epoll(const struct file *f);
/* fd is the number under which the caller knows target: part of what names a watch. */
__must_check int epoll_add(struct file *epoll, struct file *target, s32 fd,
			   const struct epoll_watch *watch);
__must_check int epoll_modify(struct file *epoll, struct file *target, s32 fd,
			      const struct epoll_watch *watch);
__must_check int epoll_remove(struct file *epoll, struct file *target, s32 fd);
/* Waits until expires_ns (monotonic; ~0: for ever) for one of them; fills up to max: how many, or -EINTR. */
__must_check int epoll_wait_for(struct file *epoll, struct epoll_watch *to, u32 max,
				u64 expires_ns);
/* fs/file.c: a file goes, and with it its watches. */
void epoll_forget(struct file *f);
