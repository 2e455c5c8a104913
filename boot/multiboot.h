/*
 * Multiboot 1 (specification 0.6.96) and Multiboot 2 (2.0): the boot information becomes a struct
 * boot_info. The structures as the loader lays them out stand here for the header in the image, too.
 */
#pragma once

#include "lib/compiler.h"
#include "mm/phys/boot_info.h"

#define MULTIBOOT1_LOADER_MAGIC 0x2badb002u /* 0.6.96, 3.2: in EAX at entry */
#define MULTIBOOT2_LOADER_MAGIC 0x36d76289u /* 2.0, 3.3 */

/*
 * How the parser reads physical memory. map() makes [addr, addr + len) readable until it is called
 * again, or returns NULL where it cannot; addr + len never exceeds 4 GiB.
 */
struct phys_view {
	const void *(*map)(paddr_t addr, u32 len);
};

/*
 * Copies what the loader left at physical address `info` into *out.
 * => 0; or a negative errno with *error saying what is wrong: -EINVAL for a wrong magic or a
 *    malformed structure, -E2BIG for a memory map with more than BOOT_MAX_RANGES lines.
 *    *out then holds what had been read (never more than its arrays hold).
 */
int __must_check multiboot_parse(u32 magic, paddr_t info, const struct phys_view *view,
				 struct boot_info *out, const char **error);
