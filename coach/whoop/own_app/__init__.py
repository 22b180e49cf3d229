"""An organisation's own WHOOP app: its credentials, addresses and figures."""
