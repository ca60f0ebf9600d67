"""Find, read and compare number plates."""
