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

bool (*usercopy_is_lent)(const void *p, size_t len);

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

/* A copy whose user side is not below USER_END: it is kernel memory that was lent, or refused. */
static noinline size_t copy_from_lent(void *to, const void *from, size_t len)
{
	return usercopy_is_lent && usercopy_is_lent(from, len) ? copy_faulting(to, from, len) : len;
}

static noinline size_t copy_to_lent(void *to, const void *from, size_t len)
{
	return usercopy_is_lent && usercopy_is_lent(to, len) ? copy_faulting(to, from, len) : len;
}

size_t copy_from_user(void *to, const void __user *from, size_t len)
{
	if (unlikely(!access_ok(from, len)))
		return copy_from_lent(to, from, len);
	return copy_faulting(to, from, len);
}

size_t copy_to_user(void __user *to, const void *from, size_t len)
{
	if (unlikely(!access_ok(to, len)))
		return copy_to_lent(to, from, len);
	return copy_faulting(to, from, len);
}

static __always_inline size_t clear_faulting(void *to, size_t len)
{
	size_t left;
	size_t tail = len & 3;

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

static noinline size_t clear_lent(void *to, size_t len)
{
	return usercopy_is_lent && usercopy_is_lent(to, len) ? clear_faulting(to, len) : len;
}

size_t clear_user(void __user *to, size_t len)
{
	if (unlikely(!access_ok(to, len)))
		return clear_lent(to, len);
	return clear_faulting(to, len);
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

	if (unlikely(!access_ok(from, sizeof(*from))))
		return -EFAULT;
	*to = get_user_word(&err, from);
	return err;
}

int put_user_u32(u32 __user *to, u32 value)
{
	int err = 0;

	if (unlikely(!access_ok(to, sizeof(*to))))
		return -EFAULT;
	put_user_word(&err, to, value);
	return err;
}

bool probe_kernel_read(void *to, const void *from, size_t len)
{
	return copy_faulting(to, from, len) == 0;
}

bool probe_kernel_write_u32(u32 *to, u32 value)
{
	int err = 0;

	put_user_word(&err, to, value);
	return !err;
}

static u32 extable_size(void)
{
	return ((u32)__ex_table_end - (u32)__ex_table_start) / sizeof(struct ex_entry);
}

void extable_sort(void)
{
	struct ex_entry *table = __ex_table_start;
	u32 n = extable_size();

	/* Almost in order as the linker leaves it. */
	for (u32 i = 1; i < n; i++) {
		struct ex_entry entry = table[i];
		u32 at = i;

		for (; at && table[at - 1].insn > entry.insn; at--)
			table[at] = table[at - 1];
		table[at] = entry;
	}
}

vaddr_t extable_find(vaddr_t eip)
{
	const struct ex_entry *first = __ex_table_start;
	u32 n = extable_size();

	while (n) {
		const struct ex_entry *middle = first + n / 2;

		if (middle->insn == eip)
			return middle->fixup;
		if (middle->insn < eip) {
			first = middle + 1;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return 0;
}
