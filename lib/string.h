/*
 * Memory and strings. Where a name is ISO C's, so is the meaning; gcc may call memcpy, memmove,
 * memset and memcmp on its own account.
 */
#pragma once

#include "lib/compiler.h"

void *memcpy(void *dst, const void *src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *s, int byte, size_t len);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *needle);

/*
 * Copies src into dst[size], cut where it does not fit and always ended (size > 0).
 * => the length of src: at least `size` says that it was cut.
 */
size_t strlcpy(char *dst, const char *src, size_t size);

/* A page, at a page-aligned address: one string instruction, no byte loop. */
static __always_inline void clear_page(void *page)
{
	u32 count = PAGE_SIZE / 4;

	__asm__ volatile("rep stosl" : "+D"(page), "+c"(count) : "a"(0) : "memory");
}

static __always_inline void copy_page(void *dst, const void *src)
{
	u32 count = PAGE_SIZE / 4;

	__asm__ volatile("rep movsl" : "+D"(dst), "+S"(src), "+c"(count) : : "memory");
}
