/* Which reports there are. */
#include "kernel/report/report.h"

__init void report_init(void)
{
	meminfo_report_init();
	zones_report_init();
	kpage_report_init();
	kmem_report_init();
	iomem_report_init();
	sysrq_init();
	maps_report_init();
	smaps_report_init();
	task_report_init();
	attributes_report_init();
	pagemap_report_init();
	system_report_init();
	sysctl_init();
	syscalls_report_init();
}
