"""Tests of the way out: at the wire, against real sockets on loopback."""
