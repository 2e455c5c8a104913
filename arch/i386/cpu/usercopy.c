/*
 * Copies that may fault. The fault handler first tries to bring the page in; if it cannot, it looks the
 * instruction up in __ex_table and goes on at its fix-up.
 *
 *   rep movsl   words      faulted: the rest, words and tail, is done again by bytes, so that
 *   rep movsb   the tail   the result is exact to the byte; faulted there: ECX is what is left
 */
#include "arch/i386/cpu/usercopy.h"

#include "arch/i386/cpu/extable.h"
#include <asm/errno.h>

static __always_inline size_t copy_faulting(void *to, const void *from, size_t len)
{
	size_t left;
	size_t tail = len & 3;

	asm volatile("1:\trep movsl\n\t"
		     "mov %[tail], %%ecx\n"
		     "2:\trep movsb\n"
		     "3:\n\t"
		     ".pushsection .text.fixup, \"ax\"\n"
		     "4:\tlea (%[tail],%%ecx,4), %%ecx\n\t"
		     "jmp 2b\n\t"
		     ".popsection\n\t" EXTABLE("1b", "4b") EXTABLE("2b", "3b")
		     : "=&c"(left), "+&D"(to), "+&S"(from)
		     : "0"(len >> 2), [tail] "r"(tail)
		     : "memory");
	return left;
}

size_t copy_from_user(void *to, const void __user *from, size_t len)
{
	if (unlikely(!access_ok(from, len)))
		return len;
	return copy_faulting(to, from, len);
}

size_t copy_to_user(void __user *to, const void *from, size_t len)
{
	if (unlikely(!access_ok(to, len)))
		return len;
	return copy_faulting(to, from, len);
}

size_t clear_user(void __user *to, size_t len)
{
	size_t left;
	size_t tail = len & 3;

	if (unlikely(!access_ok(to, len)))
		return len;
	asm volatile("1:\trep stosl\n\t"
		     "mov %[tail], %%ecx\n"
		     "2:\trep stosb\n"
		     "3:\n\t"
		     ".pushsection .text.fixup, \"ax\"\n"
		     "4:\tlea (%[tail],%%ecx,4), %%ecx\n\t"
		     "jmp 2b\n\t"
		     ".popsection\n\t" EXTABLE("1b", "4b") EXTABLE("2b", "3b")
		     : "=&c"(left), "+&D"(to)
		     : "0"(len >> 2), [tail] "r"(tail), "a"(0)
		     : "memory");
	return left;
}

/* 1 if the byte could not be read. */
static __always_inline int get_user_byte(char *to, const char __user *from)
{
	int failed = 0;
	u8 value = 0;

	asm volatile("1:\tmovb %2, %1\n"
		     "2:\n\t"
		     ".pushsection .text.fixup, \"ax\"\n"
		     "3:\tmovl $1, %0\n\t"
		     "jmp 2b\n\t"
		     ".popsection\n\t" EXTABLE("1b", "3b")
		     : "+r"(failed), "=q"(value)
		     : "m"(*from));
	*to = (char)value;
	return failed;
}

ssize_t strncpy_from_user(char *to, const char __user *from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if ((vaddr_t)from + i >= USER_END || (vaddr_t)from + i < (vaddr_t)from ||
		    get_user_byte(&to[i], from + i))
			return -EFAULT;
		if (!to[i])
			return (ssize_t)i;
	}
	return (ssize_t)size;
}

int get_user_u32(u32 *to, const u32 __user *from)
{
	int err = 0;
	u32 value = 0;

	if (unlikely(!access_ok(from, sizeof(*from))))
		return -EFAULT;
	asm volatile("1:\tmovl %2, %1\n"
		     "2:\n\t"
		     ".pushsection .text.fixup, \"ax\"\n"
		     "3:\tmovl %3, %0\n\t"
		     "jmp 2b\n\t"
		     ".popsection\n\t" EXTABLE("1b", "3b")
		     : "+r"(err), "+r"(value)
		     : "m"(*from), "i"(-EFAULT));
	*to = value;
	return err;
}

static __always_inline int store_faulting(u32 *to, u32 value)
{
	int err = 0;

	asm volatile("1:\tmovl %2, %1\n"
		     "2:\n\t"
		     ".pushsection .text.fixup, \"ax\"\n"
		     "3:\tmovl %3, %0\n\t"
		     "jmp 2b\n\t"
		     ".popsection\n\t" EXTABLE("1b", "3b")
		     : "+r"(err), "=m"(*to)
		     : "r"(value), "i"(-EFAULT));
	return err;
}

int put_user_u32(u32 __user *to, u32 value)
{
	if (unlikely(!access_ok(to, sizeof(*to))))
		return -EFAULT;
	return store_faulting(to, value);
}

bool probe_kernel_read(void *to, const void *from, size_t len)
{
	return copy_faulting(to, from, len) == 0;
}

bool probe_kernel_write_u32(u32 *to, u32 value)
{
	return store_faulting(to, value) == 0;
}

vaddr_t extable_find(vaddr_t eip)
{
	/* cppcheck-suppress comparePointers ; the linker script sets both ends of one table */
	for (const struct ex_entry *e = __ex_table_start; e < __ex_table_end; e++)
		if (e->insn == eip)
			return e->fixup;
	return 0;
}
