"""
The queue of deliveries, as tables and SQL: what is due goes in, what one worker holds comes out; and the counts
of how far it is.
"""
