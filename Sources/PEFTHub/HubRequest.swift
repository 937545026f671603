import PEFTFormats

/// What is asked of the hub, checked before anything is done.
struct HubRequest: Sendable {
    let repository: String
    let revision: String
    let content: HubContent

    /// - Throws: ``HubError`` for a name that the hub cannot have, or a file that is not downloaded.
    init(_ name: String, _ content: HubContent, revision: String?) throws(HubError) {
        let name = try HubName(name)
        if let revision { try HubName.requireRevision(revision) }
        repository = name.repository
        self.revision = revision ?? name.revision ?? "main"
        self.content = name.file.map { .files([$0]) } ?? content
        guard case .files(let files) = self.content else { return }
        for file in files {
            try HubName.requireFile(file, of: repository)
            guard !PickleFile.hasName(file) else {
                throw HubError(.unsuitable, PickleFile.remedy("\(file) of \(repository)", refusal: "is not downloaded"))
            }
        }
    }
}
