import PEFTModels

/// Which columns of a prefix's table are whose: for every block keys, then values.
struct PrefixLayout: Sendable {
    /// d, the width of keys and values.
    let width: Int
    private let blocks: [Site: Int]

    /// - Throws: ``PrefixError`` for a model whose blocks have no keys and values of one width.
    init(_ model: some AdaptableModel) throws {
        var sites: [Site] = []
        var widths: Set<Int> = []
        for description in model.sites {
            guard let width = model.keyValueWidth(of: description) else { continue }
            widths.insert(width)
            guard description.site.role != .value else { continue }
            sites.append(Site(description.site.stack, block: description.site.block, .attentionSublayer))
        }
        guard let width = widths.first, !sites.isEmpty else { throw PrefixError.noKeys }
        guard widths.count == 1 else { throw PrefixError.widths(widths.sorted()) }
        self.width = width
        blocks = Dictionary(sites.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The number of the table's columns.
    var tableWidth: Int { 2 * blocks.count * width }

    /// The columns of the keys of an attention, and of its values; nil when it has none.
    func columns(at site: Site) -> (keys: Range<Int>, values: Range<Int>)? {
        blocks[site].map { block in
            let middle = (2 * block + 1) * width
            return ((middle - width)..<middle, middle..<(middle + width))
        }
    }
}
