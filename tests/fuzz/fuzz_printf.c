/*
 * Any format of less than 32 characters: it can use at most 32 words of arguments, and so many are there. %s and *
 * are left out, since a format that lies about its arguments is a bug of its writer.
 */
#include "tests/fuzz/fuzz.h"

int pagoda_snprintf(char *buf, size_t size, const char *fmt, ...);

/* Keeps out what reads a pointer or takes a length. */
static void tame(char *fmt)
{
	for (; *fmt; fmt++) {
		if (*fmt == 's' || *fmt == '*')
			*fmt = 'x';
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *fmt = malloc(size + 1), *buf;
	u32 limit = size ? data[0] : 0;
	int len;

	memcpy(fmt, data, size);
	fmt[size] = '\0';
	tame(fmt);
	buf = malloc(limit + 1);
	memset(buf, 0x55, limit + 1);
	if (size < 32)
		len = pagoda_snprintf(buf, limit, fmt, 1, -1, 0x80000000, 0xc0000000, 5, 6, 7, 8, 9,
				      10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
				      25, 26, 27, 28, 29, 30, 31, 32, 33, 34);
	else
		len = pagoda_snprintf(buf, limit, "%.*s", (int)size, fmt);
	REQUIRE(len >= 0);
	REQUIRE((u8)buf[limit] == 0x55);
	if (limit)
		REQUIRE(strnlen(buf, limit) < limit);
	free(buf);
	free(fmt);
	return 0;
}
