"""The commands, a module for each group; `__main__` alone comes in."""
