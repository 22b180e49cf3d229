"""What a client, a coach and an owner see of WHOOP: the card, the strip, the state in words."""
