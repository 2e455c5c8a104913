/* kernel/process/elf.c: this very program, which Linux has loaded, and files that are wrong in one thing. */
#include "tests/host/check.h"
#include "kernel/process/elf.h"
#include <errno.h>
#include <unistd.h>
#include <linux/auxvec.h>
#include <linux/mman.h>

/* <sys/auxv.h> brings an <elf.h> whose names are those of <linux/elf.h>. */
unsigned long getauxval(unsigned long type);

#define MAX_PHDRS 24

struct image {
	Elf32_Ehdr header;
	Elf32_Phdr phdrs[MAX_PHDRS];
};

static struct image image;
static u64 file_size;
static struct elf_plan plan;
static const char *why;

static Elf32_Phdr *add(u32 type, u32 flags, u32 vaddr, u32 offset, u32 filesz, u32 memsz)
{
	Elf32_Phdr *ph = &image.phdrs[image.header.e_phnum++];

	*ph = (Elf32_Phdr){.p_type = type,
			   .p_flags = flags,
			   .p_vaddr = vaddr,
			   .p_offset = offset,
			   .p_filesz = filesz,
			   .p_memsz = memsz,
			   .p_align = 0x1000};
	return ph;
}

/* Text at 0x8048000, data and bss behind it, as ld lays them out. */
static void start(void)
{
	memset(&image, 0, sizeof(image));
	memcpy(image.header.e_ident, "\177ELF\1\1\1", 7);
	image.header.e_type = ET_EXEC;
	image.header.e_machine = EM_386;
	image.header.e_version = 1;
	image.header.e_entry = 0x8048100;
	image.header.e_phoff = offsetof(struct image, phdrs);
	image.header.e_ehsize = sizeof(Elf32_Ehdr);
	image.header.e_phentsize = sizeof(Elf32_Phdr);
	file_size = 0x3000;
	add(PT_LOAD, PF_R | PF_X, 0x8048000, 0, 0x1234, 0x1234);
	add(PT_LOAD, PF_R | PF_W, 0x804a234, 0x1234, 0x100, 0x2000);
}

static int make(void)
{
	u32 offset, size;
	int err;

	why = NULL;
	err = elf_check_header(&image, sizeof(image), file_size, &offset, &size, &why);
	if (!err) {
		CHECK_EQ(offset, image.header.e_phoff);
		CHECK_EQ(size, image.header.e_phnum * sizeof(Elf32_Phdr));
		err = elf_make_plan(&image.header, image.phdrs, file_size, &plan, &why);
	}
	CHECK_EQ(err != 0, why != NULL);
	return err;
}

TEST(a_usual_program)
{
	start();
	add(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0);
	CHECK_EQ(make(), 0);
	CHECK(!plan.dyn && plan.entry == 0x8048100);
	CHECK_EQ(plan.nr_segments, 2);
	CHECK_EQ(plan.segments[0].prot, PROT_READ | PROT_EXEC);
	CHECK_EQ(plan.segments[1].prot, PROT_READ | PROT_WRITE);
	CHECK_EQ(plan.segments[1].vaddr, 0x804a234);
	CHECK_EQ(plan.segments[1].memsz, 0x2000);
	CHECK_EQ(plan.start, 0x8048000);
	CHECK_EQ(plan.end, 0x804d000);
	CHECK_EQ(plan.brk, plan.end);
	CHECK_EQ(plan.phdr, 0x8048000 + offsetof(struct image, phdrs));
	CHECK_EQ(plan.stack, ELF_STACK_NX);
	CHECK_EQ(plan.interp_len, 0);
	CHECK(plan.start_code == 0x8048000 && plan.end_code == 0x8049234);
	CHECK(plan.start_data == 0x804a234 && plan.end_data == 0x804a334);
}

TEST(stack_flags)
{
	start();
	CHECK_EQ(make(), 0);
	CHECK_EQ(plan.stack, ELF_STACK_DEFAULT);
	add(PT_GNU_STACK, PF_R | PF_W | PF_X, 0, 0, 0, 0);
	CHECK_EQ(make(), 0);
	CHECK_EQ(plan.stack, ELF_STACK_EXEC);
}

/* Each line makes one thing wrong. */
#define WRONG(err, text, change)                                                   \
	do {                                                                       \
		Elf32_Ehdr *header = &image.header;                                \
		Elf32_Phdr *text_ph = &image.phdrs[0], *data_ph = &image.phdrs[1]; \
		start();                                                           \
		(void)header, (void)text_ph, (void)data_ph;                        \
		change;                                                            \
		CHECK_EQ(make(), err);                                             \
		if (!strstr(why, text))                                            \
			FAIL("%s: \"%s\"", #change, why);                          \
	} while (0)

TEST(headers_that_are_not_ours)
{
	WRONG(-ENOEXEC, "not an ELF", header->e_ident[0] = 0);
	WRONG(-ENOEXEC, "not for the i386", header->e_ident[EI_CLASS] = ELFCLASS64);
	WRONG(-ENOEXEC, "not for the i386", header->e_ident[EI_DATA] = ELFDATA2MSB);
	WRONG(-ENOEXEC, "not for the i386", header->e_machine = EM_X86_64);
	WRONG(-ENOEXEC, "not a program", header->e_type = ET_REL);
	WRONG(-ENOEXEC, "not a program", header->e_type = ET_CORE);
	WRONG(-ENOEXEC, "wrong size", header->e_phentsize = 56);
	WRONG(-ENOEXEC, "no program headers", header->e_phnum = 0);
	WRONG(-ENOEXEC, "too many", header->e_phnum = ELF_MAX_PHNUM + 1);
	WRONG(-ENOEXEC, "beyond the end", header->e_phoff = file_size - 63);
	WRONG(-ENOEXEC, "beyond the end", header->e_phoff = 0xffffffe0);
	start();
	CHECK_EQ(elf_check_header(&image, sizeof(Elf32_Ehdr) - 1, file_size, &(u32){0}, &(u32){0},
				  &why),
		 -ENOEXEC);
}

TEST(segments_that_cannot_be)
{
	WRONG(-EINVAL, "more bytes in the file", data_ph->p_memsz = 0xff);
	WRONG(-EINVAL, "do not fit together", data_ph->p_offset++);
	WRONG(-EINVAL, "kernel's", data_ph->p_memsz = 0xc0000000 - data_ph->p_vaddr + 1);
	WRONG(-EINVAL, "kernel's", data_ph->p_memsz = 0xffffffff);
	WRONG(-EINVAL, "kernel's", data_ph->p_vaddr = 0xffffe234);
	WRONG(-EINVAL, "lowest 64 KiB", text_ph->p_vaddr = 0xf000);
	WRONG(-EINVAL, "lowest 64 KiB", text_ph->p_vaddr = 0);
	WRONG(-ENOEXEC, "beyond the end", file_size = 0x1333);
	WRONG(-ENOEXEC, "beyond the end", data_ph->p_offset = 0xfffff234);
	WRONG(-EINVAL, "ascend", data_ph->p_vaddr = 0x8040234);
	WRONG(-EINVAL, "ascend", text_ph->p_memsz = 0x2235);
	WRONG(-EINVAL, "share a page", data_ph->p_vaddr = 0x8049234; text_ph->p_memsz = 0x1230;
	      text_ph->p_filesz = 0x1000);
	WRONG(-EINVAL, "share a page", data_ph->p_vaddr = 0x8049234; data_ph->p_offset = 0x234);
	WRONG(-EINVAL, "without memory", data_ph->p_memsz = 0);
	WRONG(-EINVAL, "kernel's", header->e_entry = 0xc0000000);
	WRONG(-ENOEXEC, "nothing to load", text_ph->p_type = data_ph->p_type = PT_NULL);
	WRONG(-ENOEXEC, "too many segments", header->e_phnum = 0;
	      for (int i = 0; i <= ELF_MAX_SEGMENTS; i++)
		      add(PT_LOAD, PF_R, 0x10000 + i * 0x1000, 0, 1, 1));
}

TEST(segments_at_the_limits)
{
	start();
	image.phdrs[1].p_memsz = 0xc0000000 - image.phdrs[1].p_vaddr;
	CHECK_EQ(make(), 0);
	CHECK_EQ(plan.end, 0xc0000000);
	start();
	image.phdrs[0].p_vaddr = 0x10000;
	CHECK_EQ(make(), 0);
	start();
	file_size = 0x1334;
	CHECK_EQ(make(), 0);
	/* One page of the file at one place, by two segments. */
	start();
	image.phdrs[1].p_vaddr = 0x8049234;
	CHECK_EQ(make(), 0);
	/* Only zeroes: nothing of the file is needed. */
	start();
	image.phdrs[1].p_filesz = 0;
	image.phdrs[1].p_offset = 0x12340234;
	CHECK_EQ(make(), 0);
	/* An empty segment is no segment. */
	start();
	image.phdrs[1].p_filesz = image.phdrs[1].p_memsz = 0;
	CHECK_EQ(make(), 0);
	CHECK_EQ(plan.nr_segments, 1);
	/* Read-only with a bss tail: legal, and the tail must be in the plan. */
	start();
	image.phdrs[1].p_flags = PF_R;
	CHECK_EQ(make(), 0);
	CHECK_EQ(plan.segments[1].prot, PROT_READ);
	CHECK_EQ(plan.segments[1].memsz - plan.segments[1].filesz, 0x1f00);
}

TEST(position_independent_and_interpreter)
{
	start();
	image.header.e_type = ET_DYN;
	image.header.e_entry = 0x100;
	image.phdrs[0].p_vaddr = 0;
	image.phdrs[1].p_vaddr = 0x2234;
	add(PT_INTERP, PF_R, 0x200, 0x200, 19, 19);
	CHECK_EQ(make(), 0);
	CHECK(plan.dyn && plan.start == 0 && plan.end == 0x5000);
	CHECK(plan.interp_offset == 0x200 && plan.interp_len == 19);
	image.phdrs[2].p_filesz = 1;
	CHECK_EQ(make(), -ENOEXEC);
	image.phdrs[2].p_filesz = 4097;
	CHECK_EQ(make(), -ENOEXEC);
	image.phdrs[2].p_filesz = 19;
	image.phdrs[2].p_offset = file_size - 18;
	CHECK_EQ(make(), -EIO); /* what Linux answers where a read comes short */
}

TEST(headers_that_no_segment_holds)
{
	start();
	image.phdrs[0].p_vaddr = 0x8049000;
	image.phdrs[0].p_offset = 0x1000;
	image.phdrs[0].p_filesz = image.phdrs[0].p_memsz = 0x200;
	CHECK_EQ(make(), 0);
	CHECK_EQ(plan.phdr, 0);
}

/* The plan for this program against where Linux put it. */
TEST(this_program_as_linux_loaded_it)
{
	static u8 head[sizeof(struct image)];
	FILE *exe = fopen("/proc/self/exe", "r"), *maps = fopen("/proc/self/maps", "r");
	u32 offset, size, base;
	char line[300], exe_name[200] = "", interp[100] = "";
	unsigned seen = 0;
	size_t len;

	CHECK(exe && maps);
	CHECK(readlink("/proc/self/exe", exe_name, sizeof(exe_name) - 1) > 0);
	len = fread(head, 1, sizeof(head), exe);
	fseek(exe, 0, SEEK_END);
	CHECK_EQ(elf_check_header(head, len, ftell(exe), &offset, &size, &why), 0);
	CHECK(offset + size <= len);
	CHECK_EQ(elf_make_plan((void *)head, (void *)(head + offset), ftell(exe), &plan, &why), 0);
	base = getauxval(AT_PHDR) - plan.phdr;
	CHECK(base % PAGE_SIZE == 0 && plan.dyn == (base != 0));
	CHECK_EQ(getauxval(AT_ENTRY), base + plan.entry);
	CHECK_EQ(getauxval(AT_PHNUM), plan.phnum);
	fseek(exe, plan.interp_offset, SEEK_SET);
	CHECK_EQ(fread(interp, 1, plan.interp_len, exe), plan.interp_len);
	CHECK(strstr(interp, "ld-linux.so.2"));
	/* Every file line of ours in maps lies in the one segment with that protection (or RELRO of it). */
	while (fgets(line, sizeof(line), maps)) {
		unsigned start, end, file_offset, nr = 0;
		char prot[5], name[200] = "";

		sscanf(line, "%x-%x %4s %x %*s %*s %199s", &start, &end, prot, &file_offset, name);
		if (strcmp(name, exe_name))
			continue;
		for (unsigned i = 0; i < plan.nr_segments; i++) {
			const struct elf_segment *s = &plan.segments[i];
			u32 from = ALIGN_DOWN(base + s->vaddr, PAGE_SIZE);
			u32 to = ALIGN_UP(base + s->vaddr + s->filesz, PAGE_SIZE);

			if (start < from || end > to)
				continue;
			CHECK_EQ(start - base - file_offset, s->vaddr - s->offset);
			CHECK_EQ(prot[2] == 'x', !!(s->prot & PROT_EXEC));
			CHECK(prot[1] == '-' || (s->prot & PROT_WRITE));
			nr++;
		}
		CHECK_EQ(nr, 1);
		seen++;
	}
	CHECK(seen >= plan.nr_segments);
	fclose(exe);
	fclose(maps);
}

/* Whatever is accepted keeps the promises of the header. */
TEST(random_changes_keep_the_promises)
{
	unsigned accepted = 0;

	for (unsigned round = test_rounds(100000); round; round--) {
		start();
		add(PT_LOAD, PF_R, 0x804d000, 0x2000, 0x800, 0x900);
		add(PT_INTERP, PF_R, 0x8048200, 0x200, 19, 19);
		image.header.e_type = test_rand_below(2) ? ET_EXEC : ET_DYN;
		for (unsigned n = test_rand_below(4); n; n--) {
			u32 *word =
				(u32 *)&image.phdrs[test_rand_below(4)] + 1 + test_rand_below(5);
			u32 values[] = {0,         *word + PAGE_SIZE, *word - PAGE_SIZE,
					*word + 1, test_rand(),       ~0u};

			*word = values[test_rand_below(ARRAY_SIZE(values))];
		}
		if (make())
			continue;
		accepted++;
		CHECK(plan.nr_segments && plan.nr_segments <= ELF_MAX_SEGMENTS);
		CHECK_EQ(plan.start, plan.segments[0].vaddr & PAGE_MASK);
		CHECK(plan.dyn || plan.start >= ELF_MIN_ADDR);
		CHECK(plan.end > plan.start && plan.end <= ELF_MAX_ADDR &&
		      plan.end % PAGE_SIZE == 0);
		for (unsigned i = 0; i < plan.nr_segments; i++) {
			const struct elf_segment *s = &plan.segments[i];

			CHECK(s->memsz && s->filesz <= s->memsz);
			CHECK(s->vaddr >= plan.start && (u64)s->vaddr + s->memsz <= plan.end);
			CHECK(!s->filesz || (u64)s->offset + s->filesz <= file_size);
			CHECK_EQ(s->vaddr % PAGE_SIZE, s->offset % PAGE_SIZE);
			CHECK(!i || s[-1].vaddr + s[-1].memsz <= s->vaddr);
		}
	}
	CHECK(accepted > 100);
}
