/* sysctl: as process 1. Writes the files of /proc/sys/vm and looks whether the memory manager follows. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define MB   (1u << 20)

static int nr_checks, nr_wrong;

static void check(int line, const char *what, long long got, long long wanted)
{
	nr_checks++;
	if (got == wanted)
		return;
	nr_wrong++;
	printf("sysctl: line %d: %s is %lld, not %lld\n", line, what, got, wanted);
}
#define CHECK(got, wanted) check(__LINE__, #got, got, wanted)

static char text[65536];

static char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n, len = 0;

	while (fd >= 0 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	text[len] = '\0';
	close(fd);
	return text;
}

static long long get(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	return atoll(slurp(path));
}

/* 0 or errno. */
static int put(const char *name, const char *value)
{
	char path[100];
	int fd, err;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	fd = open(path, O_WRONLY);
	err = write(fd, value, strlen(value)) < 0 ? errno : 0;
	close(fd);
	return err;
}

static int put_number(const char *name, long long value)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld\n", value);
	return put(name, number);
}

/* A line of /proc/meminfo, in kB. */
static long long meminfo(const char *name)
{
	char *at = strstr(slurp("/proc/meminfo"), name);

	return at ? atoll(at + strlen(name)) : -1;
}

/* The error of an mmap that is undone at once, or 0. */
static int try_map(void *at, size_t len, int prot, int flags)
{
	void *p = mmap(at, len, prot, flags, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	munmap(p, len);
	return 0;
}

static int try_fork(void)
{
	int pid = fork();

	if (pid < 0)
		return errno;
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return 0;
}

static void test_numbers(void)
{
	static const char *const bad[] = {"",
					  " ",
					  "x",
					  "3",
					  "-1",
					  "1x",
					  "0x",
					  "08",
					  "99999999999999999999",
					  "11111111111111111111111111111"};

	CHECK(get("overcommit_memory"), 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (*bad[i])
			CHECK(put("overcommit_memory", bad[i]), EINVAL);
	CHECK(get("overcommit_memory"), 0);
	CHECK(put("overcommit_memory", " 1 \n"), 0);
	CHECK(get("overcommit_memory"), 1);
	CHECK(put("overcommit_memory", "0x2"), 0);
	CHECK(get("overcommit_memory"), 2);
	CHECK(put("overcommit_memory", "00"), 0);
	CHECK(get("overcommit_memory"), 0);
	CHECK(put("max_map_count", "010"), 0);
	CHECK(get("max_map_count"), 8);
	CHECK(put("max_map_count", "65530"), 0);
	CHECK(put("max_map_count", "2147483648"), EINVAL);
	CHECK(get("max_map_count"), 65530);
}

static void test_overcommit(void)
{
	long long before, total = meminfo("MemTotal:");
	char *p;

	CHECK(get("overcommit_ratio"), 50);
	CHECK(meminfo("CommitLimit:") - total / 2 <= 4, 1);
	CHECK(put("overcommit_ratio", "100"), 0);
	CHECK(meminfo("CommitLimit:"), total);

	/* 0: only what is plainly too much. */
	CHECK(try_map(NULL, 2048 * MB, RW, ANON), ENOMEM);
	CHECK(try_map(NULL, 2048 * MB, PROT_READ, ANON), 0);
	CHECK(try_map(NULL, 2048 * MB, RW, ANON | MAP_NORESERVE), 0);
	before = meminfo("Committed_AS:");
	p = mmap(NULL, 4 * MB, RW, ANON, -1, 0);
	CHECK(meminfo("Committed_AS:") - before, 4096);
	munmap(p, 4 * MB);
	CHECK(meminfo("Committed_AS:") - before, 0);
	CHECK(put("overcommit_memory", "1"), 0);
	CHECK(try_map(NULL, 2048 * MB, RW, ANON), 0);

	/* 2: nothing beyond the limit. Root may have the administrator's reserve. */
	CHECK(put_number("overcommit_kbytes", before + 8 * 1024), 0);
	CHECK(get("overcommit_ratio"), 0);
	CHECK(meminfo("CommitLimit:"), before + 8 * 1024);
	CHECK(put("user_reserve_kbytes", "0"), 0);
	CHECK(put("overcommit_memory", "2"), 0);
	CHECK(try_map(NULL, 7 * MB, RW, ANON), 0);
	CHECK(try_map(NULL, 8 * MB, RW, ANON), ENOMEM);
	CHECK(try_map(NULL, 8 * MB, RW, ANON | MAP_NORESERVE), ENOMEM);
	CHECK(try_map(NULL, 8 * MB, RW, MAP_SHARED | MAP_ANONYMOUS), ENOMEM);
	CHECK(try_map(NULL, 7 * MB, RW, MAP_SHARED | MAP_ANONYMOUS), 0);
	p = mmap(NULL, 5 * MB, RW, ANON, -1, 0);
	CHECK(try_fork(), ENOMEM);
	munmap(p, 5 * MB);
	CHECK(try_fork(), 0);
	CHECK(setresuid(0, 1000, 0), 0);
	CHECK(put_number("admin_reserve_kbytes", 4 * 1024), 0);
	CHECK(try_map(NULL, 5 * MB, RW, ANON), ENOMEM);
	CHECK(try_map(NULL, 3 * MB, RW, ANON), 0);
	CHECK(setresuid(0, 0, 0), 0);
	CHECK(try_map(NULL, 5 * MB, RW, ANON), 0);
	CHECK(put("overcommit_ratio", "50"), 0);
	CHECK(get("overcommit_kbytes"), 0);
	CHECK(put("overcommit_memory", "0"), 0);
	CHECK(meminfo("Committed_AS:"), before);
}

static void test_map_count(void)
{
	char *p = mmap(NULL, 64 * 4096, PROT_READ, ANON, -1, 0);
	int made = 0;

	CHECK(put("max_map_count", "24"), 0);
	while (made < 32 && !mprotect(p + 4096 * (2 * made + 1), 4096, RW))
		made++;
	CHECK(made > 2 && made < 12, 1);
	CHECK(errno, ENOMEM);
	CHECK(put("max_map_count", "65530"), 0);
	CHECK(mprotect(p + 4096 * 41, 4096, RW), 0);
	munmap(p, 64 * 4096);
}

static void test_min_addr(void)
{
	CHECK(get("mmap_min_addr"), 65536);
	CHECK(try_map((void *)0x8000, 4096, RW, ANON | MAP_FIXED), EPERM);
	CHECK(put("mmap_min_addr", "4096"), 0);
	CHECK(try_map((void *)0x8000, 4096, RW, ANON | MAP_FIXED), 0);
	CHECK(try_map((void *)0, 4096, RW, ANON | MAP_FIXED), EPERM);
	CHECK(put("mmap_min_addr", "0"), 0);
	CHECK(try_map((void *)0, 4096, RW, ANON | MAP_FIXED), 0);
	CHECK(try_map(NULL, 4096, RW, ANON), 0);
	CHECK(put("mmap_min_addr", "4294967295"), 0);
	CHECK(try_map((void *)0x40000000, 4096, RW, ANON | MAP_FIXED), EPERM);
	CHECK(try_map(NULL, 4096, RW, ANON), ENOMEM);
	CHECK(put("mmap_min_addr", "65536"), 0);
}

/* The sum over all zones of a line of /proc/zoneinfo. */
static long long zoneinfo(const char *name)
{
	long long sum = 0;

	for (char *at = slurp("/proc/zoneinfo"); (at = strstr(at, name)); at += strlen(name))
		sum += atoll(at + strlen(name));
	return sum;
}

static void test_min_free(void)
{
	long long kb = get("min_free_kbytes"), pages = zoneinfo("\n        min ");

	CHECK(kb / 4 - pages >= 0 && kb / 4 - pages < 3, 1);
	CHECK(put_number("min_free_kbytes", 2 * kb), 0);
	CHECK(get("min_free_kbytes"), 2 * kb);
	CHECK(2 * kb / 4 - zoneinfo("\n        min ") < 3, 1);
	CHECK(zoneinfo("\n        low ") > zoneinfo("\n        min "), 1);
	CHECK(put("min_free_kbytes", "1000000000"), EINVAL);
	CHECK(put_number("min_free_kbytes", kb), 0);
	CHECK(zoneinfo("\n        min "), pages);
}

static void test_watermark_scale(void)
{
	long long factor = get("watermark_scale_factor"), low = zoneinfo("\n        low ");
	long long min = zoneinfo("\n        min "), high = zoneinfo("\n        high ");

	CHECK(factor, 10);
	CHECK(high - low, low - min);
	CHECK(put("watermark_scale_factor", "0"), EINVAL);
	CHECK(put("watermark_scale_factor", "3001"), EINVAL);
	CHECK(put("watermark_scale_factor", "3000"), 0);
	CHECK(zoneinfo("\n        min "), min);
	CHECK(zoneinfo("\n        low ") > 10 * low, 1);
	CHECK(put_number("watermark_scale_factor", factor), 0);
	CHECK(zoneinfo("\n        low "), low);
	CHECK(zoneinfo("\n        high "), high);
}

static void test_drop_caches(void)
{
	long long before;

	for (int i = 0; i < 8; i++)
		try_fork();
	before = meminfo("MemFree:");
	CHECK(put("drop_caches", "0"), EINVAL);
	CHECK(put("drop_caches", "5"), EINVAL);
	CHECK(put("drop_caches", "3"), 0);
	CHECK(meminfo("MemFree:") >= before, 1);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_numbers();
	test_overcommit();
	test_map_count();
	test_min_addr();
	test_min_free();
	test_watermark_scale();
	test_drop_caches();
	printf("sysctl: %d checks, %d wrong\n", nr_checks, nr_wrong);
	reboot(RB_POWER_OFF);
	return 0;
}
