"""Mind who may do what, and put it on the record."""
