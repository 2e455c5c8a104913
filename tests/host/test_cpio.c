/* fs/cpio.c: archives of the cpio program itself, and damaged ones. */
#include "tests/host/check.h"
#include "fs/cpio.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static u8 archive[1 << 16];
static size_t len;

static void put_padding(void)
{
	while (len % 4)
		archive[len++] = 0;
}

static void put(const char *magic, const char *name, u32 mode, const void *data, u32 size, u32 sum)
{
	len += sprintf((char *)archive + len,
		       "%s%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", magic, 1u, mode,
		       2u, 3u, 1u, 4u, size, 5u, 6u, 7u, 8u, (u32)strlen(name) + 1, sum);
	strcpy((char *)archive + len, name);
	len += strlen(name) + 1;
	put_padding();
	memcpy(archive + len, data, size);
	len += size;
	put_padding();
}

static void start(void)
{
	memset(archive, 0, sizeof(archive));
	len = 0;
}

static void file(const char *name, const char *text)
{
	put("070701", name, S_IFREG | 0644, text, strlen(text), 0);
}

static void trailer(void)
{
	put("070701", "TRAILER!!!", 0, "", 0, 0);
}

/* Iterates over a copy of exactly that size, so that AddressSanitizer sees a read behind it. */
static int walk(size_t size, struct cpio_iter *iter)
{
	u8 *copy = malloc(size ? size : 1);
	struct cpio_entry entry;
	unsigned entries = 0;
	int ret;

	memcpy(copy, archive, size);
	cpio_start(iter, copy, size);
	while ((ret = cpio_next(iter, &entry)) == 1) {
		volatile u8 sum = 0;

		for (u32 i = 0; i < entry.size; i++)
			sum += ((const u8 *)entry.data)[i];
		CHECK(strlen(entry.name) < 4096 && entry.name[0] != '/');
		CHECK(++entries <= size / 110);
	}
	if (ret)
		CHECK(iter->error && iter->error_offset <= size);
	free(copy);
	return ret;
}

static void expect_error(const char *text, size_t offset)
{
	struct cpio_iter iter;

	CHECK_EQ(walk(len, &iter), -EINVAL);
	CHECK(strstr(iter.error, text));
	CHECK_EQ(iter.error_offset, offset);
}

TEST(fields_and_contents)
{
	struct cpio_iter iter;
	struct cpio_entry e;

	start();
	put("070701", "dev/console", S_IFCHR | 0600, "", 0, 0);
	file("odd", "12345");
	trailer();
	cpio_start(&iter, archive, len);
	CHECK_EQ(cpio_next(&iter, &e), 1);
	CHECK_STR(e.name, "dev/console");
	CHECK(e.ino == 1 && e.mode == (S_IFCHR | 0600) && e.uid == 2 && e.gid == 3 && e.nlink == 1);
	CHECK(e.mtime == 4 && e.size == 0 && e.dev_major == 5 && e.dev_minor == 6);
	CHECK(e.rdev_major == 7 && e.rdev_minor == 8);
	CHECK_EQ(cpio_next(&iter, &e), 1);
	CHECK_STR(e.name, "odd");
	CHECK(e.size == 5 && !memcmp(e.data, "12345", 5));
	CHECK_EQ(cpio_next(&iter, &e), 0);
	CHECK_EQ(cpio_next(&iter, &e), 0);
}

TEST(names)
{
	static const char *const pairs[][2] = {
		{"/bin/sh", "bin/sh"},
		{"./bin", "bin"},
		{".", ""},
		{"./", ""},
		{"/", ""},
		{"//./x", "x"},
		{"...", "..."},
		{"a..b/..c", "a..b/..c"},
		{".hidden", ".hidden"},
		{"a//b/./c", "a//b/./c"},
	};
	static const char *const bad[] = {"..",  "../x", "a/../b",  "a/..",
					  "/..", "./..", "././../x"};
	struct cpio_iter iter;
	struct cpio_entry e;

	for (unsigned i = 0; i < ARRAY_SIZE(pairs); i++) {
		start();
		file(pairs[i][0], "");
		trailer();
		cpio_start(&iter, archive, len);
		CHECK_EQ(cpio_next(&iter, &e), 1);
		CHECK_STR(e.name, pairs[i][1]);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		start();
		file(bad[i], "");
		trailer();
		expect_error("leaves the root", 110);
	}
	for (unsigned size = 255; size <= 256; size++) {
		char name[300] = "a/";

		memset(name + 2, 'x', size);
		start();
		file(name, "");
		trailer();
		CHECK_EQ(walk(len, &iter), size == 255 ? 0 : -EINVAL);
	}
}

TEST(what_is_wrong_is_said)
{
	start();
	file("a", "text");
	expect_error("without TRAILER", len);
	memcpy(archive + len, "07070", 5);
	len += 5;
	expect_error("without TRAILER", len - 5);
	start();
	memcpy(archive, "\x1f\x8b\x08", 3);
	len = 1000;
	expect_error("gzip", 0);
	memcpy(archive, "\xfd\x37zXZ", 6);
	expect_error("xz", 0);
	memcpy(archive, "\x28\xb5\x2f\xfd", 4);
	expect_error("zstd", 0);
	memcpy(archive, "070707", 6);
	expect_error("old format", 0);
	memcpy(archive, "hello, world", 12);
	expect_error("not a cpio header", 0);
	start();
	expect_error("without TRAILER", 0);

	start();
	file("a", "text");
	trailer();
	archive[6 + 8 * 6 + 3] = 'g';
	expect_error("not hexadecimal", 6 + 8 * 6 + 3);
	memcpy(archive + 6 + 8 * 6, "FFFFFFFF", 8);
	expect_error("ends inside a file", 0);
	memcpy(archive + 6 + 8 * 6, "00000004", 8);
	memcpy(archive + 6 + 8 * 11, "00000000", 8);
	expect_error("wrong length", 0);
	memcpy(archive + 6 + 8 * 11, "00001001", 8);
	expect_error("wrong length", 0);
	memcpy(archive + 6 + 8 * 11, "00001000", 8);
	expect_error("ends inside a name", 0);
	memcpy(archive + 6 + 8 * 11, "00000003", 8);
	expect_error("does not end where", 110);
	memcpy(archive + 6 + 8 * 11, "00000001", 8);
	expect_error("does not end where", 110);
}

TEST(check_sums)
{
	start();
	put("070702", "a", S_IFREG, "abc", 3, 'a' + 'b' + 'c');
	put("070702", "b", S_IFREG, "", 0, 0);
	put("070702", "TRAILER!!!", 0, "", 0, 0);
	CHECK_EQ(walk(len, &(struct cpio_iter){}), 0);
	archive[112]++; /* the contents begin behind 110 bytes and a name of 2 */
	expect_error("check sum", 112);
}

/* As in Debian's initrd: microcode, padding to 512, then the rest, which mostly is compressed. */
TEST(archives_in_a_row)
{
	struct cpio_iter iter;
	struct cpio_entry e;

	start();
	file("first", "1");
	trailer();
	len = ALIGN_UP(len, 512);
	file("second", "2");
	trailer();
	len += 100;
	cpio_start(&iter, archive, len);
	CHECK_EQ(cpio_next(&iter, &e), 1);
	CHECK_STR(e.name, "first");
	CHECK_EQ(iter.nr_ended, 0);
	CHECK_EQ(cpio_next(&iter, &e), 1);
	CHECK_STR(e.name, "second");
	CHECK_EQ(iter.nr_ended, 1);
	CHECK_EQ(cpio_next(&iter, &e), 0);
	CHECK_EQ(cpio_next(&iter, &e), 0);
	start();
	file("first", "1");
	trailer();
	len = ALIGN_UP(len, 512);
	memcpy(archive + len, "\x1f\x8b\x08\0", 4);
	len += 100;
	expect_error("gzip", 512);
	memcpy(archive + 512, "text", 4);
	CHECK_EQ(walk(len, &iter), 0);
}

TEST(truncated_anywhere)
{
	struct cpio_iter iter;

	start();
	file("some/name", "some contents");
	file("b", "x");
	trailer();
	for (size_t size = 0; size < len; size++) {
		/* The padding of the trailer's name may be missing, its text not. */
		CHECK_EQ(walk(size, &iter), size >= len - 3 ? 0 : -EINVAL);
	}
	CHECK_EQ(walk(len, &iter), 0);
}

TEST(random_damage_is_survived)
{
	struct cpio_iter iter;

	for (unsigned round = test_rounds(20000); round; round--) {
		start();
		file("some/name", "some contents");
		put("070702", "b", S_IFREG, "xyz", 3, 'x' + 'y' + 'z');
		trailer();
		for (unsigned n = 1 + test_rand_below(4); n; n--) {
			static const u8 bytes[] = "0127fFG/.\0\xff";

			archive[test_rand_below(len)] = bytes[test_rand_below(sizeof(bytes))];
		}
		walk(len - test_rand_below(3), &iter);
	}
}

/* What the cpio program writes, against the files it was made of. */
TEST(archives_of_the_cpio_program)
{
	static const char *const formats[] = {"newc", "crc"};
	char dir[] = "/tmp/pagoda-cpio-XXXXXX", command[500];

	if (!mkdtemp(dir))
		FAIL("no temporary directory");
	snprintf(command, sizeof(command),
		 "cd %s && mkdir -p t/sub && echo hello > t/hello && : > t/empty && ln t/hello "
		 "t/sub/hard && "
		 "ln -s hello t/sym && chmod 4711 t/empty && head -c 9001 /dev/zero > t/sub/zeroes",
		 dir);
	CHECK_EQ(system(command), 0);
	for (unsigned f = 0; f < ARRAY_SIZE(formats); f++) {
		struct cpio_iter iter;
		struct cpio_entry e;
		unsigned entries = 0, hard = 0;
		FILE *pipe;
		int ret;

		snprintf(command, sizeof(command), "cd %s/t && find . | cpio --quiet -o -H %s", dir,
			 formats[f]);
		pipe = popen(command, "r");
		CHECK(pipe);
		len = fread(archive, 1, sizeof(archive), pipe);
		CHECK_EQ(pclose(pipe), 0);
		cpio_start(&iter, archive, len);
		while ((ret = cpio_next(&iter, &e)) == 1) {
			char path[300], text[10000];
			struct stat st;

			snprintf(path, sizeof(path), "%s/t/%s", dir, e.name);
			CHECK_EQ(lstat(path, &st), 0);
			CHECK_EQ(e.mode, st.st_mode);
			CHECK_EQ(e.uid, st.st_uid);
			CHECK_EQ(e.mtime, st.st_mtime);
			if (S_ISREG(st.st_mode) && (st.st_nlink == 1 || e.size)) {
				FILE *file = fopen(path, "r");

				CHECK_EQ(e.size, st.st_size);
				CHECK_EQ(fread(text, 1, sizeof(text), file), e.size);
				fclose(file);
				CHECK(!memcmp(text, e.data, e.size));
			}
			if (S_ISREG(st.st_mode) && st.st_nlink == 2) {
				CHECK_EQ(e.nlink, 2);
				hard++;
			}
			if (S_ISLNK(st.st_mode))
				CHECK(e.size == 5 && !memcmp(e.data, "hello", 5));
			entries++;
		}
		if (ret)
			FAIL("%s at %zu of %zu", iter.error, iter.error_offset, len);
		CHECK_EQ(entries, 7);
		CHECK_EQ(hard, 2);
	}
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK_EQ(system(command), 0);
}
