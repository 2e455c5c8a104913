/*
 * Process 1 at a terminal: does what is typed, a line at a time, and says what came of it.
 *
 *	raw	the next characters one by one, in hexadecimal, without echo, until q
 *	draw	fills the screen with its own escape sequences
 *	size	rows and columns
 *	speed	the serial line's, in baud, and then another
 *	child	as the leader of a session of its own, reads a line from the terminal it is given
 *	busy	computes until a key signals it
 *	end	switches off; so does the end of input
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void raw(void)
{
	struct termios before, t;
	unsigned char c;

	tcgetattr(0, &before);
	t = before;
	cfmakeraw(&t);
	tcsetattr(0, TCSANOW, &t);
	dprintf(1, "raw:\r\n");
	while (read(0, &c, 1) == 1 && c != 'q')
		dprintf(1, " %02x", c);
	tcsetattr(0, TCSANOW, &before);
	dprintf(1, "\ncooked\n");
}

static void draw(void)
{
	dprintf(1, "\033[2J\033[H");
	for (int row = 1; row <= 25; row++)
		dprintf(1, "\033[%d;1Hrow %d", row, row);
	/* rows 5 to 9 scroll by one, row 12 goes, 20 gets three characters more */
	dprintf(1, "\033[5;9r\033[9;1H\n\033[r\033[12;1H\033[M\033[19;1H\033[3@");
	dprintf(1, "\033[2;10H\033[1;31mred\033[0m\033[7m back \033[0m\033[25;1Hdrawn");
}

static void size(void)
{
	struct winsize w;

	if (ioctl(0, TIOCGWINSZ, &w))
		perror("TIOCGWINSZ");
	dprintf(1, "size %d %d\n", w.ws_row, w.ws_col);
}

static void speed(void)
{
	int fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
	struct termios t;

	tcgetattr(fd, &t);
	dprintf(1, "speed %d\n", cfgetospeed(&t) == B19200 ? 19200 : -1);
	cfsetspeed(&t, B38400);
	tcsetattr(fd, TCSANOW, &t);
	close(fd);
}

/* Session, group and controlling terminal, from nothing. */
static void session(const char *name)
{
	char line[100];
	int n, fd, before;

	setsid();
	before = open("/dev/tty", O_RDWR);
	n = errno;
	fd = open(name, O_RDWR);
	dprintf(fd, "child: /dev/tty before: %s\n", before < 0 ? strerror(n) : "open");
	dprintf(fd, "child: after: %s\n", open("/dev/tty", O_RDWR) < 0 ? strerror(errno) : "open");
	dprintf(fd, "child: session %s, foreground %s\n",
		tcgetsid(fd) == getpid() ? "mine" : "not mine",
		tcgetpgrp(fd) == getpgrp() ? "mine" : "not mine");
	n = read(fd, line, sizeof(line));
	dprintf(fd, "child: %.*s", n, line);
	exit(0);
}

static void busy(const char *name)
{
	setsid();
	if (open(name, O_RDWR) < 0)
		exit(1);
	dprintf(1, "busy\n");
	for (;;)
		;
}

static void in_child(void (*what)(const char *name), const char *name)
{
	int status, child = fork();

	if (!child)
		what(name);
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		dprintf(1, "child ended by %s\n", strsignal(WTERMSIG(status)));
	else
		dprintf(1, "child ended with %d\n", WEXITSTATUS(status));
}

int main(int argc, char *argv[])
{
	const char *name = argc > 1 ? argv[1] : "/dev/ttyS0";
	char line[4096];
	int n;

	dprintf(1, "ready\n");
	while ((n = read(0, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		dprintf(1, "<%s>\n", line);
		if (!strcmp(line, "raw"))
			raw();
		else if (!strcmp(line, "draw"))
			draw();
		else if (!strcmp(line, "size"))
			size();
		else if (!strcmp(line, "speed"))
			speed();
		else if (!strcmp(line, "child"))
			in_child(session, name);
		else if (!strcmp(line, "busy"))
			in_child(busy, name);
		else if (!strcmp(line, "end"))
			break;
	}
	dprintf(1, "read gave %d\n", n);
	reboot(RB_POWER_OFF);
	return 0;
}
