"""What every mail needs: composing and sending plain ones, and where a mail leads for an answer."""
