"""The picture of a terminal that tools/book/shot.py draws."""
import sys
import xml.dom.minidom

sys.path.insert(0, "tools/book")
import shot  # pylint: disable=wrong-import-position


def drawn(text):
    return xml.dom.minidom.parseString(shot.draw(text))


def test_text_stands_where_it_stood():
    picture = drawn("one\n   two & <three>\n")
    texts = picture.getElementsByTagName("text")
    assert [text.firstChild.data for text in texts] == ["one", "two & <three>"]
    left, right = (int(text.getAttribute("x")) for text in texts)
    assert right - left == 3 * shot.WIDTH
    assert int(texts[1].getAttribute("y")) - int(texts[0].getAttribute("y")) == shot.HEIGHT


def test_colours():
    picture = drawn("a\x1b[30;42mbb\x1b[0;31mc\x1b[0md")
    front = {text.firstChild.data: text.getAttribute("fill") for text in picture.getElementsByTagName("text")}
    assert front == {"a": shot.COLOURS[7], "bb": shot.COLOURS[0], "c": shot.COLOURS[1], "d": shot.COLOURS[7]}
    # the whole picture, and what stands behind "bb"
    boxes = picture.getElementsByTagName("rect")
    assert len(boxes) == 2 and boxes[1].getAttribute("fill") == shot.COLOURS[2]
    assert int(boxes[1].getAttribute("width")) == 2 * shot.WIDTH


def test_the_pictures_are_whole():
    for name in ("memmap", "tour"):
        picture = xml.dom.minidom.parse("docs/pictures/%s.svg" % name)
        assert len(picture.getElementsByTagName("text")) > 20
