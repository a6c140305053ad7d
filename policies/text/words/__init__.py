"""
The words of languages: which language a text is in, its months, its clauses about changes, its words without
meaning of their own.
"""
