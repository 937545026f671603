"""The batches of a token file, padded to the longest row of each."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Batch:
    """Token ids of some sequences of any lengths, and their classes; None for a language model's."""

    rows: list
    labels: list | None

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

    def classified(self):
        """What a classifier learns from."""
        return self.padded() | {"labels": torch.tensor(self.labels)}

    def continued(self):
        """What a language model learns from: texts of one length, without a mask, which would only cost time."""
        ids = torch.tensor(self.rows)
        return {"input_ids": ids, "labels": ids}


def read(file):
    found = json.loads(Path(file).read_text(encoding="utf-8"))["batches"]
    return [Batch(batch["ids"], batch.get("labels")) for batch in found]
