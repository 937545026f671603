extension CodingUserInfoKey {
    /// The ``AdapterRegistry`` that knows the methods of a coded stack; the standard one when it is not given.
    public static let adapterRegistry = CodingUserInfoKey(rawValue: "PEFTMethods.adapterRegistry")
}

extension Stacked {
    private enum Keys: String, CodingKey {
        case method, recipe
    }

    /// A stack whose parts the registry in the decoder's user information knows by their names.
    public init(from decoder: any Decoder) throws {
        let given = CodingUserInfoKey.adapterRegistry.flatMap { decoder.userInfo[$0] as? AdapterRegistry }
        let registry = given ?? .standard
        var list = try decoder.unkeyedContainer()
        var methods: [any AdapterMethod] = []
        while !list.isAtEnd {
            let part = try list.nestedContainer(keyedBy: Keys.self)
            let name = try part.decode(String.self, forKey: .method)
            guard let type = registry.method(named: name) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .method,
                    in: part,
                    debugDescription: "the method \(name) is not registered"
                )
            }
            methods.append(try Self.decode(type, from: part))
        }
        self.init(methods)
    }

    private static func decode<Method: AdapterMethod>(
        _ type: Method.Type,
        from part: KeyedDecodingContainer<Keys>
    ) throws -> Method {
        try part.decode(type, forKey: .recipe)
    }

    /// The parts, each with its method's name.
    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for method in methods {
            var part = list.nestedContainer(keyedBy: Keys.self)
            try part.encode(type(of: method).name, forKey: .method)
            try part.encode(method, forKey: .recipe)
        }
    }
}
