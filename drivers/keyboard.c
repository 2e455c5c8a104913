/*
 * The keyboard controller (Intel 8042; IBM PS/2 technical reference). Nothing it answers is waited for long, nor
 * believed: without one its ports read 0xFF, some fail their self-test and type all the same, and USB keyboards are
 * made to look like one by firmware that knows few commands.
 */
#include "drivers/keyboard.h"
#include "arch/i386/cpu/io.h"
#include "drivers/keymap.h"
#include "drivers/poll.h"
#include "drivers/power.h"
#include "kernel/core/irq.h"
#include "kernel/core/sysrq.h"
#include "lib/err.h"
#include "lib/printk.h"

#define LINE              1

#define PORT_DATA         0x60
#define PORT_STATUS       0x64
#define PORT_COMMAND      0x64

#define STATUS_OUTPUT     0x01 /* a byte for us */
#define STATUS_INPUT      0x02 /* it has not taken our last one */
#define STATUS_MOUSE      0x20 /* the byte is the mouse's */

#define COMMAND_READ      0x20 /* the configuration */
#define COMMAND_WRITE     0x60
#define COMMAND_SELF_TEST 0xAA
#define SELF_TEST_OK      0x55
#define COMMAND_ENABLE    0xAE
#define COMMAND_NO_MOUSE  0xA7

#define CONFIG_INTERRUPT  0x01
#define CONFIG_MOUSE_IRQ  0x02
#define CONFIG_NO_KEYS    0x10
#define CONFIG_TRANSLATE  0x40 /* to set 1 */

#define KEYBOARD_LEDS     0xED
#define KEYBOARD_ENABLE   0xF4
#define KEYBOARD_ACK      0xFA
#define LED_NUM           0x02
#define LED_CAPS          0x04

#define WAIT_US           50000u
#define SELF_TEST_US      200000u
#define MAX_DRAIN         16u /* its buffer holds no more */

static struct keymap keymap;
static void (*type_text)(const char *text, size_t len);
static bool (*application_keys)(void);
static u8 leds;
static bool leds_wanted; /* the keyboard was told that a byte for them comes */

static bool can_send(u32 microseconds)
{
	return poll_until(!(inb(PORT_STATUS) & STATUS_INPUT), microseconds);
}

static bool send(u16 port, u8 byte)
{
	if (!can_send(WAIT_US))
		return false;
	outb(port, byte);
	return true;
}

static bool receive(u8 *byte, u32 microseconds)
{
	if (!poll_until(inb(PORT_STATUS) & STATUS_OUTPUT, microseconds))
		return false;
	*byte = inb(PORT_DATA);
	return true;
}

static void drain(void)
{
	for (u32 i = 0; i < MAX_DRAIN && (inb(PORT_STATUS) & STATUS_OUTPUT); i++)
		inb(PORT_DATA);
}

/* The keyboard answers the command with an acknowledgement, and then gets the byte: from its interrupt. */
static void set_leds(void)
{
	u8 now = (keymap.num_lock ? LED_NUM : 0) | (keymap.caps_lock ? LED_CAPS : 0);

	if (now == leds || leds_wanted || !can_send(0))
		return;
	leds = now;
	leds_wanted = true;
	outb(PORT_DATA, KEYBOARD_LEDS);
}

static void take(u8 code)
{
	char text[KEYMAP_MAX_TEXT];
	u32 len;

	if (code == KEYBOARD_ACK) {
		if (leds_wanted && can_send(0))
			outb(PORT_DATA, leds);
		leds_wanted = false;
		return;
	}
	len = keymap_take(&keymap, code, application_keys(), text);
	if (keymap.restart)
		machine_restart();
	if (keymap.sysrq) {
		u8 key = keymap.sysrq;

		keymap.sysrq = 0;
		sysrq_key(key);
	}
	if (len)
		type_text(text, len);
	set_leds();
}

static void keyboard_interrupt(struct trap_frame *f __maybe_unused, void *arg __maybe_unused)
{
	for (u32 i = 0; i < MAX_DRAIN; i++) {
		u8 status = inb(PORT_STATUS);
		u8 byte;

		if (status == 0xFF || !(status & STATUS_OUTPUT))
			break;
		byte = inb(PORT_DATA);
		if (!(status & STATUS_MOUSE))
			take(byte);
	}
}

/* The configuration is kept but for what we need of it; one that cannot be read is assumed. */
static void configure(void)
{
	u8 config = 0;

	if (!send(PORT_COMMAND, COMMAND_READ) || !receive(&config, WAIT_US))
		config = CONFIG_TRANSLATE;
	config |= CONFIG_INTERRUPT | CONFIG_TRANSLATE;
	config &= ~(CONFIG_NO_KEYS | CONFIG_MOUSE_IRQ);
	if (!send(PORT_COMMAND, COMMAND_WRITE) || !send(PORT_DATA, config))
		printk("keyboard: the controller does not take its configuration\n");
}

__init int keyboard_init(void (*input)(const char *text, size_t len), bool (*application)(void))
{
	u8 result = 0;
	int ret;

	if (inb(PORT_STATUS) == 0xFF)
		return -ENODEV;
	drain();
	if (!send(PORT_COMMAND, COMMAND_NO_MOUSE))
		return -ENODEV;
	drain();
	if (!send(PORT_COMMAND, COMMAND_SELF_TEST) || !receive(&result, SELF_TEST_US) ||
	    result != SELF_TEST_OK)
		printk("keyboard: the controller's self-test gave 0x%02x; used all the same\n",
		       result);
	type_text = input;
	application_keys = application;
	/* The self-test turns both ports off and may forget the configuration. */
	configure();
	send(PORT_COMMAND, COMMAND_ENABLE);
	/* Firmware may have left the keyboard itself turned off. That none may be plugged in is no error. */
	if (send(PORT_DATA, KEYBOARD_ENABLE))
		receive(&result, WAIT_US);
	drain();
	ret = irq_request(LINE, "keyboard", keyboard_interrupt, NULL);
	/* A key pressed meanwhile holds the line high, and no edge would come. */
	drain();
	return ret;
}
