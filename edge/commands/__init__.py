"""The verbs of `tongdai`, a file per family. `edge.cli` parses; these act and answer one JSON document."""
