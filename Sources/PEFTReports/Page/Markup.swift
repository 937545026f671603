/// A piece of HTML or SVG in which everything that is data has been escaped.
///
/// There is no other way from a string to a page than ``text(_:)`` and the attributes of ``element(_:_:_:)``.
struct Markup {
    let html: String

    /// For markup that this file and the page's frame write themselves.
    init(trusted html: StaticString) { self.html = "\(html)" }

    private init(html: String) { self.html = html }

    static let nothing = Markup(html: "")

    /// Text as it is, whatever is in it.
    static func text(_ text: String) -> Markup { Markup(html: escape(text)) }

    /// Text of the data, kept apart from what stands around it if it is written from right to left.
    static func data(_ text: String) -> Markup { .element("bdi", [], [.text(text)]) }

    /// An element with its children; names are this program's own.
    static func element(
        _ name: StaticString,
        _ attributes: [(String, String)] = [],
        _ children: [Markup] = []
    ) -> Markup {
        Markup(html: "\(opening(name, attributes))\(children.map(\.html).joined())</\(name)>")
    }

    /// An element without children.
    static func empty(_ name: StaticString, _ attributes: [(String, String)] = []) -> Markup {
        Markup(html: "\(opening(name, attributes))</\(name)>")
    }

    /// An element that HTML knows without an end.
    static func void(_ name: StaticString, _ attributes: [(String, String)] = []) -> Markup {
        Markup(html: opening(name, attributes))
    }

    static func group(_ children: [Markup]) -> Markup { Markup(html: children.map(\.html).joined()) }

    private static func opening(_ name: StaticString, _ attributes: [(String, String)]) -> String {
        "<\(name)" + attributes.map { " \($0)=\"\(escape($1))\"" }.joined() + ">"
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.legible.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
