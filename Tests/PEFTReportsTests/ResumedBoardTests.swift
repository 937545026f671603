import Foundation
import PEFTFormats
import PEFTReports
import TestSupport
import Testing

@Suite("Event files of a resumed run")
struct ResumedBoardTests {
    /// Where `make check-tensorboard` wants the files, to have TensorBoard read them.
    private static let kept = ProcessInfo.processInfo.environment["PEFTKIT_EVENT_FILES"]

    @Test("a run that was killed at step 7 and resumed after step 5 leaves two files, the second to begin with step 6")
    func resumedRun() throws {
        let temporary = try TemporaryFolder()
        let folder = Self.kept.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? temporary.url
        let first = try TensorBoardWriter(folder: folder)
        try first.write(["rank": 8, "note": "a|b"], tag: "settings")
        for step in 1...7 { try first.write(["train/loss": 1, "train/gradient_norm": .nan], step: step) }
        let second = try TensorBoardWriter(folder: folder, resumingAfter: 5)
        for step in 6...9 { try second.write(["train/loss": 0.25], step: step) }
        try second.write(["validation/accuracy": 0.75], step: 9)
        #expect(first.url.lastPathComponent < second.url.lastPathComponent)
        // The second record: its time, step 6, and a session log that says start.
        let start = Array(try Data(contentsOf: second.url).dropFirst(51 + 12).prefix(15))
        #expect(start.first == 0x09 && Array(start.suffix(6)) == [0x10, 6, 0x3A, 2, 0x08, 1])
    }
}
