"""A mail in a frame of the desk: what its document may do."""

# A mail brings its own styles, and nothing else: no script, no picture, no form.
MAIL_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": [],
}
