"""What all pages use: their addresses, their headers, their limits, their errors and the values of their templates."""
