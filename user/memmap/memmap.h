#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- frames.c: what each frame holds --- */

enum content {
	FREE,
	KERNEL,
	SLAB,
	TABLES,
	ANON,
	FILE_PAGE,
	SHMEM,
	RESERVED,
	NR_CONTENTS,
};

/* Gets ready to look at all frames anew. False, after saying why, where the kernel does not tell. */
bool frames_begin(void);
/* What a frame holds. Frames must be asked for in ascending order. */
enum content frame_content(unsigned long frame);
void frames_end(void);

/* --- screen.c: the terminal --- */

struct screen {
	int columns, rows;
	bool colours;
};

/* The terminal's size, or 80 by 24 where standard output is none or does not know. */
void screen_size(struct screen *screen);
/* Standard input by key, unechoed. False if it or standard output is no terminal. */
bool keys_begin(void);
void keys_end(void);
/* Waits for a key, at most so long. Returns it, 0 if none came, -1 if none can come any more. */
int key_within(int milliseconds);
/* Output is collected and goes out in large pieces. */
void put_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void put_char(char c);
void flush(void);
