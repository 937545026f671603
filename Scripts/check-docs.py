#!/usr/bin/env python3
"""Checks the documentation that Scripts/build-docs.sh has built, and the pages of the repository.

- Every public symbol has an abstract, and there are at least as many as are counted here.
- Every symbol that stands for itself, and every article, is under a topic that somebody wrote.
- Every link and every picture of the site leads to a file of it; every relative link of a Markdown page leads somewhere.

docc itself has refused links and pictures that it could not resolve.
"""

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlparse

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / ".build/docs"
GRAPHS = ROOT / ".build/documentation/symbol-graphs"
CATALOGUE = ROOT / "Sources/PEFTKit/PEFTKit.docc"

# Raised when symbols are added; a smaller number means that the documentation has lost some.
SYMBOLS = 2480

faults = []


def fault(place, what):
    faults.append(f"{place}: {what}")


def check_symbols():
    """Every public symbol has an abstract: a first paragraph that is no list of parameters."""
    count = 0
    for path in sorted(GRAPHS.glob("*/*.symbols.json")):
        for symbol in json.loads(path.read_text(encoding="utf-8"))["symbols"]:
            count += 1
            lines = [line["text"].strip() for line in symbol.get("docComment", {}).get("lines", [])]
            first = next((line for line in lines if line), "")
            if not first or first.startswith(("- ", "```", "|", "#")):
                location = symbol.get("location", {})
                line = location.get("position", {}).get("line", 0) + 1
                place = f'{urlparse(location.get("uri", "")).path}:{line}'
                fault(place, f'{".".join(symbol["pathComponents"])} has no abstract')
    if count < SYMBOLS:
        fault("check-docs", f"{count} public symbols, and there were {SYMBOLS}")
    return count


def pages():
    """The pages of the site, as docc's renderer reads them."""
    for path in sorted((SITE / "data").rglob("*.json")):
        yield path, json.loads(path.read_text(encoding="utf-8"))


def check_topics():
    """No module page has a group of symbols or articles that docc made by itself."""
    for module in ("peftkit", "peftlogging"):
        page = json.loads((SITE / f"data/documentation/{module}.json").read_text(encoding="utf-8"))
        for section in page.get("topicSections", []):
            if section.get("generated"):
                fault(module, f'under no topic: {", ".join(section["identifiers"])}')


def is_on_site(url):
    path = SITE / unquote(urlparse(url).path).lstrip("/")
    return path.is_file() or (path / "index.html").is_file()


def check_site():
    """Links between pages, and pictures."""
    links = pictures = 0
    for path, page in pages():
        for reference in page.get("references", {}).values():
            kind = reference.get("type")
            if kind in ("topic", "section", "link") and reference.get("url", "").startswith("/"):
                links += 1
                if not is_on_site(reference["url"]):
                    fault(path.relative_to(SITE), f'the link {reference["url"]} leads nowhere')
            for variant in reference.get("variants", []) if kind in ("image", "video") else []:
                pictures += 1
                if not is_on_site(variant["url"]):
                    fault(path.relative_to(SITE), f'the picture {variant["url"]} is missing')
            if kind == "image" and not reference.get("alt"):
                fault(path.relative_to(SITE), f'the picture {reference["identifier"]} has no description')
    return links, pictures


class Files(HTMLParser):
    """The files of the site that a page loads."""

    def __init__(self):
        super().__init__()
        self.urls = set()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href") and value and value.startswith("/"):
                self.urls.add(value)


def check_html():
    for path in sorted(SITE.rglob("*.html")):
        parser = Files()
        parser.feed(path.read_text(encoding="utf-8"))
        for url in parser.urls:
            if not is_on_site(url):
                fault(path.relative_to(SITE), f"loads {url}, which is missing")


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^ *(```+).*?^ *\1", "", text))


def anchors(path):
    """The headings of a page, as links name them."""
    headings = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?ms)^(```+).*?^\1", "", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_markdown():
    """Relative links of the repository's pages, and files that the articles name."""
    count = 0
    articles = sorted(CATALOGUE.rglob("*.md"))
    for page in [*ROOT.glob("*.md"), *sorted((ROOT / "Documentation").rglob("*.md")), *articles]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text)):
            if urlparse(target).scheme:
                continue
            count += 1
            file, _, anchor = target.partition("#")
            path = (page.parent / unquote(file)) if file else page
            if not path.exists():
                fault(page.relative_to(ROOT), f"the link {target} leads nowhere")
            elif anchor and path.suffix == ".md" and anchor not in anchors(path):
                fault(page.relative_to(ROOT), f"the link {target} leads to no heading")
    for article in articles:
        for name in re.findall(r"`(Documentation/[\w/]+\.md)`", article.read_text(encoding="utf-8")):
            if not (ROOT / name).exists():
                fault(article.relative_to(ROOT), f"{name} is missing")
    return count


def main():
    if not (SITE / "data/documentation/peftkit.json").exists():
        print("check-docs: there is no site; run 'make docs' first", file=sys.stderr)
        return 1
    symbols = check_symbols()
    check_topics()
    links, pictures = check_site()
    check_html()
    relative = check_markdown()
    for line in faults:
        print(line, file=sys.stderr)
    print(f"{symbols:,} public symbols, {links:,} links, {pictures} pictures, {relative} links between Markdown pages: "
          f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
