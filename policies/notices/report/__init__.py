"""A notice in; its figures, its story, its export and its audit out. Nothing is changed here."""
