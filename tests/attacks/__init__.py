"""Attackers: each file is one attack on what the product promises, to be read, checked and extended by anybody.

What an attacker has, what he tries, and what must hold stands at the head of each file. An attacker's own means are
written here and use nothing of the product's code but what he would have in his hands: files, tables, answers over
HTTP. The numbers (A1, A2, …) are those of the list in docs/anonymity.md.
"""
