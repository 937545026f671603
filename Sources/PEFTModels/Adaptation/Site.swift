/// A place in a model where an adapter can act, named by what it does and not by what a checkpoint calls it.
public struct Site: Hashable, Sendable {
    /// Which of a model's stacks of blocks the site belongs to.
    public enum Stack: Hashable, Sendable {
        /// Reads the input in both directions (BERT) or the encoder of an encoder–decoder.
        case encoder
        /// Reads from left to right.
        case decoder
    }

    /// What the site does.
    public enum Role: Hashable, Sendable {
        /// The projections of self-attention.
        case query, key, value, fusedQueryKeyValue, attentionOutput
        /// The linear maps of the feed-forward sub-layer.
        case feedForwardUp, feedForwardGate, feedForwardDown
        /// The outputs of the two sub-layers, before the residual is added.
        case attentionSublayer, feedForwardSublayer
        /// The norms beside the sub-layers.
        case attentionNorm, feedForwardNorm
        /// The norms of every head's queries and keys.
        case queryNorm, keyNorm
        /// The norm behind the last block.
        case finalNorm
        /// Cross-attention, in the decoder of an encoder–decoder.
        case crossQuery, crossKey, crossValue, crossAttentionOutput, crossAttentionSublayer, crossAttentionNorm
        /// Embedding tables and their norm.
        case wordEmbedding, positionEmbedding, typeEmbedding, embeddingNorm
        /// What turns hidden states into an answer.
        case pooler, classifier, languageModelHead
    }

    /// The stack of blocks.
    public let stack: Stack
    /// The block's number from the input on; nil outside the blocks.
    public let block: Int?
    /// What the site does.
    public let role: Role

    /// A site of a stack, in one of its blocks or outside them.
    public init(_ stack: Stack, block: Int? = nil, _ role: Role) {
        self.stack = stack
        self.block = block
        self.role = role
    }
}

/// A module of a model: where it sits, what the checkpoint calls it, and how large it is.
public struct SiteDescription: Sendable {
    /// What kind of module it is.
    public enum Kind: Sendable, Equatable {
        /// y = W x + b with W `[outputs, inputs]`.
        case linear(inputs: Int, outputs: Int)
        /// A table `[count, width]`.
        case embedding(count: Int, width: Int)
        /// Scale and bias of a normalisation.
        case norm(width: Int)
    }

    /// Where the module sits.
    public let site: Site
    /// The module's name in Python, for instance `bert.encoder.layer.0.attention.self.query`; parameters add `.weight`
    /// and `.bias`.
    public let module: String
    /// What kind of module it is, and its size.
    public let kind: Kind
    /// Whether checkpoints hold a linear map's weight as `[inputs, outputs]`, as GPT-2's do; here it never is.
    public let isStoredTransposed: Bool

    /// A module of a model.
    public init(site: Site, module: String, kind: Kind, isStoredTransposed: Bool = false) {
        self.site = site
        self.module = module
        self.kind = kind
        self.isStoredTransposed = isStoredTransposed
    }
}
