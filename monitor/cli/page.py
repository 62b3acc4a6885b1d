"""The article at an address, fetched and extracted as the daemon does."""

from __future__ import annotations

from monitor import __version__
from monitor.cli.context import CliContext
from monitor.cli.exits import CommandFailed
from monitor.cli.screen import working
from monitor.core.model.fetch import FetchRequest
from monitor.core.model.report import Article
from monitor.core.poll.plan import PAGE_ACCEPT
from monitor.core.text.normalise import nfc
from monitor.errors import ParseError
from monitor.fetch.http import HttpFetcher
from monitor.workers.pool import WorkerPool


def article_of_page(context: CliContext, url: str) -> Article:
    """The article in the page at `url`.

    Raises:
        CommandFailed: the page answers with an error, or is no article.
        FetchError: the page does not answer.
    """
    settings = context.loaded.settings
    workers = settings.workers
    fetcher = HttpFetcher(settings.network, version=__version__, environ=context.environ)
    try:
        with working(f"fetching {url}"), WorkerPool(1, workers.timeout, workers.max_memory) as pool:
            response = fetcher.fetch(FetchRequest(url=url, accept=PAGE_ACCEPT))
            if response.status != 200:
                raise CommandFailed(f"{url}: HTTP {response.status}")
            found = pool.extract_article(response.body, url=response.url, content_type=response.header("content-type"))
    except ParseError as error:
        raise CommandFailed(f"{url}: {error.detail}") from error
    finally:
        fetcher.close()
    if not found.text and not found.title:
        raise CommandFailed(f"{url}: no article was found in the page")
    on = found.published_on or (found.published_at.date() if found.published_at else None)
    return Article(title=nfc(found.title), text=nfc(found.text), published_on=on)
