import PEFTModels
import PEFTTensor

extension SlotBuilder {
    func inputScales() -> TestAdapter {
        var adapter = TestAdapter(linears.map { around(1, "\($0.module).in", [$0.inputs]) })
        adapter.linearSlot = { [modules] site, adapter in
            modules[site].flatMap { adapter["\($0).in"] }.map { LinearSlots(inputScales: [$0]) }
        }
        return adapter
    }

    func outputScales() -> TestAdapter {
        var adapter = TestAdapter(linears.map { around(1, "\($0.module).out", [$0.outputs]) })
        adapter.linearSlot = { [modules] site, adapter in
            modules[site].flatMap { adapter["\($0).out"] }.map { LinearSlots(outputScales: [$0]) }
        }
        return adapter
    }

    /// `count` low-rank deltas at every linear map, as `wrap` hands them to the model.
    func lowRanks(
        _ count: Int,
        dropout: Float = 0,
        _ wrap: @escaping @Sendable (LowRankDelta) -> any LinearDelta = { $0 }
    ) -> TestAdapter {
        let names = (0..<count).map(String.init)
        var adapter = TestAdapter(
            linears.flatMap { linear in
                names.flatMap { name in
                    [
                        random("\(linear.module).down\(name)", [Self.rank, linear.inputs], spread: 0.3),
                        around(0, "\(linear.module).up\(name)", [linear.outputs, Self.rank], spread: 0.1),
                    ]
                }
            }
        )
        adapter.linearSlot = { [modules] site, adapter in
            guard let module = modules[site] else { return nil }
            let deltas = names.compactMap { name -> (any LinearDelta)? in
                guard let down = adapter["\(module).down\(name)"], let up = adapter["\(module).up\(name)"] else {
                    return nil
                }
                return wrap(LowRankDelta(down: down, up: up, scale: 1.5, dropout: dropout))
            }
            return LinearSlots(product: .additive(deltas))
        }
        return adapter
    }

    func exclusiveProducts() -> TestAdapter {
        var adapter = TestAdapter(linears.map { around(1, "\($0.module).magnitude", [$0.outputs]) })
        adapter.linearSlot = { [modules] site, adapter in
            modules[site].flatMap { adapter["\($0).magnitude"] }.map {
                LinearSlots(product: .exclusive(ScaledProduct(magnitude: $0)))
            }
        }
        return adapter
    }
}
