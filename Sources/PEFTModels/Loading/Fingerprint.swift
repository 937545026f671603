import PEFTTensor

/// Tells one base from another by content, whatever the checkpoint calls its tensors.
enum Fingerprint {
    /// A 64-bit FNV-1a hash, in hex, over every tensor's path, shape and up to 64 evenly spaced values.
    ///
    /// Heads and freshly initialised modules are left out: adapters bring their own.
    static func of(_ model: some AdaptableModel) -> String {
        let own = model.headModules + model.freshModules
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        func add(_ word: UInt64) {
            for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        model.forEachParameter { path, tensor in
            guard !own.contains(where: { path.hasPrefix($0 + ".") }) else { return }
            path.utf8.forEach(add)
            tensor.shape.dimensions.forEach { add(UInt64($0)) }
            let step = max(1, tensor.count / 64)
            for index in stride(from: 0, to: tensor.count, by: step) {
                add(UInt64(tensor.element(at: index).bitPattern))
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
