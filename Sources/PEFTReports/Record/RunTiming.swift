import PEFTFormats

/// How long a run took and how fast it was, from `training.jsonl`, the only file that knows of time.
public struct RunTiming: Sendable {
    /// The pace at one step.
    public struct Pace: Sendable {
        /// Counted from 1.
        public let step: Int
        /// Tokens per second.
        public let tokensPerSecond: Double
    }

    /// Seconds, over all the sessions of a run that was resumed.
    public let seconds: Double
    /// The number of times the run was begun or resumed.
    public let sessions: Int
    /// When it began, as the log has it; nil when the log doesn't say.
    public let began: String?
    /// The pace over the steps; of steps that were taken again after a resume, the last.
    public let paces: [Pace]
}

extension RunTiming {
    init(_ lines: [JSONReader]) throws(JSONError) {
        var finishedSessions = 0.0
        var elapsed = 0.0
        var sessions = 0
        var began: String?
        var paces: [Pace] = []
        for line in lines {
            let event = try line["event"].string()
            if event == "start" {
                sessions += 1
                if began == nil { began = try line["time"].ifPresent?.string() }
                finishedSessions += elapsed
                elapsed = 0
            }
            if let seconds = try line["elapsed"].ifPresent?.double() { elapsed = max(elapsed, seconds) }
            guard event == "step", let speed = try line["tokens_per_second"].ifPresent?.double() else { continue }
            let step = try line["step"].positiveInt()
            while let last = paces.last, last.step >= step { paces.removeLast() }
            paces.append(Pace(step: step, tokensPerSecond: speed))
        }
        seconds = finishedSessions + elapsed
        self.sessions = sessions
        self.began = began
        self.paces = paces
    }
}
