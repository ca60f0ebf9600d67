"""Define the networks that find, read and verify number plates."""
