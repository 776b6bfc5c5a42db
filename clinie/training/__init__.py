"""Makes the weights and the data that the shipped model comes from; needs the extra ``llm``."""
