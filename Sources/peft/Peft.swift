import ArgumentParser

@main
struct Peft: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peft",
        abstract: "Fine-tune pretrained language models with small adapters, on the CPU.",
        discussion: """
            A model is a Hugging Face checkpoint folder (config.json, model.safetensors, tokenizer.json or vocab.txt). \
            An adapter is a folder that Python's peft reads and writes too.

              peft train --model bert --train reviews.jsonl --validation held-out.jsonl --output adapter
              peft evaluate --model bert --adapter adapter --data test.jsonl
              peft predict --model bert --adapter adapter --text "A wonderful film."

            Data files are .jsonl (text, label), .csv or .tsv with a header, or a folder with one sub-folder of .txt \
            files per class. Results go to standard output, progress and warnings to standard error.
            """,
        version: "0.1.0",
        subcommands: [Train.self, Evaluate.self, Predict.self, Tokenize.self, Inspect.self]
    )
}
