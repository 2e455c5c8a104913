/*
 * Strings. The processor's string instructions do the copying: small, and fast where the page is.
 */
#include "user/lib/io.h"

void *memcpy(void *to, const void *from, size_t len)
{
	void *ret = to;
	size_t words = len / 4;

	len %= 4;
	asm volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(words)::"memory");
	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len)::"memory");
	return ret;
}

void *memmove(void *to, const void *from, size_t len)
{
	char *d = to;
	const char *s = from;

	if (d <= s || d >= s + len)
		return memcpy(to, from, len);
	d += len - 1;
	s += len - 1;
	asm volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(len)::"memory");
	return to;
}

void *memset(void *to, int byte, size_t len)
{
	void *ret = to;
	size_t words = len / 4;

	len %= 4;
	asm volatile("rep stosl"
		     : "+D"(to), "+c"(words)
		     : "a"((unsigned char)byte * 0x01010101u)
		     : "memory");
	asm volatile("rep stosb" : "+D"(to), "+c"(len) : "a"(byte) : "memory");
	return ret;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *x = a, *y = b;

	for (; len; len--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t len)
{
	for (; len && *a && *a == *b; a++, b++, len--)
		;
	return len ? (unsigned char)*a - (unsigned char)*b : 0;
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

char *strstr(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (;; text++) {
		if (!strncmp(text, word, len))
			return (char *)text;
		if (!*text)
			return NULL;
	}
}
