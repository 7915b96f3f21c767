"""The folders that runs are kept in: written as they go, read, listed, and gone on with. Knows no torch."""
