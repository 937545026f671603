/// How often, and after how long, a request is repeated that failed for a reason that may pass: a lost connection, 429
/// (too many requests), or an error of the server.
public struct RetryPolicy: Equatable, Sendable {
    /// How often in a row. A download counts anew once a mebibyte has arrived.
    public var retries: Int
    /// The first wait; each further one is twice as long.
    public var firstDelay: Duration
    /// The longest wait. A server that asks for a longer one (`Retry-After`) is not asked again.
    public var longestDelay: Duration
    /// Seconds without a byte after which a connection counts as lost.
    public var timeout: Int

    /// A policy.
    public init(
        retries: Int = 5,
        firstDelay: Duration = .seconds(1),
        longestDelay: Duration = .seconds(300),
        timeout: Int = 30
    ) {
        self.retries = retries
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.timeout = timeout
    }

    /// The wait before the retry of a number, from 0.
    func delay(before retry: Int) -> Duration { min(firstDelay * (1 << min(retry, 20)), longestDelay) }

    /// Without retries, and with ten seconds at most: for questions that the cache answers as well.
    var impatient: RetryPolicy {
        var policy = self
        policy.retries = 0
        policy.timeout = min(timeout, 10)
        return policy
    }
}
