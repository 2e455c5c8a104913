/* The small things of lib/: bitmaps, lists, 64-bit division, numbers in text, reports, failpoints. */
#include "tests/host/check.h"
#include "lib/bitmap.h"
#include "lib/err.h"
#include "lib/failpoint.h"
#include "lib/list.h"
#include "lib/math64.h"
#include "lib/parse.h"
#include "lib/printk.h"
#include "lib/seq.h"
#include "lib/string.h"
#include <errno.h>

#define BITS 131

static u32 slow_next(const bool *model, u32 start, bool value)
{
	while (start < BITS && model[start] != value)
		start++;
	return start;
}

TEST(bitmap_against_an_array)
{
	static bool model[BITS];
	DECLARE_BITMAP(map, BITS) = {0};

	for (unsigned round = test_rounds(20000); round; round--) {
		u32 start = test_rand_below(BITS), count = test_rand_below(BITS + 1 - start);
		u32 weight = 0, area, run = 0;
		bool set = test_rand_below(2);

		if (set)
			bitmap_set_range(map, start, count);
		else
			bitmap_clear_range(map, start, count);
		memset(model + start, set, count);
		start = test_rand_below(BITS);
		bitmap_flip(map, start);
		model[start] = !model[start];
		start = test_rand_below(BITS);
		CHECK_EQ(bitmap_test(map, start), model[start]);
		CHECK_EQ(bitmap_next_set(map, BITS, start), slow_next(model, start, true));
		CHECK_EQ(bitmap_next_clear(map, BITS, start), slow_next(model, start, false));
		for (u32 i = 0; i < BITS; i++)
			weight += model[i];
		CHECK_EQ(bitmap_weight(map, BITS), weight);
		count = 1 + test_rand_below(40);
		for (area = start; area < BITS && run < count; area++)
			run = model[area] ? 0 : run + 1;
		CHECK_EQ(bitmap_find_clear_area(map, BITS, start, count),
			 run == count ? area - count : BITS);
	}
}

struct entry {
	int value;
	struct list_head node;
};

TEST(lists)
{
	struct entry e[6], *pos, *next;
	LIST_HEAD(one);
	LIST_HEAD(two);
	int want;

	CHECK(list_empty(&one));
	for (int i = 0; i < 6; i++)
		e[i].value = i;
	list_add_tail(&e[1].node, &one);
	CHECK(list_is_singular(&one));
	list_add_tail(&e[2].node, &one);
	list_add(&e[0].node, &one);
	want = 0;
	list_for_each_entry (pos, &one, node)
		CHECK_EQ(pos->value, want++);
	CHECK_EQ(want, 3);
	want = 3;
	list_for_each_entry_reverse(pos, &one, node) CHECK_EQ(pos->value, --want);
	list_add_tail(&e[3].node, &two);
	list_add_tail(&e[4].node, &two);
	list_splice_tail_init(&two, &one);
	CHECK(list_empty(&two));
	CHECK_EQ(list_last_entry(&one, struct entry, node)->value, 4);
	list_splice_init(&one, &two);
	CHECK(list_empty(&one));
	CHECK_EQ(list_first_entry(&two, struct entry, node)->value, 0);
	list_move_tail(&e[0].node, &two);
	list_move(&e[4].node, &two);
	want = 0;
	list_for_each_entry_safe (pos, next, &two, node) {
		static const int order[] = {4, 1, 2, 3, 0};

		CHECK_EQ(pos->value, order[want++]);
		list_del_init(&pos->node);
		CHECK(list_empty(&pos->node));
	}
	CHECK_EQ(want, 5);
	CHECK(list_empty(&two));
	CHECK(!list_first_entry_or_null(&two, struct entry, node));
}

TEST(division)
{
	for (unsigned round = test_rounds(200000); round; round--) {
		u64 n = ((u64)test_rand() << 32 | test_rand()) >> test_rand_below(64);
		u64 d = ((u64)test_rand() << 32 | test_rand()) >> test_rand_below(64);
		u32 d32 = (u32)d ? (u32)d : 1, rest;

		d = d ? d : 1;
		CHECK_EQ(div_u64_rem(n, d32, &rest), n / d32);
		CHECK_EQ(rest, n % d32);
		CHECK_EQ(div_u64(n, d32), n / d32);
		CHECK_EQ(div64_u64(n, d), n / d);
	}
	CHECK_EQ(div64_u64(UINT64_MAX, UINT64_MAX), 1);
	CHECK_EQ(div64_u64(UINT64_MAX, UINT64_MAX - 1), 1);
}

/* In pieces of 16 bits, which cannot overflow. */
TEST(multiply_and_shift)
{
	for (unsigned round = test_rounds(50000); round; round--) {
		u64 n = ((u64)test_rand() << 32 | test_rand()) >> (16 + test_rand_below(48));
		u32 mul = test_rand();
		unsigned shift = test_rand_below(33);
		u64 low = (n & 0xffff) * mul,
		    high = (n >> 16) * mul; /* n * mul = high << 16 + low */
		u64 sum = high + (low >> 16);

		/* n < 2^48, so the product has at most 80 bits; above bit 16 it is `sum`. */
		if (shift >= 16)
			CHECK_EQ(mul_u64_u32_shr(n, mul, shift), sum >> (shift - 16));
		else if (!(sum >> (48 + shift)))
			CHECK_EQ(mul_u64_u32_shr(n, mul, shift),
				 sum << (16 - shift) | (low & 0xffff) >> shift);
	}
}

TEST(numbers_in_text)
{
	const char *s;
	u64 wide;
	u32 n;

	CHECK_EQ(parse_u32("0", 10, &n), 0);
	CHECK_EQ(n, 0);
	CHECK_EQ(parse_u32("4294967295", 10, &n), 0);
	CHECK_EQ(n, 4294967295u);
	CHECK_EQ(parse_u32("4294967296", 10, &n), -ERANGE);
	CHECK_EQ(parse_u32("0xDeadbeef", 0, &n), 0);
	CHECK_EQ(n, 0xdeadbeef);
	CHECK_EQ(parse_u32("deadbeef", 16, &n), 0);
	CHECK_EQ(n, 0xdeadbeef);
	CHECK_EQ(parse_u32("", 10, &n), -EINVAL);
	CHECK_EQ(parse_u32("12x", 10, &n), -EINVAL);
	CHECK_EQ(parse_u32("-1", 10, &n), -EINVAL);
	CHECK_EQ(parse_u32("0x", 0, &n), -EINVAL);
	CHECK_EQ(parse_u32("018", 0, &n), 0); /* there is no octal */
	CHECK_EQ(n, 18);
	s = "18446744073709551615,";
	CHECK_EQ(parse_digits(&s, 10, &wide), 0);
	CHECK_EQ(wide, UINT64_MAX);
	CHECK_STR(s, ",");
	s = "18446744073709551616";
	CHECK_EQ(parse_digits(&s, 10, &wide), -ERANGE);
	CHECK_EQ(s[0], '1');
	s = "64M@0x100k";
	CHECK_EQ(parse_size(&s, &wide), 0);
	CHECK_EQ(wide, 64 << 20);
	CHECK_STR(s, "@0x100k");
	s++;
	CHECK_EQ(parse_size(&s, &wide), 0);
	CHECK_EQ(wide, 0x100 << 10);
	s = "4g";
	CHECK_EQ(parse_size(&s, &wide), 0);
	CHECK_EQ(wide, 4ull << 30);
	s = "0x4000000000G"; /* 2^38 * 2^30 */
	CHECK_EQ(parse_size(&s, &wide), -ERANGE);
}

TEST(seq_drops_and_counts_what_does_not_fit)
{
	char buf[8];
	struct seq seq;

	seq_init(&seq, buf, sizeof(buf));
	seq_printf(&seq, "%d-", 1234);
	seq_puts(&seq, "abcdef");
	seq_putc(&seq, '!');
	CHECK_EQ(seq.len, 8);
	CHECK(!memcmp(buf, "1234-abc", 8));
	CHECK_EQ(seq.lost, 4);
}

TEST(seq_to_printk_loses_nothing)
{
	char buf[16], got[300], want[300];
	struct seq seq;
	u32 pos = 0;
	int len = 0;

	while (printk_read(&pos, got, sizeof(got)))
		;
	seq_init_printk(&seq, buf, sizeof(buf));
	for (int i = 0; i < 20; i++) {
		seq_printf(&seq, "line %d\n", i * i * i);
		len += sprintf(want + len, "line %d\n", i * i * i);
	}
	seq_flush(&seq);
	CHECK_EQ(printk_read(&pos, got, sizeof(got)), len);
	CHECK(!memcmp(got, want, len));
	CHECK_EQ(seq.lost, 0);
}

TEST(failpoints)
{
	static struct failpoint page = {.name = "page"}, slab = {.name = "slab"};
	int calls;

	failpoint_register(&page);
	failpoint_register(&slab);
	CHECK(failpoint_find("slab") == &slab);
	CHECK(!failpoint_find("sla"));
	for (calls = 0; calls < 10; calls++)
		CHECK(!failpoint_fires(&page));
	CHECK_EQ(failpoint_arm("page", 3, 2), 0);
	for (calls = 1; calls < 10; calls++)
		CHECK_EQ(failpoint_fires(&page), calls == 3 || calls == 4);
	CHECK_EQ(page.calls, 9);
	CHECK_EQ(page.fired, 2);
	CHECK(!failpoint_fires(&slab));
	failpoint_disarm(&page);
	CHECK(!failpoint_fires(&page));
	CHECK_EQ(page.calls, 9);
	CHECK_EQ(failpoint_arm("none", 1, 1), -ENOENT);
	CHECK_EQ(failpoint_arm("page", 0, 1), 0);
	for (calls = 0; calls < 10; calls++)
		CHECK(!failpoint_fires(&page));
	CHECK_EQ(page.calls, 10);
	CHECK_EQ(failpoint_arm_text("slab:2"), 0);
	CHECK(!failpoint_fires(&slab));
	CHECK(failpoint_fires(&slab));
	CHECK(!failpoint_fires(&slab));
	CHECK_EQ(failpoint_arm_text("slab:1:4294967295"), 0);
	for (calls = 0; calls < 10; calls++)
		CHECK(failpoint_fires(&slab));
	CHECK_EQ(failpoint_arm_text("slab"), -EINVAL);
	CHECK_EQ(failpoint_arm_text("slab:"), -EINVAL);
	CHECK_EQ(failpoint_arm_text("slab:1:"), -EINVAL);
	CHECK_EQ(failpoint_arm_text("slab:1x"), -EINVAL);
	CHECK_EQ(failpoint_arm_text("slab:4294967296"), -EINVAL);
	CHECK_EQ(failpoint_arm_text("sl:1"), -ENOENT);
}

TEST(error_pointers)
{
	int object;

	CHECK(!IS_ERR(&object));
	CHECK(!IS_ERR(NULL));
	CHECK(IS_ERR_OR_NULL(NULL));
	CHECK(IS_ERR(ERR_PTR(-ENOMEM)));
	CHECK(IS_ERR(ERR_PTR(-MAX_ERRNO)));
	CHECK(!IS_ERR(ERR_PTR(-MAX_ERRNO - 1)));
	CHECK_EQ(PTR_ERR(ERR_PTR(-EFAULT)), -EFAULT);
}

TEST(pages)
{
	static u8 a[3 * PAGE_SIZE], b[3 * PAGE_SIZE];

	for (unsigned i = 0; i < sizeof(a); i++)
		a[i] = test_rand() | 1;
	copy_page(b + PAGE_SIZE, a + PAGE_SIZE);
	CHECK(!memcmp(a + PAGE_SIZE, b + PAGE_SIZE, PAGE_SIZE));
	CHECK(!b[PAGE_SIZE - 1] && !b[2 * PAGE_SIZE]);
	clear_page(a + PAGE_SIZE);
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		CHECK(!a[PAGE_SIZE + i]);
	CHECK(a[PAGE_SIZE - 1] && a[2 * PAGE_SIZE]);
}

TEST(rounding)
{
	CHECK_EQ(ALIGN_UP(1u, PAGE_SIZE), PAGE_SIZE);
	CHECK_EQ(ALIGN_UP(0x1ffffffffull, PAGE_SIZE), 0x200000000ull);
	CHECK_EQ(ALIGN_DOWN(0x1ffffffffull, PAGE_SIZE), 0x1fffff000ull);
	CHECK(IS_ALIGNED(0x2000u, PAGE_SIZE) && !IS_ALIGNED(0x2001u, PAGE_SIZE));
	CHECK_EQ(DIV_ROUND_UP(4097u, PAGE_SIZE), 2);
	CHECK_EQ(MIN(3, 4), 3);
	CHECK_EQ(MAX(3, 4), 4);
}
