#pragma once

/*
 * Text and memory helpers for programs without a C library.
 *
 * printf writes at once (no buffer outlives the call), so output before a fork is never printed
 * twice and output before a crash is never lost.
 */
#include <stdarg.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * %d %i %u %x %X %o %p %s %c %% with -, +, 0, width, precision, *, and the sizes l, ll, z. Bounded;
 * returns the full length.
 */
int vsnprintf(char *to, size_t size, const char *format, va_list args);
int snprintf(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Standard output; at most 1023 characters a call. Returns the number of characters. */
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);
char *strchr(const char *s, int c);
char *strstr(const char *text, const char *word);

/* A decimal, octal (0...) or hexadecimal (0x...) number; *end, if not NULL, is set behind it. */
unsigned long long parse_number(const char *s, const char **end);

/*
 * The whole of a file as a string of at most size - 1 characters. Returns its length or a negative
 * errno.
 */
long read_file(const char *path, char *to, size_t size);

/* "SIGSEGV" for 11; "signal 77" for what has no name (overwritten by the next call). */
const char *signal_name(int signal);

/* "exited with 3", "killed by SIGSEGV" (overwritten by the next call). */
const char *status_text(int status);
