#include "kernel/process/exec_args.h"
#include "arch/i386/cpu/usercopy.h"
#include "lib/err.h"
#include "lib/string.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/phys/buddy.h"

void exec_args_free(struct exec_args *args)
{
	for (u32 i = 0; i < args->nr_pages; i++)
		free_page(args->page[i]);
	kfree(args);
}

/* The page that the next byte goes to, or NULL without memory. */
static struct page *tail_page(struct exec_args *args)
{
	u32 i = args->len / PAGE_SIZE;

	if (i == args->nr_pages) {
		struct page *page = alloc_page(GFP_HIGHUSER);

		if (!page)
			return NULL;
		args->page[args->nr_pages++] = page;
	}
	return args->page[i];
}

/* Copies up to size bytes of a string. The length without NUL, size if there was no NUL yet,
 * -EFAULT. */
static ssize_t copy_string(char *to, const char *from, size_t size, bool kernel)
{
	size_t len;

	if (!kernel)
		return strncpy_from_user(to, (const char __user *)from, size);
	len = strnlen(from, size);
	memcpy(to, from, len == size ? size : len + 1);
	return len;
}

static int add_string(struct exec_args *args, const char *from, bool kernel)
{
	u32 start = args->len;

	for (;;) {
		u32 offset = args->len & (PAGE_SIZE - 1);
		u32 room = PAGE_SIZE - offset;
		struct page *page;
		char *data;
		ssize_t n;

		if (args->len - start >= EXEC_STRING_MAX || args->len >= EXEC_ARGS_MAX)
			return -E2BIG;
		page = tail_page(args);
		if (!page)
			return -ENOMEM;
		data = kmap_local(page);
		n = copy_string(data + offset, from, room, kernel);
		kunmap_local(data);
		if (n < 0)
			return n;
		if ((u32)n < room) {
			args->len += n + 1;
			return args->len - start > EXEC_STRING_MAX ? -E2BIG : 0;
		}
		args->len += room;
		from += room;
	}
}

/* Each pointer takes room on the stack too. */
static u32 bytes_on_stack(const struct exec_args *args)
{
	return args->len + (args->argc + args->envc) * sizeof(u32);
}

/* All strings of an array; *count, which is argc or envc, has one more for each. */
static int add_strings(struct exec_args *args, const void *array, bool kernel, u32 *count)
{
	const u32 *pointers = array;

	if (!array)
		return 0;
	for (;; pointers++) {
		u32 string;
		int err = 0;

		if (kernel)
			string = *pointers;
		else
			err = get_user_u32(&string, pointers);
		if (err || !string)
			return err;
		err = add_string(args, (const char *)string, kernel);
		if (err)
			return err;
		++*count;
		if (bytes_on_stack(args) > args->limit)
			return -E2BIG;
	}
}

/* words in the place of the first string of argv, then the rest. */
static int add_argv(struct exec_args *args, const char *const *words, const void *argv, bool kernel)
{
	const u32 *pointers = argv;
	u32 first = 0;
	int err;

	if (!words[0])
		return add_strings(args, argv, kernel, &args->argc);
	err = add_strings(args, words, true, &args->argc);
	if (err || !argv)
		return err;
	if (kernel)
		first = pointers[0];
	else
		err = get_user_u32(&first, &pointers[0]);
	if (err || !first)
		return err;
	return add_strings(args, pointers + 1, kernel, &args->argc);
}

struct exec_args *exec_args_gather(const char *name, const char *const *words, const void *argv,
				   const void *envp, bool kernel, u32 stack_limit)
{
	struct exec_args *args = kmalloc(sizeof(*args), GFP_KERNEL);
	int err;

	if (!args)
		return ERR_PTR(-ENOMEM);
	memset(args, 0, offsetof(struct exec_args, page));
	args->limit = MIN(MAX(stack_limit / 4, EXEC_ARGS_ALWAYS), EXEC_ARGS_MAX);
	err = add_argv(args, words, argv, kernel);
	if (!err && !args->argc) { /* as Linux: programs read argv[0] without looking at argc */
		err = add_string(args, "", true);
		args->argc = 1;
	}
	args->env_at = args->len;
	if (!err)
		err = add_strings(args, envp, kernel, &args->envc);
	args->name_at = args->len;
	if (!err)
		err = add_string(args, name, true);
	if (!err && bytes_on_stack(args) > args->limit)
		err = -E2BIG;
	if (err) {
		exec_args_free(args);
		return ERR_PTR(err);
	}
	return args;
}

int exec_args_store(const struct exec_args *args, vaddr_t to)
{
	for (u32 done = 0; done < args->len;) {
		u32 n = MIN(args->len - done, PAGE_SIZE);
		char *data = kmap_local(args->page[done / PAGE_SIZE]);
		size_t left = copy_to_user((void __user *)(to + done), data, n);

		kunmap_local(data);
		if (left)
			return -EFAULT;
		done += n;
	}
	return 0;
}

u32 exec_args_string_len(const struct exec_args *args, u32 offset)
{
	u32 at = offset;

	while (at < args->len) {
		u32 in_page = at & (PAGE_SIZE - 1);
		u32 n = MIN(args->len - at, PAGE_SIZE - in_page);
		char *data = kmap_local(args->page[at / PAGE_SIZE]);
		char *nul = memchr(data + in_page, 0, n);
		u32 len = nul ? (u32)(nul - (data + in_page)) + 1 : n;

		kunmap_local(data);
		at += len;
		if (nul)
			break;
	}
	return at - offset;
}
