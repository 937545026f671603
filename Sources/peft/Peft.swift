import ArgumentParser
import Foundation
import PEFTKit

@main
struct Peft: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peft",
        abstract: "Fine-tune pretrained language models with small adapters, on the CPU.",
        discussion: """
            A model is a Hugging Face checkpoint folder: config.json, model.safetensors (or its shards), and \
            tokenizer.json or vocab.txt; or, of a language model, a GGUF file; or the name of either on the Hugging Face hub, from \
            which it is downloaded once into the cache that Python uses, too. An adapter is a folder that Python's peft reads and \
            writes too, or a name on the hub. What exists as a file or folder is never looked for on the hub.

              peft download bert-base-uncased
              peft train --model bert --train reviews.jsonl --output adapter
              peft evaluate --model bert --adapter adapter --data test.jsonl
              peft predict --model bert --adapter adapter --text "A wonderful film."
              peft merge --model bert --adapter adapter --output merged
              peft generate --model SmolLM2.gguf --prompt "Once upon a time"
              peft inspect adapter

            Data files are .jsonl with the keys text and label, .csv or .tsv with a header, or a folder with one \
            sub-folder of .txt files per class.

            Results go to standard output, as JSON with --json; progress and warnings go to standard error. The exit \
            code is 0 for success, 64 for wrong usage, and 1 for everything else.
            """,
        version: String(TrainingDescription.product.split(separator: " ")[1]),
        subcommands: [
            Download.self, Train.self, Evaluate.self, Predict.self, Generate.self, Chat.self, Parameters.self,
            Merge.self,
            Quantize.self,
            Combine.self, Convert.self, List.self, Tokenize.self, Inspect.self, Report.self, Compare.self,
        ]
    )

    static func main() async {
        // A limit on the size of files then fails a write, which is reported, and never kills the process, whichever
        // thread writes.
        signal(SIGXFSZ, SIG_IGN)
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            var command = try parseAsRoot(ConfigurationFile.expanded(arguments, options: Train.optionNames))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Failure.exit(error)
        }
    }
}
