"""The desk's first page: what waits for somebody, what is on its way, and what a new organization still has to do."""
