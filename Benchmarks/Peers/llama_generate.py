"""llama.cpp's side of generation: reads a prompt and continues it, printed as one JSON line with the first tokens.

    llama_generate.py --model FILE.gguf --tokens FILE.json [--count 256] [--repetitions 5] [--threads 2]

The prompt is the first sequence of the file. It is continued by the likeliest token each time, and past tokens that end
texts. Runs in venv-llama; of PyTorch nothing is imported.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import llama_cpp
import numpy

# llama.cpp's own default, and its tools'; a prompt of so many tokens is one batch.
BATCH = 512


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--count", type=int, default=256, help="tokens to add after the first; 0 only reads the prompt")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--first-tokens", type=int, default=8)
    parser.add_argument("--plain-attention", action="store_true", help="not fused, which was slower")
    return parser.parse_args()


def opened(options, length):
    """The last token's logits are all that is kept."""
    return llama_cpp.Llama(
        options.model,
        n_ctx=length,
        n_batch=BATCH,
        n_ubatch=BATCH,
        n_threads=options.threads,
        n_threads_batch=options.threads,
        flash_attn=not options.plain_attention,
        logits_all=False,
        verbose=False,
    )


def likeliest(model):
    """The likeliest token after what was read."""
    logits = llama_cpp.llama_get_logits_ith(model.ctx, -1)
    return int(numpy.ctypeslib.as_array(logits, shape=(model.n_vocab(),)).argmax())


def run(model, prompt, count):
    """(seconds for the prompt and its first token, seconds for `count` further ones, the tokens)"""
    model.reset()
    start = time.perf_counter()
    model.eval(prompt)
    tokens = [likeliest(model)]
    read = time.perf_counter()
    for _ in range(count):
        model.eval(tokens[-1:])
        tokens.append(likeliest(model))
    return read - start, time.perf_counter() - read, tokens


def main():
    options = arguments()
    prompt = json.loads(Path(options.tokens).read_text(encoding="utf-8"))["batches"][0]["ids"][0]
    model = opened(options, len(prompt) + options.count + 1)
    runs = [run(model, prompt, options.count) for _ in range(options.warmup + options.repetitions)]
    tokens, timed = runs[0][2], runs[options.warmup :]
    result = {
        "prompt_tokens_per_second": len(prompt) / statistics.median(reading for reading, _, _ in timed),
        "first_tokens": tokens[: options.first_tokens],
        "attention": "llama.cpp's, " + ("not fused" if options.plain_attention else "fused"),
        "dtype": "as in the file",
        "versions": {"llama-cpp-python": llama_cpp.__version__},
    }
    if options.count > 0:
        result["generated_tokens_per_second"] = options.count / statistics.median(adding for _, adding, _ in timed)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
