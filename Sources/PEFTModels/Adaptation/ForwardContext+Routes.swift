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

extension ForwardContext {
    /// What an adapter does with the output of a sub-layer.
    func sublayerAdaptation(at site: Site) -> (any SublayerAdaptation)? { adapter?.sublayerOutput(at: site) }

    /// Computes all rows together, or those of each route by themselves where one acts on the output of a sub-layer.
    ///
    /// - Parameter body: computes rows of a context; `range` is where they lie in the whole matrix, nil for all of it.
    func bySublayerRoute(
        at site: Site,
        rows: TokenRows,
        _ body: (_ range: Range<Int>?, _ rows: TokenRows, _ context: ForwardContext) -> Variable
    ) -> Variable {
        guard let parts = routeRows(rows), parts.contains(where: { $0.context.sublayerAdaptation(at: site) != nil })
        else {
            return body(nil, rows, self)
        }
        return byRoute(parts) { body($0.range, $0.rows, $0.context) }
    }

    /// Some rows of a matrix, or all of them for nil.
    func rows(_ range: Range<Int>?, of x: Variable) -> Variable { range.map { tape.slice($0, of: x) } ?? x }
}
