import PEFTAutograd
import PEFTTensor

extension ForwardContext {
    /// A pass outside training: nothing is recorded, nothing is dropped. It is what a teacher's answers and one's own
    /// evaluations are computed in.
    ///
    /// - Parameter adapter: nil for the base alone.
    public convenience init(adapter: (any AdapterWeights)? = nil) {
        self.init(tape: Tape(pool: .shared, isRecording: false), adapter: adapter)
    }
}
