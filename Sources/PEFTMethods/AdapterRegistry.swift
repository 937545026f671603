/// The methods that files and the command line can name. A value: add your own and pass it on.
///
/// ```swift
/// let registry = AdapterRegistry.standard.adding(MyMethod.self)
/// ```
public struct AdapterRegistry: Sendable {
    /// The known methods, in the order they were added.
    public let methods: [any AdapterMethod.Type]

    /// The methods of this package.
    public static let standard = AdapterRegistry(methods: [
        LoRA.self,
        DoRA.self,
        BitFit.self,
        IA3.self,
        VeRA.self,
        Prefix.self,
        Prompt.self,
        FullFineTuning.self,
        Adapter.self,
        Stacked.self,
    ])

    /// A registry of some methods.
    public init(methods: [any AdapterMethod.Type]) {
        self.methods = methods
    }

    /// This registry and one more method; a method of the same name is replaced.
    public func adding(_ method: any AdapterMethod.Type) -> AdapterRegistry {
        AdapterRegistry(methods: methods.filter { $0.name != method.name } + [method])
    }

    /// The method of that name; nil when there is none.
    public func method(named name: String) -> (any AdapterMethod.Type)? {
        methods.first { $0.name == name }
    }
}
