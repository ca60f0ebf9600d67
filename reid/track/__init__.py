"""Follow vehicles through frames and keep their best pictures."""
