"""A comparison in; its redline out, for a page, for print and for mail."""
