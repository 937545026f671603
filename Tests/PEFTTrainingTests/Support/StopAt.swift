import PEFTTraining

/// Asks for something after a step, by default to save and to end.
struct StopAt: TrainingCallback {
    let step: Int
    var request: TrainingRequest = [.save, .stop]

    func stepEnded(_ step: StepReport) -> TrainingRequest { step.step == self.step ? request : [] }
}
