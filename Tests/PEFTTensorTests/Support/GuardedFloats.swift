/// Floats at an address of chosen misalignment, with canaries on both sides.
///
/// The canaries are NaN, so that a kernel that reads them cannot give the right result, and `isIntact` tells whether one
/// wrote there.
final class GuardedFloats {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int
    private let memory: UnsafeMutableBufferPointer<Float>

    private static let canary = Float(bitPattern: 0x7fc0_cafe)
    private static let margin = 64

    /// - Parameter misalignment: how many floats the first element lies past a multiple of 64 bytes.
    init(_ elements: [Float], misalignment: Int = 0) {
        let capacity = elements.count + 2 * GuardedFloats.margin + misalignment
        let raw = UnsafeMutableRawBufferPointer.allocate(
            byteCount: capacity * MemoryLayout<Float>.stride,
            alignment: 64
        )
        memory = raw.bindMemory(to: Float.self)
        memory.initialize(repeating: GuardedFloats.canary)
        count = elements.count
        pointer = memory.baseAddress.unsafelyUnwrapped + GuardedFloats.margin + misalignment
        pointer.update(from: elements, count: count)
    }

    /// Memory for a result, filled with NaN.
    convenience init(count: Int, misalignment: Int = 0) {
        self.init(Array(repeating: .nan, count: count), misalignment: misalignment)
    }

    deinit { memory.deallocate() }

    var elements: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// Whether all canaries are as they were.
    var isIntact: Bool {
        let start = memory.baseAddress.unsafelyUnwrapped.distance(to: pointer)
        return [0..<start, (start + count)..<memory.count].allSatisfy { outside in
            memory[outside].allSatisfy { $0.bitPattern == GuardedFloats.canary.bitPattern }
        }
    }
}
