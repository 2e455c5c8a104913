/*
 * The strings of a new program on their way from the old address space to the new one: argv, envp
 * and the file's name, each with its NUL, one after the other in pages of their own.
 */
#pragma once

#include "lib/compiler.h"

/* As on Linux a quarter of the stack's limit, but at least ARG_MAX, and a string at most 32 pages; what a limit above
 * 8 MB would add (Linux: up to 6 MB) is not there. */
#define EXEC_ARGS_MAX    (2u << 20)
#define EXEC_ARGS_ALWAYS (128u << 10)
#define EXEC_STRING_MAX  (32u * PAGE_SIZE)

struct page;

struct exec_args {
	u32 argc, envc;
	u32 limit;   /* of bytes, strings and pointers to them */
	u32 len;     /* bytes of all strings */
	u32 env_at;  /* offset of the first string of envp */
	u32 name_at; /* offset of the file's name */
	u32 nr_pages;
	struct page *page[EXEC_ARGS_MAX / PAGE_SIZE];
};

/* argv and envp are arrays of pointers ended by NULL, in user memory or (kernel) in the kernel's;
 * either may be NULL. words, in the kernel's memory, stand in for argv[0] unless they are none (a
 * script's reader). => ERR_PTR(-ENOMEM), -E2BIG, -EFAULT on failure. */
__must_check struct exec_args *exec_args_gather(const char *name, const char *const *words,
						const void *argv, const void *envp, bool kernel,
						u32 stack_limit);
void exec_args_free(struct exec_args *args);
/* Copies all strings to the current address space. 0 or -EFAULT. */
__must_check int exec_args_store(const struct exec_args *args, vaddr_t to);
/* Bytes of the string at offset, with its NUL. */
u32 exec_args_string_len(const struct exec_args *args, u32 offset);
