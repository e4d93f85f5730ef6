"""Zips the files of a folder below a prefix, as the module proxy of Go asks for it, always the same bytes."""

import pathlib
import sys
import zipfile

source, prefix, archive = sys.argv[1:]
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
    for file in sorted(pathlib.Path(source).iterdir()):
        entry = zipfile.ZipInfo(f"{prefix}/{file.name}", (2021, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        out.writestr(entry, file.read_bytes())
