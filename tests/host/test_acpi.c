/*
 * drivers/acpi.c over tables in fake physical memory. memremap() gives a copy of exactly the bytes that were asked for, so
 * that AddressSanitizer sees a look beyond them.
 */
#include "tests/host/check.h"
#include "arch/i386/cpu/io.h"
#include "arch/i386/cpu/layout.h"
#include "drivers/acpi.h"
#include "mm/kmem/vmalloc.h"
#include <sys/mman.h>

#define LOW_SIZE  (1u << 20)
#define RSDP_AT   0xF5A40u
#define EBDA_AT   0x9FC00u
#define HIGH      0x3FE0000u /* where the other tables are */
#define HIGH_SIZE 8192u

static u8 *low;
static u8 high[HIGH_SIZE];
static int nr_mapped;

static struct {
	u16 port;
	u32 value;
} writes[16];
static u32 nr_writes;
static u16 control_value;

u8 inb(u16 port __maybe_unused)
{
	return 0xFF;
}
u16 inw(u16 port)
{
	return port == 0xB004 || port == 0x404 ? control_value : 0xFFFF;
}
u32 inl(u16 port __maybe_unused)
{
	return 0xFFFFFFFF;
}
static void wrote(u16 port, u32 value)
{
	if (nr_writes < ARRAY_SIZE(writes))
		writes[nr_writes++] = (typeof(writes[0])){port, value};
	/* The firmware hands over. */
	if (port == 0xB2 && value == 0xF1)
		control_value |= 1;
	if (port == 0xB004)
		control_value = value & ~(1u << 13);
}
void outb(u16 port, u8 v)
{
	wrote(port, v);
}
void outw(u16 port, u16 v)
{
	wrote(port, v);
}
void outl(u16 port, u32 v)
{
	wrote(port, v);
}

void *memremap(paddr_t phys, size_t len)
{
	u8 *copy;

	if (phys < HIGH || phys - HIGH > HIGH_SIZE || len > HIGH_SIZE - (phys - HIGH))
		return NULL;
	copy = malloc(len);
	memcpy(copy, high + (phys - HIGH), len);
	nr_mapped++;
	return copy;
}
void iounmap(void *addr)
{
	nr_mapped--;
	free(addr);
}

/* ---- tables ---- */
#define RSDT_AT (HIGH + 0x10)
#define XSDT_AT (HIGH + 0x80)
#define FADT_AT (HIGH + 0x100)
#define DSDT_AT (HIGH + 0x300)
#define SSDT_AT (HIGH + 0x600)

static void put32(u8 *at, u32 v)
{
	memcpy(at, &v, 4);
}

static void fix_checksum(u8 *at, u32 len, u32 where)
{
	u8 sum = 0;

	at[where] = 0;
	for (u32 i = 0; i < len; i++)
		sum += at[i];
	at[where] = -sum;
}

static u8 *table(paddr_t at, const char *signature, u32 len)
{
	u8 *t = high + (at - HIGH);

	memset(t, 0, len);
	memcpy(t, signature, 4);
	put32(t + 4, len);
	return t;
}

static void fix_table(paddr_t at)
{
	u8 *t = high + (at - HIGH);
	u32 len;

	memcpy(&len, t + 4, 4);
	if (len >= 36 && len <= HIGH_SIZE - (at - HIGH))
		fix_checksum(t, len, 9);
}

static const u8 s5[] = {0x08, '_', 'S', '5', '_', 0x12, 0x07, 0x02, 0x0A, 0x05, 0x0A, 0x06};

static void make_rsdp(u8 *at, u8 revision)
{
	memcpy(at, "RSD PTR ", 8);
	memset(at + 8, 0, 28);
	at[15] = revision;
	put32(at + 16, RSDT_AT);
	put32(at + 20, 36);
	put32(at + 24, XSDT_AT);
	fix_checksum(at, 20, 8);
	fix_checksum(at, 36, 32);
}

/* As QEMU's PC has them; s5_in_ssdt moves the package. */
static void make_tables(u32 fadt_len, bool s5_in_ssdt)
{
	u8 *t;

	memset(high, 0x5A, sizeof(high));
	t = table(RSDT_AT, "RSDT", 44);
	put32(t + 36, FADT_AT);
	put32(t + 40, SSDT_AT);
	t = table(XSDT_AT, "XSDT", 52);
	put32(t + 36, FADT_AT);
	put32(t + 44, SSDT_AT);
	t = table(FADT_AT, "FACP", fadt_len);
	put32(t + 40, DSDT_AT);
	put32(t + 48, 0xB2);
	t[52] = 0xF1;
	put32(t + 56, 0xB000);
	put32(t + 64, 0xB004);
	if (fadt_len >= 129) {
		put32(t + 112, 1u << 10);
		t[116] = 1; /* I/O, 8 bits */
		t[117] = 8;
		put32(t + 120, 0xCF9);
		t[128] = 0x0F;
	}
	t = table(DSDT_AT, "DSDT", 200);
	if (!s5_in_ssdt)
		memcpy(t + 100, s5, sizeof(s5));
	t = table(SSDT_AT, "SSDT", 100);
	if (s5_in_ssdt)
		memcpy(t + 100 - sizeof(s5), s5, sizeof(s5));
	for (u32 i = 0; i < 5; i++)
		fix_table((const paddr_t[]){RSDT_AT, XSDT_AT, FADT_AT, DSDT_AT, SSDT_AT}[i]);
}

static void start(void)
{
	if (!low) {
		low = mmap((void *)KERNEL_BASE, LOW_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		CHECK(low == (void *)KERNEL_BASE);
	}
	memset(low, 0, LOW_SIZE);
	low[0x40E] = EBDA_AT >> 4 & 0xFF;
	low[0x40F] = EBDA_AT >> 12;
	nr_writes = 0;
	control_value = 0;
}

static void check_switches_off(void)
{
	nr_writes = 0;
	control_value = 0;
	acpi_poweroff();
	CHECK_EQ(nr_mapped, 0);
	CHECK_EQ(nr_writes, 4);
	/* hand over, clear the wake status, sleep type, sleep */
	CHECK_EQ(writes[0].port, 0xB2);
	CHECK_EQ(writes[0].value, 0xF1);
	CHECK_EQ(writes[1].port, 0xB000);
	CHECK_EQ(writes[2].port, 0xB004);
	CHECK_EQ(writes[2].value, 5u << 10 | 1);
	CHECK_EQ(writes[3].value, 5u << 10 | 1 | 1u << 13);
}

TEST(tables_are_found_in_every_place)
{
	u8 copy[36];

	for (u32 revision = 0; revision <= 2; revision += 2) {
		start();
		make_tables(244, revision);
		make_rsdp(low + RSDP_AT, revision);
		acpi_init(NULL, 0);
		check_switches_off();

		start();
		make_rsdp(low + EBDA_AT + 0x40, revision);
		acpi_init(NULL, 0);
		check_switches_off();

		start();
		make_rsdp(copy, revision);
		acpi_init(copy, revision ? 36 : 20);
		check_switches_off();
	}
}

TEST(reset_register_is_used_where_there_is_one)
{
	start();
	make_tables(244, false);
	make_rsdp(low + RSDP_AT, 0);
	acpi_init(NULL, 0);
	acpi_reset();
	CHECK_EQ(nr_writes, 1);
	CHECK_EQ(writes[0].port, 0xCF9);
	CHECK_EQ(writes[0].value, 0x0F);

	start();
	make_tables(116, false);
	make_rsdp(low + RSDP_AT, 0);
	acpi_init(NULL, 0);
	acpi_reset();
	CHECK_EQ(nr_writes, 0);
	check_switches_off();
}

TEST(without_tables_nothing_is_touched)
{
	start();
	acpi_init(NULL, 0);
	acpi_poweroff();
	acpi_reset();
	CHECK_EQ(nr_writes, 0);

	/* A wrong checksum in any one table. */
	for (u32 i = 0; i < 3; i++) {
		start();
		make_tables(244, false);
		make_rsdp(low + RSDP_AT, 0);
		high[(const paddr_t[]){RSDT_AT, FADT_AT, DSDT_AT}[i] - HIGH + 20]++;
		acpi_init(NULL, 0);
		acpi_poweroff();
		CHECK_EQ(nr_writes, 0);
	}
	CHECK_EQ(nr_mapped, 0);
}

/* Whatever firmware may write: lengths and addresses that lie, with checksums that are right. */
TEST(damaged_tables_are_survived)
{
	static const u32 offsets[] = {4,  16,  36,  40,  48,  52,  56, 64,
				      68, 112, 116, 120, 140, 172, 176};
	static const paddr_t tables[] = {RSDT_AT, XSDT_AT, FADT_AT, DSDT_AT, SSDT_AT};
	static const u32 values[] = {0,
				     1,
				     35,
				     36,
				     37,
				     43,
				     115,
				     116,
				     200,
				     8000,
				     0x100000,
				     0x7FFFFFFF,
				     0xFFFFFFFF,
				     HIGH,
				     HIGH + HIGH_SIZE - 36,
				     HIGH + HIGH_SIZE - 1,
				     RSDT_AT,
				     FADT_AT,
				     DSDT_AT};

	for (u32 i = 0; i < test_rounds(20000); i++) {
		start();
		make_tables(test_rand_below(2) ? 244 : 116 + test_rand_below(130),
			    test_rand_below(2));
		make_rsdp(low + RSDP_AT, test_rand_below(3));
		for (u32 n = test_rand_below(4); n; n--) {
			paddr_t at = tables[test_rand_below(ARRAY_SIZE(tables))];

			if (test_rand_below(3))
				put32(high + (at - HIGH) +
					      offsets[test_rand_below(ARRAY_SIZE(offsets))],
				      values[test_rand_below(ARRAY_SIZE(values))]);
			else
				high[at - HIGH + test_rand_below(200)] = test_rand();
			fix_table(at);
		}
		if (test_rand_below(4) == 0) {
			put32(low + RSDP_AT + 16 + 8 * test_rand_below(3),
			      values[test_rand_below(ARRAY_SIZE(values))]);
			fix_checksum(low + RSDP_AT, 20, 8);
		}
		acpi_init(NULL, 0);
		CHECK_EQ(nr_mapped, 0);
	}
}
