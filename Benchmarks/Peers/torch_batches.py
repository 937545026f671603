"""The batches of a token file, padded to the longest row of each."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Batch:
    """Token ids and classes of some sequences of any lengths."""

    rows: list
    labels: list

    @property
    def tokens(self):
        """How many there are, padding not counted."""
        return sum(len(row) for row in self.rows)

    def padded(self):
        """What the model is given."""
        longest = max(len(row) for row in self.rows)
        ids = torch.zeros(len(self.rows), longest, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for index, row in enumerate(self.rows):
            ids[index, : len(row)] = torch.tensor(row)
            mask[index, : len(row)] = 1
        return {"input_ids": ids, "attention_mask": mask}


def read(file):
    found = json.loads(Path(file).read_text(encoding="utf-8"))["batches"]
    return [Batch(batch["ids"], batch["labels"]) for batch in found]
