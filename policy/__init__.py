"""The rules: vocabulary, catalogue, consent standing, decide, grants. Pure: no I/O, no clock."""
