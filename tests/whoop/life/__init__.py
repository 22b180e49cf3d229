"""The life of a link, at the simulated WHOOP: no tests of single parts here."""
