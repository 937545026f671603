"""Reads event files that `TensorBoardWriter` wrote with TensorBoard itself.

    check_tensorboard.py FOLDER

FOLDER holds the event files of one run. Both of TensorBoard's readers must read every record without a complaint, find
the same scalars, and, where the run was resumed, no step twice. Prints each tag with its steps and its last value.
"""

import glob
import logging
import os
import sys

from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto import event_pb2
from tensorboard.util import tensor_util

EVERYTHING = {event_accumulator.SCALARS: 0, event_accumulator.TENSORS: 0}


class Complaints(logging.Handler):
    """What the readers say of broken records; that a resume drops events is no complaint."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages = []

    def emit(self, record):
        message = record.getMessage()
        if "expired" not in message and "restart" not in message.lower():
            self.messages.append(message)


def check(condition, message):
    if not condition:
        sys.exit(f"check_tensorboard: {message}")


def check_records(path):
    """Every byte of the file belongs to a record whose checksums are right, and the first two are what they must be."""
    records = list(RawEventFileLoader(path).Load())
    check(sum(len(record) + 16 for record in records) == os.path.getsize(path), f"{path} has a broken record")
    events = [event_pb2.Event.FromString(record) for record in records]
    check(events[0].file_version == "brain.Event:2", f"{path} does not begin with the version of the format")
    check(events[1].session_log.status == event_pb2.SessionLog.START, f"{path} does not begin a session")
    return len(events)


def scalars(folder):
    """The scalars as the older reader has them, which knows simple values by themselves."""
    reader = event_accumulator.EventAccumulator(folder, size_guidance=EVERYTHING)
    reader.Reload()
    return {tag: [(event.step, event.value) for event in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def shown(folder):
    """The same as TensorBoard's own page has them, and its texts."""
    reader = plugin_event_accumulator.EventAccumulator(
        folder, size_guidance=EVERYTHING, tensor_size_guidance={"scalars": 0, "text": 0}
    )
    reader.Reload()
    numbers, texts = {}, {}
    for tag in reader.Tags()["tensors"]:
        plugin = reader.SummaryMetadata(tag).plugin_data.plugin_name
        values = [(event.step, tensor_util.make_ndarray(event.tensor_proto).item()) for event in reader.Tensors(tag)]
        (texts if plugin == "text" else numbers)[tag] = values
    return numbers, texts


def main():
    folder = sys.argv[1]
    paths = sorted(glob.glob(os.path.join(folder, "events.out.tfevents.*")))
    check(paths, f"{folder} has no event files")
    complaints = Complaints()
    for name in ("tensorboard", "absl"):
        logging.getLogger(name).addHandler(complaints)
    events = sum(check_records(path) for path in paths)
    old = scalars(folder)
    new, texts = shown(folder)
    check(not complaints.messages, "; ".join(complaints.messages))
    check(old, f"{folder} has no scalars")
    check(repr(old) == repr({tag: new[tag] for tag in old}), "the two readers of TensorBoard differ")
    for tag, values in sorted(old.items()):
        steps = [step for step, _ in values]
        check(len(set(steps)) == len(steps) and steps == sorted(steps), f"{tag} has steps twice or out of order")
        print(f"{tag}: {len(steps)} steps from {steps[0]} to {steps[-1]}, at last {values[-1][1]:.6g}")
    for tag, values in sorted(texts.items()):
        print(f"{tag}: a text of {len(values[-1][1])} bytes")
    print(f"{events} events in {len(paths)} files, all read by TensorBoard")


if __name__ == "__main__":
    main()
