"""People: command line, pages and the demo."""
