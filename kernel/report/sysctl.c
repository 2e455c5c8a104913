/*
 * /proc/sys/vm: the integers of the memory manager that can be read and written, as Linux's (sysctl/vm.rst).
 * Only those are here that do something.
 *
 * A write is a decimal, octal (0) or hexadecimal (0x) number with blanks around it; anything else, and
 * what is out of range, is EINVAL and changes nothing.
 */
#include "fs/file.h"
#include "kernel/report/report.h"
#include "lib/err.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/phys/buddy.h"
#include "mm/phys/zone.h"
#include "mm/vm/commit.h"
#include "mm/vm/mm.h"

struct sysctl {
	struct report report;
	u32 *value;
	u32 min, max;
	int (*set)(u32 value); /* instead of a store; 0 or errno */
	void (*changed)(void); /* after the store; may be NULL */
};

static u32 drop_caches;

/* The one of the two that was written last counts. */
static void ratio_changed(void)
{
	commit_policy.kbytes = 0;
	commit_policy_changed();
}

static void kbytes_changed(void)
{
	commit_policy.ratio = 0;
	commit_policy_changed();
}

/* Bit 0 is for pages that could be read in again; there are none. */
#define DROP_SLAB 0x2u

static void caches_dropped(void)
{
	if (drop_caches & DROP_SLAB) {
		mm_drain_caches();
		shrink_all();
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The number in text, octal behind a 0. 0 or errno. */
static int parse_number(const char *text, u32 *value)
{
	char number[16];
	u32 n = 0;

	while (is_blank(*text))
		text++;
	while (text[n] && !is_blank(text[n]))
		n++;
	if (n >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, n);
	number[n] = '\0';
	return parse_u32(number, number[0] == '0' && (number[1] | 0x20) != 'x' ? 8 : 0, value);
}

static const struct sysctl *sysctl_of(const struct report *r)
{
	return container_of(r, struct sysctl, report);
}

static void sysctl_show(const struct report *r, struct seq *s)
{
	seq_printf(s, "%u\n", *sysctl_of(r)->value);
}

static int sysctl_write(const struct report *r, const char *text)
{
	const struct sysctl *sysctl = sysctl_of(r);
	u32 value;

	if (parse_number(text, &value) || value < sysctl->min || value > sysctl->max)
		return -EINVAL;
	if (sysctl->set)
		return sysctl->set(value);
	*sysctl->value = value;
	if (sysctl->changed)
		sysctl->changed();
	return 0;
}

#define SYSCTL(file, variable, low, high, ...)                                 \
	{                                                                      \
		.report = {.name = "sys/vm/" file,                             \
			   .show_this = sysctl_show,                           \
			   .write_this = sysctl_write},                        \
		.value = &(variable), .min = (low), .max = (high), __VA_ARGS__ \
	}

static struct sysctl sysctls[] = {
	SYSCTL("overcommit_memory", commit_policy.mode, COMMIT_GUESS, COMMIT_NEVER,
	       .changed = commit_policy_changed),
	SYSCTL("overcommit_ratio", commit_policy.ratio, 0, INT32_MAX, .changed = ratio_changed),
	SYSCTL("overcommit_kbytes", commit_policy.kbytes, 0, UINT32_MAX, .changed = kbytes_changed),
	SYSCTL("admin_reserve_kbytes", commit_policy.admin_reserve_kb, 0, UINT32_MAX),
	SYSCTL("user_reserve_kbytes", commit_policy.user_reserve_kb, 0, UINT32_MAX),
	SYSCTL("max_map_count", max_map_count, 0, INT32_MAX),
	SYSCTL("mmap_min_addr", mmap_min_addr, 0, UINT32_MAX, .changed = mmap_min_addr_changed),
	SYSCTL("min_free_kbytes", min_free_kb, 0, INT32_MAX, .set = zones_set_min_free),
	SYSCTL("watermark_scale_factor", watermark_scale_factor, 1, WATERMARK_SCALE_MAX,
	       .changed = zones_set_watermarks),
	SYSCTL("drop_caches", drop_caches, 1, 4, .changed = caches_dropped),
};

__init void sysctl_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sysctls); i++)
		report_register(&sysctls[i].report);
}
