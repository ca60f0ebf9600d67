"""Reports of cases: a folder or zip file that can be read, printed, handed on and checked without Retrace."""
