"""A population of full size, made from a seed inside PostgreSQL: who, their days, what follows.

Here belongs what makes and finds it. Not here: what is measured on it (the benchmarks).
"""
