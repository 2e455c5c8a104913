/*
 * cpio "newc" archives. An entry is
 *
 *   6 digits of magic, 13 fields of 8 hexadecimal digits, name with NUL, padding, contents, padding
 *
 * where padding goes to the next multiple of 4 from the start of the archive. An entry named
 * TRAILER!!! ends an archive. Another one may follow it after zeroes, as in initrds that begin with
 * processor microcode.
 */
#include "fs/cpio.h"
#include "lib/string.h"
#include <asm/errno.h>
#include <linux/stat.h>

#define HEADER_LEN    110
#define MAX_NAME      4096 /* PATH_MAX, with the NUL */
#define MAX_COMPONENT 255
#define AT_TRAILER    2

enum {
	F_INO,
	F_MODE,
	F_UID,
	F_GID,
	F_NLINK,
	F_MTIME,
	F_SIZE,
	F_DEV_MAJOR,
	F_DEV_MINOR,
	F_RDEV_MAJOR,
	F_RDEV_MINOR,
	F_NAME_LEN,
	F_SUM,
	NR_FIELDS,
};
static_assert(6 + NR_FIELDS * 8 == HEADER_LEN, "newc header");

__init void cpio_start(struct cpio_iter *iter, const void *data, size_t size)
{
	*iter = (struct cpio_iter){.data = data, .size = size};
}

static __init int fail(struct cpio_iter *iter, size_t offset, const char *error)
{
	iter->error = error;
	iter->error_offset = offset;
	return -EINVAL;
}

static __init int hex_digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static __init int parse_fields(struct cpio_iter *iter, const u8 *text, u32 fields[NR_FIELDS])
{
	for (unsigned i = 0; i < NR_FIELDS; i++) {
		fields[i] = 0;
		for (unsigned j = 0; j < 8; j++, text++) {
			int digit = hex_digit(*text);

			if (digit < 0)
				return fail(iter, text - iter->data,
					    "a header field is not hexadecimal");
			fields[i] = fields[i] << 4 | digit;
		}
	}
	return 0;
}

static __init bool is_newc(const u8 *p, size_t left)
{
	return left >= 6 && !memcmp(p, "07070", 5) && (p[5] == '1' || p[5] == '2');
}

/* What the first bytes are instead of a newc header, or NULL. */
static __init const char *other_format(const u8 *p, size_t left)
{
	static const struct {
		const char *magic, *error;
		u8 len;
	} others[] = {
		{"\x1f\x8b", "the archive is compressed with gzip: unpack it first", 2},
		{"\xfd\x37zXZ", "the archive is compressed with xz: unpack it first", 5},
		{"\x28\xb5\x2f\xfd", "the archive is compressed with zstd: unpack it first", 4},
		{"BZh", "the archive is compressed with bzip2: unpack it first", 3},
		{"070707", "the archive has cpio's old format: make it with cpio -H newc", 6},
		{"\xc7\x71", "the archive has cpio's binary format: make it with cpio -H newc", 2},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(others); i++) {
		if (left >= others[i].len && !memcmp(p, others[i].magic, others[i].len))
			return others[i].error;
	}
	return NULL;
}

static __init const char *wrong_magic(const u8 *p, size_t left)
{
	const char *other = other_format(p, left);

	if (other)
		return other;
	return left < 6 ? "the archive ends without TRAILER!!!" : "not a cpio header";
}

/* The padded end of [pos, pos + len), or 0 where that is not inside the archive. */
static __init size_t padded_end(const struct cpio_iter *iter, size_t pos, size_t len)
{
	size_t end;

	if (len > iter->size - pos)
		return 0;
	end = ALIGN_UP(pos + len, 4);
	/* The padding of the very last entry may be missing. */
	return end < pos || end > iter->size ? iter->size : end;
}

/* => the name without leading "/" and "./", or NULL where it is not to be used. */
static __init const char *usable_name(const char *name)
{
	const char *p, *end;

	while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
		name += name[0] == '/' ? 1 : 2;
	if (!strcmp(name, "."))
		name++;
	for (p = name; *p; p = *end ? end + 1 : end) {
		end = strchr(p, '/');
		if (!end)
			end = p + strlen(p);
		if (end - p > MAX_COMPONENT || (end - p == 2 && p[0] == '.' && p[1] == '.'))
			return NULL;
	}
	return name;
}

static __init u32 byte_sum(const u8 *p, u32 len)
{
	u32 sum = 0;

	while (len--)
		sum += *p++;
	return sum;
}

/* => as cpio_next, but AT_TRAILER with iter->pos behind the trailer. */
static __init int read_entry(struct cpio_iter *iter, struct cpio_entry *entry)
{
	size_t start = iter->pos, data, end;
	const u8 *header = iter->data + start;
	const char *raw_name, *name;
	u32 fields[NR_FIELDS], name_len;

	if (!is_newc(header, iter->size - start))
		return fail(iter, start, wrong_magic(header, iter->size - start));
	if (iter->size - start < HEADER_LEN)
		return fail(iter, start, "the archive ends inside a header");
	raw_name = (const char *)header + HEADER_LEN;
	if (parse_fields(iter, header + 6, fields))
		return -EINVAL;
	name_len = fields[F_NAME_LEN];
	if (name_len < 1 || name_len > MAX_NAME)
		return fail(iter, start, "a name has a wrong length");
	data = padded_end(iter, start + HEADER_LEN, name_len);
	if (!data)
		return fail(iter, start, "the archive ends inside a name");
	if (strnlen(raw_name, name_len) != name_len - 1)
		return fail(iter, start + HEADER_LEN, "a name does not end where its length says");
	if (!strcmp(raw_name, "TRAILER!!!")) {
		iter->pos = data;
		iter->nr_ended++;
		return AT_TRAILER;
	}
	end = padded_end(iter, data, fields[F_SIZE]);
	if (!end)
		return fail(iter, start, "the archive ends inside a file");
	name = usable_name(raw_name);
	if (!name)
		return fail(iter, start + HEADER_LEN, "a name leaves the root or is too long");
	/* Only regular files have a sum; a hard link without contents may carry that of its other name. */
	if (header[5] == '2' && S_ISREG(fields[F_MODE]) && fields[F_SIZE] &&
	    byte_sum(iter->data + data, fields[F_SIZE]) != fields[F_SUM])
		return fail(iter, data, "the check sum of a file is wrong");
	*entry = (struct cpio_entry){
		.name = name,
		.data = iter->data + data,
		.size = fields[F_SIZE],
		.ino = fields[F_INO],
		.mode = fields[F_MODE],
		.uid = fields[F_UID],
		.gid = fields[F_GID],
		.nlink = fields[F_NLINK],
		.mtime = fields[F_MTIME],
		.dev_major = fields[F_DEV_MAJOR],
		.dev_minor = fields[F_DEV_MINOR],
		.rdev_major = fields[F_RDEV_MAJOR],
		.rdev_minor = fields[F_RDEV_MINOR],
	};
	iter->pos = end;
	return 1;
}

__init int cpio_next(struct cpio_iter *iter, struct cpio_entry *entry)
{
	const char *other;
	size_t left;
	int ret;

	if (iter->ended)
		return 0;
	while ((ret = read_entry(iter, entry)) == AT_TRAILER) {
		while (iter->pos < iter->size && !iter->data[iter->pos])
			iter->pos++;
		left = iter->size - iter->pos;
		if (is_newc(iter->data + iter->pos, left) && iter->pos % 4 == 0)
			continue;
		other = other_format(iter->data + iter->pos, left);
		if (other)
			return fail(iter, iter->pos, other);
		iter->ended = true;
		return 0;
	}
	return ret;
}
