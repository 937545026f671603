import Foundation
import PEFTFormats

extension HubConnection {
    /// Makes sure that an answer is a success.
    ///
    /// - Parameter file: what was asked for; nil for the repository.
    /// - Throws: ``PassingFailure`` or ``HubError``.
    func requireSuccess(_ response: HTTPResponse, _ request: HubRequest, file: String? = nil) throws {
        let status = response.status
        guard !(200..<300).contains(status) else { return }
        let code = response["x-error-code"]
        let message = response["x-error-message"].map { ": " + String($0.prefix(300)).quoted } ?? ""
        let name = request.repository.quoted
        switch (status, code) {
        case (_, "RevisionNotFound"):
            throw HubError(.notFound, "\(endpoint) has no revision \(request.revision.quoted) of \(name)")
        case (404, "EntryNotFound"),
            (404, nil) where file != nil:
            throw HubError(.notFound, "\(endpoint) has no file \((file ?? "").quoted) in \(name)")
        case (_, "GatedRepo"):
            throw HubError(
                .noAccess,
                "\(name) asks for consent\(message); give it on \(endpoint)/\(request.repository), and set HF_TOKEN to a token "
                    + "of that user"
            )
        case (401, let code) where hasToken && isHub(response.url) && code != "RepoNotFound":
            throw HubError(
                .noAccess,
                "\(endpoint) does not accept the token (401\(message)); correct HF_TOKEN, or log in again with `hf auth login`"
            )
        case (401, _), (404, _):
            throw HubError(
                .notFound,
                "\(endpoint) has no model \(name) that may be seen from here (\(status)\(message)); check the name, or set "
                    + "HF_TOKEN if it is private"
            )
        case (403, _):
            throw HubError(
                .noAccess,
                "\(endpoint) refuses \(name) (403\(message)); check what the token in HF_TOKEN may do"
            )
        case (408, _), (429, _), (500..., _):
            let what = status == 429 ? "there were too many requests" : "the server has an error"
            throw PassingFailure(
                error: HubError(.unreachable, "\(response.url.withoutQuery): \(what) (\(status)\(message))"),
                requestedDelay: response.requestedDelay
            )
        default:
            throw HubError(.unreachable, "\(response.url.withoutQuery) answers with \(status)\(message)")
        }
    }
}
