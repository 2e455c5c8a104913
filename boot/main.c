/*
 * From the first instruction of C to process 1: the one list of what is initialised, in the order of need.
 *
 *   console, traps     so that whatever goes wrong from here on can be read
 *   boot information   copied out of the loader's memory
 *   processor          features decide how memory is mapped
 *   frames             map, boot allocator, direct map, zones, buddy
 *   kernel memory      slab, kmap, vmalloc
 *   threads, devices   interrupts come on
 *   address spaces, files, processes, reports
 *   root file system   from the boot archive
 *   process 1
 */
#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/fpu.h"
#include "arch/i386/cpu/irqflags.h"
#include "arch/i386/cpu/layout.h"
#include "arch/i386/cpu/sections.h"
#include "arch/i386/entry/trap.h"
#include "boot/early_map.h"
#include "boot/multiboot.h"
#include "boot/overrides.h"
#include "drivers/acpi.h"
#include "drivers/console.h"
#include "drivers/pic.h"
#include "drivers/pit.h"
#include "drivers/power.h"
#include "drivers/rtc.h"
#include "fs/file.h"
#include "kernel/core/cmdline.h"
#include "kernel/core/thread.h"
#include "kernel/debug/control.h"
#include "kernel/debug/selftest.h"
#include "kernel/debug/symbols.h"
#include "kernel/process/task.h"
#include "kernel/report/report.h"
#include "lib/failpoint.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "mm/kmem/directmap.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "mm/phys/bootmem.h"
#include "mm/phys/buddy.h"
#include "mm/phys/memmap.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"

#define VERSION "0.1"

/* Kernel image, frames' structures, the archive's programs and a process or two; measured, with a margin. */
#define LEAST_MEMORY_PAGES (3u << 20 >> PAGE_SHIFT)

void kernel_main(u32 magic, paddr_t info);

static __initzero struct boot_info boot_info;
static struct memmap memmap;

static __init void read_boot_info(u32 magic, paddr_t info)
{
	const struct phys_view view = {.map = early_map};
	const char *error;
	const char *action;
	const char *console;
	unsigned next = 0;

	if (multiboot_parse(magic, info, &view, &boot_info, &error))
		panic("the boot loader's information is not usable: %s (magic %08x)", error, magic);
	cmdline_init(boot_info.cmdline);
	while ((console = cmdline_get_next("console", &next)))
		console_select(console);
	action = cmdline_get("panic");
	if (action && !machine_set_panic_action(action))
		printk("panic=%s: not known; halt, reboot and poweroff are\n", action);
	printk("boot: %s, command line \"%s\"%s\n",
	       boot_info.loader[0] ? boot_info.loader : "loader without a name", boot_info.cmdline,
	       boot_info.cmdline_cut ? " (cut)" : "");
	if (!boot_info.nr_modules)
		panic("no boot archive: the loader gave no module, and without it there is no root "
		      "file system");
}

static __init void build_memmap(void)
{
	struct override_list overrides;

	overrides_read(&overrides, &boot_info);
	if (memmap_build(&memmap, &boot_info, overrides.at, overrides.nr))
		panic("the memory map names no usable memory");
	if (memmap_usable_pages(&memmap) < LEAST_MEMORY_PAGES)
		panic("too little memory: %u KB usable, %u KB needed",
		      memmap_usable_pages(&memmap) * (PAGE_SIZE / 1024),
		      LEAST_MEMORY_PAGES * (PAGE_SIZE / 1024));
}

static __init void init_frames(void)
{
	paddr_t end = memmap_end(&memmap).n >= LOWMEM_MAX >> PAGE_SHIFT
			      ? LOWMEM_MAX
			      : memmap_end(&memmap).n << PAGE_SHIFT;
	paddr_t boot_start, boot_end;

	bootmem_init(&memmap);
	bootmem_reserve((paddr_t)__kernel_start_phys, (paddr_t)__kernel_end_phys, BOOTMEM_KERNEL);
	for (unsigned i = 0; i < boot_info.nr_modules; i++)
		bootmem_reserve(boot_info.modules[i].start, boot_info.modules[i].end,
				BOOTMEM_MODULE);
	early_map_close(&boot_start, &boot_end);
	directmap_init(end);
	trap_protect_idt();
	zones_init(&memmap);
	free_reserved_range(boot_start >> PAGE_SHIFT, boot_end >> PAGE_SHIFT);
}

static __init void start_threads_and_devices(void)
{
	sched_init();
	kmap_init();
	vmalloc_init();
	fpu_init();
	pic_init();
	pit_init();
	rtc_init();
	console_init();
	acpi_init(boot_info.rsdp, boot_info.rsdp_len);
	irq_enable();
}

/* What rooms above the allocators keep only to be quick. */
static __init void register_shrinkers(void)
{
	static struct shrinker stacks = {.name = "stacks", .shrink = thread_stacks_shrink};
	static struct shrinker tables = {.name = "tables", .shrink = mm_drain_caches};

	register_shrinker(&stacks);
	register_shrinker(&tables);
}

static __init void arm_failpoints(void)
{
	const char *text;
	unsigned next = 0;

	while ((text = cmdline_get_next("failpoint", &next)))
		if (failpoint_arm_text(text))
			printk("failpoint=%s: not NAME:NTH or NAME:NTH:TIMES of a known name\n",
			       text);
}

static __init void unpack_root(void)
{
	const struct boot_module *module = &boot_info.modules[0];
	const char *error = "";

	if (initramfs_unpack(module->start, module->end - module->start, &error))
		panic("the boot archive cannot be unpacked: %s", error);
	/* Modules beyond the first have no use; their memory has. */
	for (unsigned i = 1; i < boot_info.nr_modules; i++)
		free_reserved_range(DIV_ROUND_UP(boot_info.modules[i].start, PAGE_SIZE),
				    boot_info.modules[i].end >> PAGE_SHIFT);
}

static __init void start_process_1(void)
{
	static __initzero const char *argv[CMDLINE_MAX_WORDS + 2];
	const char *path = cmdline_get("init");
	unsigned nr = 0;
	int err;

	if (!path || !*path)
		path = "/init";
	argv[nr++] = path;
	for (unsigned i = 0; i < cmdline_nr_args(); i++)
		argv[nr++] = cmdline_arg(i);
	err = process_start_init(path, argv);
	if (err)
		panic("process 1 cannot start: %s: error %d", path, -err);
}

static __init void boot(u32 magic, paddr_t info)
{
	console_early_init();
	trap_init();
	symbols_init();
	panic_set_hook(machine_panic_stop);
	printk("Pagoda " VERSION ", an i386 kernel about memory\n");

	read_boot_info(magic, info);
	cpu_init(cmdline_get("cpu"));
	build_memmap();
	init_frames();
	slab_init();
	start_threads_and_devices();
	mm_init();
	page_cache_init();
	register_shrinkers();
	fs_init();
	process_init();
	report_init();
	control_init();
	boot_report(&boot_info, &memmap);
	unpack_root();
	arm_failpoints();
	if (cmdline_has("selftest"))
		selftest_run(cmdline_get("selftest"));
	start_process_1();
}

/* Nothing has a way back to it: process 1 runs, and this is the idle thread. */
static void free_init_memory(void)
{
	free_reserved_range(virt_to_phys(__init_start) >> PAGE_SHIFT,
			    virt_to_phys(__init_end) >> PAGE_SHIFT);
}

__calls_init void kernel_main(u32 magic, paddr_t info)
{
	boot(magic, info);
	free_init_memory();
	idle_loop();
}
