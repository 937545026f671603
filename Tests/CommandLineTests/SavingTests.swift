import Foundation
import Testing

@Suite("An adapter folder is there whole or not at all")
struct SavingTests {
    /// An adapter of 393 kB.
    static let large = ["--rank", "256"]

    @Test("replacing one leaves no other files, and keeps a model card")
    func replacing() async throws {
        let scene = try Scene()
        try await scene.trained()
        let before = try scene.bytes("adapter/adapter_model.safetensors")
        try scene.write("my notes", to: "adapter/README.md")
        // Another name of the old file: it stays what it was if the new one comes by a rename.
        try FileManager.default.linkItem(at: scene.url("adapter/adapter_model.safetensors"), to: scene.url("old"))
        let others = try scene.listing().filter { !$0.hasPrefix("adapter/") }
        try await scene.trained("--rank", "4", "--seed", "1")
        #expect(try scene.bytes("adapter/adapter_model.safetensors") != before)
        #expect(try scene.bytes("old") == before)
        #expect(try scene.bytes("adapter/README.md") == Data("my notes".utf8))
        #expect(try scene.listing().filter { !$0.hasPrefix("adapter/") } == others)
        #expect(try await scene.predict("--adapter", scene.path("adapter"), "--text", "good").status == 0)
    }

    @Test("missing folders above it are made")
    func parents() async throws {
        let scene = try Scene()
        try await scene.trained(output: "runs/today/adapter")
        #expect(scene.exists("runs/today/adapter/adapter_config.json"))
    }

    @Test(
        "a folder with somebody's files is refused before any training, and left as it is",
        arguments: [
            "notes.txt", ".git/HEAD", "README.md",
        ]
    )
    func foreignFiles(name: String) async throws {
        let scene = try Scene()
        try scene.write("mine", to: "adapter/\(name)")
        try await scene.expectNothingWritten {
            // Data that isn't there would be the error if the folder were looked at later.
            let outcome = try await scene.train(from: "absent.jsonl")
            let first = name.split(separator: "/")[0]
            outcome.expectRefusal(
                "adapter: it holds files that are never replaced here (\(first)); choose a new folder"
            )
        }
        #expect(try scene.bytes("adapter/\(name)") == Data("mine".utf8))
    }

    @Test("a file where the folder should be, or above it, is refused before any training")
    func fileInTheWay() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let file = try await scene.train(output: "train.jsonl", from: "absent.jsonl")
            file.expectRefusal("train.jsonl: it is a file; choose a new folder")
            let above = try await scene.train(output: "train.jsonl/adapter", from: "absent.jsonl")
            above.expectRefusal("cannot write \(scene.path("train.jsonl/adapter")): Not a directory")
        }
    }

    @Test("a place that cannot be written is refused before any training")
    func unwritable() async throws {
        let scene = try Scene()
        // Permissions don't keep a privileged user out; a read-only file system does, or one that takes no folders.
        let isPrivileged = geteuid() == 0
        let disk = isPrivileged ? try Disk(in: scene, on: "locked", options: "ro") : nil
        let parent = isPrivileged && disk == nil ? "/proc" : scene.path("locked")
        if !isPrivileged {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            chmod(parent, 0o555)
        }
        for output in ["\(parent)/adapter", "\(parent)/runs/adapter"] {
            let outcome = try await Peft.run(
                scene.arguments(data: "absent.jsonl", output: "unused") + ["--output", output]
            )
            outcome.expectRefusal("cannot write \(output): ")
        }
        withExtendedLifetime(disk) {}
    }

    @Test("a disk that is full when the adapter is saved: the error says so, and nothing is left")
    func fullDisk() async throws {
        let scene = try Scene()
        guard let disk = try Disk(in: scene, on: "disk", options: "size=64k") else {
            // Who may not mount gets the same failure from a limit on the size of files.
            try await fileSizeLimit()
            return
        }
        try await scene.expectNothingWritten(besidesLogOf: "disk/runs/adapter") {
            let outcome = try await scene.train(Self.large[0], Self.large[1], output: "disk/runs/adapter")
            outcome.expectRefusal(
                "cannot write \(scene.path("disk/runs/adapter"))/adapter_model.safetensors: No space left on device",
                "free some space and try again"
            )
        }
        withExtendedLifetime(disk) {}
    }

    @Test("a disk that is full when an adapter is replaced: the earlier one stays and works")
    func fullDiskWithEarlierAdapter() async throws {
        let scene = try Scene()
        // Where mounting is not allowed, the limit on the size of files stands in for the disk.
        let disk = try Disk(in: scene, on: "disk", options: "size=128k")
        try await scene.trained(output: "disk/adapter")
        let before = try scene.bytes("disk/adapter/adapter_model.safetensors")
        try await scene.expectNothingWritten(besidesLogOf: "disk/adapter") {
            let command = scene.arguments(output: "disk/adapter") + Self.large
            let outcome = disk == nil ? try await limited(command) : try await Peft.run(command)
            outcome.expectRefusal("cannot write \(scene.path("disk/adapter"))/adapter_model.safetensors: ")
        }
        #expect(try scene.bytes("disk/adapter/adapter_model.safetensors") == before)
        #expect(try await scene.predict("--adapter", scene.path("disk/adapter"), "--text", "good").status == 0)
        withExtendedLifetime(disk) {}
    }

    @Test("a limit on the size of files is an error like a full disk, and does not kill the command")
    func fileSizeLimit() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten(besidesLogOf: "adapter") {
            let outcome = try await limited(scene.arguments(output: "adapter") + Self.large)
            outcome.expectRefusal(
                "cannot write \(scene.path("adapter"))/adapter_model.safetensors: File too large",
                "raise the limit on the size of a file (ulimit -f)"
            )
        }
    }

    @Test("predictions that do not fit the disk leave the earlier file")
    func fullDiskPredictions() async throws {
        let scene = try Scene()
        try scene.write((0..<1000).map { "good film \($0)\n" }.joined(), to: "texts.txt")
        try scene.write("old", to: "predictions.jsonl")
        try await scene.expectNothingWritten {
            let outcome = try await limited([
                "predict", "--model", scene.path("model"), "--threads", "1", "--input", scene.path("texts.txt"),
                "--output", scene.path("predictions.jsonl"),
            ])
            outcome.expectRefusal("cannot write \(scene.path("predictions.jsonl")): File too large")
        }
        #expect(try scene.bytes("predictions.jsonl") == Data("old".utf8))
    }

    /// Runs `peft` where no file may grow above 32 or 64 kB, by what the shell counts in.
    private func limited(_ arguments: [String]) async throws -> Peft.Outcome {
        let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
        return try await Peft.shell("ulimit -f 64 && exec \"$PEFT\" \(quoted)")
    }
}
