"""Keep an archive whole: its file, its checks, its locks, what is swept, forgotten and copied."""
