"""The grammars in which models answer: one module each, all read into the same items."""
