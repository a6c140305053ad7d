"""What stands before the views: pages that know no reader, kept as bytes until something of the record changes."""
