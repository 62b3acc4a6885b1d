"""Feed markup as paragraphs."""

from __future__ import annotations

import pytest

from monitor.core.extract.article import plain_text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("", ""),
        ("Plain words.", "Plain words."),
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\nTwo & three."),
        ("<p>One<br/>Two<br>\n\nThree</p>", "One\nTwo\nThree"),
        ("<div>A <b>bold</b>\n word</div>", "A bold word"),
        ("<ul><li>first</li><li>second</li></ul>", "first\nsecond"),
        ("Text <script>alert(1)</script><style>p{}</style>goes <!-- no -->on", "Text goes on"),
        ("&lt;p&gt;Escaped &lt;b&gt;twice&lt;/b&gt;.&lt;/p&gt;", "Escaped twice."),
        ("3 &lt; 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("AT&T and R&amp;D", "AT&T and R&D"),
        ("A line that is wrapped in the middle of a sentence by\nits writer goes on.\n\nNew.",
         "A line that is wrapped in the middle of a sentence by its writer goes on.\nNew."),
        ("First sentence of a paragraph that is quite long, indeed.\nSecond one.",
         "First sentence of a paragraph that is quite long, indeed.\nSecond one."),
        ("<p>Body.</p><p>The post Body appeared first on The Harbour Post.</p>", "Body."),
        ("<p>Body.</p><p><a href='/x'>Continue reading...</a></p>", "Body."),
        ("<p>Body.</p><p>Read more: Truce in the north collapses</p><p>More talks are planned.</p>",
         "Body.\nMore talks are planned."),
        ("<p>Body.</p><p>Sign up for our daily newsletter here.</p><p>RELATED STORIES</p>", "Body."),
        ("<p>Same</p><p>Same</p>", "Same"),
        ("A &#65; B &#" + "9" * 6000 + "; C", "A A B C"),
        ("<p>A &#" + "0" * 6000 + "65; C</p>", None),
        ("cafe\u0301 zero\u200bwidth \x07bell", "café zerowidth bell"),
        ("<img src='x.jpg' alt='A ship'>", ""),
        ("<p>Unclosed <b>tags <i>everywhere", "Unclosed tags everywhere"),
        ("<figure><img><figcaption>The port</figcaption></figure><p>Text</p>", "The port\nText"),
    ],
)  # fmt: skip
def test_markup_becomes_paragraphs(markup, expected):
    """None expects no certain text, only that nothing fails."""
    assert plain_text(markup) == expected or expected is None


def test_deep_nesting_keeps_the_words():
    assert "words" in plain_text("<div>" * 3000 + "words")


def test_a_tag_of_megabytes_is_survived():
    attributes = " ".join(f"a{number}=1" for number in range(100_000))
    assert plain_text(f"<p {attributes}>still here</p>") == "still here"
