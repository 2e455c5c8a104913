/* Any bytes as what a loader left in memory: the first byte says which protocol, the rest is memory from 0x1000 on. */
#include "tests/fuzz/fuzz.h"
#include "boot/multiboot.h"

#define BASE 0x1000u

static const u8 *ram;
static u32 ram_size;
static void *last;
static u64 bytes_mapped;

/* An exact copy, gone at the next call. */
static const void *map(paddr_t addr, u32 len)
{
	REQUIRE((u64)addr + len <= 1ull << 32);
	if (addr < BASE || addr - BASE > ram_size || len > ram_size - (addr - BASE))
		return NULL;
	free(last);
	last = malloc(len ? len : 1);
	memcpy(last, ram + (addr - BASE), len);
	bytes_mapped += len;
	return last;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const struct phys_view view = {.map = map};
	static struct boot_info info;
	const char *error;
	int err;

	if (!size)
		return 0;
	ram = data + 1;
	ram_size = size - 1;
	bytes_mapped = 0;
	err = multiboot_parse(data[0] & 1 ? MULTIBOOT1_LOADER_MAGIC : MULTIBOOT2_LOADER_MAGIC, BASE,
			      &view, &info, &error);
	REQUIRE(!err == !error);
	REQUIRE(info.nr_ranges <= BOOT_MAX_RANGES && info.nr_modules <= BOOT_MAX_MODULES);
	REQUIRE(strnlen(info.cmdline, BOOT_CMDLINE_SIZE) < BOOT_CMDLINE_SIZE);
	REQUIRE(strnlen(info.loader, BOOT_LOADER_SIZE) < BOOT_LOADER_SIZE);
	REQUIRE(info.rsdp_len <= BOOT_RSDP_SIZE);
	for (unsigned i = 0; i < info.nr_modules; i++) {
		const struct boot_module *module = &info.modules[i];

		REQUIRE(module->start <= module->end);
		REQUIRE(strnlen(module->cmdline, sizeof(module->cmdline)) <
			sizeof(module->cmdline));
	}
	/* Bounded work, whatever the counts say. */
	REQUIRE(bytes_mapped < 1 << 20);
	return 0;
}
