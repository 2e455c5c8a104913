#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "tests/host/fake_ram.h"
#include "mm/phys/bootmem.h"
#include "tests/host/check.h"
#include <sys/mman.h>
#include <unistd.h>

struct memmap fake_memmap;
int fake_ram_fd = -1;

static void add_range(u32 start, u32 end, enum mem_type type)
{
	fake_memmap.r[fake_memmap.nr++] = (struct memmap_range){{start}, {end}, type};
}

static u32 frames(u32 mb)
{
	return mb << (20 - PAGE_SHIFT);
}

void fake_ram_map(u32 mb, u32 hole_mb)
{
	u32 len = MIN(mb, FAKE_RAM_MAX_MB) << 20;
	void *at = (void *)KERNEL_BASE;

	if (fake_ram_fd < 0)
		fake_ram_fd = memfd_create("ram", 0);
	/* Cut to nothing it forgets what it held; there is only memory behind what is touched. */
	CHECK(!ftruncate(fake_ram_fd, 0) && !ftruncate(fake_ram_fd, 1ll << 32));
	munmap(at, FAKE_RAM_MAX_MB << 20);
	if (mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
		 fake_ram_fd, 0) != at)
		FAIL("no fake RAM at %p", at);
	if (mb <= 64)
		memset(at, 0x5A, len);

	memset(&fake_memmap, 0, sizeof(fake_memmap));
	add_range(0, 0x9F, MEM_USABLE);
	add_range(0x9F, 0x100, MEM_RESERVED);
	if (hole_mb) {
		add_range(frames(1), frames(hole_mb), MEM_USABLE);
		add_range(frames(hole_mb + 1), frames(mb), MEM_USABLE);
	} else {
		add_range(frames(1), frames(mb), MEM_USABLE);
	}
	fake_memmap.firmware_usable = (u64)memmap_usable_pages(&fake_memmap) * PAGE_SIZE;
	CHECK_OK(memmap_check(&fake_memmap));

	memset(zones, 0, sizeof(zones));
	memset(pageblock_hot, 0, sizeof(pageblock_hot));
	zones[ZONE_DMA].name = "DMA";
	zones[ZONE_NORMAL].name = "Normal";
	zones[ZONE_HIGHMEM].name = "HighMem";
	bootmem_init(&fake_memmap);
	bootmem_reserve(1 << 20, (1 << 20) + 300000, BOOTMEM_KERNEL);
	if (mb > FAKE_RAM_MAX_MB)
		bootmem_reserve(len, LOWMEM_MAX, BOOTMEM_OTHER);
}

void fake_ram_boot(u32 mb)
{
	fake_ram_map(mb, 0);
	zones_init(&fake_memmap);
}
