package import PEFTTensor

extension SafetensorsWriter {
    /// Adds an NF4 or int8 weight as bitsandbytes stores it: codes, largest magnitudes, and what it needs to read them.
    ///
    /// - Parameters:
    ///   - name: the weight's name; that of an int8 weight ends in `.weight`.
    ///   - nested: whether the largest magnitudes of NF4 are quantised, too, which changes them a little.
    /// - Precondition: the tensor is a matrix in one of the two types.
    package mutating func addBitsAndBytes(_ name: String, _ tensor: Tensor, nested: Bool = false) {
        switch tensor.blockType {
        case .nf4: addNF4(name, tensor, nested: nested)
        case .int8: addInt8(name, tensor)
        default: preconditionFailure("\(name) is not in NF4 or int8")
        }
    }

    private mutating func addNF4(_ name: String, _ tensor: Tensor, nested: Bool) {
        let maxima = EncodedParts.maxima(of: tensor)
        // Two codes in a byte, as a column.
        add(name, .uint8, [(tensor.count + 1) / 2, 1]) { EncodedParts.codes(of: tensor) }
        add("\(name).quant_map", NormalFloat.values)
        var state: NF4State.Nested?
        if nested {
            let quantized = NestedMaxima(quantizing: maxima)
            add("\(name).absmax", .uint8, [maxima.count], bytes: quantized.codes)
            add("\(name).nested_absmax", quantized.scales)
            add("\(name).nested_quant_map", quantized.values)
            state = NF4State.Nested(blockLength: NestedMaxima.blockLength, offset: quantized.offset)
        } else {
            add("\(name).absmax", maxima)
        }
        let text = NF4State.text(of: tensor.shape, nested: state)
        add("\(name).quant_state.bitsandbytes__nf4", .uint8, [text.count], bytes: text)
    }

    private mutating func addInt8(_ name: String, _ tensor: Tensor) {
        let suffix = ".weight"
        precondition(name.hasSuffix(suffix), "\(name) is no module's weight")
        let module = name.dropLast(suffix.count)
        let blocks = (tensor.shape.dimensions.last ?? 1) / BlockType.int8.blockLength
        let maxima = EncodedParts.maxima(of: tensor)
        add(name, .int8, tensor.shape) { EncodedParts.codes(of: tensor) }
        add("\(module).SCB", stride(from: 0, to: maxima.count, by: max(1, blocks)).map { maxima[$0] })
        // Rows one after the other.
        add("\(module).weight_format", .uint8, [], bytes: [0])
    }

    private mutating func add(_ name: String, _ values: [Float]) {
        add(name, Tensor([values.count], values))
    }
}

/// The parts of blocks that begin with a largest magnitude.
private enum EncodedParts {
    private static let maximumBytes = MemoryLayout<Float>.size

    static func maxima(of tensor: Tensor) -> [Float] {
        map(tensor) { blocks, size in
            stride(from: 0, to: blocks.count, by: size).map { first in
                let bits = blocks.loadUnaligned(fromByteOffset: first, as: UInt32.self)
                return Float(bitPattern: UInt32(littleEndian: bits))
            }
        }
    }

    static func codes(of tensor: Tensor) -> [UInt8] {
        map(tensor) { blocks, size in
            var codes: [UInt8] = []
            codes.reserveCapacity(blocks.count)
            for first in stride(from: 0, to: blocks.count, by: size) {
                codes.append(contentsOf: blocks[(first + maximumBytes)..<(first + size)])
            }
            return codes
        }
    }

    private static func map<Element>(
        _ tensor: Tensor,
        _ body: (_ blocks: UnsafeRawBufferPointer, _ size: Int) -> [Element]
    ) -> [Element] {
        let size = tensor.blockType?.blockBytes ?? 1
        return tensor.withUnsafeBlocks { body($0, size) } ?? []
    }
}
