/*
 * Terminals: what stands between a device that shows and types characters and the programs that read and write lines.
 * Behaves as Linux's N_TTY; termios(3) and ioctl_tty(2) describe what programs see.
 */
#pragma once

#include "kernel/core/chardev.h"
#include "kernel/core/wait.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include <asm/termbits.h>
#include <asm/termios.h>

struct tty;

struct tty_driver {
	/* Bytes for the device, as they are; an escape sequence comes whole. Does not sleep. */
	void (*write)(struct tty *tty, const char *text, size_t len);
	/* There is room again after tty_input() said there was none. NULL: the driver does not hold input back. */
	void (*resume_input)(struct tty *tty);
	/* The settings change: speed and such for the line. NULL: it has none. */
	void (*configure)(struct tty *tty, const struct termios *t);
};

#define TTY_RAW_SIZE   256u  /* powers of two: the counters wrap */
#define TTY_INPUT_SIZE 4096u /* the longest line, as on Linux */
#define TTY_ECHO_SIZE  128u  /* echo kept while output is stopped; what is more is not shown */
#define TTY_OUT_SIZE   256u

/* In tty->input, beside the character. */
#define TTY_LINE_END 0x100u /* the last one of a line */
#define TTY_NOTHING  0x200u /* the end of input: no character, only an end */

/* Zeroed but for the first four by its owner, who keeps it for ever. */
struct tty {
	const char *name;
	const struct tty_driver *driver;
	struct winsize size;
	struct char_device *device; /* the one that stands for it: in ps, and as /dev/tty */

	struct termios termios;
	u32 session,
		foreground; /* whose controlling terminal it is, 0: nobody's; the group that is typed to */
	u32 nr_open, nr_readers;   /* open files, and those that may read */
	bool is_read;              /* one of them has: it is more than looked at or set */
	bool stopped;              /* ^S */
	bool held;                 /* TCOOFF: stopped, and no key continues it */
	bool literal_next;         /* ^V was typed */
	bool throttled;            /* the driver was told to wait */
	u32 column;                /* where the cursor is, as far as can be told */
	u32 line_column;           /* and where it was before the line being typed */
	struct wait_queue waiters; /* for anything: input, output that goes on, a hang-up */
	struct list_head node;

	u8 raw[TTY_RAW_SIZE]; /* [raw_out, raw_in) came from the device and was not looked at */
	u32 raw_in, raw_out;
	u16 *input; /* TTY_INPUT_SIZE places; NULL while it is not open: keys wait in raw */
	u32 read_at, line_start, line_end; /* see tty.c */
	char echo[TTY_ECHO_SIZE];
	u32 echo_len;
	char out[TTY_OUT_SIZE];
	u32 out_len, out_whole; /* the first out_whole bytes of out end no sequence in its middle */
	u32 out_state;
};

/* Makes a terminal of tty, with Linux's first settings. */
void tty_register(struct tty *tty);
/* Operations for the char_devices whose private is a struct tty. */
extern const struct char_ops tty_char_ops;
/* Devices of the same kind that no session takes for its controlling terminal by opening them. */
extern const struct char_ops tty_shared_char_ops;
/* Registers /dev/tty and starts the thread that looks at input. Needs threads and kernel memory. */
void tty_init(void);

/* Characters from the device. Any context. => places left; at 0 the driver holds back until resume_input(). */
u32 tty_input(struct tty *tty, const void *bytes, u32 len);
/* Programs are told of a new size by SIGWINCH. */
void tty_set_size(struct tty *tty, const struct winsize *size);

/* ---- for the process room ---- */
struct tty_caller {
	u32 pid, group, session; /* all 0: no process */
};
/* What a terminal asks and tells processes. */
struct tty_process_ops {
	struct tty_caller (*caller)(void);
	/* Whether the caller blocks or ignores a signal. */
	bool (*ignores)(int signo);
	/* Nobody outside the group, but in its session, is parent of one of it: nobody could continue it. */
	bool (*orphaned)(u32 group);
	/* 0: there is no such group. */
	u32 (*group_session)(u32 group);
	/* To all of a group. Does not sleep. */
	void (*signal)(u32 group, int signo);
};
void tty_set_process_ops(const struct tty_process_ops *ops);
/* The leader of a session ends or starts another: its terminal hangs up. */
void tty_session_ends(u32 session);
/* The controlling terminal of a session, NULL if there is none. */
struct tty *tty_of_session(u32 session);

/* ---- between the files of the terminal ---- */
/* tty_line.c: what was typed becomes input, echo and signals. Does not sleep. */
void tty_pump(struct tty *tty);
/* Whether tty_pump() would do something. */
bool tty_pump_pending(const struct tty *tty);
void tty_flush_input(struct tty *tty);
void tty_start_output(struct tty *tty);
/* Takes over changed settings: what of the input is readable may change. */
void tty_set_termios(struct tty *tty, const struct termios *t);
/* One character through c_oflag. emit takes bytes; it is given what the device is to get. */
void tty_output_char(struct tty *tty, u8 c, void (*emit)(struct tty *tty, u8 byte));

/* tty_session.c: registers /dev/tty. */
void tty_session_init(void);
/* 0, or why a process in the background may not do this now (-EIO, -ERESTARTSYS: it was stopped). */
__must_check int tty_check_background(struct tty *tty, int signo);
void tty_signal_foreground(struct tty *tty, int signo);
void tty_take_for_session(struct tty *tty, u32 flags);
long tty_session_ioctl(struct tty *tty, u32 cmd, vaddr_t arg); /* -ENOTTY: none of its calls */
/* tty_ioctl.c */
long tty_ioctl(struct char_device *dev, u32 cmd, vaddr_t arg);
extern struct list_head ttys;
