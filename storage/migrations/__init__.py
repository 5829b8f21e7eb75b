"""How the tables came to be what they are: alembic. Nobody comes in but `database`."""
