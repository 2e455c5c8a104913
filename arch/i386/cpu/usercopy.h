/*
 * Copies between the kernel and the current user address space. Each may fault pages in, so each may
 * sleep. No pointer is too bad: an address at or above USER_END, or one that cannot be faulted in, ends
 * the copy. Results are bytes NOT copied: 0 is success, which callers turn into -EFAULT otherwise.
 */
#pragma once

#include "arch/i386/cpu/layout.h"
#include "lib/compiler.h"
#include "lib/types.h"

__must_check size_t copy_from_user(void *to, const void __user *from, size_t len);
__must_check size_t copy_to_user(void __user *to, const void *from, size_t len);
__must_check size_t clear_user(void __user *to, size_t len);
/* Copies up to size bytes including the NUL. Returns the length without NUL, -EFAULT, or size if no NUL was found. */
__must_check ssize_t strncpy_from_user(char *to, const char __user *from, size_t size);
/* One aligned or unaligned word: 0 or -EFAULT. */
__must_check int get_user_u32(u32 *to, const u32 __user *from);
__must_check int put_user_u32(u32 __user *to, u32 value);

static inline bool access_ok(const void __user *p, size_t len)
{
	return len <= USER_END && (vaddr_t)p <= USER_END - len;
}

/* If eip is an instruction that may fault on a user address, its fix-up address, else 0. */
vaddr_t extable_find(vaddr_t eip);
