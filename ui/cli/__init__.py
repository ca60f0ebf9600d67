"""The command line: one file a group of commands, each body one library call."""
