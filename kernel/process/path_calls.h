/* Paths of system calls. */
#pragma once

#include "fs/inode.h"
#include "lib/compiler.h"

/* Where a path starts: dirfd as openat(2) has it. ERR_PTR(-EBADF, -ENOTDIR). No reference. */
struct inode *path_base(s32 dirfd, const char *path);
/* The inode that a path in user memory names, with a reference, or ERR_PTR. */
__must_check struct inode *user_path_lookup(s32 dirfd, vaddr_t user, bool follow);
