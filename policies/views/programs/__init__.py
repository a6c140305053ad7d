"""What other programs call: the API, its description, the embedded notice, and what mail providers report."""
