"""Take in what other systems saw: the tables of plate readers, and folders of crops."""
