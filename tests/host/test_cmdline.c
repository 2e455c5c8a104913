/* kernel/core/cmdline.c */
#include "tests/host/check.h"
#include "kernel/core/cmdline.h"

static struct cmdline c;

/* The words of process 1, joined by '|'. */
static const char *args(const char *text)
{
	static char joined[4096];

	cmdline_parse(&c, text);
	joined[0] = '\0';
	for (unsigned i = 0; i < c.nr_args; i++)
		sprintf(joined + strlen(joined), "%s%s", i ? "|" : "", c.args[i]);
	return joined;
}

TEST(known_words_are_kept_unknown_ones_handed_on)
{
	CHECK_STR(args("console=ttyS0 single init=/bin/tour FOO=bar selftest x"),
		  "single|FOO=bar|x");
	CHECK_STR(cmdline_find(&c, "console"), "ttyS0");
	CHECK_STR(cmdline_find(&c, "init"), "/bin/tour");
	CHECK_STR(cmdline_find(&c, "selftest"), "");
	CHECK(!cmdline_find(&c, "mem"));
	CHECK(!cmdline_find(&c, "single"));
	CHECK_STR(args(""), "");
	CHECK_STR(args("  \t  "), "");
	CHECK_STR(args("  a\t b \n"), "a|b");
}

TEST(a_name_is_known_only_as_a_whole)
{
	CHECK_STR(args("memo=1 mem me=2 xmem=3 mem=4M selftest=all selftests initial=x"),
		  "memo=1|mem|me=2|xmem=3|selftests|initial=x");
	CHECK_STR(cmdline_find(&c, "mem"), "4M");
	CHECK_STR(cmdline_find(&c, "selftest"), "all");
	CHECK_STR(args("mem="), "");
	CHECK_STR(cmdline_find(&c, "mem"), "");
}

TEST(several_of_one_name)
{
	unsigned index = 0;

	cmdline_parse(&c, "console=tty0 mem=1M console=ttyS0 mem=2M console=");
	CHECK_STR(cmdline_find_next(&c, "console", &index), "tty0");
	CHECK_STR(cmdline_find_next(&c, "console", &index), "ttyS0");
	CHECK_STR(cmdline_find_next(&c, "console", &index), "");
	CHECK(!cmdline_find_next(&c, "console", &index));
	CHECK_STR(cmdline_find(&c, "mem"), "2M");
}

TEST(quotes)
{
	CHECK_STR(args("a \"b c\" d"), "a|b c|d");
	CHECK_STR(args("X=\"b  c\"d e"), "X=b  cd|e");
	CHECK_STR(args("init=\"/a b\""), "");
	CHECK_STR(cmdline_find(&c, "init"), "/a b");
	CHECK_STR(args("a \"\" b"), "a||b");
	CHECK_STR(args("a \"open to the end "), "a|open to the end ");
	CHECK_STR(args("\"--\" mem=1"), "--");
	CHECK_STR(cmdline_find(&c, "mem"), "1");
}

TEST(after_two_dashes_all_is_handed_on)
{
	CHECK_STR(args("mem=1 a -- mem=2 selftest -- b"), "a|mem=2|selftest|--|b");
	CHECK_STR(cmdline_find(&c, "mem"), "1");
	CHECK(!cmdline_find(&c, "selftest"));
	CHECK_STR(args("--"), "");
	CHECK_STR(args("--x"), "--x");
}

TEST(too_many_words_are_counted)
{
	char text[CMDLINE_SIZE] = "";

	for (int i = 0; i < CMDLINE_MAX_WORDS + 5; i++)
		sprintf(text + strlen(text), "w%d mem=%d ", i, i);
	cmdline_parse(&c, text);
	CHECK_EQ(c.nr_args, CMDLINE_MAX_WORDS);
	CHECK_EQ(c.nr_params, CMDLINE_MAX_WORDS);
	CHECK_EQ(c.dropped, 10);
	CHECK_STR(c.args[CMDLINE_MAX_WORDS - 1], "w63");
}

TEST(too_long_text_is_cut)
{
	char text[CMDLINE_SIZE + 100];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cmdline_parse(&c, text);
	CHECK_EQ(c.nr_args, 1);
	CHECK_EQ(strlen(c.args[0]), CMDLINE_SIZE - 1);
}

TEST(the_kernels_own)
{
	unsigned index = 0;

	cmdline_init("panic=halt console=a one console=b two");
	CHECK_STR(cmdline_get("panic"), "halt");
	CHECK(cmdline_has("console"));
	CHECK(!cmdline_has("cpu"));
	CHECK_STR(cmdline_get_next("console", &index), "a");
	CHECK_STR(cmdline_get_next("console", &index), "b");
	CHECK_EQ(cmdline_nr_args(), 2);
	CHECK_STR(cmdline_arg(1), "two");
	CHECK(!cmdline_arg(2));
}

/* Words written with random quoting and blanks come back as they were. */
TEST(random_words_survive)
{
	for (unsigned round = test_rounds(5000); round; round--) {
		char words[20][12], text[1000] = "", *p = text;
		unsigned nr = test_rand_below(20), arg = 0, dashes = test_rand_below(40);

		for (unsigned i = 0; i < nr; i++) {
			unsigned len = 1 + test_rand_below(10);

			for (unsigned j = 0; j < len; j++)
				words[i][j] = "ab =-x/"[test_rand_below(7)];
			words[i][len] = '\0';
			if (i == dashes)
				p += sprintf(p, "-- ");
			/* Quotes around any part, and always around a blank. */
			for (unsigned j = 0; j < len; j++) {
				bool quote = words[i][j] == ' ' || !test_rand_below(4);

				p += sprintf(p, quote ? "\"%c\"" : "%c", words[i][j]);
			}
			p += sprintf(p, "%s", &"  \t "[test_rand_below(4)]);
			if (p[-1] != ' ' && p[-1] != '\t')
				*p++ = ' ';
			*p = '\0';
		}
		cmdline_parse(&c, text);
		for (unsigned i = 0; i < nr; i++) {
			/* A bare "--" among the random words means what it means. */
			if (!strcmp(words[i], "--"))
				goto next_round;
		}
		for (unsigned i = 0; i < nr; i++)
			CHECK_STR(c.args[arg++], words[i]);
		CHECK_EQ(c.nr_args, nr);
	next_round:;
	}
}
