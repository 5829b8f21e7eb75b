"""One file per change of the tables, each able to go up and down."""
