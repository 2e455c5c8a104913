/* boot/multiboot.c: information as QEMU and GRUB lay it out, and what is wrong in one thing. */
#include "tests/host/check.h"
#include "boot/multiboot.h"
#include <errno.h>

/* Physical memory: one window, outside which nothing can be read. */
#define RAM_BASE 0x9000u
#define RAM_SIZE 0x8000u
static u8 ram[RAM_SIZE];
static u32 readable = RAM_SIZE;

/* A copy of exactly that length, so that AddressSanitizer sees a read behind it; the last one is gone. */
static const void *map(paddr_t addr, u32 len)
{
	static u8 *copy;

	if ((u64)addr + len > 0x100000000ull)
		FAIL("map(%#x, %#x) wraps", addr, len);
	if (addr < RAM_BASE || addr - RAM_BASE > readable || len > readable - (addr - RAM_BASE))
		return NULL;
	free(copy);
	copy = malloc(len);
	memcpy(copy, ram + (addr - RAM_BASE), len);
	return copy;
}

static const struct phys_view view = {.map = map};
static struct boot_info info;
static const char *error;

static int parse(u32 magic, paddr_t addr)
{
	int err = multiboot_parse(magic, addr, &view, &info, &error);

	CHECK_EQ(err != 0, error != NULL);
	CHECK(info.nr_ranges <= BOOT_MAX_RANGES && info.nr_modules <= BOOT_MAX_MODULES);
	CHECK(strnlen(info.cmdline, BOOT_CMDLINE_SIZE) < BOOT_CMDLINE_SIZE);
	CHECK(strnlen(info.loader, BOOT_LOADER_SIZE) < BOOT_LOADER_SIZE);
	for (unsigned i = 0; i < info.nr_modules; i++) {
		CHECK(info.modules[i].start <= info.modules[i].end);
		CHECK(strnlen(info.modules[i].cmdline, BOOT_MODULE_CMDLINE_SIZE) <
		      BOOT_MODULE_CMDLINE_SIZE);
	}
	return err;
}

static void put(u32 addr, const void *data, u32 len)
{
	memcpy(ram + (addr - RAM_BASE), data, len);
}

static void put32(u32 addr, u32 value)
{
	put(addr, &value, 4);
}

static void puts_at(u32 addr, const char *text)
{
	put(addr, text, strlen(text) + 1);
}

/* --- Multiboot 1, at these places ------------------------------------------------------------------- */

#define MB1     0x9500u
#define CMDLINE 0xa000u
#define LOADER  0xa800u
#define MODULES 0xb000u
#define MODARGS 0xb800u
#define MMAP    0xc000u

static void mmap_line(u32 nr, u32 size, u64 base, u64 len, u32 type)
{
	u32 at = MMAP + nr * (size + 4);

	put32(at, size);
	put(at + 4, &base, 8);
	put(at + 12, &len, 8);
	put32(at + 20, type);
	put32(MB1 + 44, (nr + 1) * (size + 4));
}

/* As QEMU 7.2 does it: -kernel build/pagoda.elf -append "console=ttyS0 a" -initrd x.cpio */
static void start_mb1(void)
{
	memset(ram, 0, sizeof(ram));
	readable = RAM_SIZE;
	put32(MB1, 1 | 2 | 4 | 8 | 0x40 | 0x200);
	put32(MB1 + 4, 639);
	put32(MB1 + 8, 0x1f700);
	put32(MB1 + 16, CMDLINE);
	puts_at(CMDLINE, "build/pagoda.elf console=ttyS0 a");
	put32(MB1 + 20, 1);
	put32(MB1 + 24, MODULES);
	put32(MODULES, 0x200000);
	put32(MODULES + 4, 0x212345);
	put32(MODULES + 8, MODARGS);
	puts_at(MODARGS, "x.cpio root");
	put32(MB1 + 48, MMAP);
	put32(MB1 + 64, LOADER);
	puts_at(LOADER, "qemu");
	mmap_line(0, 20, 0, 0x9fc00, 1);
	mmap_line(1, 20, 0x100000, 0x1fee0000, 1);
	mmap_line(2, 20, 0xfffc0000, 0x40000, 2);
}

static int parse_mb1(void)
{
	return parse(MULTIBOOT1_LOADER_MAGIC, MB1);
}

TEST(mb1_as_qemu_gives_it)
{
	start_mb1();
	CHECK_EQ(parse_mb1(), 0);
	CHECK_EQ(info.protocol, BOOT_MULTIBOOT1);
	CHECK_STR(info.loader, "qemu");
	CHECK_STR(info.cmdline, "console=ttyS0 a");
	CHECK(!info.cmdline_cut);
	CHECK_EQ(info.mem_lower_kib, 639);
	CHECK_EQ(info.mem_upper_kib, 0x1f700);
	CHECK_EQ(info.nr_ranges, 3);
	CHECK_EQ(info.ranges[1].base, 0x100000);
	CHECK_EQ(info.ranges[1].len, 0x1fee0000);
	CHECK_EQ(info.ranges[2].type, 2);
	CHECK_EQ(info.nr_modules, 1);
	CHECK_EQ(info.modules[0].start, 0x200000);
	CHECK_EQ(info.modules[0].end, 0x212345);
	CHECK_STR(info.modules[0].cmdline, "x.cpio root");
	CHECK_EQ(info.rsdp_len, 0);
}

TEST(mb1_kernel_name)
{
	static const char *const cases[][3] = {
		{"GRUB 2.06-13+deb12u1", "console=tty0 a", "console=tty0 a"},
		{"GNU GRUB 0.97", "(hd0,0)/pagoda.elf a  b", "a  b"},
		{"qemu", "pagoda.elf", ""},
		{"qemu", "pagoda.elf ", ""},
		{"qemu", "", ""},
		{"", " x y", "y"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		start_mb1();
		puts_at(LOADER, cases[i][0]);
		puts_at(CMDLINE, cases[i][1]);
		CHECK_EQ(parse_mb1(), 0);
		CHECK_STR(info.cmdline, cases[i][2]);
	}
}

TEST(mb1_only_what_the_flags_say)
{
	start_mb1();
	put32(MB1, 0);
	CHECK_EQ(parse_mb1(), 0);
	CHECK_EQ(info.nr_ranges + info.nr_modules + info.mem_upper_kib, 0);
	CHECK_STR(info.cmdline, "");
	CHECK_STR(info.loader, "");
}

TEST(mb1_lines_of_other_sizes)
{
	start_mb1();
	mmap_line(0, 24, 0, 0x9fc00, 1);
	mmap_line(1, 24, 0x100000, 0x700000, 1);
	CHECK_EQ(parse_mb1(), 0);
	CHECK_EQ(info.nr_ranges, 2);
	CHECK_EQ(info.ranges[1].len, 0x700000);
	/* An empty line says nothing. */
	mmap_line(1, 24, 0x100000, 0, 1);
	CHECK_EQ(parse_mb1(), 0);
	CHECK_EQ(info.nr_ranges, 1);
}

#define WRONG_MB1(err, text, ...)                                \
	do {                                                     \
		start_mb1();                                     \
		__VA_ARGS__;                                     \
		CHECK_EQ(parse_mb1(), err);                      \
		if (!strstr(error, text))                        \
			FAIL("%s: \"%s\"", #__VA_ARGS__, error); \
	} while (0)

TEST(mb1_wrong_in_one_thing)
{
	WRONG_MB1(-EINVAL, "line of the memory map", put32(MMAP, 19));
	WRONG_MB1(-EINVAL, "line of the memory map", put32(MMAP, 0));
	WRONG_MB1(-EINVAL, "line of the memory map", put32(MMAP, 0xfffffffc));
	WRONG_MB1(-EINVAL, "line of the memory map", put32(MMAP, 69));
	WRONG_MB1(-EINVAL, "ends inside a line", put32(MB1 + 44, 71));
	WRONG_MB1(-EINVAL, "memory map cannot be read", put32(MB1 + 48, 0x100));
	WRONG_MB1(-EINVAL, "memory map cannot be read", put32(MB1 + 48, 0xfffffff0));
	WRONG_MB1(-EINVAL, "module list", put32(MB1 + 24, RAM_BASE + RAM_SIZE - 15));
	WRONG_MB1(-EINVAL, "module list", put32(MB1 + 24, 0xfffffff8));
	WRONG_MB1(-EINVAL, "ends before", put32(MODULES, 0x212346));
	WRONG_MB1(-EINVAL, "module's command line", put32(MODULES + 8, 0xffffffff));
	WRONG_MB1(-EINVAL, "command line cannot", put32(MB1 + 16, 0xfffff));
	WRONG_MB1(-EINVAL, "loader's name", put32(MB1 + 64, 0));
	start_mb1();
	CHECK_EQ(parse(MULTIBOOT1_LOADER_MAGIC, RAM_BASE + RAM_SIZE - 67), -EINVAL);
	CHECK_EQ(parse(MULTIBOOT1_LOADER_MAGIC, 0xfffffff0), -EINVAL);
}

TEST(mb1_too_many)
{
	start_mb1();
	for (u32 i = 0; i < BOOT_MAX_RANGES; i++)
		mmap_line(i, 20, i << 20, 0x1000, 1);
	CHECK_EQ(parse_mb1(), 0);
	CHECK_EQ(info.nr_ranges, BOOT_MAX_RANGES);
	mmap_line(BOOT_MAX_RANGES, 20, 1 << 30, 0x1000, 1);
	CHECK_EQ(parse_mb1(), -E2BIG);
	start_mb1();
	put32(MB1 + 20, BOOT_MAX_MODULES + 3);
	for (u32 i = 0; i < BOOT_MAX_MODULES + 3; i++) {
		put32(MODULES + 16 * i, i << 20);
		put32(MODULES + 16 * i + 4, (i << 20) + 1);
	}
	CHECK_EQ(parse_mb1(), 0);
	CHECK_EQ(info.nr_modules, BOOT_MAX_MODULES);
	CHECK_EQ(info.modules_dropped, 3);
	CHECK_EQ(info.modules[7].start, 7 << 20);
	put32(MB1 + 20, 0xffffffff); /* must not take 2^32 steps */
	CHECK_EQ(parse_mb1(), 0);
}

TEST(mb1_long_strings_are_cut)
{
	start_mb1();
	put32(MB1 + 16, MMAP + 0x1000);
	memset(ram + MMAP + 0x1000 - RAM_BASE, 'c', 0x2000);
	puts_at(LOADER, "GRUB 2");
	CHECK_EQ(parse_mb1(), 0);
	CHECK(info.cmdline_cut);
	CHECK_EQ(strlen(info.cmdline), BOOT_CMDLINE_SIZE - 1);
	/* One that just fits is not cut. */
	ram[MMAP + 0x1000 + BOOT_CMDLINE_SIZE - 1 - RAM_BASE] = 0;
	CHECK_EQ(parse_mb1(), 0);
	CHECK(!info.cmdline_cut);
	CHECK_EQ(strlen(info.cmdline), BOOT_CMDLINE_SIZE - 1);
}

/* A string that ends just where readable memory does, and one that does not end there. */
TEST(mb1_string_at_the_end_of_memory)
{
	static const char text[] = "GRUB 2.06";

	start_mb1();
	put(RAM_BASE + RAM_SIZE - sizeof(text), text, sizeof(text));
	put32(MB1 + 64, RAM_BASE + RAM_SIZE - sizeof(text));
	CHECK_EQ(parse_mb1(), 0);
	CHECK_STR(info.loader, text);
	ram[RAM_SIZE - 1] = 'x';
	CHECK_EQ(parse_mb1(), -EINVAL);
}

/* --- Multiboot 2 ------------------------------------------------------------------------------------ */

#define MB2 0x9800u
static u32 end;

static void tag(u32 type, const void *body, u32 len)
{
	put32(end, type);
	put32(end + 4, len + 8);
	put(end + 8, body, len);
	end = ALIGN_UP(end + len + 8, 8);
	put32(MB2, end - MB2);
}

static void end_tag(void)
{
	tag(0, "", 0);
}

static void mmap_tag(u32 entry_size, unsigned nr)
{
	u8 body[8 + 40 * 200] = {0};

	memcpy(body, &entry_size, 4);
	for (unsigned i = 0; i < nr; i++) {
		struct {
			u64 base, len;
			u32 type;
		} line = {i << 24, 0x1000 + i, 1 + i % 3};

		memcpy(body + 8 + i * entry_size, &line, 20);
	}
	tag(6, body, 8 + nr * entry_size);
}

static void start_mb2(void)
{
	memset(ram, 0xee, sizeof(ram)); /* padding may hold anything */
	readable = RAM_SIZE;
	put32(MB2 + 4, 0);
	end = MB2 + 8;
}

static int parse_mb2(void)
{
	return parse(MULTIBOOT2_LOADER_MAGIC, MB2);
}

TEST(mb2_as_grub_gives_it)
{
	static const u8 module[] = "\0\0\x20\0\x45\x23\x21\0initrd args";

	start_mb2();
	tag(1, "panic=halt one", 15);
	tag(2, "GRUB 2.06-13+deb12u1", 21);
	tag(10, "apm", 4);
	tag(3, module, sizeof(module));
	tag(4, "\x7f\x02\0\0\0\xf7\1\0", 8);
	mmap_tag(24, 3);
	tag(0x12345, "unknown", 7);
	tag(14, "RSD PTR old.........", 20);
	tag(15, "RSD PTR new.........................", 36);
	end_tag();
	CHECK_EQ(parse_mb2(), 0);
	CHECK_EQ(info.protocol, BOOT_MULTIBOOT2);
	CHECK_STR(info.cmdline, "panic=halt one");
	CHECK_STR(info.loader, "GRUB 2.06-13+deb12u1");
	CHECK_EQ(info.mem_lower_kib, 639);
	CHECK_EQ(info.mem_upper_kib, 0x1f700);
	CHECK_EQ(info.nr_ranges, 3);
	CHECK_EQ(info.ranges[2].base, 2 << 24);
	CHECK_EQ(info.ranges[2].len, 0x1002);
	CHECK_EQ(info.ranges[2].type, 3);
	CHECK_EQ(info.nr_modules, 1);
	CHECK_EQ(info.modules[0].start, 0x200000);
	CHECK_EQ(info.modules[0].end, 0x212345);
	CHECK_STR(info.modules[0].cmdline, "initrd args");
	CHECK_EQ(info.rsdp_len, 36);
	CHECK(!memcmp(info.rsdp, "RSD PTR new", 11));
}

TEST(mb2_larger_lines_and_an_old_rsdp_after_the_new)
{
	start_mb2();
	mmap_tag(40, 5);
	tag(15, "RSD PTR new.........................", 36);
	tag(14, "RSD PTR old.........", 20);
	end_tag();
	CHECK_EQ(parse_mb2(), 0);
	CHECK_EQ(info.nr_ranges, 5);
	CHECK_EQ(info.ranges[4].base, 4 << 24);
	CHECK_EQ(info.rsdp_len, 36);
	CHECK(!memcmp(info.rsdp, "RSD PTR new", 11));
}

static void expect_mb2_error(int err, const char *text)
{
	CHECK_EQ(parse_mb2(), err);
	if (!strstr(error, text))
		FAIL("\"%s\" instead of \"%s\"", error, text);
}

#define WRONG_MB2(err, text, ...)            \
	do {                                 \
		start_mb2();                 \
		__VA_ARGS__;                 \
		end_tag();                   \
		expect_mb2_error(err, text); \
	} while (0)

TEST(mb2_wrong_in_one_thing)
{
	WRONG_MB2(-EINVAL, "command line does not end", tag(1, "abcd", 4));
	WRONG_MB2(-EINVAL, "command line does not end", tag(1, "", 0));
	WRONG_MB2(-EINVAL, "loader's name", tag(2, "abcd", 4));
	WRONG_MB2(-EINVAL, "module's tag", tag(3, "1234567", 7));
	WRONG_MB2(-EINVAL, "module's command line", tag(3, "aaaabbbbcccc", 12));
	WRONG_MB2(-EINVAL, "ends before", tag(3, "bbbbaaaa", 9));
	WRONG_MB2(-EINVAL, "memory sizes", tag(4, "1234567", 7));
	WRONG_MB2(-EINVAL, "tag is too short", tag(6, "\30\0\0\0\0\0\0", 7));
	WRONG_MB2(-EINVAL, "line of the memory map", tag(6, "\20\0\0\0\0\0\0\0", 8));
	WRONG_MB2(-EINVAL, "line of the memory map", tag(6, "\0\0\0\0\0\0\0\0", 8));
	WRONG_MB2(-EINVAL, "line of the memory map", tag(6, "\31\0\0\0\0\0\0\0", 8));
	WRONG_MB2(-EINVAL, "ends inside a line", tag(6, "\30\0\0\0\0\0\0\0xxxxxxxx", 16));
	WRONG_MB2(-E2BIG, "more lines than fit", mmap_tag(24, BOOT_MAX_RANGES + 1));
	start_mb2();
	tag(1, "no end", 7);
	expect_mb2_error(-EINVAL, "no end tag");
	put32(MB2, 8);
	expect_mb2_error(-EINVAL, "no end tag");
	put32(MB2 + 12, 7);
	put32(MB2, 24);
	expect_mb2_error(-EINVAL, "tag has a wrong size");
	put32(MB2 + 12, 17);
	expect_mb2_error(-EINVAL, "tag has a wrong size");
	put32(MB2 + 12, 0xfffffffc);
	expect_mb2_error(-EINVAL, "tag has a wrong size");
	put32(MB2, 7);
	expect_mb2_error(-EINVAL, "information has a wrong size");
	put32(MB2, 0xffffffff);
	expect_mb2_error(-EINVAL, "information has a wrong size");
	put32(MB2, RAM_SIZE);
	expect_mb2_error(-EINVAL, "cannot be read");
	CHECK_EQ(parse(MULTIBOOT2_LOADER_MAGIC, MB2 + 4), -EINVAL);
	CHECK_EQ(parse(MULTIBOOT2_LOADER_MAGIC, 0xfffffff8), -EINVAL);
}

TEST(mb2_too_many_modules)
{
	start_mb2();
	for (u32 i = 0; i < BOOT_MAX_MODULES + 2; i++) {
		u32 module[3] = {i * 0x1000, i * 0x1000 + 0x1000, 0};

		tag(3, module, 9);
	}
	end_tag();
	CHECK_EQ(parse_mb2(), 0);
	CHECK_EQ(info.nr_modules, BOOT_MAX_MODULES);
	CHECK_EQ(info.modules_dropped, 2);
}

TEST(mb2_modules_lie_apart)
{
	static const u32 ranges[][3] = {{0x5000, 0x6000}, {0x3000, 0x5000}, {0x5fff, 0x7000}};

	start_mb2();
	for (u32 i = 0; i < 3; i++)
		tag(3, ranges[i], 9);
	expect_mb2_error(-EINVAL, "two modules lie in the same memory");
}

TEST(mb2_long_strings_are_cut)
{
	static char text[BOOT_CMDLINE_SIZE + 1];
	char module[8 + BOOT_MODULE_CMDLINE_SIZE + 50];

	memset(text, 'c', sizeof(text) - 1);
	memset(module, 'a', sizeof(module) - 1);
	module[sizeof(module) - 1] = '\0';
	start_mb2();
	tag(1, text, sizeof(text));
	tag(3, module, sizeof(module));
	end_tag();
	CHECK_EQ(parse_mb2(), 0);
	CHECK(info.cmdline_cut);
	CHECK_EQ(strlen(info.cmdline), BOOT_CMDLINE_SIZE - 1);
	CHECK_EQ(strlen(info.modules[0].cmdline), BOOT_MODULE_CMDLINE_SIZE - 1);
}

TEST(wrong_magic)
{
	start_mb1();
	CHECK_EQ(parse(0x2badb003, MB1), -EINVAL);
	CHECK(strstr(error, "wrong magic"));
}

TEST(random_damage_is_survived)
{
	static const u32 values[] = {0,          1,          8,          20,        24,
				     0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};

	for (unsigned round = test_rounds(30000); round; round--) {
		bool mb2 = test_rand_below(2);

		if (mb2) {
			start_mb2();
			tag(1, "command line", 13);
			tag(3, "aaaabbbbmodule", 15);
			mmap_tag(24, 4);
			tag(14, "RSD PTR old.........", 20);
			end_tag();
		} else {
			start_mb1();
		}
		for (unsigned n = 1 + test_rand_below(4); n; n--) {
			u32 at = mb2                  ? MB2 + 4 * test_rand_below((end - MB2) / 4)
				 : test_rand_below(2) ? MB1 + 4 * test_rand_below(17)
						      : MMAP + 4 * test_rand_below(18);
			u32 old;

			memcpy(&old, ram + at - RAM_BASE, 4);
			put32(at, test_rand_below(2) ? values[test_rand_below(ARRAY_SIZE(values))]
						     : old + test_rand_below(17) - 8);
		}
		readable = RAM_SIZE - (test_rand_below(4) ? 0 : test_rand_below(0x5000));
		if (mb2)
			parse_mb2();
		else
			parse_mb1();
	}
}
