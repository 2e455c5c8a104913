/*
 * Reports: what the memory manager knows, as text in Linux's formats under /proc, and the report at boot.
 * Observers: they read other rooms' structures through their headers and change nothing.
 */
#pragma once

#include "lib/seq.h"
#include "mm/phys/boot_info.h"
#include "mm/phys/memmap.h"

/* Registers the files of /proc. */
void report_init(void);

/* Prints the memory map, zones, what is not managed and why, the direct map, the kernel's layout, and free memory. */
void boot_report(const struct boot_info *info, const struct memmap *map);

struct mm_struct;
struct task;
struct vm_area_struct;

/* ---- between the files of this room ---- */
void meminfo_report_init(void); /* meminfo.c: meminfo, vmstat, swaps */
void zones_report_init(void);   /* zones.c: buddyinfo, pagetypeinfo, zoneinfo */
void kpage_report_init(void);   /* kpage.c: kpagecount, kpageflags, pagoda/frames */
void kmem_report_init(void);    /* kmem.c: slabinfo, vmallocinfo */
void iomem_report_init(void);
void sysrq_init(void); /* sysrq.c: sysrq-trigger, sys/kernel/sysrq, keys from the consoles */
/* show_mem.c: Linux's Mem-Info on the console. Any context. */
void show_mem(void);
void show_mem_at_oom(void);     /* the same, but not twice within a second */
void maps_report_init(void);    /* maps.c: PID/maps, PID/statm */
void smaps_report_init(void);   /* smaps.c: PID/smaps, PID/smaps_rollup, PID/clear_refs */
void task_report_init(void);    /* task.c: PID/stat, PID/status */
void pagemap_report_init(void); /* pagemap.c: PID/pagemap, PID/pagewalk */
/* attributes.c: PID/comm, cmdline, environ, auxv, limits, oom_score and its two settings */
void attributes_report_init(void);
void syscalls_report_init(void); /* syscalls.c: pagoda/syscalls */
void system_report_init(
	void); /* system.c: version, uptime, interrupts, stat, loadavg, cpuinfo, cmdline, sys/... */
void sysctl_init(void); /* sysctl.c: sys/vm/... */

/* Kilobytes of a number of frames. */
static inline u32 frames_kb(u32 frames)
{
	return frames << (PAGE_SHIFT - 10);
}
/* For texts that go VMA by VMA (struct report, next): the VMA at *cursor or the first behind it, and
 * the cursor moves to its end. NULL: there is none, or t runs another program by now. */
struct vm_area_struct *report_next_vma(struct task *t, u64 *cursor);
/* Its line of PID/maps, which PID/smaps has too. */
void report_vma_line(struct seq *s, struct vm_area_struct *vma);
/* Pages from the start of the program's code to its end. */
u32 report_text_pages(const struct mm_struct *mm);
