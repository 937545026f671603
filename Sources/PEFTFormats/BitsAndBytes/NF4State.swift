import PEFTTensor

/// What bitsandbytes says of an NF4 weight beside its tensors: the JSON text under `quant_state.bitsandbytes__nf4`.
struct NF4State {
    /// The weight's extents.
    let shape: Shape
    /// How the largest magnitudes are quantised themselves; nil where they are floats.
    let nested: Nested?

    struct Nested {
        /// So many of them share a scale.
        let blockLength: Int
        /// What was subtracted from all of them.
        let offset: Float
    }

    init(_ json: JSONReader) throws(JSONError) {
        let type = try json["quant_type"]
        guard try type.string() == "nf4" else {
            throw type.error(expected: "\"nf4\", the only 4-bit type of bitsandbytes that is read here")
        }
        let blockLength = try json["blocksize"]
        guard try blockLength.int(in: 1...1 << 20) == BlockType.nf4.blockLength else {
            throw blockLength.error(
                expected: "\(BlockType.nf4.blockLength), the only block size of NF4 that is read here"
            )
        }
        var extents: [Int] = []
        // Bounded so that no size computed from them overflows.
        for extent in try json["shape"].elements() { extents.append(try extent.int(in: 0...1 << 30)) }
        guard extents.count <= 2 else { throw try json["shape"].error(expected: "at most two extents") }
        shape = Shape(extents)
        guard let nestedLength = try json["nested_blocksize"].ifPresent else {
            nested = nil
            return
        }
        nested = Nested(
            blockLength: try nestedLength.int(in: 1...1 << 20),
            offset: Float(try json["nested_offset"].double())
        )
    }

    /// The text for a weight.
    static func text(of shape: Shape, nested: Nested?) -> [UInt8] {
        var state: JSONObject = [
            "quant_type": "nf4", "blocksize": JSONValue(BlockType.nf4.blockLength), "dtype": "float32",
            "shape": .array(shape.dimensions.map { JSONValue($0) }),
        ]
        if let nested {
            state["nested_blocksize"] = JSONValue(nested.blockLength)
            state["nested_dtype"] = "float32"
            state["nested_offset"] = JSONValue(Double(nested.offset))
        }
        return JSONValue.object(state).bytes(.compact)
    }
}
