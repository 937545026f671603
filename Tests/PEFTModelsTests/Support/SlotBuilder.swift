import PEFTModels
import PEFTTensor

/// Makes the adapters of ``Slot`` for a model.
struct SlotBuilder {
    let model: BERT
    let strength: Float
    static let rank = 3
    static let virtualCount = 2

    var width: Int { model.configuration.width }

    /// Random numbers around `center`, as far from it as the strength says.
    func around(_ center: Float, _ path: String, _ shape: Shape, spread: Float = 0.3) -> Parameter {
        let noise = CounterRandom(seed: 5, purpose: path).normal(shape, standardDeviation: spread * strength)
        return Parameter(path, Tensor(shape, noise.elements.map { $0 + center }))
    }

    /// Random numbers whatever the strength.
    func random(_ path: String, _ shape: Shape, spread: Float) -> Parameter {
        Parameter(path, CounterRandom(seed: 6, purpose: path).normal(shape, standardDeviation: spread))
    }

    var linears: [(site: Site, module: String, inputs: Int, outputs: Int)] {
        model.sites.compactMap { description in
            guard case .linear(let inputs, let outputs) = description.kind else { return nil }
            return (description.site, description.module, inputs, outputs)
        }
    }

    var modules: [Site: String] {
        Dictionary(uniqueKeysWithValues: model.sites.map { ($0.site, $0.module) })
    }

    func substituting(_ parameters: [Parameter]) -> TestAdapter {
        var adapter = TestAdapter(
            parameters.map { own in
                let shift = around(0, own.path, own.value.shape, spread: 0.05).value.elements
                return Parameter(own.path, Tensor(own.value.shape, zip(own.value.elements, shift).map { $0 + $1 }))
            }
        )
        adapter.substituted = Set(parameters.map(\.path))
        return adapter
    }

    func embeddingDeltas() -> TestAdapter {
        var parameters: [Parameter] = []
        for description in model.sites {
            guard case .embedding(let count, let width) = description.kind else { continue }
            parameters.append(random("\(description.module).a", [count, Self.rank], spread: 0.5))
            parameters.append(around(0, "\(description.module).b", [width, Self.rank]))
        }
        var adapter = TestAdapter(parameters)
        adapter.embeddingSlot = { [modules] site, adapter in
            guard let module = modules[site], let a = adapter["\(module).a"], let b = adapter["\(module).b"] else {
                return nil
            }
            return LowRankRows(a: a, b: b)
        }
        return adapter
    }

    func virtualTokens(pooled: Bool) -> TestAdapter {
        var adapter = TestAdapter([random("prompt", [Self.virtualCount, width], spread: 0.5)])
        adapter.tokensSlot = { context, adapter in
            adapter["prompt"].map { VirtualTokens(rows: context.variable($0), pooled: pooled) }
        }
        return adapter
    }

    func virtualKeysAndValues(shiftingPositions: Bool) -> TestAdapter {
        let blocks = 0..<model.configuration.blocks
        var adapter = TestAdapter(
            blocks.flatMap { block in
                ["keys", "values"].map { random("\(block).\($0)", [Self.virtualCount, width], spread: 1) }
            }
        )
        adapter.virtualPositions = shiftingPositions ? Self.virtualCount : 0
        adapter.keysAndValuesSlot = { place, adapter in
            guard let block = place.0.block, let keys = adapter["\(block).keys"],
                let values = adapter["\(block).values"]
            else { return nil }
            return VirtualKeysAndValues(keys: place.1.variable(keys), values: place.1.variable(values))
        }
        return adapter
    }

    func bottlenecks(_ style: Bottleneck.Style) -> TestAdapter {
        var parameters: [Parameter] = []
        for place in ["attentionSublayer", "feedForwardSublayer"] {
            for block in 0..<model.configuration.blocks {
                let name = "\(block).\(place)"
                parameters.append(random("\(name).down", [Self.rank, width], spread: 0.4))
                parameters.append(random("\(name).down.bias", [Self.rank], spread: 0.2))
                parameters.append(around(0, "\(name).up", [width, Self.rank], spread: 0.15))
                parameters.append(around(0, "\(name).up.bias", [width], spread: 0.15))
            }
        }
        var adapter = TestAdapter(parameters)
        adapter.sublayerSlot = { site, adapter in
            guard let block = site.block else { return nil }
            let name = "\(block).\(site.role)"
            guard let down = adapter["\(name).down"], let downBias = adapter["\(name).down.bias"],
                let up = adapter["\(name).up"], let upBias = adapter["\(name).up.bias"]
            else { return nil }
            return Bottleneck(down: down, downBias: downBias, up: up, upBias: upBias, style: style)
        }
        return adapter
    }

    /// One adapter in all slots.
    func everything() -> TestAdapter {
        let substitution = substituting(model.parameters.filter { $0.path.hasSuffix(".bias") })
        let (scaled, low, embedded) = (inputScales(), lowRanks(2), embeddingDeltas())
        let (prompt, prefix) = (virtualTokens(pooled: false), virtualKeysAndValues(shiftingPositions: true))
        let (output, bottleneck) = (outputScales(), bottlenecks(.withOwnNorm))
        let parts = [substitution, scaled, low, embedded, prompt, prefix, output, bottleneck]
        var adapter = TestAdapter(parts.flatMap(\.all))
        adapter.substituted = substitution.substituted
        adapter.linearSlot = { site, adapter in
            LinearSlots(
                inputScales: scaled.linearSlot(site, adapter)?.inputScales ?? [],
                product: low.linearSlot(site, adapter)?.product ?? .additive([]),
                outputScales: output.linearSlot(site, adapter)?.outputScales ?? []
            )
        }
        adapter.embeddingSlot = embedded.embeddingSlot
        adapter.tokensSlot = prompt.tokensSlot
        adapter.keysAndValuesSlot = prefix.keysAndValuesSlot
        adapter.virtualPositions = prefix.virtualPositions
        adapter.sublayerSlot = bottleneck.sublayerSlot
        return adapter
    }
}
