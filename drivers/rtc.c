/* The MC146818 clock behind ports 0x70 and 0x71: read without ever setting it. */
#include "arch/i386/cpu/io.h"
#include "drivers/poll.h"
#include "drivers/rtc.h"
#include "kernel/core/time.h"
#include "lib/printk.h"
#include "lib/string.h"

#define CMOS_INDEX   0x70
#define CMOS_DATA    0x71

#define REG_SECOND   0x00
#define REG_MINUTE   0x02
#define REG_HOUR     0x04
#define REG_DAY      0x07
#define REG_MONTH    0x08
#define REG_YEAR     0x09
#define REG_STATUS_A 0x0A
#define REG_STATUS_B 0x0B
#define REG_CENTURY  0x32 /* where nearly every PC keeps it; checked before it is believed */

#define A_UPDATING   0x80
#define B_24_HOURS   0x02
#define B_BINARY     0x04
#define HOUR_PM      0x80

#define UPDATE_US    3000u /* an update takes 1984 us */
#define MAX_READS    4u

static __init u8 cmos_read(u8 reg)
{
	outb(CMOS_INDEX, reg);
	return inb(CMOS_DATA);
}

static __init void read_registers(struct rtc_registers *r)
{
	*r = (struct rtc_registers){
		.second = cmos_read(REG_SECOND),
		.minute = cmos_read(REG_MINUTE),
		.hour = cmos_read(REG_HOUR),
		.day = cmos_read(REG_DAY),
		.month = cmos_read(REG_MONTH),
		.year = cmos_read(REG_YEAR),
		.century = cmos_read(REG_CENTURY),
		.status_b = cmos_read(REG_STATUS_B),
	};
}

static __init u32 from_bcd(u8 v)
{
	return (v >> 4) * 10 + (v & 15);
}

static __init bool is_leap(u32 year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

__init u64 rtc_decode(const struct rtc_registers *r)
{
	static const u16 days_before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	bool binary = r->status_b & B_BINARY;
	bool pm = r->hour & HOUR_PM && !(r->status_b & B_24_HOURS);
	u8 hour_digits = r->status_b & B_24_HOURS ? r->hour : r->hour & ~HOUR_PM;
	u32 second = binary ? r->second : from_bcd(r->second);
	u32 minute = binary ? r->minute : from_bcd(r->minute);
	u32 hour = binary ? hour_digits : from_bcd(hour_digits);
	u32 day = binary ? r->day : from_bcd(r->day);
	u32 month = binary ? r->month : from_bcd(r->month);
	u32 year = binary ? r->year : from_bcd(r->year);
	u32 century = binary ? r->century : from_bcd(r->century);
	u32 days;

	if (!(r->status_b & B_24_HOURS)) {
		if (hour < 1 || hour > 12)
			return 0;
		hour = hour % 12 + (pm ? 12 : 0);
	}
	if (second > 59 || minute > 59 || hour > 23 || day < 1 || day > 31 || month < 1 ||
	    month > 12 || year > 99)
		return 0;
	if (century < 19 || century > 21)
		century = year < 70 ? 20 : 19;
	year += century * 100;
	if (year < 1970)
		return 0;
	/* Days of the whole years before, with a leap day for each fourth but the centuries that have none. */
	days = (year - 1970) * 365 + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400;
	days += days_before[month - 1] + (month > 2 && is_leap(year)) + day - 1;
	return (u64)days * 86400 + hour * 3600 + minute * 60 + second;
}

/* Two equal readings in a row: no update fell between them. */
static __init bool read_stable(struct rtc_registers *r)
{
	struct rtc_registers again;

	for (u32 i = 0; i < MAX_READS; i++) {
		if (!poll_until(!(cmos_read(REG_STATUS_A) & A_UPDATING), UPDATE_US))
			return false;
		read_registers(r);
		read_registers(&again);
		if (!memcmp(r, &again, sizeof(again)))
			return true;
	}
	return false;
}

__init void rtc_init(void)
{
	struct rtc_registers r;
	u64 seconds = read_stable(&r) ? rtc_decode(&r) : 0;

	if (!seconds)
		printk("rtc: no plausible date; the clock starts at 1970\n");
	time_set_realtime(seconds * NSEC_PER_SEC);
}
