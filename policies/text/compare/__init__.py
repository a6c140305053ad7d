"""Two canonical texts in; what changed between them out: sections, blocks, rows and words, and the exact redline."""
