"""What every page of the desk shares: a frame, a form, a page with one verb, its refusals in words."""
