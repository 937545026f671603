import PEFTTensor

/// A weight that bitsandbytes quantised, checked, and made a tensor when somebody asks for it.
///
/// Its blocks follow the elements, not the rows: where rows are not made of whole blocks, the tensor is one of floats.
enum BitsAndBytesWeight {
    /// Codes, two in a byte, and the largest magnitude of every 64 elements.
    case nf4(shape: Shape, codes: StoredPart, maxima: Maxima)
    /// Integers, and the largest magnitude of every row.
    case int8(weight: StoredPart, maxima: StoredPart)

    enum Maxima {
        case plain(StoredPart)
        case nested(codes: StoredPart, scales: StoredPart, values: StoredPart, NF4State.Nested)

        var elements: [Float] {
            switch self {
            case .plain(let part): part.floats
            case .nested(let codes, let scales, let values, let state):
                NestedMaxima(
                    codes: codes.bytes,
                    scales: scales.floats,
                    offset: state.offset,
                    values: values.floats,
                    blockLength: state.blockLength
                ).expanded
            }
        }
    }

    /// The type of its blocks in the file.
    var type: BlockType {
        switch self {
        case .nf4: .nf4
        case .int8: .int8
        }
    }

    var shape: Shape {
        switch self {
        case .nf4(let shape, _, _): shape
        case .int8(let weight, _): weight.entry.shape
        }
    }

    func tensor() -> Tensor {
        switch self {
        case .nf4(let shape, let codes, let maxima):
            BlockType.nf4.fits(shape)
                ? encoded(shape, .nf4, codes.bytes, maxima.elements) : floats(shape, codes.bytes, maxima.elements)
        case .int8(let weight, let maxima):
            BlockType.int8.fits(shape)
                ? encoded(shape, .int8, weight.bytes, blockMaxima(maxima.floats)) : floats(weight.bytes, maxima.floats)
        }
    }

    /// A row's largest magnitude for each of its blocks.
    private func blockMaxima(_ rows: [Float]) -> [Float] {
        let blocks = (shape.dimensions.last ?? 1) / BlockType.int8.blockLength
        return rows.flatMap { repeatElement($0, count: blocks) }
    }

    /// Blocks from codes and magnitudes that lie apart.
    private func encoded(_ shape: Shape, _ type: BlockType, _ codes: [UInt8], _ maxima: [Float]) -> Tensor {
        let codeBytes = type.blockBytes - MemoryLayout<Float>.size
        var blocks: [UInt8] = []
        blocks.reserveCapacity(type.bytes(for: shape.count))
        for (index, maximum) in maxima.enumerated() {
            withUnsafeBytes(of: maximum.bitPattern.littleEndian) { blocks.append(contentsOf: $0) }
            blocks.append(contentsOf: codes[(index * codeBytes)..<((index + 1) * codeBytes)])
        }
        return Tensor(shape, type, blocks: blocks)
    }

    private func floats(_ shape: Shape, _ codes: [UInt8], _ maxima: [Float]) -> Tensor {
        Tensor(
            shape,
            (0..<shape.count).map { index in
                let pair = codes[index / 2]
                let code = index.isMultiple(of: 2) ? pair >> 4 : pair & 15
                return NormalFloat.values[Int(code)] * maxima[index / BlockType.nf4.blockLength]
            }
        )
    }

    private func floats(_ codes: [UInt8], _ maxima: [Float]) -> Tensor {
        let width = max(1, shape.dimensions.last ?? 1)
        return Tensor(
            shape,
            codes.enumerated().map { index, code in
                // In the order, and with the 1/127, of the kernel.
                Float(Int8(bitPattern: code)) * maxima[index / width] * 7.874015718698502e-3
            }
        )
    }
}
