"""Another town's look, for measuring alone: nothing that trains, tunes or calibrates may draw it."""
