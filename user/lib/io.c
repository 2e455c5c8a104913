/* Formatted output, files read whole, and words for what wait4 says. */
#include "user/lib/io.h"
#include "user/lib/syscall.h"

#include <asm/signal.h>

struct out {
	char *to;
	size_t size;
	size_t len; /* what would have been written */
};

static void put(struct out *out, char c)
{
	if (out->len + 1 < out->size)
		out->to[out->len] = c;
	out->len++;
}

struct spec {
	bool left;
	bool zero;
	bool plus;
	int width;
	int precision; /* -1: none given */
};

static void put_padded(struct out *out, const struct spec *spec, const char *s, size_t len)
{
	int pad = spec->width - (int)len;

	if (!spec->left)
		while (pad-- > 0)
			put(out, ' ');
	while (len--)
		put(out, *s++);
	if (spec->left)
		while (pad-- > 0)
			put(out, ' ');
}

static void put_number(struct out *out, const struct spec *spec, unsigned long long value,
		       unsigned int base, const char *prefix, const char *digits)
{
	char text[72];
	char *p = text + sizeof(text);
	int least = spec->precision;
	size_t prefix_len = strlen(prefix);

	if (least < 0)
		least = spec->zero && !spec->left ? spec->width - (int)prefix_len : 1;
	if (least > 64)
		least = 64;
	while (value || text + sizeof(text) - p < least) {
		*--p = digits[value % base];
		value /= base;
	}
	p -= prefix_len;
	memcpy(p, prefix, prefix_len);
	put_padded(out, spec, p, text + sizeof(text) - p);
}

static int take_int(const char **format, va_list *args)
{
	int n = 0;

	if (**format == '*') {
		(*format)++;
		return va_arg(*args, int);
	}
	while (**format >= '0' && **format <= '9')
		n = n * 10 + *(*format)++ - '0';
	return n;
}

static unsigned long long take_unsigned(int longs, va_list *args)
{
	return longs >= 2 ? va_arg(*args, unsigned long long) : va_arg(*args, unsigned long);
}

static long long take_signed(int longs, va_list *args)
{
	return longs >= 2 ? va_arg(*args, long long) : va_arg(*args, long);
}

static void put_string(struct out *out, const struct spec *spec, const char *s)
{
	size_t len = 0;

	if (!s)
		s = "(null)";
	while ((spec->precision < 0 || len < (size_t)spec->precision) && s[len])
		len++;
	put_padded(out, spec, s, len);
}

/* `format` stands behind the '%'; returns where the text goes on. */
static const char *put_conversion(struct out *out, const char *format, va_list *args)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
	struct spec spec = {.precision = -1};
	long long value;
	int longs = 0;
	char c;

	for (;; format++) {
		if (*format == '-')
			spec.left = true;
		else if (*format == '0')
			spec.zero = true;
		else if (*format == '+')
			spec.plus = true;
		else
			break;
	}
	spec.width = take_int(&format, args);
	if (*format == '.') {
		format++;
		spec.precision = take_int(&format, args);
	}
	for (; *format == 'l' || *format == 'z'; format++)
		longs += *format == 'l';

	switch (*format) {
	case 'd':
	case 'i':
		value = take_signed(longs, args);
		put_number(out, &spec,
			   value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value,
			   10,
			   value < 0   ? "-"
			   : spec.plus ? "+"
				       : "",
			   lower);
		break;
	case 'u':
		put_number(out, &spec, take_unsigned(longs, args), 10, "", lower);
		break;
	case 'o':
		put_number(out, &spec, take_unsigned(longs, args), 8, "", lower);
		break;
	case 'x':
		put_number(out, &spec, take_unsigned(longs, args), 16, "", lower);
		break;
	case 'X':
		put_number(out, &spec, take_unsigned(longs, args), 16, "", upper);
		break;
	case 'p':
		put_number(out, &spec, take_unsigned(0, args), 16, "0x", lower);
		break;
	case 's':
		put_string(out, &spec, va_arg(*args, const char *));
		break;
	case 'c':
		c = va_arg(*args, int);
		put_padded(out, &spec, &c, 1);
		break;
	case '\0':
		return format;
	default:
		put(out, *format);
	}
	return format + 1;
}

int vsnprintf(char *to, size_t size, const char *format, va_list args)
{
	struct out out = {.to = to, .size = size};
	va_list copy;

	va_copy(copy, args);
	while (*format) {
		if (*format != '%')
			put(&out, *format++);
		else
			format = put_conversion(&out, format + 1, &copy);
	}
	va_end(copy);
	if (size)
		to[out.len < size ? out.len : size - 1] = '\0';
	return out.len;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(to, size, format, args);
	va_end(args);
	return len;
}

int printf(const char *format, ...)
{
	char text[1024];
	int len, done = 0;
	va_list args;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len > (int)sizeof(text) - 1)
		len = sizeof(text) - 1;
	while (done < len) {
		long n = sys_write(1, text + done, len - done);

		if (n <= 0)
			break;
		done += n;
	}
	return len;
}

unsigned long long parse_number(const char *s, const char **end)
{
	unsigned long long n = 0;
	unsigned int base = 10;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	} else if (s[0] == '0') {
		base = 8;
	}
	for (;; s++) {
		unsigned int digit;

		if (*s >= '0' && *s <= '9')
			digit = *s - '0';
		else if ((*s | 32) >= 'a' && (*s | 32) <= 'f')
			digit = (*s | 32) - 'a' + 10;
		else
			break;
		if (digit >= base)
			break;
		n = n * base + digit;
	}
	if (end)
		*end = s;
	return n;
}

long read_file(const char *path, char *to, size_t size)
{
	int fd = sys_open(path, O_RDONLY, 0);
	size_t len = 0;
	long n = 0;

	to[0] = '\0';
	if (fd < 0)
		return fd;
	while (len + 1 < size) {
		n = sys_read(fd, to + len, size - 1 - len);
		if (n <= 0)
			break;
		len += n;
	}
	to[len] = '\0';
	sys_close(fd);
	return n < 0 ? n : (long)len;
}

const char *signal_name(int signal)
{
	static const char *const names[] = {
		[SIGHUP] = "SIGHUP",       [SIGINT] = "SIGINT",       [SIGQUIT] = "SIGQUIT",
		[SIGILL] = "SIGILL",       [SIGTRAP] = "SIGTRAP",     [SIGABRT] = "SIGABRT",
		[SIGBUS] = "SIGBUS",       [SIGFPE] = "SIGFPE",       [SIGKILL] = "SIGKILL",
		[SIGUSR1] = "SIGUSR1",     [SIGSEGV] = "SIGSEGV",     [SIGUSR2] = "SIGUSR2",
		[SIGPIPE] = "SIGPIPE",     [SIGALRM] = "SIGALRM",     [SIGTERM] = "SIGTERM",
		[SIGSTKFLT] = "SIGSTKFLT", [SIGCHLD] = "SIGCHLD",     [SIGCONT] = "SIGCONT",
		[SIGSTOP] = "SIGSTOP",     [SIGTSTP] = "SIGTSTP",     [SIGTTIN] = "SIGTTIN",
		[SIGTTOU] = "SIGTTOU",     [SIGURG] = "SIGURG",       [SIGXCPU] = "SIGXCPU",
		[SIGXFSZ] = "SIGXFSZ",     [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF",
		[SIGWINCH] = "SIGWINCH",   [SIGIO] = "SIGIO",         [SIGPWR] = "SIGPWR",
		[SIGSYS] = "SIGSYS",
	};
	static char number[24];

	if (signal > 0 && signal < (int)ARRAY_SIZE(names) && names[signal])
		return names[signal];
	snprintf(number, sizeof(number), "signal %d", signal);
	return number;
}

const char *status_text(int status)
{
	static char text[64];

	if ((status & 0x7f) == 0)
		snprintf(text, sizeof(text), "exited with %d", status >> 8 & 0xff);
	else if ((status & 0xff) == 0x7f)
		snprintf(text, sizeof(text), "stopped by %s", signal_name(status >> 8 & 0xff));
	else
		snprintf(text, sizeof(text), "killed by %s", signal_name(status & 0x7f));
	return text;
}
