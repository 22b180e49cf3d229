"""The life of a link: made, chosen anew, kept alive, cut, and taken back at WHOOP."""
