"""Short lessons: what to expect of f̂ and f̂′, experiments that show it, and what they showed. Know no Textual class."""
