/// The files of a checkpoint besides those of the adapter.
enum CheckpointFiles {
    /// Trainable parameters and the optimizer's tensors, each under its number and path: an adapter's own files may hold
    /// something else, such as a product or a sum.
    static let tensors = "trainer.safetensors"
    /// Everything else that changes from step to step, and the run's identity.
    static let state = "trainer_state.json"
    /// Every step and evaluation so far.
    static let history = "history.json"
    /// Sizes and digests of all other files.
    static let manifest = "checkpoint.json"

    static let version = 1

    /// A trainable parameter's name in ``tensors``.
    static func parameter(_ index: Int, _ path: String) -> String { "parameter.\(index).\(path)" }
    /// The name in ``tensors`` of a tensor of the optimizer.
    static func optimizer(_ name: String) -> String { "optimizer.\(name)" }
}
