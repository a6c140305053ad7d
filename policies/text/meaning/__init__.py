"""
A text or a comparison in; what it says out: dates, quantities, promises, facts, the proposed class and what an
editor should look at.
"""
