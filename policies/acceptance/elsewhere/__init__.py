"""An answer that somebody gave on paper or by phone goes in; an act that says whose claim it is comes out."""
