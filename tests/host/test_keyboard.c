/* Scan codes to text, and a keyboard controller that is there, is not, or is broken. */
#include "tests/host/check.h"
#include "arch/i386/cpu/io.h"
#include "drivers/keyboard.h"
#include "drivers/keymap.h"
#include "drivers/power.h"
#include "kernel/core/irq.h"
#include "kernel/core/sysrq.h"
#include <errno.h>

bool fake_irqs_on = true;

/* ---- the controller ---- */
static enum { WORKS, ABSENT, SELF_TEST_FAILS, STUCK, ENDLESS } kind;
static u8 queue[64];
static u32 nr_queued;
static u8 config, last_command, leds;
static bool leds_next, enabled;
static void (*handler)(struct trap_frame *f, void *arg);
static char typed[256];
static bool application, restarted;
static u32 nr_reads;

static void push(u8 byte)
{
	queue[nr_queued++] = byte;
}

u8 inb(u16 port)
{
	u8 byte;

	CHECK(++nr_reads < 10000000);
	if (kind == ABSENT)
		return 0xFF;
	if (port == 0x64)
		return (nr_queued || kind == ENDLESS ? 0x01 : 0) | (kind == STUCK ? 0x02 : 0);
	if (port != 0x60)
		return 0xFF;
	if (kind == ENDLESS)
		return 0x1E;
	if (!nr_queued)
		return 0;
	byte = queue[0];
	memmove(queue, queue + 1, --nr_queued);
	return byte;
}
void outb(u16 port, u8 v)
{
	if (port == 0x64) {
		last_command = v;
		if (v == 0xAA)
			push(kind == SELF_TEST_FAILS ? 0xFC : 0x55);
		if (v == 0x20)
			push(config);
	} else if (port == 0x60) {
		if (last_command == 0x60) {
			config = v;
		} else if (leds_next) {
			leds = v;
			leds_next = false;
		} else if (v == 0xED || v == 0xF4) {
			leds_next = v == 0xED;
			enabled |= v == 0xF4;
			push(0xFA);
		}
		last_command = 0;
	}
}
int irq_request(u32 irq, const char *name __maybe_unused,
		void (*fn)(struct trap_frame *f, void *arg), void *arg __maybe_unused)
{
	CHECK_EQ(irq, 1);
	handler = fn;
	return 0;
}
static u8 sysrqs[8];
static u32 nr_sysrqs;
void sysrq_key(u8 key)
{
	sysrqs[nr_sysrqs++] = key;
}
void machine_restart(void)
{
	restarted = true;
	longjmp(*panic_caught, 1);
}

static void keep(const char *text, size_t len)
{
	strncat(typed, text, len);
}
static bool wants_application(void)
{
	return application;
}

static int plug_in(int which)
{
	kind = which;
	nr_queued = nr_reads = 0;
	config = 0x30;
	last_command = 0;
	typed[0] = '\0';
	application = false;
	handler = NULL;
	return keyboard_init(keep, wants_application);
}

static void press(const char *codes, u32 len)
{
	for (u32 i = 0; i < len; i++) {
		push(codes[i]);
		handler(NULL, NULL);
	}
}
#define PRESS(codes) press(codes, sizeof(codes) - 1)

TEST(controllers_good_and_bad)
{
	CHECK_EQ(plug_in(WORKS), 0);
	CHECK(enabled);
	CHECK_EQ(config & 0x51, 0x41); /* its interrupt, translation, and not disabled */
	PRESS("\x1E\x9E");
	CHECK_STR(typed, "a");
	CHECK_EQ(plug_in(ABSENT), -ENODEV);
	CHECK_EQ(plug_in(STUCK), -ENODEV);
	CHECK_EQ(plug_in(SELF_TEST_FAILS), 0);
	PRESS("\x1E");
	CHECK_STR(typed, "a");
	CHECK_EQ(plug_in(ENDLESS), 0);
	handler(NULL, NULL);
}

TEST(lights_follow_the_locks)
{
	CHECK_EQ(plug_in(WORKS), 0);
	PRESS("\x3A\xBA\x1E");
	CHECK_EQ(leds, 0x04);
	CHECK_STR(typed, "A");
	PRESS("\x3A\xBA");
	CHECK_EQ(leds, 0);
}

/* Alt and Print, then keys until Alt goes up; the keys are no text. */
TEST(sysrq_keys_go_to_the_kernel)
{
	CHECK_EQ(plug_in(WORKS), 0);
	nr_sysrqs = 0;
	PRESS("\x38\x54\xD4\x32\xB2\x14\x94");
	CHECK_EQ(nr_sysrqs, 2);
	CHECK(sysrqs[0] == 'm' && sysrqs[1] == 't');
	CHECK_STR(typed, "");
	PRESS("\xB8\x32\xB2");
	CHECK_STR(typed, "m");
	/* Print without Alt is no SysRq. */
	PRESS("\x54\xD4\x32\xB2");
	CHECK_STR(typed, "mm");
	CHECK_EQ(nr_sysrqs, 2);
	/* The right Alt will do. */
	PRESS("\xE0\x38\x54\x32\xB2\xD4\xE0\xB8");
	CHECK_EQ(nr_sysrqs, 3);
}

TEST(three_keys_restart)
{
	jmp_buf env;

	CHECK_EQ(plug_in(WORKS), 0);
	if (!setjmp(env)) {
		panic_caught = &env;
		PRESS("\x1D\x38\xE0\x53");
	}
	panic_caught = NULL;
	CHECK(restarted);
}

/* ---- the keys ---- */

TEST(keys_are_text)
{
	static const struct {
		const char *codes, *text;
	} cases[] = {
		{"\x23\xA3\x12\x26\x26\x18", "hello"},
		{"\x2A\x23\xAA\x17\x36\x02\xB6", "Hi!"},
		{"\x3A\xBA\x1E\x2A\x1E\xAA\x02\x3A\xBA\x1E", "Aa1a"},
		{"\x1D\x2E\x9D\x2E", "\003c"},
		{"\xE0\x1D\x2C\xE0\x9D\x2C", "\032z"},
		{"\x38\x30\xB8", "\033b"},
		{"\xE0\x38\x30\xE0\xB8", "\033b"},
		{"\x0E\x1C\x0F\x01", "\177\r\t\033"},
		{"\xE0\x48\xE0\xC8\xE0\x50\xE0\x4D\xE0\x4B", "\033[A\033[B\033[C\033[D"},
		{"\xE0\x47\xE0\x4F\xE0\x49\xE0\x51\xE0\x52\xE0\x53",
		 "\033[1~\033[4~\033[5~\033[6~\033[2~\033[3~"},
		{"\x3B\x3F\x40\x44\x57\x58", "\033[[A\033[[E\033[17~\033[21~\033[23~\033[24~"},
		{"\x2A\x3B\xAA", "\033[25~"},
		{"\x2A\x0F\xAA", "\033[Z"},
		{"\x1D\x2B\x1A\x9D", "\034\033"},
		{"\x35\xE0\x35\xE0\x1C", "//\r"},
		/* keypad, with and without its lock */
		{"\x48\x45\xC5\x48\x53\x4E\x37\x45\xC5\x4A", "\033[A8.+*-"},
		/* fake shifts around arrows, Print, Pause, both Windows keys */
		{"\xE0\x2A\xE0\x4B\xE0\xCB\xE0\xAA\x1E", "\033[Da"},
		{"\xE0\x2A\xE0\x37\xE0\xB7\xE0\xAA", ""},
		{"\xE1\x1D\x45\xE1\x9D\xC5\x1E", "a"},
		{"\xE0\x5B\xE0\xDB\xE0\x5D\xE0\xDD", ""},
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct keymap k = {0};
		char text[256] = "";

		for (const char *c = cases[i].codes; *c; c++) {
			char piece[KEYMAP_MAX_TEXT];
			u32 len = keymap_take(&k, *c, false, piece);

			strncat(text, piece, len);
		}
		if (strcmp(text, cases[i].text))
			FAIL("case %u types \"%s\"", i, text);
	}
}

TEST(arrows_in_the_other_mode)
{
	struct keymap k = {0};
	char text[KEYMAP_MAX_TEXT];

	keymap_take(&k, 0xE0, true, text);
	CHECK_EQ(keymap_take(&k, 0x48, true, text), 3);
	CHECK(!memcmp(text, "\033OA", 3));
}

TEST(any_bytes_are_taken)
{
	struct keymap k = {0};

	for (u32 i = 0; i < test_rounds(200000); i++) {
		char *text = malloc(KEYMAP_MAX_TEXT); /* of exactly this size */

		CHECK(keymap_take(&k, test_rand(), test_rand_below(2), text) <= KEYMAP_MAX_TEXT);
		free(text);
	}
}
