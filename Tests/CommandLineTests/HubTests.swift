import Foundation
import HubServer
import PEFTFormats
import Testing

@Suite("Models and adapters by their names on the hub")
struct HubTests {
    /// A scene whose tiny model is on a hub of its own, too.
    private struct Hub {
        let scene: Scene
        let repository: FakeRepository
        let server: HubServer

        init(_ prepare: (Scene) async throws -> Void = { _ in }, folder: String = "model") async throws {
            scene = try Scene()
            try await prepare(scene)
            var files: [String: [UInt8]] = [:]
            for name in try scene.listing(of: folder) where !name.contains("/") {
                files[name] = Array(try scene.bytes("\(folder)/\(name)"))
            }
            let weights = files.keys.filter { $0.hasSuffix(".safetensors") }
            repository = FakeRepository(files: files, large: Set(weights))
            server = try HubServer(repository.handler)
        }

        var environment: [String: String] {
            ["HF_ENDPOINT": server.endpoint, "HF_HOME": scene.path("home"), "HF_TOKEN": "hf_secret"]
        }

        func run(_ arguments: String..., with variables: [String: String] = [:]) async throws -> Peft.Outcome {
            try await Peft.run(arguments, in: scene.root, environment: environment.merging(variables) { $1 })
        }

        var snapshot: String { "home/hub/models--owner--tiny/snapshots/\(repository.commit)" }
    }

    @Test("download prints the folder, and offline the name alone is enough")
    func download() async throws {
        let hub = try await Hub()
        let outcome = try await hub.run("download", "owner/tiny")
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.lines == [hub.scene.path(hub.snapshot)])
        #expect(outcome.errors.contains("downloading owner/tiny (main): 3 files, "))
        #expect(hub.server.requests.allSatisfy { $0["authorization"] == "Bearer hf_secret" })

        let before = hub.server.requests.count
        let predict = ["predict", "--threads", "1", "--text", "good film", "--model"]
        let named = try await Peft.run(
            predict + ["owner/tiny"],
            in: hub.scene.root,
            environment: hub.environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 }
        )
        let local = try await Peft.run(predict + [hub.scene.path("model")])
        #expect(named.status == 0 && named.output == local.output, "\(named.errors)")
        #expect(hub.server.requests.count == before)
    }

    @Test("for scripts: the commit, the path and the files")
    func json() async throws {
        let hub = try await Hub()
        let json = try await hub.run("download", "owner/tiny", "--revision", hub.repository.commit, "--json").json()
        #expect(try json["commit"].string() == hub.repository.commit)
        #expect(try json["path"].string() == hub.scene.path(hub.snapshot))
        let files = try json["files"].elements().map { try ($0["name"].string(), $0["bytes"].int()) }
        #expect(files.map(\.0) == ["config.json", "model.safetensors", "vocab.txt"])
        for (name, bytes) in files { #expect(bytes == hub.repository.files[name]?.count) }
    }

    @Test("training on a name brings the model, and the adapter calls its base by it")
    func train() async throws {
        let hub = try await Hub()
        let outcome = try await hub.run(
            "train",
            "--model",
            "owner/tiny@main",
            "--train",
            "train.jsonl",
            "--output",
            "adapter",
            "--threads",
            "1",
            "--epochs",
            "1"
        )
        try #require(outcome.status == 0, "\(outcome.errors)")
        let path = hub.scene.path("adapter/adapter_config.json")
        let configuration = JSONReader(try JSONValue(contentsOf: path), source: path)
        #expect(try configuration["base_model_name_or_path"].string() == "owner/tiny")
        #expect(try configuration["revision"].string() == "main")
        let evaluated = try await hub.run(
            "evaluate",
            "--model",
            "owner/tiny",
            "--adapter",
            "adapter",
            "--data",
            "test.jsonl",
            "--threads",
            "1"
        )
        #expect(evaluated.status == 0 && !evaluated.errors.contains("warning"), "\(evaluated.errors)")
    }

    @Test("an adapter on the hub")
    func adapter() async throws {
        let hub = try await Hub({ try await $0.trained() }, folder: "adapter")
        let outcome = try await hub.run(
            "predict",
            "--model",
            "model",
            "--adapter",
            "owner/tiny",
            "--text",
            "good film",
            "--threads",
            "1"
        )
        let local = try await hub.run(
            "predict",
            "--model",
            "model",
            "--adapter",
            "adapter",
            "--text",
            "good film",
            "--threads",
            "1"
        )
        #expect(outcome.status == 0 && outcome.output == local.output && !local.output.isEmpty, "\(outcome.errors)")
        let fetched = Set(try hub.scene.listing(of: hub.snapshot))
        #expect(fetched == ["adapter_config.json", "adapter_model.safetensors", "peftkit.json"])
    }

    @Test("what exists here is never looked for on the hub")
    func existing() async throws {
        let hub = try await Hub()
        try hub.scene.copy(hub.scene.url("model"), to: "owner/tiny")
        let outcome = try await hub.run("tokenize", "--model", "owner/tiny", "--text", "good")
        #expect(outcome.status == 0 && hub.server.requests.isEmpty, "\(outcome.errors)")
    }

    @Test("a name that is neither here nor there: where it was looked for")
    func neither() async throws {
        let hub = try await Hub()
        try await hub.run("merge", "--model", "model", "--adapter", "owner/none", "--output", "merged").expectRefusal(
            "--adapter owner/none: there is no such file or folder here",
            hub.server.endpoint + " has no model"
        )
        try await hub.run("tokenize", "--model", "no-model", "--text", "a").expectRefusal(
            "--model no-model: there is no such file or folder here",
            "HF_TOKEN if it is private"
        )
    }

    @Test("offline, a name that is not in the cache: where that is")
    func offline() async throws {
        let hub = try await Hub()
        let outcome = try await hub.run(
            "tokenize",
            "--model",
            "owner/tiny",
            "--text",
            "a",
            with: ["HF_HUB_OFFLINE": "1"]
        )
        outcome.expectRefusal("owner/tiny is not in the cache \(hub.scene.path("home/hub"))", "without HF_HUB_OFFLINE")
        #expect(hub.server.requests.isEmpty)
    }

    @Test("a path is no name: nothing is asked")
    func paths() async throws {
        let hub = try await Hub()
        for path in ["./absent", "/absent", "a/b/c", "absent/", "absent.gguf"] {
            let outcome = try await hub.run("merge", "--model", path, "--adapter", "model", "--output", "out")
            #expect(outcome.status == 1, "\(path)")
        }
        #expect(hub.server.requests.isEmpty)
    }

    @Test("an interrupted download leaves nothing that is taken for a model, and goes on")
    func interrupted() async throws {
        let hub = try await Hub()
        let whole = hub.repository
        let broken = try HubServer { request, _ in
            var reply = whole.reply(to: request)
            if request.method == "GET", request.path.hasSuffix("model.safetensors") {
                // Nothing further where a late kill lets it ask again.
                reply.breaksAfter = request["range"] == nil ? 1000 : 0
                reply.lingers = 20
            }
            return reply
        }
        let environment = hub.environment.merging(["HF_ENDPOINT": broken.endpoint]) { $1 }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Peft.executable)
        process.arguments = ["download", "owner/tiny"]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let blob = "home/hub/models--owner--tiny/blobs/\(whole.checksum("model.safetensors"))"
        for _ in 0..<200 where (try? hub.scene.bytes(blob + ".incomplete").count) != 1000 {
            try await Task.sleep(for: .milliseconds(50))
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(try hub.scene.bytes(blob + ".incomplete").count == 1000)
        #expect(!hub.scene.exists(blob) && !hub.scene.exists(hub.snapshot + "/model.safetensors"))

        let outcome = try await hub.run("download", "owner/tiny")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try hub.scene.bytes(hub.snapshot + "/model.safetensors") == hub.scene.bytes("model/model.safetensors"))
        let ranges = hub.server.requests.filter { $0.method == "GET" }.compactMap { $0["range"] }
        #expect(ranges == ["bytes=1000-"])
    }

    @Test("two processes at once have it both")
    func twoProcesses() async throws {
        let hub = try await Hub()
        async let first = hub.run("download", "owner/tiny")
        async let second = hub.run("download", "owner/tiny")
        for outcome in try await [first, second] { #expect(outcome.status == 0, "\(outcome.errors)") }
        #expect(try hub.scene.bytes(hub.snapshot + "/model.safetensors") == hub.scene.bytes("model/model.safetensors"))
        let weights = hub.server.requests.filter { $0.method == "GET" && $0.path.hasSuffix("model.safetensors") }
        #expect(weights.count == 1)
    }

    @Test(
        "usage",
        arguments: [
            ["download"], ["download", ""], ["download", "a/b/c"], ["download", "../a"],
            ["download", "a", "--file", ""],
            ["download", "a@b", "--revision", "c"], ["download", "a/b/c.gguf", "--file", "d.gguf"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let outcome = try await Peft.run(arguments)
        #expect(outcome.status == 64 && outcome.errors.contains("See 'peft download --help'"), "\(outcome.errors)")
    }

    @Test("on a terminal a bar shows how far it is, within the line")
    func terminal() async throws {
        let hub = try await Hub()
        let terminal = try PseudoTerminal(columns: 80)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Peft.executable)
        process.arguments = ["download", "owner/tiny"]
        process.environment = hub.environment.merging(["LC_ALL": "C.UTF-8", "TERM": "xterm"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = terminal.end
        try process.run()
        let text = try terminal.readToEnd()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        let draws = text.components(separatedBy: "\u{1B}[K").dropLast().map {
            $0.components(separatedBy: "\r").last ?? ""
        }
        #expect(
            !draws.isEmpty && draws.allSatisfy { $0.count < 80 && ($0.contains("█") || $0.contains("░")) },
            "\(text)"
        )
        #expect(draws.last?.contains("config.json") == true && draws.last?.contains("░") == false, "\(draws)")
    }
}
