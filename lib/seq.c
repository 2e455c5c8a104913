/* A bounded text buffer for reports. */
#include "lib/seq.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"

void seq_init_printk(struct seq *seq, char *buf, size_t size)
{
	seq_init(seq, buf, size);
	seq->out = printk_write;
}

void seq_flush(struct seq *seq)
{
	if (seq->out && seq->len) {
		seq->out(seq->buf, seq->len);
		seq->len = 0;
	}
}

void seq_write(struct seq *seq, const char *text, size_t len)
{
	while (len) {
		size_t part = MIN(len, seq->size - seq->len);

		memcpy(seq->buf + seq->len, text, part);
		seq->len += part;
		text += part;
		len -= part;
		if (!len)
			return;
		if (!seq->out || !seq->size) {
			seq->lost += len;
			return;
		}
		seq_flush(seq);
	}
}

void seq_putc(struct seq *seq, char c)
{
	seq_write(seq, &c, 1);
}

void seq_puts(struct seq *seq, const char *text)
{
	seq_write(seq, text, strlen(text));
}

void seq_printf(struct seq *seq, const char *fmt, ...)
{
	char text[256];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	seq_write(seq, text, len);
}
