"""A version that awaits its notice goes in; a notice with a frozen audience comes out, and is steered from here."""
