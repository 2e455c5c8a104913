/* lib/string.c against the C library's functions of the same name. */
#include "tests/host/check.h"

/* The C library's, before the names below mean Pagoda's. */
static void *(*libc_memmove)(void *, const void *, size_t) = memmove;
static void *(*libc_memset)(void *, int, size_t) = memset;
static int (*libc_memcmp)(const void *, const void *, size_t) = memcmp;
static void *(*libc_memchr)(const void *, int, size_t) = memchr;
static size_t (*libc_strlen)(const char *) = strlen;
static size_t (*libc_strnlen)(const char *, size_t) = strnlen;
static int (*libc_strcmp)(const char *, const char *) = strcmp;
static int (*libc_strncmp)(const char *, const char *, size_t) = strncmp;
static char *(*libc_strchr)(const char *, int) = strchr;
static char *(*libc_strrchr)(const char *, int) = strrchr;
static char *(*libc_strstr)(const char *, const char *) = strstr;

#include "tests/host/rename_string.h"
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
size_t strlcpy(char *dst, const char *src, size_t size);

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void fill_random(u8 *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = test_rand();
}

TEST(memmove_any_overlap)
{
	u8 a[96], b[96];

	for (unsigned round = test_rounds(20000); round; round--) {
		u32 to = test_rand_below(48), from = test_rand_below(48), len = test_rand_below(48);

		fill_random(a, sizeof(a));
		libc_memmove(b, a, sizeof(a));
		CHECK(memmove(a + to, a + from, len) == a + to);
		libc_memmove(b + to, b + from, len);
		CHECK(!libc_memcmp(a, b, sizeof(a)));
	}
}

TEST(memcpy_touches_only_its_range)
{
	u8 from[64], to[80], want[80];

	for (unsigned round = test_rounds(20000); round; round--) {
		u32 len = test_rand_below(40), src = test_rand_below(24), dst = test_rand_below(40);

		fill_random(from, sizeof(from));
		fill_random(to, sizeof(to));
		libc_memmove(want, to, sizeof(to));
		libc_memmove(want + dst, from + src, len);
		CHECK(memcpy(to + dst, from + src, len) == to + dst);
		CHECK(!libc_memcmp(to, want, sizeof(to)));
	}
}

TEST(memset_touches_only_its_range)
{
	u8 got[80], want[80];

	for (unsigned round = test_rounds(20000); round; round--) {
		u32 at = test_rand_below(40), len = test_rand_below(40);
		int byte = (int)test_rand();

		fill_random(got, sizeof(got));
		libc_memmove(want, got, sizeof(got));
		libc_memset(want + at, byte, len);
		CHECK(memset(got + at, byte, len) == got + at);
		CHECK(!libc_memcmp(got, want, sizeof(got)));
	}
}

TEST(memcmp_and_memchr)
{
	u8 a[8], b[8];

	for (unsigned round = test_rounds(20000); round; round--) {
		u32 len = test_rand_below(9);
		int byte = test_rand_below(4) + 254;

		for (int i = 0; i < 8; i++) {
			a[i] = 254 + test_rand_below(4);
			b[i] = 254 + test_rand_below(4);
		}
		CHECK_EQ(sign(memcmp(a, b, len)), sign(libc_memcmp(a, b, len)));
		CHECK(memchr(a, byte, len) == libc_memchr(a, byte, len));
	}
}

/* Over an alphabet of two letters and one byte with the top bit, so that much is equal. */
TEST(strings)
{
	char a[10], b[6];

	for (unsigned round = test_rounds(50000); round; round--) {
		u32 len = test_rand_below(10);
		int i;

		for (i = 0; i < 9; i++)
			a[i] = "ab\xff\0"[test_rand_below(4)];
		a[9] = '\0';
		for (i = 0; i < 5; i++)
			b[i] = "ab\xff\0"[test_rand_below(4)];
		b[5] = '\0';
		CHECK_EQ(strlen(a), libc_strlen(a));
		CHECK_EQ(strnlen(a, len), libc_strnlen(a, len));
		CHECK_EQ(sign(strcmp(a, b)), sign(libc_strcmp(a, b)));
		CHECK_EQ(sign(strncmp(a, b, len)), sign(libc_strncmp(a, b, len)));
		CHECK(strchr(a, b[0]) == libc_strchr(a, b[0]));
		CHECK(strrchr(a, b[0]) == libc_strrchr(a, b[0]));
		CHECK(strstr(a, b) == libc_strstr(a, b));
	}
}

TEST(strlcpy_cuts_and_ends)
{
	char dst[8];

	CHECK_EQ(strlcpy(dst, "1234567", 8), 7);
	CHECK_STR(dst, "1234567");
	CHECK_EQ(strlcpy(dst, "123456789", 8), 9);
	CHECK_STR(dst, "1234567");
	CHECK_EQ(strlcpy(dst, "xyz", 1), 3);
	CHECK_STR(dst, "");
}
