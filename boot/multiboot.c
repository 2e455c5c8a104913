/*
 * Multiboot information, checked while it is copied. Whatever the loader wrote is taken for a claim: every
 * length is bounded, every step goes forward, every sum is checked for wrapping.
 */
#include "boot/multiboot.h"
#include "lib/string.h"
#include <asm/errno.h>

/* 0.6.96, 3.3: flags of what is valid. */
#define MB1_MEMORY     (1u << 0)
#define MB1_CMDLINE    (1u << 2)
#define MB1_MODULES    (1u << 3)
#define MB1_MEMORY_MAP (1u << 6)
#define MB1_LOADER     (1u << 9)

struct mb1_info {
	u32 flags;
	u32 mem_lower, mem_upper;
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 syms[4];
	u32 mmap_length, mmap_addr;
	u32 drives_length, drives_addr;
	u32 config_table;
	u32 boot_loader_name;
} __packed;
static_assert(sizeof(struct mb1_info) == 68, "multiboot 0.6.96, 3.3");

struct mb1_module {
	u32 start, end;
	u32 string;
	u32 reserved;
} __packed;
static_assert(sizeof(struct mb1_module) == 16, "multiboot 0.6.96, 3.3");

/* `size` counts what follows it. */
struct mb1_range {
	u32 size;
	u64 base, len;
	u32 type;
} __packed;
static_assert(sizeof(struct mb1_range) == 24, "multiboot 0.6.96, 3.3");

/* 2.0, 3.4: the whole is a total size and tags, each padded to 8 bytes. */
enum {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_LOADER = 2,
	MB2_MODULE = 3,
	MB2_MEMORY = 4,
	MB2_MEMORY_MAP = 6,
	MB2_ACPI_OLD = 14,
	MB2_ACPI_NEW = 15,
};

struct mb2_tag {
	u32 type;
	u32 size; /* with this header, without padding */
} __packed;

struct mb2_range {
	u64 base, len;
	u32 type;
	u32 zero;
} __packed;
static_assert(sizeof(struct mb2_range) == 24, "multiboot 2.0, 3.6.8");

/* More than any loader writes; a wild total size is not followed further. */
#define MB2_MAX_SIZE (1u << 20)

struct parser {
	const struct phys_view *view;
	struct boot_info *out;
	const char *error;
};

static __init int fail(struct parser *p, int err, const char *error)
{
	p->error = error;
	return err;
}

static __init const void *map(struct parser *p, paddr_t addr, u32 len)
{
	if (addr + len < addr)
		return NULL;
	return p->view->map(addr, len);
}

/* A copy: what map() returned may go away at the next map(), and need not be aligned. */
static __init bool read(struct parser *p, paddr_t addr, void *to, u32 len)
{
	const void *from = map(p, addr, len);

	if (from)
		memcpy(to, from, len);
	return from;
}

/*
 * A string at a physical address, read page by page, because what follows its last page may not be
 * readable. Cut to size. => false where it cannot be read; *cut says that it was longer.
 */
static __init bool read_string(struct parser *p, paddr_t addr, char *to, u32 size, bool *cut)
{
	u32 len = 0;

	*cut = false;
	while (len < size) {
		u32 part = MIN(size - len, PAGE_SIZE - addr % PAGE_SIZE);
		const char *from = part > ~addr ? NULL : map(p, addr, part);
		u32 used;

		if (!from)
			break;
		used = strnlen(from, part);
		memcpy(to + len, from, used);
		len += used;
		addr += used;
		if (used < part) {
			to[len] = '\0';
			return true;
		}
	}
	*cut = len == size;
	to[*cut ? size - 1 : len] = '\0';
	return *cut;
}

/* A string inside a tag, which must hold its NUL. */
static __init bool tag_string(const void *text, u32 len, char *to, u32 size, bool *cut)
{
	u32 used = strnlen(text, len);

	if (used == len)
		return false;
	*cut = used >= size;
	used = MIN(used, size - 1);
	memcpy(to, text, used);
	to[used] = '\0';
	return true;
}

static __init int add_range(struct parser *p, u64 base, u64 len, u32 type)
{
	struct boot_info *out = p->out;

	if (!len)
		return 0;
	if (out->nr_ranges == BOOT_MAX_RANGES)
		return fail(p, -E2BIG, "the memory map has more lines than fit");
	out->ranges[out->nr_ranges++] = (struct firmware_range){base, len, type};
	return 0;
}

/* => where its command line goes, NULL with *err == 0 where there is no room for another module. */
static __init struct boot_module *add_module(struct parser *p, paddr_t start, paddr_t end, int *err)
{
	struct boot_info *out = p->out;
	struct boot_module *module;

	*err = 0;
	if (end < start) {
		*err = fail(p, -EINVAL, "a module ends before it starts");
		return NULL;
	}
	for (unsigned i = 0; i < out->nr_modules; i++) {
		if (start < out->modules[i].end && end > out->modules[i].start) {
			*err = fail(p, -EINVAL, "two modules lie in the same memory");
			return NULL;
		}
	}
	if (out->nr_modules == BOOT_MAX_MODULES) {
		out->modules_dropped++;
		return NULL;
	}
	module = &out->modules[out->nr_modules++];
	*module = (struct boot_module){.start = start, .end = end};
	return module;
}

/*
 * Multiboot 1 does not say whether the command line begins with the kernel's file name. GRUB 2 and
 * Limine leave it out; QEMU (loader name "qemu"), GRUB 0.97 and iPXE put it in.
 */
static __init void strip_kernel_name(struct boot_info *out)
{
	const char *rest = out->cmdline;

	if (!strncmp(out->loader, "GRUB 2", 6) || !strncmp(out->loader, "Limine", 6))
		return;
	while (*rest == ' ')
		rest++;
	while (*rest && *rest != ' ')
		rest++;
	while (*rest == ' ')
		rest++;
	memmove(out->cmdline, rest, strlen(rest) + 1);
}

static __init int parse_mb1_modules(struct parser *p, u32 count, paddr_t addr)
{
	for (u32 i = 0; i < count; i++, addr += sizeof(struct mb1_module)) {
		struct mb1_module raw;
		struct boot_module *module;
		bool cut;
		int err;

		if (!read(p, addr, &raw, sizeof(raw)))
			return fail(p, -EINVAL, "the module list cannot be read");
		module = add_module(p, raw.start, raw.end, &err);
		if (err)
			return err;
		if (!module) {
			p->out->modules_dropped = count - BOOT_MAX_MODULES;
			return 0;
		}
		if (raw.string &&
		    !read_string(p, raw.string, module->cmdline, BOOT_MODULE_CMDLINE_SIZE, &cut))
			return fail(p, -EINVAL, "a module's command line cannot be read");
	}
	return 0;
}

static __init int parse_mb1_map(struct parser *p, u32 length, paddr_t addr)
{
	u32 left = length;

	while (left) {
		struct mb1_range raw;
		u32 step;
		int err;

		if (left < sizeof(raw))
			return fail(p, -EINVAL, "the memory map ends inside a line");
		if (!read(p, addr, &raw, sizeof(raw)))
			return fail(p, -EINVAL, "the memory map cannot be read");
		if (raw.size < sizeof(raw) - sizeof(raw.size) || raw.size > left - sizeof(raw.size))
			return fail(p, -EINVAL, "a line of the memory map has a wrong size");
		err = add_range(p, raw.base, raw.len, raw.type);
		if (err)
			return err;
		step = raw.size + sizeof(raw.size);
		left -= step;
		if (left && addr + step < addr)
			return fail(p, -EINVAL, "the memory map wraps around");
		addr += step;
	}
	return 0;
}

static __init int parse_mb1(struct parser *p, paddr_t addr)
{
	struct boot_info *out = p->out;
	struct mb1_info info;
	bool cut;
	int err;

	out->protocol = BOOT_MULTIBOOT1;
	if (!read(p, addr, &info, sizeof(info)))
		return fail(p, -EINVAL, "the multiboot information cannot be read");
	if ((info.flags & MB1_LOADER) &&
	    !read_string(p, info.boot_loader_name, out->loader, BOOT_LOADER_SIZE, &cut))
		return fail(p, -EINVAL, "the loader's name cannot be read");
	if (info.flags & MB1_CMDLINE) {
		if (!read_string(p, info.cmdline, out->cmdline, BOOT_CMDLINE_SIZE,
				 &out->cmdline_cut))
			return fail(p, -EINVAL, "the command line cannot be read");
		strip_kernel_name(out);
	}
	if (info.flags & MB1_MEMORY) {
		out->mem_lower_kib = info.mem_lower;
		out->mem_upper_kib = info.mem_upper;
	}
	if (info.flags & MB1_MEMORY_MAP) {
		err = parse_mb1_map(p, info.mmap_length, info.mmap_addr);
		if (err)
			return err;
	}
	if (info.flags & MB1_MODULES)
		return parse_mb1_modules(p, info.mods_count, info.mods_addr);
	return 0;
}

static __init int parse_mb2_map(struct parser *p, const u8 *body, u32 len)
{
	u32 entry_size;

	if (len < 8)
		return fail(p, -EINVAL, "the memory map's tag is too short");
	memcpy(&entry_size, body, sizeof(entry_size));
	if (entry_size < sizeof(struct mb2_range) || entry_size % 8)
		return fail(p, -EINVAL, "a line of the memory map has a wrong size");
	body += 8; /* entry_size, entry_version */
	len -= 8;
	for (; len >= entry_size; len -= entry_size, body += entry_size) {
		struct mb2_range raw;
		int err;

		memcpy(&raw, body, sizeof(raw));
		err = add_range(p, raw.base, raw.len, raw.type);
		if (err)
			return err;
	}
	return len ? fail(p, -EINVAL, "the memory map ends inside a line") : 0;
}

static __init int parse_mb2_module(struct parser *p, const u8 *body, u32 len)
{
	struct boot_module *module;
	u32 range[2];
	bool cut;
	int err;

	if (len < sizeof(range))
		return fail(p, -EINVAL, "a module's tag is too short");
	memcpy(range, body, sizeof(range));
	module = add_module(p, range[0], range[1], &err);
	if (module && !tag_string(body + sizeof(range), len - sizeof(range), module->cmdline,
				  BOOT_MODULE_CMDLINE_SIZE, &cut))
		return fail(p, -EINVAL, "a module's command line does not end");
	return err;
}

static __init int parse_mb2_tag(struct parser *p, u32 type, const u8 *body, u32 len)
{
	struct boot_info *out = p->out;
	bool cut;

	switch (type) {
	case MB2_CMDLINE:
		if (!tag_string(body, len, out->cmdline, BOOT_CMDLINE_SIZE, &out->cmdline_cut))
			return fail(p, -EINVAL, "the command line does not end");
		return 0;
	case MB2_LOADER:
		if (!tag_string(body, len, out->loader, BOOT_LOADER_SIZE, &cut))
			return fail(p, -EINVAL, "the loader's name does not end");
		return 0;
	case MB2_MODULE:
		return parse_mb2_module(p, body, len);
	case MB2_MEMORY:
		if (len < 8)
			return fail(p, -EINVAL, "the tag of the memory sizes is too short");
		memcpy(&out->mem_lower_kib, body, 4);
		memcpy(&out->mem_upper_kib, body + 4, 4);
		return 0;
	case MB2_MEMORY_MAP:
		return parse_mb2_map(p, body, len);
	case MB2_ACPI_OLD:
	case MB2_ACPI_NEW:
		/* The larger of the two, in whichever order they come. */
		if (len > out->rsdp_len) {
			out->rsdp_len = MIN(len, (u32)BOOT_RSDP_SIZE);
			memcpy(out->rsdp, body, out->rsdp_len);
		}
		return 0;
	}
	return 0;
}

static __init int parse_mb2(struct parser *p, paddr_t addr)
{
	const u8 *info;
	u32 size, pos;

	p->out->protocol = BOOT_MULTIBOOT2;
	if (addr % 8)
		return fail(p, -EINVAL, "the multiboot information is not aligned");
	if (!read(p, addr, &size, sizeof(size)))
		return fail(p, -EINVAL, "the multiboot information cannot be read");
	if (size < 8 || size > MB2_MAX_SIZE)
		return fail(p, -EINVAL, "the multiboot information has a wrong size");
	info = map(p, addr, size);
	if (!info)
		return fail(p, -EINVAL, "the multiboot information cannot be read");
	/* pos <= size <= 1 MiB throughout, so that rounding up cannot wrap. */
	for (pos = 8; size - pos >= sizeof(struct mb2_tag);) {
		struct mb2_tag tag;
		int err;

		memcpy(&tag, info + pos, sizeof(tag));
		if (tag.size < sizeof(tag) || tag.size > size - pos)
			return fail(p, -EINVAL, "a multiboot tag has a wrong size");
		if (tag.type == MB2_END)
			return 0;
		err = parse_mb2_tag(p, tag.type, info + pos + sizeof(tag), tag.size - sizeof(tag));
		if (err)
			return err;
		pos = MIN(ALIGN_UP(pos + tag.size, 8), size);
	}
	return fail(p, -EINVAL, "the multiboot information has no end tag");
}

__init int multiboot_parse(u32 magic, paddr_t info, const struct phys_view *view,
			   struct boot_info *out, const char **error)
{
	struct parser p = {.view = view, .out = out};
	int err;

	memset(out, 0, sizeof(*out));
	if (magic == MULTIBOOT1_LOADER_MAGIC)
		err = parse_mb1(&p, info);
	else if (magic == MULTIBOOT2_LOADER_MAGIC)
		err = parse_mb2(&p, info);
	else
		err = fail(&p, -EINVAL, "not started by a multiboot loader (wrong magic number)");
	*error = p.error;
	return err;
}
