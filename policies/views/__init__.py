"""
Pages: parse, one domain call, respond. A view may import every stage and the ground, and `views/shared`; never another
room of `views/`, nor the desk. `make check` holds that (the contracts in pyproject.toml).
"""
