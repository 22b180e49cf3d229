"""THE WEEK ON PAPER: a client's week against their own weeks, a coach's Monday, one-page summaries.

Here belongs what is read as a page, as an e-mail and in print alike. It stands above the other
screens because it tells again what they show. Not here: what anything means (insights, science).
"""
