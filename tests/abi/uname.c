/* uname: what programs look at, and that the release reads as a version number. */
#include "tests/abi/lib/abi.h"

static bool parses(const char *s)
{
	for (int part = 0; part < 2; part++) {
		if (*s < '0' || *s > '9')
			return false;
		parse_number(s, &s);
		while (*s >= '0' && *s <= '9')
			s++;
		if (*s++ != '.')
			return part == 1;
	}
	return *s >= '0' && *s <= '9';
}

int main(void)
{
	struct new_utsname name;

	memset(&name, 'x', sizeof(name));
	say("uname", sys_uname(&name));
	say_text("system", name.sysname);
	line("release reads as a version: %s", parses(name.release) ? "yes" : "no");
	say_text("machine", name.machine);
	line("every field ends: %s",
	     strlen(name.nodename) < sizeof(name.nodename) &&
			     strlen(name.version) < sizeof(name.version) &&
			     strlen(name.domainname) < sizeof(name.domainname)
		     ? "yes"
		     : "no");
	say("at a bad address", sys_uname((void *)0xfffff000));
	return 0;
}
