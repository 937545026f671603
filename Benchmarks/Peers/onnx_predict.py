"""ONNX Runtime's side of inference: passes over the batches of a file, printed as one JSON line with the logits.

    onnx_predict.py --model FILE.onnx --tokens FILE.json [--passes 3] [--threads 2]

It needs no PyTorch: of that nothing is imported.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy
import onnxruntime


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def session(model, threads):
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])


def padded(rows):
    longest = max(len(row) for row in rows)
    ids = numpy.zeros((len(rows), longest), dtype=numpy.int64)
    mask = numpy.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def main():
    options = arguments()
    model = session(options.model, options.threads)
    batches = [batch["ids"] for batch in json.loads(Path(options.tokens).read_text(encoding="utf-8"))["batches"]]
    durations = []
    for run in range(1 + options.passes):
        start = time.perf_counter()
        logits = [model.run(["logits"], padded(rows))[0].tolist() for rows in batches]
        if run > 0:
            durations.append(time.perf_counter() - start)
    rows = [row for batch in logits for row in batch]
    result = {
        "median_pass_seconds": statistics.median(durations),
        "rows": len(rows),
        "logits": rows,
        "attention": "as exported (sdpa)",
        "dtype": "float32",
        "versions": {"onnxruntime": onnxruntime.__version__},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
