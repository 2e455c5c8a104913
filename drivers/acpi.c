/*
 * ACPI (specification 6.4): RSDP -> RSDT or XSDT -> FADT -> DSDT.
 *
 * Firmware writes these tables, so every length is checked against what its structure needs and against a limit, every
 * table's bytes must sum to zero, and an address above 4 GiB is out of reach. What was found is kept in `fixed`:
 * at the end, which may be a panic, only ports are touched.
 */
#include "arch/i386/cpu/io.h"
#include "drivers/acpi.h"
#include "drivers/acpi_s5.h"
#include "drivers/poll.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kmem/vmalloc.h"

struct rsdp { /* 5.2.5.3 */
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt;
	u32 length; /* from here: revision 2 */
	u64 xsdt;
	u8 extended_checksum;
	u8 reserved[3];
} __packed;
#define RSDP_V1_SIZE 20u
static_assert(sizeof(struct rsdp) == 36 && offsetof(struct rsdp, length) == RSDP_V1_SIZE,
	      "ACPI 5.2.5.3");

struct sdt_header { /* 5.2.6 */
	char signature[4];
	u32 length;
	u8 revision;
	u8 checksum;
	char oem[6], oem_table[8];
	u32 oem_revision, creator, creator_revision;
} __packed;
static_assert(sizeof(struct sdt_header) == 36, "ACPI 5.2.6");

struct generic_address { /* 5.2.3.2 */
	u8 space, width, offset, access;
	u64 address;
} __packed;
#define SPACE_IO 1

struct fadt { /* 5.2.9 */
	struct sdt_header header;
	u32 facs, dsdt;
	u8 model, profile;
	u16 sci_line;
	u32 smi_command;
	u8 acpi_enable, acpi_disable, s4bios, pstate;
	u32 pm1a_event, pm1b_event, pm1a_control, pm1b_control;
	u32 pm2_control, pm_timer, gpe0, gpe1;
	u8 lengths_and_times[24];
	u32 flags;
	struct generic_address reset_register; /* from here: revision 2 */
	u8 reset_value;
	u8 arm_boot[2], minor;
	u64 x_facs, x_dsdt;
	struct generic_address x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control;
} __packed;
static_assert(offsetof(struct fadt, pm1a_control) == 64 && offsetof(struct fadt, flags) == 112 &&
		      offsetof(struct fadt, reset_register) == 116 &&
		      offsetof(struct fadt, x_dsdt) == 140 &&
		      offsetof(struct fadt, x_pm1a_control) == 172,
	      "ACPI 5.2.9");
#define FADT_MIN_SIZE      116u
#define FADT_RESET_SUPPORT (1u << 10)

#define PM1_STATUS_WAKE    (1u << 15)
#define PM1_SCI_ENABLED    (1u << 0)
#define PM1_SLP_TYP        10
#define PM1_SLP_TYP_MASK   (7u << PM1_SLP_TYP)
#define PM1_SLP_ENABLE     (1u << 13)

#define MAX_TABLE_SIZE     (1u << 20)
#define MAX_TABLES         128u
#define ENABLE_US          3000000u
#define OFF_US             2000000u
#define RESET_US           500000u

#define BDA_EBDA_SEGMENT   0x40Eu
#define EBDA_SEARCHED      1024u
#define BIOS_START         0xE0000u
#define BIOS_END           0x100000u

static struct {
	u16 smi_command;
	u8 acpi_enable;
	u16 pm1a_event, pm1a_control, pm1b_control; /* 0: there is none */
	bool has_s5, has_reset;
	u8 slp_typa, slp_typb;
	u16 reset_port;
	u8 reset_value;
} fixed;

static __init bool sums_to_zero(const void *bytes, u32 len)
{
	const u8 *at = bytes;
	u8 sum = 0;

	while (len--)
		sum += *at++;
	return !sum;
}

static __init bool is_rsdp(const void *at)
{
	return !memcmp(at, "RSD PTR ", 8) && sums_to_zero(at, RSDP_V1_SIZE);
}

/* It lies on a 16-byte boundary of [start, end), below 1 MiB. */
static __init const void *scan_rsdp(paddr_t start, paddr_t end)
{
	for (paddr_t at = ALIGN_UP(start, 16u); at + sizeof(struct rsdp) <= end; at += 16)
		if (is_rsdp(phys_to_virt(at)))
			return phys_to_virt(at);
	return NULL;
}

static __init bool find_rsdp(const void *copy, u32 copy_len, struct rsdp *rsdp)
{
	paddr_t ebda = (paddr_t) * (const u16 *)phys_to_virt(BDA_EBDA_SEGMENT) << 4;
	const void *found = NULL;

	memset(rsdp, 0, sizeof(*rsdp));
	if (copy_len >= RSDP_V1_SIZE && copy_len <= sizeof(*rsdp) && is_rsdp(copy)) {
		memcpy(rsdp, copy, copy_len);
		return true;
	}
	if (ebda >= 0x80000 && ebda <= 0xA0000 - EBDA_SEARCHED)
		found = scan_rsdp(ebda, ebda + EBDA_SEARCHED);
	if (!found)
		found = scan_rsdp(BIOS_START, BIOS_END);
	if (found)
		memcpy(rsdp, found, sizeof(*rsdp));
	return found;
}

/* Maps a table whole, or NULL. The caller unmaps it. */
static __init struct sdt_header *map_table(u64 phys, const char *signature, u32 min_size)
{
	struct sdt_header *table;
	u32 len;

	if (!phys || phys > 0xFFFFFFFFu - MAX_TABLE_SIZE)
		return NULL;
	table = memremap(phys, sizeof(*table));
	if (!table)
		return NULL;
	len = table->length;
	if (memcmp(table->signature, signature, 4) || len < min_size || len > MAX_TABLE_SIZE) {
		iounmap(table);
		return NULL;
	}
	iounmap(table);
	table = memremap(phys, len);
	if (!table)
		return NULL;
	if (!sums_to_zero(table, len)) {
		printk("acpi: the table %.4s has a wrong checksum; not used\n", signature);
		iounmap(table);
		return NULL;
	}
	return table;
}

static __init u16 port_of(u32 port, const struct generic_address *extended, bool has_extended)
{
	if (!port && has_extended && extended->space == SPACE_IO && extended->address <= 0xFFFF)
		port = extended->address;
	return port <= 0xFFFF ? port : 0;
}

static __init void find_s5(u64 phys, const char *signature)
{
	struct sdt_header *table;

	if (fixed.has_s5)
		return;
	table = map_table(phys, signature, sizeof(*table));
	if (!table)
		return;
	fixed.has_s5 = acpi_find_s5((const u8 *)(table + 1), table->length - sizeof(*table),
				    &fixed.slp_typa, &fixed.slp_typb);
	iounmap(table);
}

static __init void read_fadt(const struct fadt *fadt)
{
	u32 len = fadt->header.length;
	bool has_x_dsdt = len >= offsetof(struct fadt, x_dsdt) + sizeof(fadt->x_dsdt);
	bool has_x_ports = len >= sizeof(*fadt);
	const struct generic_address *reset = &fadt->reset_register;

	fixed.smi_command = fadt->smi_command <= 0xFFFF ? fadt->smi_command : 0;
	fixed.acpi_enable = fadt->acpi_enable;
	fixed.pm1a_event = port_of(fadt->pm1a_event, &fadt->x_pm1a_event, has_x_ports);
	fixed.pm1a_control = port_of(fadt->pm1a_control, &fadt->x_pm1a_control, has_x_ports);
	fixed.pm1b_control = port_of(fadt->pm1b_control, &fadt->x_pm1b_control, has_x_ports);
	if (len > offsetof(struct fadt, reset_value) && fadt->flags & FADT_RESET_SUPPORT &&
	    reset->space == SPACE_IO && reset->address && reset->address <= 0xFFFF) {
		fixed.has_reset = true;
		fixed.reset_port = reset->address;
		fixed.reset_value = fadt->reset_value;
	}
	find_s5(fadt->dsdt ? fadt->dsdt : has_x_dsdt ? fadt->x_dsdt : 0, "DSDT");
}

/* Calls fn on the address of each table that the root table names. */
static __init void for_each_table(const struct sdt_header *root, u32 entry_size,
				  void (*fn)(u64 phys))
{
	u32 count = MIN((root->length - (u32)sizeof(*root)) / entry_size, MAX_TABLES);
	const u8 *at = (const u8 *)(root + 1);

	for (u32 i = 0; i < count; i++, at += entry_size) {
		u64 phys = 0;

		memcpy(&phys, at, entry_size);
		fn(phys);
	}
}

static __init void visit_fadt(u64 phys)
{
	struct sdt_header *fadt;

	if (fixed.pm1a_control)
		return;
	fadt = map_table(phys, "FACP", FADT_MIN_SIZE);
	if (!fadt)
		return;
	read_fadt((const struct fadt *)fadt);
	iounmap(fadt);
}

static __init void visit_ssdt(u64 phys)
{
	find_s5(phys, "SSDT");
}

__init void acpi_init(const void *rsdp_copy, u32 rsdp_len)
{
	struct sdt_header *root = NULL;
	struct rsdp rsdp;
	u32 entry_size = 8;

	memset(&fixed, 0, sizeof(fixed));
	if (!find_rsdp(rsdp_copy, rsdp_len, &rsdp)) {
		printk("acpi: none\n");
		return;
	}
	if (rsdp.revision >= 2)
		root = map_table(rsdp.xsdt, "XSDT", sizeof(*root));
	if (!root) {
		entry_size = 4;
		root = map_table(rsdp.rsdt, "RSDT", sizeof(*root));
	}
	if (!root) {
		printk("acpi: no root table\n");
		return;
	}
	for_each_table(root, entry_size, visit_fadt);
	for_each_table(root, entry_size, visit_ssdt);
	iounmap(root);
	printk("acpi: power-off %s, reset register %s\n",
	       fixed.has_s5 && fixed.pm1a_control ? "found" : "not found",
	       fixed.has_reset ? "found" : "not found");
}

static void write_control(u16 port, u8 slp_typ)
{
	u16 control;

	if (!port)
		return;
	control =
		(inw(port) & ~(PM1_SLP_TYP_MASK | PM1_SLP_ENABLE)) | (u16)(slp_typ << PM1_SLP_TYP);
	outw(port, control);
	outw(port, control | PM1_SLP_ENABLE);
}

void acpi_poweroff(void)
{
	u16 control = fixed.pm1a_control;

	if (!fixed.has_s5 || !control)
		return;
	if (!(inw(control) & PM1_SCI_ENABLED) && fixed.smi_command && fixed.acpi_enable) {
		outb(fixed.smi_command, fixed.acpi_enable);
		if (!poll_until(inw(control) & PM1_SCI_ENABLED, ENABLE_US))
			printk("acpi: the firmware does not hand over; trying all the same\n");
	}
	if (fixed.pm1a_event)
		outw(fixed.pm1a_event, PM1_STATUS_WAKE);
	write_control(control, fixed.slp_typa);
	write_control(fixed.pm1b_control, fixed.slp_typb);
	poll_until(false, OFF_US);
}

void acpi_reset(void)
{
	if (!fixed.has_reset)
		return;
	outb(fixed.reset_port, fixed.reset_value);
	poll_until(false, RESET_US);
}
