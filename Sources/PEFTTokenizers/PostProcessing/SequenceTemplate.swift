/// How special tokens and texts make up a sequence, as in `[CLS] A [SEP] B [SEP]`.
struct SequenceTemplate: Sendable, Equatable {
    /// One element of a sequence, with the type id of its tokens.
    enum Piece: Sendable, Equatable {
        case special([Int32], typeID: Int32)
        case first(typeID: Int32)
        case second(typeID: Int32)
    }

    let pieces: [Piece]

    /// The number of tokens that come from no text.
    let specialTokenCount: Int

    init(_ pieces: [Piece]) {
        self.pieces = pieces
        specialTokenCount = pieces.reduce(0) { count, piece in
            if case .special(let ids, _) = piece { count + ids.count } else { count }
        }
    }

    /// Whether it uses the second text.
    var usesSecond: Bool {
        pieces.contains { if case .second = $0 { true } else { false } }
    }

    /// Puts a sequence together.
    func fill(first: ArraySlice<Int32>, second: ArraySlice<Int32>) -> Encoding {
        var ids: [Int32] = []
        var typeIDs: [Int32] = []
        ids.reserveCapacity(first.count + second.count + specialTokenCount)
        typeIDs.reserveCapacity(first.count + second.count + specialTokenCount)
        func append(_ part: ArraySlice<Int32>, _ typeID: Int32) {
            ids += part
            typeIDs.append(contentsOf: repeatElement(typeID, count: part.count))
        }
        for piece in pieces {
            switch piece {
            case .special(let special, let typeID): append(special[...], typeID)
            case .first(let typeID): append(first, typeID)
            case .second(let typeID): append(second, typeID)
            }
        }
        return Encoding(ids: ids, typeIDs: typeIDs)
    }
}

/// The sequences of a tokenizer: for one text and for a pair.
struct SequenceTemplates: Sendable, Equatable {
    let single: SequenceTemplate
    let pair: SequenceTemplate

    /// No special tokens.
    static let bare = SequenceTemplates(
        single: SequenceTemplate([.first(typeID: 0)]),
        pair: SequenceTemplate([.first(typeID: 0), .second(typeID: 1)])
    )

    /// `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, as BERT was trained.
    static func bert(classification: Int32, separator: Int32) -> SequenceTemplates {
        let first: [SequenceTemplate.Piece] = [
            .special([classification], typeID: 0), .first(typeID: 0), .special([separator], typeID: 0),
        ]
        return SequenceTemplates(
            single: SequenceTemplate(first),
            pair: SequenceTemplate(first + [.second(typeID: 1), .special([separator], typeID: 1)])
        )
    }
}
