/*
 * What the boot loader said, in one form for all loaders and copied out of its memory: nothing here
 * points into memory that is to be given away.
 */
#pragma once

#include "lib/compiler.h"

#define BOOT_CMDLINE_SIZE        2048
#define BOOT_LOADER_SIZE         64
#define BOOT_MAX_RANGES          128 /* the limit of the PC firmware interface on Linux, too */
#define BOOT_MAX_MODULES         8
#define BOOT_MODULE_CMDLINE_SIZE 128
#define BOOT_RSDP_SIZE           36 /* ACPI 2.0 and later; 20 in ACPI 1.0 */

enum boot_protocol {
	BOOT_MULTIBOOT1 = 1,
	BOOT_MULTIBOOT2 = 2,
};

/* One line of the firmware's memory map, as it stands there. */
struct firmware_range {
	u64 base;
	u64 len;
	u32 type;
};

/* A file that the loader put into memory: [start, end). */
struct boot_module {
	paddr_t start;
	paddr_t end;
	char cmdline[BOOT_MODULE_CMDLINE_SIZE];
};

struct boot_info {
	enum boot_protocol protocol;
	char loader[BOOT_LOADER_SIZE];
	char cmdline[BOOT_CMDLINE_SIZE]; /* without the kernel's own file name */
	bool cmdline_cut;                /* it was longer */

	unsigned nr_ranges; /* 0: the loader gave no map, see mem_lower_kib */
	struct firmware_range ranges[BOOT_MAX_RANGES];
	u32 mem_lower_kib; /* from 0; 0 where the loader did not say */
	u32 mem_upper_kib; /* from 1 MiB */

	unsigned nr_modules;
	unsigned modules_dropped; /* more than fit: their memory is not kept */
	struct boot_module modules[BOOT_MAX_MODULES];

	u32 rsdp_len; /* 0: the loader gave no copy of the ACPI root pointer */
	u8 rsdp[BOOT_RSDP_SIZE];
};
