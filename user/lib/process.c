/* Processes as /proc shows them: their numbers, commands, areas, and the processor's way to a page. */
#include "user/lib/io.h"
#include "user/lib/proc.h"
#include "user/lib/syscall.h"

int pids_first(struct pids *pids)
{
	pids->at = pids->len = 0;
	pids->fd = sys_open("/proc", O_RDONLY | O_DIRECTORY, 0);
	return pids->fd < 0 ? 0 : pids_next(pids);
}

int pids_next(struct pids *pids)
{
	for (;;) {
		const struct dirent64 *entry;
		unsigned long pid;

		if (pids->at >= pids->len) {
			long n = sys_getdents64(pids->fd, pids->entries, sizeof(pids->entries));

			if (n <= 0)
				break;
			pids->at = 0;
			pids->len = n;
		}
		entry = (const struct dirent64 *)(pids->entries + pids->at);
		pids->at += entry->len;
		if (*take_number(entry->name, &pid) == '\0' && pid)
			return pid;
	}
	sys_close(pids->fd);
	return 0;
}

const char *pid_path(int pid, const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return path;
}

void read_command(int pid, char *to, size_t size)
{
	char name[32];
	long len = read_file(pid_path(pid, "cmdline"), to, size);

	while (len > 0 && !to[len - 1])
		len--;
	for (long i = 0; i < len; i++)
		/* what is not text would play tricks on the terminal */
		if (to[i] == '\0' || (to[i] > 0 && to[i] < ' ') || to[i] == 127)
			to[i] = ' ';
	if (len > 0)
		return;
	len = read_file(pid_path(pid, "comm"), name, sizeof(name));
	if (len > 0 && name[len - 1] == '\n')
		name[len - 1] = '\0';
	snprintf(to, size, "[%s]", name);
}

bool parse_mapping(const char *line, struct mapping *to)
{
	uint64_t start, end;
	const char *s = take_hex(line, &start);
	unsigned long inode;

	if (s == line || *s != '-')
		return false; /* and leaves *to as it is */
	s = take_hex(s + 1, &end);
	to->start = start;
	to->end = end;
	s = take_word(s, to->perms, sizeof(to->perms));
	s = take_hex(s, &to->offset);
	s = take_word(s, to->device, sizeof(to->device));
	s = skip_blanks(take_number(s, &inode));
	to->inode = inode;
	snprintf(to->name, sizeof(to->name), "%s", s);
	return true;
}

bool read_walk(int pid, uint32_t address, struct walk *walk)
{
	int fd = sys_open(pid_path(pid, "pagewalk"), O_RDONLY, 0);
	long n;

	if (fd < 0)
		return false;
	n = sys_pread64(fd, walk, sizeof(*walk), address);
	sys_close(fd);
	return n == sizeof(*walk);
}

void print_entry_bits(uint32_t entry)
{
	printf("%s %s %s%s%s%s%s", entry & PTE_PRESENT ? "present" : "absent",
	       entry & PTE_WRITE ? "writable" : "read-only", entry & PTE_USER ? "user" : "kernel",
	       entry & PTE_ACCESSED ? " accessed" : "", entry & PTE_DIRTY ? " dirty" : "",
	       entry & PTE_LARGE ? " 4-MB-page" : "", entry & PTE_GLOBAL ? " global" : "");
}

void print_binary(uint32_t value, int bits)
{
	while (bits--)
		printf("%c", value >> bits & 1 ? '1' : '0');
}
