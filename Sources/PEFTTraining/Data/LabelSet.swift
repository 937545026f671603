/// The classes of a task: a label's place in the order is the class's index.
///
/// Labels are told apart by their UTF-8 bytes.
public struct LabelSet: Sendable, Equatable, RandomAccessCollection {
    /// The labels, in the order of their classes.
    public let names: [String]
    private let indices: [[UInt8]: Int]

    /// Labels in an order of one's own.
    ///
    /// - Throws: ``DatasetError`` if there are none, or one twice.
    public init(_ names: [String]) throws(DatasetError) {
        guard !names.isEmpty else {
            throw DatasetError(at: nil, problem: "there are no labels; at least one is needed")
        }
        var indices: [[UInt8]: Int] = [:]
        for (index, name) in names.enumerated() {
            let previous = indices.updateValue(index, forKey: Array(name.utf8))
            guard previous == nil else { throw DatasetError(at: nil, problem: "the label '\(name)' is given twice") }
        }
        self.names = names
        self.indices = indices
    }

    /// The distinct `labels` in their natural order: by value if all are integers, otherwise by their UTF-8 bytes.
    ///
    /// - Throws: ``DatasetError`` if there are none.
    public init(ordering labels: some Sequence<String>) throws(DatasetError) {
        let distinct = Set(labels.map { Array($0.utf8) }).map { String(decoding: $0, as: UTF8.self) }
        let integers = distinct.compactMap { name in Int(name).map { (value: $0, name: name) } }
        let isCanonical = integers.allSatisfy { String($0.value) == $0.name }
        if integers.count == distinct.count, isCanonical {
            try self.init(integers.sorted { $0.value < $1.value }.map(\.name))
        } else {
            try self.init(distinct.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        }
    }

    /// The index of the first class.
    public var startIndex: Int { 0 }

    /// The index past the last class.
    public var endIndex: Int { names.count }

    /// The label of the class at `index`.
    public subscript(index: Int) -> String { names[index] }

    /// The class that `label` names, or nil if there is none.
    public func index(of label: String) -> Int? {
        indices[Array(label.utf8)]
    }

    /// Whether both have the same labels in the same order.
    public static func == (left: LabelSet, right: LabelSet) -> Bool {
        left.indices == right.indices
    }
}
