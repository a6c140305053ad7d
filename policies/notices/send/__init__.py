"""Written mails go in; what the mail server took responsibility for comes out."""
