/* lib/printf.c against the C library's printf. */
#include "tests/host/check.h"
#include "lib/printf.h"

/* The names that lib/printf.c has here. */
int pagoda_snprintf(char *buf, size_t size, const char *fmt, ...);

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

#define SAME(...)                                                                \
	do {                                                                     \
		char got_[300], want_[300];                                      \
		int want_len_ = snprintf(want_, sizeof(want_), __VA_ARGS__);     \
		int got_len_ = pagoda_snprintf(got_, sizeof(got_), __VA_ARGS__); \
		CHECK_STR(got_, want_);                                          \
		CHECK_EQ(got_len_, want_len_);                                   \
	} while (0)

static u64 interesting_number(void)
{
	static const u64 numbers[] = {
		0,
		1,
		7,
		8,
		9,
		10,
		100,
		255,
		256,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x7fffffffffffffff,
		0x8000000000000000,
		UINT64_MAX,
	};

	if (test_rand_below(3))
		return ((u64)test_rand() << 32 | test_rand()) >> test_rand_below(64);
	return numbers[test_rand_below(ARRAY_SIZE(numbers))];
}

/* % [flags] [width] [.precision] [length] conversion, at random. */
static void random_spec(char *fmt, const char *flags, const char *length, char conversion)
{
	char *p = fmt;

	*p++ = '%';
	for (; *flags; flags++) {
		if (!test_rand_below(3))
			*p++ = *flags;
	}
	if (test_rand_below(2))
		p += sprintf(p, "%u", 1 + test_rand_below(30));
	if (!test_rand_below(3))
		p += sprintf(p, ".%u", test_rand_below(30));
	sprintf(p, "%s%c", length, conversion);
}

TEST(numbers)
{
	static const char *const lengths[] = {"", "h", "hh", "l", "ll", "z", "t"};
	static const char conversions[] = "diuxXo";

	for (unsigned round = test_rounds(200000); round; round--) {
		char conversion = conversions[test_rand_below(6)];
		const char *length = lengths[test_rand_below(ARRAY_SIZE(lengths))];
		bool is_signed = conversion == 'd' || conversion == 'i';
		bool octal_or_hex = conversion != 'u' && !is_signed;
		u64 number = interesting_number();
		char fmt[40];

		random_spec(fmt,
			    is_signed      ? "-0+ "
			    : octal_or_hex ? "-0#"
					   : "-0",
			    length, conversion);
		if (!strcmp(length, "ll"))
			SAME(fmt, number);
		else
			SAME(fmt, (u32)number);
	}
}

TEST(text)
{
	static const char *const texts[] = {"", "a", "some text", "twenty-five characters ..."};
	const char *string;

	for (unsigned round = test_rounds(20000); round; round--) {
		char fmt[40];

		random_spec(fmt, "-", "", 's');
		string = texts[test_rand_below(ARRAY_SIZE(texts))];
		SAME(fmt, string);
	}
	SAME("%c%5c|%-5c|", 'a', 'b', 'c');
	SAME("%%|%s|%d", "x", 3);
	SAME("%*d|%-*d|%*d|%.*d|%.*s", 5, 1, 6, 2, -7, 3, 4, 5, 2, "abc");
	SAME("%.*d|%.*s", -3, 1, -1, "whole");
	SAME("no conversion");
	SAME("%s", "");
}

TEST(cut_text_is_ended_and_its_length_told)
{
	for (size_t size = 0; size < 24; size++) {
		char got[32], want[32];

		memset(got, 'x', sizeof(got));
		memset(want, 'x', sizeof(want));
		CHECK_EQ(pagoda_snprintf(got, size, "%s-%08d-%x", "text", 1234, 0xabcd),
			 snprintf(want, size, "%s-%08d-%x", "text", 1234, 0xabcd));
		CHECK(!memcmp(got, want, sizeof(got)));
		memset(got, 'x', sizeof(got));
		CHECK_EQ(scnprintf(got, size, "%s-%08d-%x", "text", 1234, 0xabcd),
			 size ? strlen(want) : 0);
	}
}

static const char *name_of(vaddr_t addr, u32 *offset)
{
	if (addr < 0xc0100000)
		return NULL;
	*offset = addr - 0xc0100000;
	return "start_kernel";
}

TEST(pointers_and_symbols)
{
	char text[64];

	pagoda_snprintf(text, sizeof(text), "%p %p", (void *)0xc0001234, NULL);
	CHECK_STR(text, "0xc0001234 0x00000000");
	symbol_lookup = NULL;
	pagoda_snprintf(text, sizeof(text), "%pS", (void *)0xc0100012);
	CHECK_STR(text, "0xc0100012");
	symbol_lookup = name_of;
	pagoda_snprintf(text, sizeof(text), "%pS|%22pS|%pS", (void *)0xc0100012, (void *)0xc0100012,
			(void *)0x8048000);
	CHECK_STR(text, "start_kernel+0x12|     start_kernel+0x12|0x08048000");
	symbol_lookup = NULL;
}

TEST(nonsense_is_printed_as_it_stands)
{
	char text[64];

	pagoda_snprintf(text, sizeof(text), "%y%");
	CHECK_STR(text, "%y");
	pagoda_snprintf(text, sizeof(text), "%s", (char *)NULL);
	CHECK_STR(text, "(null)");
}
