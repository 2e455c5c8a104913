/* Paths of system calls. */
#pragma once

#include "fs/inode.h"
#include "lib/compiler.h"

struct file;

/* Where a path starts: dirfd as openat(2) has it. ERR_PTR(-EBADF, -ENOTDIR). No reference. */
struct inode *path_base(s32 dirfd, const char *path);
/* The inode that a path in user memory names, with a reference, or ERR_PTR. */
__must_check struct inode *user_path_lookup(s32 dirfd, vaddr_t user, bool follow);
/* The same as an *at call has it: of flags AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH are looked at; with the
 * latter "" names what dirfd is. */
__must_check struct inode *user_path_at(s32 dirfd, vaddr_t user, u32 flags);
/* 0 or -EROFS: whether an inode's contents and attributes may change. */
__must_check int may_write_inode(const struct inode *inode);
