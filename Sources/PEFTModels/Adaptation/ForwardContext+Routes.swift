import PEFTAutograd

/// The rows of one route in a matrix whose rows are tokens.
struct RouteRows {
    /// Which rows of the whole matrix they are.
    let range: Range<Int>
    /// Which tokens they are.
    let rows: TokenRows
    /// The pass of the route.
    let context: ForwardContext
}

extension ForwardContext {
    /// Divides rows among the routes; nil when one adapter serves all of them.
    ///
    /// - Precondition: the routes are for as many sequences as there are.
    func routeRows(_ rows: TokenRows) -> [RouteRows]? {
        guard let routes else { return nil }
        precondition(
            routes.last?.sequences.upperBound == rows.examples.count,
            "routes for \(routes.last?.sequences.upperBound ?? 0) of \(rows.examples.count) sequences"
        )
        return routes.filter { !$0.sequences.isEmpty }.map { route in
            RouteRows(
                range: rows.offsets[route.sequences.lowerBound]..<rows.offsets[route.sequences.upperBound],
                rows: rows.sequences(route.sequences),
                context: route.context
            )
        }
    }

    /// Computes each route's rows by themselves and lays the results end to end.
    func byRoute(_ parts: [RouteRows], _ body: (RouteRows) -> Variable) -> Variable {
        tape.concatenate(parts.map(body))
    }
}
