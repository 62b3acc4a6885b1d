"""What stands among an article's paragraphs and is not of it: taken out of the tree before extraction."""

from __future__ import annotations

from lxml import etree

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_TEASER_TAGS = ("p", *_HEADINGS)
_SHORTEST_TEASER = 20  # code points; a shorter paragraph of one link is a name or a source inside a list of facts


def prune(tree: etree._Element) -> None:
    """Drop, in place, picture captions and paragraphs that are nothing but one link.

    A caption often tells of another day ("Ceasefire talks in Doha in 2023"), and a paragraph that
    is a link as a whole is another article's headline: either would be read as this one's news.
    """
    for caption in list(tree.iter("figcaption")):
        _drop(caption)
    for paragraph in list(tree.iter(*_TEASER_TAGS)):
        if _is_teaser(paragraph):
            _drop(paragraph)


def _is_teaser(paragraph: etree._Element) -> bool:
    links = list(paragraph.iter("a"))
    if len(links) != 1:
        return False
    linked = _text_length(links[0])
    return linked >= _SHORTEST_TEASER and linked == _text_length(paragraph)


def _text_length(element: etree._Element) -> int:
    """Code points of text, white space left out."""
    return sum(len("".join(piece.split())) for piece in element.itertext())


def _drop(element: etree._Element) -> None:
    """Take the element out; the text that follows it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
