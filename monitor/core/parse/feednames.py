"""The names feedparser gives to elements: `dc_creator`, `media_title`, bare for the feed formats' own."""

from __future__ import annotations

import re

from monitor.core.parse.strictxml import NotSureError, Unsure

_XML = "{http://www.w3.org/XML/1998/namespace}"
XML_BASE = _XML + "base"
XML_LANG = _XML + "lang"
XHTML = "{http://www.w3.org/1999/xhtml}"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
ATOM_FEED = "{http://www.w3.org/2005/atom}feed"  # in lower case, as namespaces are compared

# feedparser's table (feedparser/mixin.py, `namespaces`), as far as anything read here or around it is concerned.
_BARE = """
    http://backend.userland.com/rss http://blogs.law.harvard.edu/tech/rss http://purl.org/rss/1.0/
    http://my.netscape.com/rdf/simple/0.9/ http://example.com/newformat# http://example.com/necho
    http://purl.org/echo/ uri/of/echo/namespace# http://purl.org/pie/ http://purl.org/atom/ns#
    http://www.w3.org/2005/Atom http://purl.org/rss/1.0/modules/rss091#
"""
_PREFIXED = """
    admin http://webns.net/mvcb/
    ag http://purl.org/rss/1.0/modules/aggregation/
    annotate http://purl.org/rss/1.0/modules/annotate/
    audio http://media.tangent.org/rss/1.0/
    blogchannel http://backend.userland.com/blogChannelModule
    cc http://creativecommons.org/ns#license
    cc http://web.resource.org/cc/
    creativecommons http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html
    creativecommons http://backend.userland.com/creativeCommonsRssModule
    co http://purl.org/rss/1.0/modules/company
    content http://purl.org/rss/1.0/modules/content/
    cp http://my.theinfo.org/changed/1.0/rss/
    dc http://purl.org/dc/elements/1.1/
    dcterms http://purl.org/dc/terms/
    email http://purl.org/rss/1.0/modules/email/
    ev http://purl.org/rss/1.0/modules/event/
    feedburner http://rssnamespace.org/feedburner/ext/1.0
    fm http://freshmeat.net/rss/fm/
    foaf http://xmlns.com/foaf/0.1/
    geo http://www.w3.org/2003/01/geo/wgs84_pos#
    georss http://www.georss.org/georss
    gml http://www.opengis.net/gml
    icbm http://postneo.com/icbm/
    image http://purl.org/rss/1.0/modules/image/
    itunes http://www.itunes.com/DTDs/PodCast-1.0.dtd
    itunes http://example.com/DTDs/PodCast-1.0.dtd
    l http://purl.org/rss/1.0/modules/link/
    media http://search.yahoo.com/mrss
    media http://search.yahoo.com/mrss/
    pingback http://madskills.com/public/xml/rss/module/pingback/
    prism http://prismstandard.org/namespaces/1.2/basic/
    rdf http://www.w3.org/1999/02/22-rdf-syntax-ns#
    rdfs http://www.w3.org/2000/01/rdf-schema#
    ref http://purl.org/rss/1.0/modules/reference/
    reqv http://purl.org/rss/1.0/modules/richequiv/
    search http://purl.org/rss/1.0/modules/search/
    slash http://purl.org/rss/1.0/modules/slash/
    soap http://schemas.xmlsoap.org/soap/envelope/
    ss http://purl.org/rss/1.0/modules/servicestatus/
    str http://hacks.benhammersley.com/rss/streaming/
    sub http://purl.org/rss/1.0/modules/subscription/
    sy http://purl.org/rss/1.0/modules/syndication/
    szf http://schemas.pocketsoap.com/rss/myDescModule/
    taxo http://purl.org/rss/1.0/modules/taxonomy/
    thr http://purl.org/rss/1.0/modules/threading/
    ti http://purl.org/rss/1.0/modules/textinput/
    trackback http://madskills.com/public/xml/rss/module/trackback/
    wfw http://wellformedweb.org/commentAPI/
    wiki http://purl.org/rss/1.0/modules/wiki/
    xhtml http://www.w3.org/1999/xhtml
    xlink http://www.w3.org/1999/xlink
    xml http://www.w3.org/XML/1998/namespace
    psc http://podlove.org/simple-chapters
"""
_KNOWN = dict.fromkeys(_BARE.lower().split(), "") | {
    uri: prefix for prefix, uri in (line.lower().split() for line in _PREFIXED.strip().splitlines())
}
_USUAL_PREFIXES = frozenset(_KNOWN.values())
_ANY_USERLAND = "backend.userland.com/rss"
_DECLARATION = re.compile(r"""xmlns(?::([^\s=<>"']{1,100}))?\s*=\s*(?:"([^"<]{0,500})"|'([^'<]{0,500})')""")


class Names:
    """The names of one document's elements.

    A namespace that feedparser does not know goes by the prefix that the document gives it, and by
    none where it is only ever a default.

    Raises:
        NotSureError: NAMESPACE, when a prefix means two things.
    """

    def __init__(self, document: str) -> None:
        self._own_prefixes, self._doubtful = _own_prefixes(document)

    def of(self, tag: str) -> str:
        """The name for a tag in Clark notation, in lower case.

        Raises:
            NotSureError: NAMESPACE, when the tag's own is unknown and has several prefixes.
        """
        if tag[0] != "{":
            return tag.lower()
        uri, _, local = tag[1:].partition("}")
        prefix = _known_prefix(uri)
        if prefix is None:
            if uri in self._doubtful:
                raise NotSureError(Unsure.NAMESPACE)
            prefix = self._own_prefixes.get(uri, "")
        return f"{prefix}_{local}".lower() if prefix else local.lower()


def _known_prefix(uri: str) -> str | None:
    lowered = uri.lower()
    prefix = _KNOWN.get(lowered)
    return "" if prefix is None and _ANY_USERLAND in lowered else prefix


def _own_prefixes(document: str) -> tuple[dict[str, str], set[str]]:
    """Prefixes by namespace, for those that only this document knows, and the namespaces with no certain one.

    Read from the text, as the tree tells each element's own only.
    """
    uris: dict[str, set[str]] = {}
    for prefix, quoted, apostrophed in _DECLARATION.findall(document):
        if prefix:
            uris.setdefault(prefix, set()).add(quoted or apostrophed)
    own: dict[str, str] = {}
    doubtful: set[str] = set()
    for prefix, named in uris.items():
        known = {_known_prefix(uri) for uri in named}
        written_otherwise = any("&" in uri for uri in named)
        if len(known) > 1 or written_otherwise or (prefix in _USUAL_PREFIXES and known not in ({prefix}, {None})):
            raise NotSureError(Unsure.NAMESPACE)
        if None in known:
            doubtful.update(uri for uri in named if uri in own or len(named) > 1)
            own.update(dict.fromkeys(named, prefix))
    return own, doubtful
