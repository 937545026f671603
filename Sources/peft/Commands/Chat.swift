import ArgumentParser
import Foundation
import PEFTKit

struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk to a model.",
        discussion: """
            Reads a line, answers, and goes on until the input ends. The model's own chat template says how turns are \
            written; /new begins a new conversation, /exit ends.

              peft chat --model SmolLM2.gguf --adapter adapter --system "You are a helpful assistant."
            """
    )

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(help: ArgumentHelp("The adapter folder, or a name on the Hugging Face hub.", valueName: "dir"))
    var adapter: String?

    @Option(help: ArgumentHelp("What the model is told before the conversation.", valueName: "text"))
    var system: String?

    @OptionGroup(title: "Generation") var sampling: SamplingOptions

    func validate() throws {
        try Requirement.checkPath(adapter, "--adapter")
    }

    func run() async throws {
        Output.warnAboutDebugBuild()
        let references = try adapter.map { [try AdapterReference($0, option: "adapter")] } ?? []
        let model = try await model.located()
        let generator = try await LanguageModelSession(model, references).generator
        let conversations = try model.conversations(generator.tokenizer)
        var conversation = opening
        while let line = question() {
            switch line {
            case "/exit": return
            case "/new": conversation = opening
            case "": continue
            default:
                conversation.append(ChatMessage(role: "user", content: line))
                let prompt = try conversations.tokens(of: conversation, addingGenerationPrompt: true)
                conversation.append(ChatMessage(role: "assistant", content: try await answer(prompt, generator)))
            }
        }
    }

    private var opening: [ChatMessage] { system.map { [ChatMessage(role: "system", content: $0)] } ?? [] }

    private func question() -> String? {
        if Output.isTerminal { Output.prompt("> ") }
        return readLine()
    }

    /// The answer to a conversation, shown as it comes.
    private func answer(_ prompt: [Int32], _ generator: TextGenerator<AnyLanguageModel>) async throws -> String {
        var answer = ""
        for try await piece in try generator.stream(GenerationRequest(prompt: prompt, options: sampling.options)) {
            answer += piece
            try Output.piece(piece)
        }
        try Output.result("")
        return answer
    }
}
