"""Web pages to Markdown: the text in them, what Markdown has no words for, what office programs make of it."""
