"""WHOM TO TELL WHEN: a coach's rules, the alerts they raise, the morning mail, the one nudge.

Here belong what makes a signal an alert, how long an alert lasts, and who has seen it. Not here:
which signals show (insights), how a link stands (whoop), and the roster (dashboard).
"""
