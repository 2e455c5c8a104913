/*
 * The shell of the image: bash where it is there and runs, else busybox's, else our own, which is on every image and runs
 * on every processor. Debian builds for the i686, so on a 486 or a Pentium its programs die of SIGILL; trying is the only
 * test that tells.
 */
#include "user/lib/io.h"
#include "user/lib/syscall.h"
#include "user/init/init.h"

#define BUSYBOX "/bin/busybox"
#define BASH    "/bin/bash"
#define OUR_OWN "/bin/psh"

static bool busybox_runs;

/* Whether a program that is on the image runs here; says why not. */
static bool runs(const char *path, char *argv[])
{
	int status;

	if (sys_access(path, X_OK))
		return false;
	status = run_and_wait(path, argv, false);
	if (status == 0)
		return true;
	if (status > 0)
		printf("init: %s: %s\n", path, status_text(status));
	explain_end(status);
	return false;
}

void prepare_tools(void)
{
	static const char *const folders[] = {"/bin", "/sbin", "/usr", "/usr/bin", "/usr/sbin"};
	/* What is there already stays. */
	char *install[] = {"busybox", "--install", "-s", NULL};

	if (sys_access(BUSYBOX, X_OK))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(folders); i++)
		sys_mkdir(folders[i], 0755);
	busybox_runs = runs(BUSYBOX, install);
}

static const char *choose(void)
{
	char *try_bash[] = {"bash", "-c", "exit 0", NULL};

	if (runs(BASH, try_bash))
		return BASH;
	if (busybox_runs)
		return "/bin/sh";
	if (sys_access(OUR_OWN, X_OK))
		return NULL;
	/* For scripts; where busybox does not run there is no other. */
	sys_symlink(OUR_OWN, "/bin/sh");
	if (sys_access(BUSYBOX, X_OK))
		printf("init: busybox is not on this image; the shell is Pagoda's own, see help\n");
	else
		printf("init: busybox does not run here; the shell is Pagoda's own, see help\n");
	return OUR_OWN;
}

void run_shell(void)
{
	const char *path = choose();
	/* A name that starts with '-' makes it read /etc/profile. */
	char name[16], *argv[] = {name, NULL};
	int status;

	if (!path) {
		printf("init: there is no shell on this image that runs here\n");
		return;
	}
	snprintf(name, sizeof(name), "-%s", base_name(path));
	status = run_and_wait(path, argv, true);
	if (status < 0)
		printf("init: %s: cannot run it or wait for it, error %d\n", path, -status);
	else if (status & 0x7f)
		printf("init: %s: %s\n", path, status_text(status));
}
