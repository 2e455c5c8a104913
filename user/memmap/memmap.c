/*
 * memmap: a picture of all frames of the machine, coloured by what they hold.
 *
 * A cell stands for as many frames, a power of two, as make the picture fit the window. It has the
 * letter and colour of what most of its used frames hold: as background where at least half of
 * its frames are used, else small and as a coloured letter. Each zone begins a new row.
 */
#include "user/memmap/memmap.h"

#include "user/lib/io.h"
#include "user/lib/proc.h"
#include "user/lib/syscall.h"

#define MIB_FRAMES   256u
#define LABEL_WIDTH  12
#define LEGEND_WIDTH 20
#define CTRL_C       3

static const struct {
	char letter;
	char colour; /* the last digit of the terminal's code */
	const char *name;
} kinds[NR_CONTENTS] = {
	[FREE] = {'.', '7', "free"},      [KERNEL] = {'K', '1', "kernel"},
	[SLAB] = {'S', '5', "slab"},      [TABLES] = {'T', '3', "tables"},
	[ANON] = {'A', '2', "anonymous"}, [FILE_PAGE] = {'F', '4', "file"},
	[SHMEM] = {'M', '6', "shmem"},    [RESERVED] = {'-', '7', "reserved"},
};

struct picture {
	struct screen screen;
	struct zone_figures zones[MAX_ZONES];
	int nr_zones;
	unsigned long cell, columns; /* frames of a cell, cells of a row */
	unsigned long totals[NR_CONTENTS];
};

static const char *line_end = "\n";

static bool is_idle(enum content content)
{
	return content == FREE || content == RESERVED;
}

/* The colour of the text that follows; nothing is sent where it is what it was. */
static void set_colour(const struct picture *picture, const char *code)
{
	static char now[8] = "0";

	if (!picture->screen.colours || !strcmp(now, code))
		return;
	snprintf(now, sizeof(now), "%s", code);
	put_text("\033[%sm", code);
}

static void put_kind(const struct picture *picture, enum content content, bool full)
{
	char letter = kinds[content].letter;
	char code[8];

	if (is_idle(content))
		snprintf(code, sizeof(code), "0;90");
	else if (full)
		snprintf(code, sizeof(code), "30;4%c", kinds[content].colour);
	else
		snprintf(code, sizeof(code), "0;3%c", kinds[content].colour);
	set_colour(picture, code);
	put_char(full || is_idle(content) ? letter : letter | 32);
}

static void end_line(const struct picture *picture)
{
	set_colour(picture, "0");
	put_text("%s", line_end);
}

static void put_cell(struct picture *picture, const unsigned long counts[NR_CONTENTS])
{
	unsigned long used = 0, all = 0;
	enum content most = counts[FREE] ? FREE : RESERVED;

	for (int i = 0; i < NR_CONTENTS; i++) {
		picture->totals[i] += counts[i];
		all += counts[i];
		if (is_idle(i))
			continue;
		used += counts[i];
		if (counts[i] && (is_idle(most) || counts[i] > counts[most]))
			most = i;
	}
	if (all)
		put_kind(picture, most, used * 2 >= all);
	else
		put_char(' ');
}

static void put_zone(struct picture *picture, const struct zone_figures *zone)
{
	unsigned long end = zone->start_pfn + zone->spanned;
	unsigned long row = zone->start_pfn & -picture->cell;

	put_text("%s: %lu frames present, %lu free", zone->name, zone->present, zone->free);
	end_line(picture);
	for (; row < end; row += picture->columns * picture->cell) {
		if (row % MIB_FRAMES)
			put_text("%8lu KB ", row * (PAGE_SIZE / 1024));
		else
			put_text("%8lu MB ", row / MIB_FRAMES);
		for (unsigned long i = 0; i < picture->columns; i++) {
			unsigned long counts[NR_CONTENTS] = {0};
			unsigned long frame = row + i * picture->cell, stop = frame + picture->cell;

			if (frame < zone->start_pfn)
				frame = zone->start_pfn;
			for (; frame < stop && frame < end; frame++)
				counts[frame_content(frame)]++;
			put_cell(picture, counts);
		}
		end_line(picture);
	}
}

static unsigned long rows_needed(const struct picture *picture)
{
	unsigned long rows = 0, row_frames = picture->cell * picture->columns;

	for (int i = 0; i < picture->nr_zones; i++) {
		const struct zone_figures *zone = &picture->zones[i];
		unsigned long first = zone->start_pfn & -picture->cell;

		rows += 1 + (zone->start_pfn + zone->spanned - first + row_frames - 1) / row_frames;
	}
	return rows;
}

static int legend_rows(const struct picture *picture)
{
	int per_row = picture->screen.columns / LEGEND_WIDTH;

	if (per_row < 1)
		per_row = 1;
	return (NR_CONTENTS + per_row - 1) / per_row;
}

/* Rows are multiples of 16 cells, so that their addresses are round. */
static void fit(struct picture *picture)
{
	int spare = picture->screen.columns - LABEL_WIDTH - 1;
	int rows = picture->screen.rows - 2 - legend_rows(picture) - 1;
	unsigned long least = 2ul * picture->nr_zones; /* a heading and a row for each */

	picture->columns = spare < 16 ? 16 : (unsigned long)spare & ~15ul;
	picture->cell = 1;
	while (rows_needed(picture) > (rows < (int)least ? least : (unsigned long)rows))
		picture->cell *= 2;
}

static void put_legend(const struct picture *picture)
{
	int per_row = (NR_CONTENTS + legend_rows(picture) - 1) / legend_rows(picture);

	for (int i = 0; i < NR_CONTENTS; i++) {
		put_kind(picture, i, true);
		set_colour(picture, "0");
		put_text(" %-9s %7lu", kinds[i].name, picture->totals[i]);
		if (i % per_row == per_row - 1 || i == NR_CONTENTS - 1)
			end_line(picture);
		else
			put_char(' ');
	}
}

/* False if the kernel does not tell. */
static bool draw(struct picture *picture, const char *hint)
{
	unsigned long frames = 0;

	picture->nr_zones = read_zones(picture->zones);
	if (!picture->nr_zones) {
		printf("memmap: /proc/zoneinfo cannot be read\n");
		return false;
	}
	memset(picture->totals, 0, sizeof(picture->totals));
	if (!frames_begin())
		return false;
	fit(picture);
	for (int i = 0; i < picture->nr_zones; i++)
		frames += picture->zones[i].spanned;
	put_text("%lu frames of 4 KB, %lu in a cell%s", frames, picture->cell, hint);
	end_line(picture);
	for (int i = 0; i < picture->nr_zones; i++)
		put_zone(picture, &picture->zones[i]);
	frames_end();
	put_legend(picture);
	put_text("small letter: less than half used");
	end_line(picture);
	flush();
	return true;
}

/* Learns how this kernel marks free frames, which takes a look at all of them. */
static bool look_once(void)
{
	struct zone_figures zones[MAX_ZONES];
	int count = read_zones(zones);

	if (!frames_begin())
		return false;
	for (int i = 0; i < count; i++)
		for (unsigned long n = 0; n < zones[i].spanned; n++)
			frame_content(zones[i].start_pfn + n);
	frames_end();
	return true;
}

static void watch(struct picture *picture)
{
	int key = 0;

	line_end = "\033[K\n"; /* what is left of a longer line goes */
	put_text("\033[?25l\033[2J");
	while (key >= 0 && key != 'q' && key != 'Q' && key != CTRL_C) {
		screen_size(&picture->screen);
		put_text("\033[H");
		if (!draw(picture, "; q ends"))
			break;
		put_text("\033[J");
		flush();
		key = key_within(1000);
	}
	put_text("\033[?25h");
	flush();
}

int main(int argc, char *argv[])
{
	static struct picture picture;
	bool once = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-1") || !strcmp(argv[i], "-c")) {
			once = true;
			picture.screen.colours = argv[i][1] == 'c';
			continue;
		}
		printf("usage: memmap [-1 | -c]\n"
		       "  a picture of all frames by what they hold, once a second until q\n"
		       "  -1  once, without colours\n"
		       "  -c  once, with colours\n");
		return strcmp(argv[i], "-h") ? 2 : 0;
	}
	if (!look_once())
		return 1;
	screen_size(&picture.screen);
	if (once || !keys_begin())
		return draw(&picture, "") ? 0 : 1;
	picture.screen.colours = true;
	watch(&picture);
	keys_end();
	return 0;
}
