/* Memory and strings. Blocks move by string instructions, four bytes a step, the rest by bytes. */
#include "lib/string.h"

void *memcpy(void *dst, const void *src, size_t len)
{
	void *to = dst;
	size_t count = len / 4;

	__asm__ volatile("rep movsl" : "+D"(to), "+S"(src), "+c"(count) : : "memory");
	count = len % 4;
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(count) : : "memory");
	return dst;
}

void *memmove(void *dst, const void *src, size_t len)
{
	char *to = dst;
	const char *from = src;

	/* Forward is right unless dst lies inside [src, src + len). */
	if ((uintptr_t)to - (uintptr_t)from >= len)
		return memcpy(dst, src, len);
	to += len - 1;
	from += len - 1;
	__asm__ volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
	return dst;
}

void *memset(void *dst, int byte, size_t len)
{
	void *to = dst;
	size_t count = len / 4;
	u32 fill = (u8)byte * 0x01010101u;

	__asm__ volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(fill) : "memory");
	count = len % 4;
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(fill) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const u8 *p = a, *q = b;

	for (; len; len--, p++, q++) {
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}

void *memchr(const void *s, int byte, size_t len)
{
	const u8 *p = s;

	for (; len; len--, p++) {
		if (*p == (u8)byte)
			return (void *)p;
	}
	return NULL;
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return end - s;
}

size_t strnlen(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t len)
{
	for (; len; len--, a++, b++) {
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (!*s)
			return (char *)last;
	}
}

char *strstr(const char *s, const char *needle)
{
	size_t len = strlen(needle);

	for (;; s++) {
		if (!strncmp(s, needle, len))
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);
	size_t fits = len < size ? len : size - 1;

	memcpy(dst, src, fits);
	dst[fits] = '\0';
	return len;
}
