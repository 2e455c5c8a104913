/*
 * Copies between the kernel and the current user address space. Each may fault pages in, so each may
 * sleep. No pointer is too bad: an address at or above USER_END, or one that cannot be faulted in, ends
 * the copy. Results are bytes NOT copied: 0 is success, which callers turn into -EFAULT otherwise.
 */
#pragma once

#include "arch/i386/cpu/extable.h"
#include "arch/i386/cpu/layout.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include <asm/errno.h>

__must_check size_t copy_from_user(void *to, const void __user *from, size_t len);
__must_check size_t copy_to_user(void __user *to, const void *from, size_t len);
__must_check size_t clear_user(void __user *to, size_t len);
/* Copies up to size bytes including the NUL. Returns the length without NUL, -EFAULT, or size if no NUL was found. */
__must_check ssize_t strncpy_from_user(char *to, const char __user *from, size_t size);
/* One aligned or unaligned word: 0 or -EFAULT. */
__must_check int get_user_u32(u32 *to, const u32 __user *from);
__must_check int put_user_u32(u32 __user *to, u32 value);

/*
 * Kernel memory that may stand for user memory: a file's operations take user addresses, and where the
 * kernel calls them itself (sendfile) it lends them a buffer of its own. Whether [p, p + len) is lent to
 * the running thread; NULL until somebody lends.
 */
extern bool (*usercopy_is_lent)(const void *p, size_t len);

static inline bool access_ok(const void __user *p, size_t len)
{
	return len <= USER_END && (vaddr_t)p <= USER_END - len;
}

/* One word of a range that access_ok() allows, in one instruction: *err becomes -EFAULT if it cannot be written, or
 * read, and stays as it is otherwise. */
static __always_inline void put_user_word(int *err, u32 __user *to, u32 value)
{
	asm volatile("1:\tmovl %2, %1\n"
		     "2:\n\t"
		     ".pushsection .text.fixup, \"ax\"\n"
		     "3:\tmovl %3, %0\n\t"
		     "jmp 2b\n\t"
		     ".popsection\n\t" EXTABLE("1b", "3b")
		     : "+r"(*err), "=m"(*to)
		     : "ri"(value), "i"(-EFAULT));
}
static __always_inline u32 get_user_word(int *err, const u32 __user *from)
{
	u32 value; /* 0 if it cannot be read */

	asm volatile("1:\tmovl %2, %1\n"
		     "2:\n\t"
		     ".pushsection .text.fixup, \"ax\"\n"
		     "3:\tmovl %3, %0\n\t"
		     "xorl %1, %1\n\t"
		     "jmp 2b\n\t"
		     ".popsection\n\t" EXTABLE("1b", "3b")
		     : "+r"(*err), "=r"(value)
		     : "m"(*from), "i"(-EFAULT));
	return value;
}

/* nr words at once, to or from a range that access_ok() allows. What was not copied is left as it was. */
static __always_inline void copy_user_words(int *err, void *to, const void *from, u32 nr)
{
	asm volatile("1:\trep movsl\n"
		     "2:\n\t"
		     ".pushsection .text.fixup, \"ax\"\n"
		     "3:\tmovl %4, %0\n\t"
		     "jmp 2b\n\t"
		     ".popsection\n\t" EXTABLE("1b", "3b")
		     : "+r"(*err), "+D"(to), "+S"(from), "+c"(nr)
		     : "i"(-EFAULT)
		     : "memory");
}
static __always_inline void put_user_words(int *err, void __user *to, const u32 *from, u32 nr)
{
	copy_user_words(err, (void *)to, from, nr);
}
static __always_inline void get_user_words(int *err, u32 *to, const void __user *from, u32 nr)
{
	copy_user_words(err, to, (const void *)from, nr);
}

/* If eip is an instruction that may fault on a user address, its fix-up address, else 0. */
vaddr_t extable_find(vaddr_t eip);
