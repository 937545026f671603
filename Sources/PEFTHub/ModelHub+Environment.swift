public import Foundation

extension ModelHub {
    /// The hub as the environment says, by the variables that Python's `huggingface_hub` reads: `HF_ENDPOINT`;
    /// `HF_HUB_CACHE` or `HF_HOME`; `HF_TOKEN`, or the file of `hf auth login` (`HF_TOKEN_PATH`, by default
    /// `$HF_HOME/token`); `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`; and `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` or
    /// `CURL_CA_BUNDLE`.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let variables = HubVariables(environment)
        self.init(
            endpoint: variables["HF_ENDPOINT"] ?? Self.standardEndpoint,
            cache: URL(filePath: variables.cache, directoryHint: .isDirectory),
            token: variables.token,
            isOffline: variables.isOffline,
            certificates: variables.certificates
        )
    }
}

/// The variables of `huggingface_hub`.
private struct HubVariables {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// A variable; nil also when it is empty.
    subscript(name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    var cache: String { path("HF_HUB_CACHE") ?? path("HUGGINGFACE_HUB_CACHE") ?? home + "/hub" }

    var isOffline: Bool { isTrue(self["HF_HUB_OFFLINE"] ?? self["TRANSFORMERS_OFFLINE"]) }

    var token: String? {
        if isTrue(self["HF_HUB_DISABLE_IMPLICIT_TOKEN"]) { return nil }
        if let token = trimmed(self["HF_TOKEN"] ?? self["HUGGING_FACE_HUB_TOKEN"]) { return token }
        return trimmed(try? String(contentsOfFile: path("HF_TOKEN_PATH") ?? home + "/token", encoding: .utf8))
    }

    var certificates: URL? {
        let path = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"].lazy.compactMap(path).first
        return path.map { URL(filePath: $0, directoryHint: .notDirectory) }
    }

    private var home: String {
        path("HF_HOME") ?? (path("XDG_CACHE_HOME") ?? userHome + "/.cache") + "/huggingface"
    }

    private var userHome: String { self["HOME"] ?? NSHomeDirectory() }

    /// A path, in which `~` is the user's home.
    private func path(_ name: String) -> String? {
        guard let path = self[name] else { return nil }
        return path == "~" || path.hasPrefix("~/") ? userHome + path.dropFirst() : path
    }

    private func isTrue(_ value: String?) -> Bool { ["1", "ON", "YES", "TRUE"].contains(value?.uppercased() ?? "") }

    private func trimmed(_ token: String?) -> String? {
        let trimmed = token?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return trimmed.isEmpty ? nil : trimmed
    }
}
