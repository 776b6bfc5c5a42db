"""Text: tokens, folding, numbers, sentences, sections, assertion context, lexica."""
