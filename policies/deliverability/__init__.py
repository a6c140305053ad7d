"""
Whether large mailbox providers can accept mail from here at all: SPF, DKIM, DMARC, their alignment, names, TLS.

Pure Python beside `dns` (dnspython) and `cryptography`; it asks the DNS, and a mail server for TLS. Nothing is sent.
"""
