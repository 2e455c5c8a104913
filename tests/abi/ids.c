/* Users and groups: what the calls of 32 and of 16 bits set, keep, answer and refuse. */
#include "tests/abi/lib/abi.h"

static void show(const char *what)
{
	unsigned r, e, s;

	say("getresuid32", CALL(getresuid32, &r, &e, &s));
	line("%s: uids %u %u %u, getuid %ld %ld, geteuid %ld %ld", what, r, e, s, CALL(getuid32),
	     CALL(getuid), CALL(geteuid32), CALL(geteuid));
	say("getresgid32", CALL(getresgid32, &r, &e, &s));
	line("%s: gids %u %u %u, getgid %ld %ld, getegid %ld %ld", what, r, e, s, CALL(getgid32),
	     CALL(getgid), CALL(getegid32), CALL(getegid));
}

static int set_wide(void *arg)
{
	(void)arg;
	SAY(setgid32, 1000);
	show("setgid32");
	SAY(setregid32, -1, 0);
	SAY(setregid32, 70000, 70001);
	show("setregid32 of large ones");
	SAY(setresgid32, 1, 2, 3);
	SAY(setfsgid32, 4);
	SAY(setfsgid32, -1);
	show("setresgid32");
	SAY(setuid32, -1);
	SAY(setresuid32, 10, 20, 30);
	show("no longer root");
	SAY(setfsuid32, 10);
	SAY(setfsuid32, 99);
	SAY(setfsuid32, -1);
	SAY(setuid32, 40);
	SAY(setuid32, 30);
	show("the saved one");
	SAY(setreuid32, 40, -1);
	SAY(setreuid32, -1, 10);
	show("the real one");
	SAY(setreuid32, 10, 10);
	show("both");
	SAY(setreuid32, 0, 0);
	SAY(setresuid32, -1, -1, 5);
	SAY(setresuid32, -1, -1, -1);
	SAY(setgid32, 1000);
	SAY(setgid32, 3);
	SAY(setregid32, 9, -1);
	SAY(setresgid32, 9, -1, -1);
	show("a user's groups");
	SAY(setgroups32, 0, 0);
	SAY(setgroups, 0, 0);
	return 0;
}

static int set_narrow(void *arg)
{
	(void)arg;
	SAY(setgid, 1000);
	SAY(setgid, 0x10000 + 7);
	show("the upper half does not count");
	SAY(setregid, 0xffff, 8);
	show("setregid");
	SAY(setresgid, 1, 0xffff, 3);
	SAY(setfsgid, 4);
	SAY(setfsgid, 0xffff);
	show("setresgid");
	SAY(setresuid32, 70000, 70001, 0);
	show("too large for the old calls");
	SAY(setfsuid, 0xffff);
	SAY(setuid, 0xffff);
	SAY(setuid, 5);
	SAY(setresuid, 0xffff, 0, 0xffff);
	SAY(setreuid, 0xffff, 6);
	show("setreuid");
	SAY(setuid, 9);
	SAY(setfsuid, 6);
	SAY(setresuid, 1, 1, 1);
	return 0;
}

static int set_groups(void *arg)
{
	unsigned groups[4] = {5, 70000, 3, 9};
	unsigned short old[4] = {0};

	(void)arg;
	SAY(setgroups32, 3, groups);
	memset(groups, 0, sizeof(groups));
	SAY(getgroups32, 0, 0);
	SAY(getgroups32, 4, groups);
	/* Linux sorts them */
	line("groups %u %u %u %u", groups[0], groups[1], groups[2], groups[3]);
	SAY(getgroups32, 2, groups);
	SAY(getgroups32, -1, groups);
	SAY(getgroups32, 4, BAD_POINTER);
	SAY(setgroups32, 3, BAD_POINTER);
	SAY(setgroups32, 70000, groups);
	SAY(getgroups, 0, 0);
	SAY(getgroups, 4, old);
	line("groups %u %u %u %u", old[0], old[1], old[2], old[3]);
	SAY(getgroups, 1, old);
	SAY(getgroups, 4, BAD_POINTER);
	old[0] = 77;
	old[1] = 66;
	SAY(setgroups, 2, old);
	SAY(getgroups32, 4, groups);
	line("groups %u %u", groups[0], groups[1]);
	SAY(setgroups, 2, BAD_POINTER);
	SAY(setgroups32, 0, 0);
	SAY(getgroups32, 4, groups);
	return 0;
}

static int check_pointers(void *arg)
{
	unsigned id;
	unsigned short r, e, s;

	(void)arg;
	SAY(getresuid32, BAD_POINTER, &id, &id);
	SAY(getresuid32, &id, BAD_POINTER, &id);
	SAY(getresgid32, &id, &id, BAD_POINTER);
	SAY(setresuid32, 70000, 2, 3);
	SAY(setresgid32, 4, 70000, 6);
	SAY(getresuid, &r, &e, &s);
	line("%u %u %u", r, e, s);
	SAY(getresgid, &r, &e, &s);
	line("%u %u %u", r, e, s);
	SAY(getresuid, &r, &e, BAD_POINTER);
	SAY(getresgid, BAD_POINTER, &e, &s);
	return 0;
}

static int show_own(void *arg)
{
	(void)arg;
	show("a child");
	return 0;
}

static int forks(void *arg)
{
	(void)arg;
	SAY(setresuid32, 11, 12, 13);
	say_status("a child has its ids", in_child(show_own, NULL));
	return 0;
}

/* ---- capabilities ---- */

#define VERSION_1 0x19980330u
#define VERSION_3 0x20080522u
#define CHOWN     1u /* bit 0 */
#define SETPCAP   0x100u
#define KILL      0x20u

static struct {
	unsigned version;
	int pid;
} header;
static struct {
	unsigned effective, permitted, inheritable;
} sets[2];

static void show_sets(const char *what)
{
	header.version = VERSION_3;
	header.pid = 0;
	memset(sets, 0, sizeof(sets));
	SAY(capget, &header, sets);
	line("%s: effective %s, permitted %s, inheritable %x %x", what,
	     !(sets[0].effective | sets[1].effective) ? "none"
	     : sets[0].effective == sets[0].permitted ? "all that is permitted"
						      : "some",
	     !(sets[0].permitted | sets[1].permitted) ? "none"
	     : sets[0].permitted & CHOWN              ? "with CHOWN"
						      : "without CHOWN",
	     sets[0].inheritable, sets[1].inheritable);
}

static int give_up(void *arg)
{
	(void)arg;
	show_sets("root");
	sets[0].effective = CHOWN;
	sets[0].permitted = CHOWN | KILL;
	sets[0].inheritable = KILL;
	sets[1] = (typeof(sets[1])){0};
	SAY(capset, &header, sets);
	show_sets("some kept");
	line("exactly %x %x %x", sets[0].effective, sets[0].permitted, sets[0].inheritable);
	sets[0].permitted |= SETPCAP;
	SAY(capset, &header, sets);
	sets[0].permitted = CHOWN;
	sets[0].effective = CHOWN | KILL;
	SAY(capset, &header, sets);
	sets[0].effective = CHOWN;
	sets[0].inheritable = SETPCAP;
	SAY(capset, &header, sets);
	sets[0].inheritable = 0;
	SAY(capset, &header, sets);
	show_sets("CHOWN only");
	return 0;
}

static int change_user(void *arg)
{
	(void)arg;
	SAY(setresuid32, -1, 7, -1);
	show_sets("another effective user");
	SAY(setresuid32, -1, 0, -1);
	show_sets("root again");
	SAY(setresuid32, 7, 7, 7);
	show_sets("a user");
	return 0;
}

static void wrong_headers(void)
{
	header.version = 5;
	SAY(capget, &header, sets);
	line("version %x", header.version);
	header.version = 5;
	SAY(capget, &header, NULL);
	header.version = 5;
	SAY(capset, &header, sets);
	header.version = VERSION_1;
	header.pid = 0;
	SAY(capget, &header, sets);
	header.pid = -1;
	SAY(capget, &header, sets);
	SAY(capset, &header, sets);
	header.pid = 30000;
	SAY(capget, &header, sets);
	header.pid = 0;
	SAY(capget, &header, BAD_POINTER);
	SAY(capget, BAD_POINTER, sets);
	SAY(capset, BAD_POINTER, sets);
	SAY(capset, &header, BAD_POINTER);
}

int main(void)
{
	show("at first");
	say_status("wide", in_child(set_wide, NULL));
	say_status("narrow", in_child(set_narrow, NULL));
	say_status("groups", in_child(set_groups, NULL));
	say_status("pointers", in_child(check_pointers, NULL));
	say_status("forks", in_child(forks, NULL));
	in_child(give_up, NULL);
	in_child(change_user, NULL);
	wrong_headers();
	return 0;
}
