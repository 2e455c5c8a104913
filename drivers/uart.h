/* The first serial port, ttyS0: an 8250, 16450 or 16550A at 0x3F8, line 4. */
#pragma once

#include "lib/compiler.h"

/* Whether there is one. It is then set to 115200 baud, 8 bits, no parity, and takes text by polling. */
bool uart_probe(void);
/* For a port that is there. baud divides 115200; others are refused. */
bool uart_set_baud(u32 baud);
u32 uart_baud(void);
/* Bytes as they are. Each wait is bounded; a port that stays busy is given up. */
void uart_write(const char *text, size_t len);
/* Waits, bounded, until the last byte has left the port. */
void uart_drain(void);
/*
 * Received bytes go to input(), in the interrupt; false: it took the byte and can take no more until
 * uart_resume_input(). 0 or an errno of irq_request.
 */
__must_check int uart_start_input(bool (*input)(u8 byte));
void uart_resume_input(void);
/* "8250", "16450" or "16550A". */
const char *uart_model(void);
