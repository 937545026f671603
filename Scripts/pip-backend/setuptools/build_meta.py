"""A build backend that names a source archive's package without running the archive's code.

`pip download` keeps a source archive only after asking its build backend for the package's name and version. The usual
backend runs the archive's setup.py for that. With this folder first in PYTHONPATH and without build isolation, pip asks
here instead (PEP 517), and the answer comes from the archive's own PKG-INFO.
"""

import email
import os


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    with open("PKG-INFO", encoding="utf-8") as file:
        info = email.message_from_file(file)
    folder = f"{info['Name']}-{info['Version']}.dist-info"
    os.mkdir(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w", encoding="utf-8") as file:
        file.write(f"Metadata-Version: 2.1\nName: {info['Name']}\nVersion: {info['Version']}\n")
    return folder


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    raise RuntimeError("the archive is fetched for its data, not to be built")


class _Legacy:
    """What pip asks for an archive without a pyproject.toml."""

    prepare_metadata_for_build_wheel = staticmethod(prepare_metadata_for_build_wheel)
    build_wheel = staticmethod(build_wheel)


__legacy__ = _Legacy()
