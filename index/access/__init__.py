"""Check permissions and write the audit: everything that a person asks of an archive passes here."""
