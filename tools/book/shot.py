#!/usr/bin/python3
"""Draw what a command prints on Pagoda as a picture of its terminal (SVG).

usage: shot.py OUTPUT.svg MEGABYTES [--lines FIRST-LAST] COMMAND...

The commands are run in one shell, as book.py does; what the last prints is drawn, with its colours.
"""
import html
import re
import sys

import book

# Linux's console colours.
COLOURS = ["#000000", "#aa0000", "#00aa00", "#aa5500", "#3030c0", "#aa00aa", "#00aaaa", "#aaaaaa"]
BRIGHT = ["#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff"]
WIDTH, HEIGHT, SIZE = 8, 17, 13  # of a character, of a line, of the letters
MARGIN = 8


class Pen:
    """The colours that text is written in."""

    def __init__(self):
        self.front, self.back = COLOURS[7], None

    def set(self, code):
        if code == 0:
            self.front, self.back = COLOURS[7], None
        elif 30 <= code <= 37:
            self.front = COLOURS[code - 30]
        elif 40 <= code <= 47:
            self.back = COLOURS[code - 40]
        elif 90 <= code <= 97:
            self.front = BRIGHT[code - 90]


def runs(line, pen):
    """[(text, front, back)] of a line with escape sequences."""
    out = []
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b"):
            for code in piece[2:-1].split(";"):
                pen.set(int(code or 0))
        elif piece:
            out.append((piece, pen.front, pen.back))
    return out


def draw(text):
    lines = text.rstrip("\n").split("\n")
    columns = max(80, max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines))
    width, height = columns * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="monospace" '
           'font-size="%d" xml:space="preserve" style="white-space:pre">' % (width, height, width, height, SIZE),
           '<rect width="%d" height="%d" fill="#101010"/>' % (width, height)]
    pen = Pen()
    for row, line in enumerate(lines):
        x, top = MARGIN, MARGIN + row * HEIGHT
        for piece, front, back in runs(line, pen):
            length = len(piece) * WIDTH
            if back:
                out.append('<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>' % (x, top, length, HEIGHT, back))
            word = piece.strip(" ")
            if word:
                out.append('<text x="%d" y="%d" textLength="%d" lengthAdjust="spacingAndGlyphs" fill="%s">%s</text>' % (
                    x + (len(piece) - len(piece.lstrip(" "))) * WIDTH, top + SIZE, len(word) * WIDTH, front,
                    html.escape(word)))
            x += length
    return "\n".join(out + ["</svg>", ""])


def main():
    words = sys.argv[1:]
    if len(words) < 3:
        raise SystemExit(__doc__)
    output, book.MEMORY = words[0], int(words[1])
    first, last = 1, None
    if words[2] == "--lines":
        first, last = (int(number) for number in words[3].split("-"))
        words = words[2:]
    commands = [(command, []) for command in words[2:]]
    results = book.run(commands)
    for (command, _), (status, said) in zip(commands, results):
        if status:
            raise SystemExit("status %d: %s\n%s" % (status, command, said))
    if len(results) < len(commands):
        raise SystemExit("did not end: %s" % commands[len(results)][0])
    shown = results[-1][1].split("\n")[first - 1:last]
    with open(output, "w", encoding="utf-8") as file:
        file.write(draw("\n".join(shown)))


if __name__ == "__main__":
    main()
