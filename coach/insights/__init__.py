"""WHAT IT MEANS: the formulas applied to our clients' days, and kept per client and day.

Here belong the rules that say which signal shows, what is stored of it, who works it out when,
and the read side that screens ask. Not here: the formulas themselves (science), what a day holds
(days), what a client says (check_ins), and how anything looks (dashboard, cabinet).
"""
