/* Any text as a command line, and every value of it as a size. */
#include "tests/fuzz/fuzz.h"
#include "kernel/core/cmdline.h"
#include "lib/parse.h"

static struct cmdline c;

static void check_words(const char *const *words, unsigned nr)
{
	REQUIRE(nr <= CMDLINE_MAX_WORDS);
	for (unsigned i = 0; i < nr; i++) {
		u32 room;

		REQUIRE(words[i] >= c.text && words[i] < c.text + sizeof(c.text));
		room = c.text + sizeof(c.text) - words[i];
		REQUIRE(strnlen(words[i], room) < room);
		REQUIRE(!i || words[i] > words[i - 1] + strlen(words[i - 1]));
		REQUIRE(!strchr(words[i], '"'));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	cmdline_parse(&c, text);
	free(text);
	check_words(c.params, c.nr_params);
	check_words(c.args, c.nr_args);
	REQUIRE(!c.dropped || c.nr_args == CMDLINE_MAX_WORDS || c.nr_params == CMDLINE_MAX_WORDS);
	for (unsigned i = 0; i < c.nr_params; i++) {
		char name[CMDLINE_SIZE];
		const char *value;
		u64 bytes;

		memcpy(name, c.params[i], strcspn(c.params[i], "="));
		name[strcspn(c.params[i], "=")] = '\0';
		value = cmdline_find(&c, name);
		REQUIRE(value);
		if (parse_size(&value, &bytes) == 0)
			REQUIRE(value > c.text && value < c.text + sizeof(c.text));
	}
	return 0;
}
