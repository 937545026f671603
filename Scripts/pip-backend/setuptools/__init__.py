"""Stands in for setuptools while `pip download` asks a source archive for its name; see build_meta.py."""
