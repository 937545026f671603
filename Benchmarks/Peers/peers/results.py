"""The file that keeps what every row gave, so that rows can be measured one at a time."""

import datetime
import json
import os
from pathlib import Path


class Results:
    def __init__(self, file):
        self.file = Path(file)

    def read(self):
        """Rows by name."""
        return json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}

    def add(self, name, found):
        """Puts a row in place of an earlier one of its name; written aside, so that stopping loses nothing."""
        content = self.read() | {name: found | {"date": datetime.date.today().isoformat()}}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        written = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        written.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        os.replace(written, self.file)
