extension LoRA {
    /// How A and B start.
    public enum Initialization: Sendable, Equatable {
        /// A uniform in ±1/√inputs (Kaiming with a = √5), B zero.
        case standard
        /// A normal with standard deviation 1 / rank, B zero.
        case gaussian
        /// s · B A is the best approximation of W of its rank (PiSSA, Meng et al. 2024). What is trained first is what W
        /// does most; the frozen rest is W − s · B₀ A₀, so training starts from the base's own output.
        case pissa
        /// B and A are the first columns of Q and rows of R in W = Q R (OLoRA, Büyükakyüz 2024); the frozen rest is
        /// W − s · B₀ A₀.
        case olora
        /// The rows of A and the columns of B are random in complementary halves of the rank, so that B A = 0 though
        /// neither is zero; the rank is even.
        case orthogonal
        /// The rows of A are the directions in which a module's inputs vary most, B is zero (EVA, Paischer et al. 2024).
        ///
        /// That needs data: fresh weights start as by default until
        /// ``AdapterBundle/initializingWithEVA(on:batches:workers:)`` has seen some.
        case eva(EVAOptions)
        /// A and B uniform in ±1/√inputs and ±1/√rank: not neutral, for tests.
        case random

        /// The names of all starts that training can use.
        public static let names = ["default", "gaussian", "pissa", "olora", "orthogonal", "eva"]

        /// The name in files and on the command line.
        public var name: String {
            switch self {
            case .standard: "default"
            case .gaussian: "gaussian"
            case .pissa: "pissa"
            case .olora: "olora"
            case .orthogonal: "orthogonal"
            case .eva: "eva"
            case .random: "random"
            }
        }

        /// The start of that name, EVA with its usual options; nil when there is none.
        public init?(name: String) {
            switch name {
            case "default": self = .standard
            case "gaussian": self = .gaussian
            case "pissa": self = .pissa
            case "olora": self = .olora
            case "orthogonal": self = .orthogonal
            case "eva": self = .eva(EVAOptions())
            case "random": self = .random
            default: return nil
            }
        }

        /// Whether s · B A starts as a part of W, which the frozen rest then lacks.
        var takesFromWeight: Bool { self == .pissa || self == .olora }

        /// Whether it is for linear maps alone; an embedding table has no inputs to look at, and `peft` takes nothing off
        /// one.
        var isForLinearMapsOnly: Bool {
            switch self {
            case .standard, .gaussian, .random: false
            case .pissa, .olora, .orthogonal, .eva: true
            }
        }
    }
}

extension LoRA.Initialization: Codable {
    private enum Keys: String, CodingKey {
        case eva
    }

    /// A name, or EVA's options under `eva`.
    public init(from decoder: any Decoder) throws {
        if let options = try? decoder.container(keyedBy: Keys.self) {
            self = .eva(try options.decode(EVAOptions.self, forKey: .eva))
            return
        }
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let known = Self(name: name) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(name)\" is no initialisation of a LoRA"
            )
        }
        self = known
    }

    /// A name, or EVA's options under `eva`.
    public func encode(to encoder: any Encoder) throws {
        if case .eva(let options) = self {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(options, forKey: .eva)
        } else {
            var container = encoder.singleValueContainer()
            try container.encode(name)
        }
    }
}
