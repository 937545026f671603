public import PEFTFormats

/// What was trained, on what and how, from `run.json`.
public struct RunDescription: Sendable {
    /// The base model.
    public struct Model: Sendable {
        /// What it is called.
        public let name: String
        /// A digest of its weights; nil where none was taken.
        public let fingerprint: String?
        /// The number of all parameters, those of the adapter included.
        public let parameters: Int
        /// The number of those that were trained.
        public let trainable: Int
    }

    /// A file of examples.
    public struct Data: Sendable {
        /// Where it was.
        public let path: String
        /// The number of its rows.
        public let rows: Int
        /// A digest of its contents; nil where none was taken.
        public let digest: String?
    }

    /// A module of the model that was trained, or might have been.
    public struct Module: Sendable {
        /// Its path in the model.
        public let name: String
        /// The number of its parameters that were trained.
        public let trainable: Int
        /// The number of its parameters.
        public let total: Int
    }

    /// The product that trained, with its version.
    public let product: String
    /// The base model.
    public let model: Model
    /// The name of the method.
    public let method: String
    /// What the method was set to.
    public let methodSettings: JSONObject
    /// The names of the classes; empty when the task has none.
    public let labels: [String]
    /// The examples that were trained on.
    public let training: Data
    /// The examples that were evaluated on; nil without any.
    public let validation: Data?
    /// The options of the run by their names on the command line.
    public let options: JSONObject
    /// The modules with trained parameters.
    public let modules: [Module]
}

extension RunDescription {
    init(_ reader: JSONReader) throws(JSONError) {
        product = try reader["product"].string()
        model = try Model(reader["model"])
        method = try reader["method"]["name"].string()
        methodSettings = try reader["method"]["settings"].object()
        labels = try reader["labels"].ifPresent?.strings() ?? []
        training = try Data(reader["data"]["train"])
        validation = try reader["data"]["validation"].ifPresent.map { reader throws(JSONError) in try Data(reader) }
        options = try reader["options"].object()
        var modules: [Module] = []
        for element in try reader["parameters"].elements() { modules.append(try Module(element)) }
        self.modules = modules
    }
}

extension RunDescription.Model {
    init(_ reader: JSONReader) throws(JSONError) {
        name = try reader["name"].string()
        fingerprint = try reader["fingerprint"].ifPresent?.string()
        parameters = try reader["parameters"].count()
        trainable = try reader["trainable"].int(in: 0...parameters)
    }
}

extension RunDescription.Data {
    init(_ reader: JSONReader) throws(JSONError) {
        path = try reader["path"].string()
        rows = try reader["rows"].count()
        digest = try reader["digest"].ifPresent?.string()
    }
}

extension RunDescription.Module {
    init(_ reader: JSONReader) throws(JSONError) {
        name = try reader["module"].string()
        total = try reader["total"].count()
        trainable = try reader["trainable"].int(in: 0...total)
    }
}
