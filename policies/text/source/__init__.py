"""
Anything in, canonical Markdown out: web pages, plain text, dialects of Markdown, template languages, and what is
furniture around a text.
"""
