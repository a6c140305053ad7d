"""What comes back goes in (replies, bounces, providers' reports); which address gets no more mail comes out."""
