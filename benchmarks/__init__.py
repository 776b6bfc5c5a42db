"""Speed and memory as ratios against named peers, accuracy on corpora, each measured in one run."""
