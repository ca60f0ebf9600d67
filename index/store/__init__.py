"""Store an archive: its catalogue, pictures and vectors; nothing here imports a room above."""
