"""transformers' side of inference: passes over the batches of a file, printed as one JSON line with the logits.

    torch_predict.py --model DIR --tokens FILE.json [--passes 3] [--threads 2]
"""

import argparse
import json
import statistics
import time

import torch

import torch_batches
import torch_model


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main():
    options = arguments()
    torch_model.prepare(options.threads, seed=0)
    model = torch_model.classifier(options.model).eval()
    batches, durations = torch_batches.read(options.tokens), []
    for run in range(1 + options.passes):
        start = time.perf_counter()
        # Padding is part of the work: token ids come in, logits go out.
        with torch.inference_mode():
            logits = [model(**batch.padded()).logits.tolist() for batch in batches]
        if run > 0:
            durations.append(time.perf_counter() - start)
    rows = [row for batch in logits for row in batch]
    result = {"median_pass_seconds": statistics.median(durations), "rows": len(rows), "logits": rows}
    print(json.dumps(result | torch_model.description(model)))


if __name__ == "__main__":
    main()
