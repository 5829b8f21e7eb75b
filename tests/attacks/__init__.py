"""Attacks on anonymous rounds, one file an attack: what the attacker has, what he tries, and what must hold.

They are the rows of `privacy.md` section 7. Each is to be read as a page; `world.py` is the organ that is attacked.
"""
