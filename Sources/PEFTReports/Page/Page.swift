import PEFTFormats

/// The frame of a page that stands alone: no script, nothing from elsewhere, and a policy that holds the browser to it.
struct Page {
    let title: String
    let body: [Markup]

    var html: String {
        let head: [Markup] = [
            .void("meta", [("charset", "utf-8")]),
            .void("meta", [("http-equiv", "Content-Security-Policy"), ("content", Self.policy)]),
            .void("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
            .void("meta", [("name", "color-scheme"), ("content", "light dark")]),
            .element("title", [], [.text(title.legibleLine)]),
            .element("style", [], [Markup(trusted: PageStyle.css)]),
        ]
        let root = Markup.element(
            "html",
            [("lang", "en")],
            [.element("head", [], head), .element("body", [], [.element("main", [], body)])]
        )
        return "<!DOCTYPE html>\n\(root.html)\n"
    }

    /// Nothing may be loaded, sent or run; only the page's own style is heeded.
    private static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

    /// Writes the page so that the path never names half of one.
    func write(to path: String) throws {
        try AtomicFile.write(Array(html.utf8), to: path)
    }
}
