"""
Whoever mail does not reach goes in; what the site and the product show them comes out, and from when a change
binds whom.
"""
