"""A PERSON'S SAY OVER THEIR DATA: who sees it, who looked, take it along, delete it, leave.

Here belong consent's table, the log of looks, the register of all data about a person, and what is
made or deleted by it. Not here: what a coach may see (accounts), and closing an organisation.
"""
